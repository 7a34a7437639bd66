"""XML as a table: records and fields, and whatever else would be lost in silence is refused."""

from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import xml_table
from producers.file import rows, titles
from producers.refusal import Refusal
from producers.table_file import reading
from schemas import catalog

XZXK = catalog.load()["xzxk"]
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20)


def xml(records: list[dict[str, str]]) -> str:
    fields = ("".join(f"<{name}>{escape(value)}</{name}>" for name, value in record.items()) for record in records)
    return "<records>" + "".join(f"<record>{each}</record>" for each in fields) + "</records>"


@given(st.lists(st.dictionaries(st.sampled_from(["XK_WSH", "许可证号", "BZ"]), TEXT, max_size=3), max_size=6))
def test_what_stands_in_a_field_is_read_as_it_stands(records: list[dict[str, str]]) -> None:
    found = xml_table.read(xml(records))
    assert found.records == records
    assert all(len(row) == len(found.names) for row in found.rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_codes_and_titles_in_both_encodings_give_the_item_s_rows(tmp_path: Path, encoding: str) -> None:
    said = [{(field.name if number else field.title): value for field in XZXK.fields if (value := field.example)} for number in (0, 0)]
    path = tmp_path / "许可.xml"
    path.write_bytes(('<?xml version="1.0" encoding="GB18030"?>\n' + xml([*said, {"操作": "删除", **said[0]}])).encode(encoding))
    with reading(path, titles(XZXK)) as table:
        found = list(rows(table, XZXK))
    assert table.way == "file"
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
        (f"<r><a>{''.join(f'<n{number}/>' for number in range(501))}</a></r>", "字段名超过"),
    ],
)
def test_what_would_be_lost_or_do_harm_is_refused(content: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        xml_table.read(content)


def test_pages_and_excel_s_own_xml_are_not_taken_for_records() -> None:
    for content in ("<html><body/></html>", "<table></table>", '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "a,b\n1,2", "<!doctype html><p>"):
        assert not xml_table.is_xml(content)
    assert xml_table.is_xml('<?xml version="1.0"?>\n<!-- 导出 -->\n<records/>')
