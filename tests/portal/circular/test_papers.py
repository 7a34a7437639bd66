"""The documents: the layout of GB/T 9704 as Word has it, what is said in them, kept as they were signed; opened by LibreOffice where that is installed."""

import io
import shutil
from collections.abc import Iterator
from datetime import date
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from portal.accounts.roles import Role
from portal.circular import issue, office, official, papers, report, shelf, steps, words
from portal.circular.frozen import packed
from portal.circular.office import Act
from portal.circular.shelf import File
from producers.refusal import Refusal
from tests.portal.circular.site import person, plain
from tests.portal.desk import Desk

DAY = date(2017, 11, 21)


@pytest.fixture
def database(desk: Desk) -> Iterator[Session]:
    with desk.database() as session:
        yield session


def act(desk: Desk, role: Role, department: str = "") -> Act:
    return Act(person(role, department), desk.clock(), DAY)


def drawn_up(desk: Desk, database: Session, month: str = "2017-10") -> File:
    """A circular with an objection that was upheld."""
    text = plain(month) | {
        "came": [{"department": "zjj", "item": "xzxk", "way": "excel", "received": 7, "accepted": 3, "duplicate": 2, "superseded": 0, "rejected": 2, "excluded": 0, "changed": 1}],
        "outages": [{"way": "excel", "first": "2017-10-09T09:00:00", "last": "2017-10-09T11:00:00", "minutes": 120, "departments": [], "why": "升级"}],
        "unbalanced": [{"batch": "HZ1", "item": "xzxk", "department": "zjj", "way": "excel", "said": 5, "judged": 5, "loaded": 4}],
        "unlinked": [{"department": "zjj", "item": "xzxk", "未关联": 1, "本市": 3}], "blocks": {"zjj/xzxk/aged": [2, "d"]},
    }  # fmt: skip
    rows = [{"number": "HZ#1", "received": "2017-10-12", "way": "excel", "rules": ["R-DATE-01", "R-USCC-01"]}, {"number": "HZ#2", "received": "2017-10-12", "way": "excel", "rules": ["R-USCC-01"]}]
    made = office.draft(database, text, [packed(("zjj", "xzxk", "aged"), rows)], act(desk, Role.CENTRE))
    office.step(database, again(database, made.id), steps.CONSULT, {"until": "2017-11-20"}, act(desk, Role.CENTRE))
    early = Act(person(Role.OFFICER, "zjj"), desk.clock(), date(2017, 11, 17))
    office.object_(database, again(database, made.id), {"item": "xzxk", "figure": "timely", "why": "有一条算错"}, early)
    office.decide(database, again(database, made.id), 3, {"upheld": "1", "part": "3", "whole": "4", "why": "属实"}, act(desk, Role.OFFICE))
    return again(database, made.id)


def again(database: Session, number: int) -> File:
    found = shelf.one(database, number)
    assert found
    return found


def told(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def signed(desk: Desk, database: Session) -> File:
    file = drawn_up(desk, database)
    issue.issue(database, file, papers.documents, act(desk, Role.OFFICE))
    return again(database, file.circular.id)


def test_the_layout_is_that_of_the_standard(desk: Desk, database: Session) -> None:
    document = docx.Document(io.BytesIO(papers.document(database, signed(desk, database), "docx", DAY)))
    section = document.sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.left_margin, section.bottom_margin, section.right_margin)
    assert [round(each.mm) for each in sizes] == [210, 297, 37, 28, 35, 26]
    fonts = {(run._r.rPr.rFonts.get(qn("w:eastAsia")), run.font.size.pt) for paragraph in document.paragraphs for run in paragraph.runs}
    assert {("方正小标宋简体", 22.0), ("仿宋_GB2312", 16.0), ("黑体", 16.0), ("仿宋_GB2312", 14.0)} <= fonts
    body = next(each for each in document.paragraphs if each.text.startswith("按照"))
    assert (body.paragraph_format.line_spacing.pt, body.paragraph_format.first_line_indent.pt) == (28, 32)
    assert document.settings.odd_and_even_pages_header_footer
    for footer in (section.footer, section.even_page_footer):
        assert "PAGE" in footer._element.xml
        assert footer.paragraphs[0].text.replace(" ", "") == "——"


def test_a_circular_says_everything_and_its_number_only_when_it_is_signed(desk: Desk, database: Session) -> None:
    file = drawn_up(desk, database)
    draft = told(papers.document(database, file, "docx", DAY))
    assert "（征求意见稿）" in draft
    assert "签发人" not in draft
    issue.issue(database, file, papers.documents, act(desk, Role.OFFICE))
    text = told(papers.document(database, again(database, file.circular.id), "docx", DAY))
    for said in ("济信用办通报〔2017〕1号", "签发人：李", "市住建委", "及时率75.0%（3/4）", "提出异议1条", "成立1条", "属实", "平台停用1次，共120分钟", "2017年11月10日24时", "附件", "印发"):
        assert said in text, said
    assert "征求意见稿" not in text


