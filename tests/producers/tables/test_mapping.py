"""Strange titles: proposed, confirmed, remembered for the department and the item, and for nobody else."""

from pathlib import Path

import pytest

from producers.file import Sender, Terms, number, opened
from producers.refusal import Refusal
from producers.tables.mapping import Kept, confirmed, proposals
from tests.producers.lived import ITEM, SECRET
from tests.producers.tables.small import saved

NAMES = {"XK_WSH": "许可决定文书号", "XK_XDR": "相对人名称", "XK_JDRQ": "决定日期"}
TITLES = [*(NAMES.get(field.name, field.title) for field in ITEM.fields), "经办科室"]
ROW = [*(field.example for field in ITEM.fields), "一科"]


def test_what_is_proposed_is_confirmed_once_and_remembered(tmp_path: Path) -> None:
    path, store = saved(tmp_path / "a.xlsx", [TITLES, ROW]), Kept(tmp_path / "m.db")
    with pytest.raises(Refusal) as caught, opened(path, Terms([ITEM], SECRET, store), Sender("swj")):
        pass
    found = proposals(caught.value)
    assert found == {**{title: code for code, title in NAMES.items()}, "经办科室": None}
    store.keep("swj", ITEM.code, confirmed(ITEM, {title: code or "-" for title, code in found.items()}))
    with opened(path, Terms([ITEM], SECRET, Kept(tmp_path / "m.db")), Sender("swj")) as file:
        (row,) = file.tables[0].rows()
    assert row.fields == ITEM.example
    with pytest.raises(Refusal), opened(path, Terms([ITEM], SECRET, store), Sender("zjj")):
        pass


def test_a_choice_names_fields_by_title_or_code_or_is_refused() -> None:
    assert confirmed(ITEM, {"甲": "许可内容", "乙": "xk_jdrq", "丙": "-"}) == {"甲": "XK_NR", "乙": "XK_JDRQ", "丙": "_ignored"}
    with pytest.raises(Refusal) as caught:
        confirmed(ITEM, {"甲": "没有的"})
    assert caught.value.code == "unknown_field"


def test_a_title_of_the_item_keeps_its_meaning_whatever_was_learnt(tmp_path: Path) -> None:
    store = Kept(tmp_path / "m.db")
    store.keep("swj", ITEM.code, {"许可内容": "BZ"})
    with opened(saved(tmp_path / "a.xlsx", [TITLES[:0] + [field.title for field in ITEM.fields], ROW[:-1]]), Terms([ITEM], SECRET, store), Sender("swj")) as file:
        (row,) = file.tables[0].rows()
    assert row.fields == ITEM.example


def test_the_same_file_read_otherwise_is_another_submission_and_what_was_learnt_can_be_forgotten(tmp_path: Path) -> None:
    optional = next(field for field in ITEM.fields if not field.required and not field.when and field.kind == "string" and not field.code_set)
    titles = ["备用" if field is optional else field.title for field in ITEM.fields]
    path, store, sender, receipts = saved(tmp_path / "a.xlsx", [titles, ROW[:-1]]), Kept(tmp_path / "m.db"), Sender("swj"), list[str]()
    for means in ("-", "-", optional.name):
        store.keep("swj", ITEM.code, confirmed(ITEM, {"备用": means}))
        with opened(path, Terms([ITEM], SECRET, store), sender) as file:
            receipts.append(number(file, file.tables[0], sender))
    assert receipts[0] == receipts[1] != receipts[2]
    assert store.all("swj") == [(ITEM.code, "备用", optional.name)]
    assert not store.forget("zjj", ITEM.code, "备用")
    assert store.forget("swj", ITEM.code, "备用")
    assert store.all("swj") == []
    with pytest.raises(Refusal), opened(path, Terms([ITEM], SECRET, store), sender):
        pass
