"""Annex 1: everything that is wrong is told at once, at its field."""

import pytest

from portal.survey import contacts

GOOD = {
    "leader": "王建国", "leader_phone": "0531-66601234", "office": "信息处", "office_phone": "（0531）66605678", "liaison": "李娜",
    "liaison_phone": "13900001234、13800001234", "mailbox": "li.na@jinan.gov.cn",
}  # fmt: skip


def test_what_people_write_is_taken() -> None:
    assert contacts.wrong(contacts.cleaned(GOOD)) == {}


def test_all_that_is_missing_is_told() -> None:
    assert contacts.wrong(contacts.cleaned({})) == {name: f"请填写{title}" for name, title in contacts.FIELDS.items()}


@pytest.mark.parametrize(("name", "value"), [("leader_phone", "无"), ("liaison_phone", "=1+1"), ("mailbox", "li.na"), ("mailbox", "a@b"), ("leader", "王" * 65)])
def test_one_wrong_field_is_told_and_no_other(name: str, value: str) -> None:
    assert set(contacts.wrong(contacts.cleaned({**GOOD, name: value}))) == {name}


def test_blanks_and_control_characters_are_no_part_of_a_name() -> None:
    assert contacts.cleaned({**GOOD, "leader": " 王\x00建\u2028国\n"})["leader"] == "王 建 国"