def test_what_was_signed_is_given_out_as_it_was(desk: Desk, database: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    file = signed(desk, database)
    before = [papers.document(database, file, form, DAY) for form in ("docx", "xlsx")]
    monkeypatch.setattr(official, "docx", None)
    monkeypatch.setattr(papers.book, "xlsx", None)
    assert [papers.document(database, again(database, file.circular.id), form, date(2019, 1, 1)) for form in ("docx", "xlsx")] == before


def test_a_correction_names_the_old_document_and_what_changed(desk: Desk, database: Session) -> None:
    file = signed(desk, database)
    made = office.correct(database, file, {"department": "zjj", "item": "xzxk", "figure": "late", "part": "0", "whole": "4", "why": "平台漏记停用"}, act(desk, Role.CENTRE))
    correction = again(database, made.id)
    issue.issue(database, correction, papers.documents, act(desk, Role.OFFICE))
    text = told(papers.document(database, again(database, made.id), "docx", DAY))
    for said in ("〔2017〕2号", "〔2017〕1号", "原为25.0%（1/4），更正为0.0%（0/4）", "平台漏记停用", "得分由"):
        assert said in text, said
    assert told(papers.document(database, again(database, file.circular.id), "docx", DAY)).count("0.0%\n0/4") == 0


def test_the_report_tells_what_came_by_way_and_department_and_what_the_platform_failed_at(desk: Desk, database: Session) -> None:
    file = drawn_up(desk, database)
    text = told(official.docx(report.paper(file, lambda place: shelf.rows(database, file, place), DAY)))
    reasons = "R-USCC-01（2条）、R-DATE-01（1条）"
    for said in ("收到", "判定1个部门报送的记录7条", "入库3条", "数据报送方式7条", "升级", "1个批次的接收、判定、入库数目不一致", "未关联到主体1条", reasons, "特此报告", "济南经济发展研究中心"):
        assert said in text, said
    book = load_workbook(io.BytesIO(report.book(file, lambda place: shelf.rows(database, file, place))))
    assert [[cell.value for cell in row][:3] for row in book["按部门"].iter_rows(min_row=2)] == [["市住建委全称", 7, 3]]


def test_the_report_says_so_where_nothing_came_and_nothing_failed() -> None:
    assert report.failed(plain()) == ["统计期间没有平台停用，各批次接收、判定、入库数目一致。"]
    assert report.came(plain(), "way") == {}


def test_the_workbook_has_every_number_in_a_cell_of_its_own(desk: Desk, database: Session) -> None:
    book = load_workbook(io.BytesIO(papers.document(database, signed(desk, database), "xlsx", DAY)))
    assert book.sheetnames == ["排名", "分项明细", "问题清单", "异议和裁定", "依据"]
    header, line = ([cell.value for cell in row] for row in book["分项明细"].iter_rows())
    assert [line[header.index(f"及时率{part}")] for part in ("", "分子", "分母")] == [0.75, 3, 4]
    assert line[header.index("改定前")] == "及时率 50.0%（2/4）"
    assert [cell.value for cell in book["异议和裁定"][2]][3:7] == ["50.0%（2/4）", "有一条算错", "成立", "75.0%（3/4）"]


def test_the_workbook_tells_the_trend(desk: Desk, database: Session) -> None:
    signed(desk, database)
    book = load_workbook(io.BytesIO(papers.document(database, drawn_up(desk, database, "2017-11"), "xlsx", DAY)))
    header, line = ([cell.value for cell in row] for row in book["趋势"].iter_rows())
    assert header == ["部门", "本次", "2017-10 济信用办通报〔2017〕1号"]
    assert line[0] == "市住建委"
    assert line[1] == line[2]


def test_texts_of_departments_run_nowhere_and_break_no_file(desk: Desk, database: Session) -> None:
    file = drawn_up(desk, database)
    office.decide(database, file, 3, {"upheld": "0", "part": "", "whole": "", "why": "=1+1\x01\x0b<w:p>&属实"}, act(desk, Role.OFFICE))
    file = again(database, file.circular.id)
    assert "=1+1<w:p>&属实" in told(papers.document(database, file, "docx", DAY))
    assert load_workbook(io.BytesIO(papers.document(database, file, "xlsx", DAY)))["异议和裁定"]["H2"].value.startswith("'=")


def test_titles_break_between_words() -> None:
    assert words.broken("关于2017年10月公共信用信息归集情况的通报").split("\n") == ["关于2017年10月公共信用信息", "归集情况的通报"]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_makes_a_pdf(desk: Desk, database: Session) -> None:
    file = drawn_up(desk, database)
    assert ZipFile(io.BytesIO(papers.document(database, file, "docx", DAY))).testzip() is None
    assert papers.document(database, file, "pdf", DAY).startswith(b"%PDF-")


def test_without_libreoffice_it_is_said_plainly(desk: Desk, database: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    file = drawn_up(desk, database)
    monkeypatch.setattr(papers.shutil, "which", lambda _: None)
    with pytest.raises(Refusal, match="没有安装 LibreOffice"):
        papers.document(database, file, "pdf", DAY)
    assert not papers.pdf_is_possible()
