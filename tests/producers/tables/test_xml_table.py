"""XML as a table: records and fields, and whatever else would be lost in silence is refused."""

import io
import tracemalloc
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.file import Sender, Terms, opened
from producers.refusal import Refusal
from producers.tables import xml_table
from producers.tables.book import reading
from schemas import catalog
from tests.producers.tables.small import OPTIONAL, REQUIRED, TITLES, refused

XZXK = catalog.load()["xzxk"]
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20)


def xml(records: list[dict[str, str]]) -> str:
    fields = ("".join(f"<{name}>{escape(value)}</{name}>" for name, value in record.items()) for record in records)
    return "<records>" + "".join(f"<record>{each}</record>" for each in fields) + "</records>"


@given(st.lists(st.dictionaries(st.sampled_from(["XK_WSH", "许可证号", "BZ"]), TEXT, max_size=3), max_size=6))
def test_what_stands_in_a_field_is_read_as_it_stands(records: list[dict[str, str]]) -> None:
    content = io.StringIO(xml(records))
    assert list(xml_table.records(content)) == records
    found = xml_table.read(content)
    assert set(found.names) == {name for record in records for name in record}
    assert [number for number, _ in found.rows()] == list(range(1, len(records) + 1))
    assert all(dict(zip(found.names, row, strict=True)) == dict.fromkeys(found.names, "") | record for (_, row), record in zip(found.rows(), records, strict=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_codes_and_titles_in_both_encodings_give_the_item_s_rows(tmp_path: Path, encoding: str) -> None:
    said = [{(field.name if number else field.title): value for field in XZXK.fields if (value := field.example)} for number in (0, 0)]
    path = tmp_path / "许可.xml"
    path.write_bytes(('<?xml version="1.0" encoding="GB18030"?>\n' + xml([*said, {"操作": "删除", **said[0]}])).encode(encoding))
    with opened(path, Terms([XZXK], b"secret"), Sender("swj")) as file:
        (table,) = file.tables
        found = list(table.rows())
    assert table.way == "file"
    assert table.notes == ["文件共 3 行数据，按“行政许可”读取。"]
    assert [(row.line, row.operation) for row in found] == [(1, "upsert"), (2, "upsert"), (3, "retract")]
    assert {name: value for name, value in found[0].fields.items() if value} == {field.name: field.example for field in XZXK.fields if field.example}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<r><a><b><c>1</c></b></a></r>", "里还有元素"),
        ("<r><a><b x='1'>2</b></a></r>", "属性"),
        ("<r><a>散落的字<b>1</b></a></r>", "散落的字"),
        ("<r><a><b>1</b><b>2</b></a></r>", "出现了两次"),
        ("<r><a><b>1</b></a>", "第 1 行有语法错误"),
        ('<!DOCTYPE r [<!ENTITY a "1">]><r><a><b>&a;</b></a></r>', "DOCTYPE"),
        ('<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', "DOCTYPE"),
        (f"<r><a><b>{'长' * 100_001}</b></a></r>", "超过"),
        (f"<r><!--{'长' * 600_000}--></r>", "标签或注释过长"),
        (f"<!--{'长' * 600_000}--><r/>", "标签或注释过长"),
        (f"<r {'长' * 600_000}='1'></r>", "标签或注释过长"),
        (f"<r><a>{''.join(f'<n{number}/>' for number in range(501))}</a></r>", "字段名超过"),
    ],
)
def test_what_would_be_lost_or_do_harm_is_refused(content: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        xml_table.read(io.StringIO(content, newline=""))


def test_pages_and_excel_s_own_xml_are_not_taken_for_records() -> None:
    for content in ("<html><body/></html>", "<table></table>", '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "a,b\n1,2", "<!doctype html><p>"):
        assert not xml_table.is_xml(content)
    assert xml_table.is_xml('<?xml version="1.0"?>\n<!-- 导出 -->\n<records/>')


def test_a_large_file_of_one_line_is_read_in_little_memory(tmp_path: Path) -> None:
    path, names = tmp_path / "a.xml", [*REQUIRED, *OPTIONAL]
    record = "<r>" + "".join(f"<{name}>{'某公司' * 30}</{name}>" for name in names) + "</r>"
    with path.open("w", encoding="gb18030") as file:
        file.write("<rs>" + record * 8_000 + "</rs>")
    assert path.stat().st_size > 7 << 20
    tracemalloc.start()
    with reading(path, [TITLES]) as book:
        count = sum(1 for _ in book.lines)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8_000
    assert peak < 6 << 20


@pytest.mark.parametrize(("content", "code"), [("<rs></rs>", "empty"), ("<rs><r/></rs>", "empty"), ("<rs><r><x>1</x></r></rs>", "no_header"), ("<html></html>", "not_a_table")])
def test_what_holds_no_record_of_the_item_is_refused(tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(content, encoding="utf-8")
    assert refused(path).code == code
