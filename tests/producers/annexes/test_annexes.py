"""The annexes as issued: what is written is read back, however people tick, and a file that is another one is refused in words."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.annexes import forms, reading
from producers.refusal import Refusal
from schemas.declared import FREQUENCY_TITLES, WAY_TITLES

UNIT = "济南市城乡建设委员会"
CONTACTS = {
    "leader": "王建国", "leader_phone": "0531-66601234", "office": "信息处", "office_phone": "+86 531 66605678", "liaison": "=李娜", "liaison_phone": "13900001234", "mailbox": "li@example.cn",
}  # fmt: skip
TEXTS = st.text(st.characters(whitelist_categories=("L", "N", "P")), max_size=30).map(str.strip)
FREQUENCIES = st.lists(st.sampled_from(list(FREQUENCY_TITLES)), min_size=1, unique=True).map(lambda some: [each for each in FREQUENCY_TITLES if each in some])
ANSWERS = st.fixed_dictionaries(
    {
        "ways": st.dictionaries(
            st.sampled_from(list(WAY_TITLES)),
            st.fixed_dictionaries({"frequencies": FREQUENCIES, "remark": TEXTS}),
        ),
        "suggestion": TEXTS,
    }
)


def grid(content: bytes) -> list[list[str]]:
    """The sheet as the reading process sees it."""
    (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    return [["" if value is None else str(value).strip() for value in row] for row in sheet.iter_rows(values_only=True)]


def kept(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "annex.xlsx"
    path.write_bytes(content)
    return path


def test_annex_1_comes_back_as_it_went_out_and_nothing_in_it_is_a_formula(tmp_path: Path) -> None:
    content = forms.contacts(UNIT, CONTACTS)
    assert reading.contacts(reading.grids(kept(tmp_path, content))) == (UNIT, CONTACTS)
    assert {cell.data_type for row in openpyxl.load_workbook(io.BytesIO(content)).active for cell in row} <= {"s", "n"}


@given(ANSWERS)
def test_annex_2_comes_back_as_it_went_out(answer: dict[str, Any]) -> None:
    assert reading.ways([grid(forms.ways(UNIT, answer))]) == (UNIT, answer)


def test_the_annex_as_it_was_issued_has_nothing_ticked(tmp_path: Path) -> None:
    path = kept(tmp_path, forms.ways(UNIT, {"ways": {}, "suggestion": ""}))
    assert reading.ways(reading.grids(path)) == (UNIT, {"ways": {}, "suggestion": ""})


@pytest.mark.parametrize("tick", ["√", "☑ ", "口√", "✔", "■", "R", "（√）"])
def test_every_way_to_tick_is_a_tick_and_four_frequencies_may_stand_in_one_cell(tick: str) -> None:
    rows = [["附件2", "", ""], ["", forms.WAYS_TITLE, ""], [f"单位名称： {UNIT}", "", ""], ["数据归集方式", "数据归集频率", "备 注"]]
    for way, title in WAY_TITLES.items():
        mark = tick if way == "excel" else "□"
        rows.append([f"{mark}{title}", f"口一天一次\n{mark}一周一次\n□ 一月一次\n口一季度一次", "每周五" if way == "excel" else ""])
    assert reading.ways([rows]) == (UNIT, {"ways": {"excel": {"frequencies": ["week"], "remark": "每周五"}}, "suggestion": ""})


def test_a_frequency_without_its_way_is_handed_on_for_the_person_to_see() -> None:
    rows = [[f"口{title}", "√一天一次" if way == "api" else "口一天一次"] for way, title in WAY_TITLES.items()]
    assert reading.ways([rows])[1]["ways"] == {"api": {"frequencies": ["day"], "remark": "", "unticked": True}}


def test_telephone_numbers_typed_as_numbers_stay_whole(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ((), ("单位名称", UNIT), ("分管领导", "王", "电话", 53166601234), ("承办处室", "处", "电话", ""), ("联 络 员", "李", "电 话", 13900001234), ("邮箱", "a@b.cn")):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    unit, found = reading.contacts(reading.grids(kept(tmp_path, stream.getvalue())))
    assert (unit, found["leader_phone"], found["office_phone"], found["liaison_phone"], found["mailbox"]) == (UNIT, "53166601234", "", "13900001234", "a@b.cn")


@pytest.mark.parametrize(("read", "words"), [(reading.contacts, "附件1"), (reading.ways, "附件2")])
def test_another_workbook_is_refused_in_words(read: Any, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        read([[["序号", "企业名称"], ["1", "某公司"]], []])


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        reading.grids(kept(tmp_path, b"not a workbook"))
