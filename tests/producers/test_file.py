"""Files through the door: what stands in a cell is said as it stands, what is wrong with a row travels with it, and the same file is taken once."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from producers import file, template
from producers.file import Sender, Terms, submit_file
from producers.refusal import Refusal
from producers.submission import Receipt
from schemas import catalog as catalogue
from schemas.catalog import Item

XZXK = catalogue.load()["xzxk"]
TITLES = [field.title for field in XZXK.fields]
SENDER = Sender("swj", "zhang")


def record(**changed: object) -> list[object]:
    return [changed.get(field.name, field.example) for field in XZXK.fields]


def book(path: Path, rows: Sequence[Sequence[object]], build: Callable[[Any], None] = lambda _sheet: None) -> Path:
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    for row in rows:
        sheet.append(row)
    build(sheet)
    workbook.save(path)
    return path


def submit(house: Any, path: Path) -> Receipt:
    with house.door() as door:
        (receipt,) = submit_file(door, path, Terms([house.item], house.settings.key_secret), SENDER)
        assert door.settle(receipt.receipt, 30)
        return receipt


def rules(said: dict[str, Any]) -> list[str]:
    return [fault["rule"] for fault in json.loads(said["_faults"] or "[]")]


@pytest.mark.servers
def test_a_workbook_is_said_row_by_row_and_the_same_one_again_is_not(house: Any, tmp_path: Path) -> None:
    path = book(tmp_path / "九月.xlsx", [TITLES, record(), [], record(XK_WSH="济建许〔2017〕2号")])
    first, again = submit(house, path), submit(house, path)
    assert (first.records, first.repeated, again.receipt, again.repeated) == (2, False, first.receipt, True)
    assert "重复文件" in again.notes[0]
    said = house.said()
    assert [(row["_line"], row["_way"], row["_source"], row["_faults"]) for row in said] == [
        (2, "excel", "swj/excel", None),
        (4, "excel", "swj/excel", None),
    ]
    assert {field.name: said[0][field.name] for field in house.item.fields} == XZXK.example
    (chunk,) = house.chunks(first.receipt)
    assert (chunk["name"], chunk["by"], chunk["total"]) == ("九月.xlsx", "zhang", 2)


@pytest.mark.servers
def test_numbers_excel_changed_keep_the_trace_of_it(house: Any, tmp_path: Path) -> None:
    submit(house, book(tmp_path / "a.xlsx", [TITLES, record(XK_XDR_SFZ=110105194912310020, DFBM=370100)]))
    (said,) = house.said()
    assert "E+" in said["XK_XDR_SFZ"]
    assert said["DFBM"] == "370100"


@pytest.mark.servers
def test_two_different_rows_of_one_key_are_both_at_fault_and_repeats_are_not(house: Any, tmp_path: Path) -> None:
    rows = [
        record(),
        record(XK_NR="另一内容"),
        record(XK_WSH="二号"),
        record(XK_WSH="二号"),
        record(XK_WSH="三号", SJC="2018-01-01"),
        record(XK_WSH="三号", SJC="2018-01-02"),
    ]
    submit(house, book(tmp_path / "a.xlsx", [TITLES, *rows]))
    told = {row["_line"]: rules(row) for row in house.said()}
    assert told == {2: ["R-FILE-01"], 3: ["R-FILE-01"], 4: [], 5: [], 6: [], 7: []}


@pytest.mark.servers
def test_operations_references_and_spoilt_cells_travel_with_their_rows(house: Any, tmp_path: Path) -> None:
    header = ["回执行号", "操作", *TITLES]
    rows = [
        ["HZX#2", "删除", *record()],
        [None, "以本次为准", *record(XK_WSH="二号")],
        [None, "合并", *record(XK_WSH="三号")],
        [None, None, *record(XK_WSH="四号")],
    ]

    def spoil(sheet: Any) -> None:
        sheet.cell(5, 3 + TITLES.index("许可内容"), "#REF!")
        sheet.cell(5, 3 + TITLES.index("备注"), "=A1")

    submit(house, book(tmp_path / "a.xlsx", [header, *rows], spoil))
    said = house.said()
    assert [(row["_operation"], row["_ref"]) for row in said] == [
        ("retract", "HZX#2"),
        ("assert", None),
        ("upsert", None),
        ("upsert", None),
    ]
    assert [rules(row) for row in said] == [[], [], ["R-FILE-05"], ["R-FILE-02", "R-FILE-03"]]


@pytest.mark.servers
def test_a_text_file_in_gb18030_is_its_own_source(house: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    cells = [str(value or "") for value in record(XK_XDR="㐂䶮𠮷商行")]
    path.write_bytes(("\r\n".join([",".join(TITLES), ",".join(f'"{cell}"' for cell in cells)])).encode("gb18030"))
    submit(house, path)
    (said,) = house.said()
    assert (said["_source"], said["_way"], said["XK_XDR"]) == ("swj/file", "file", "㐂䶮𠮷商行")


@pytest.mark.servers
def test_a_refused_file_leaves_nothing(house: Any, tmp_path: Path) -> None:
    with house.door() as door:
        for rows in ([TITLES], [["甲", "乙"], [1, 2]]):
            with pytest.raises(Refusal):
                submit_file(door, book(tmp_path / "a.xlsx", rows), Terms([house.item], b"s"), SENDER)
        with pytest.raises(Refusal) as caught:
            submit_file(door, tmp_path / "nowhere.xlsx", Terms([house.item], b"s"), SENDER)
        assert caught.value.code == "not_found"
        assert door.waiting() == 0


@pytest.mark.parametrize("item", list(catalogue.load().values()), ids=lambda item: item.code)
def test_a_filled_in_template_is_read_back_as_it_was_filled_in(item: Item, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(template.workbook(item, "0"))
    workbook = openpyxl.load_workbook(path)
    sheet: Any = workbook["填报"]
    for column, field in enumerate(item.fields, 1):
        sheet.cell(3, column, field.example)
    workbook.save(path)
    with file.opened(path, Terms([item], b"s"), Sender("swj")) as found:
        (row,) = found.tables[0].rows()
    assert row.fields == item.example
    assert not row.faults


@pytest.mark.parametrize("item", list(catalogue.load().values()), ids=lambda item: item.code)
def test_an_empty_template_is_no_data(item: Item, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(template.workbook(item, "0"))
    with pytest.raises(Refusal) as caught, file.opened(path, Terms([item], b"s"), Sender("swj")):
        pass
    assert caught.value.code == "empty"
