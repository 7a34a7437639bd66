"""Case 18 at the portal: a hostile workbook is refused with a clear answer, the next one is read, and nothing of it stays."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.accounts.roles import Role
from tests.portal.desk import Desk
from tests.portal.entry.site import equipped
from tests.portal.upload.site import ITEM, licence, row, send, work_on, workbook
from tests.producers.tables import corpus

H, A = [field.title for field in ITEM.fields], [licence(1).get(field.name) for field in ITEM.fields]


def unpacked(path: Path) -> None:
    """A workbook that says of itself that it unpacks to 4 GB."""
    content = bytearray(workbook(licence(1)))
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    path.write_bytes(content)


HOSTILE: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a bomb": (unpacked, "不能读取", "展开后过大"),
    "entities": (corpus.package(corpus.bare(H, A), prologue='<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;">]>'), "不能读取", "XML 实体"),
    "a false dimension": (corpus.package(corpus.bare(H, A), before='<dimension ref="A1:XFD1048576"/>'), "待确认", "新增 1，变更 0，相同 0，有误 0"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_gets_a_clear_answer_and_holds_up_nobody(desk: Desk, tmp_path: Path, name: str) -> None:
    write, state, words = HOSTILE[name]
    equipped(desk)
    officer = desk.person(Role.OFFICER)
    write(tmp_path / "x")
    address = send(officer, ("x.xlsx", (tmp_path / "x").read_bytes()))
    after = send(officer, ("b.xlsx", workbook(licence(2))))
    work_on(desk)
    officer.get(address)
    assert words in officer.page
    assert row(desk, address).title == state
    officer.get(after)
    assert "新增 1" in officer.page
    kept = {row(desk, after).uid} | ({row(desk, address).uid} if state == "待确认" else set())
    assert {path.name for path in (desk.settings.home / "uploads").iterdir()} == kept
