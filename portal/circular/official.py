"""A paper as .docx in the layout of GB/T 9704-2012: A4, margins, 小标宋 二号 title, 仿宋_GB2312 三号 text on lines of 28 points, page numbers, 发文字号, 落款, 版记.

The fonts are named, not embedded: where the standard's fonts are missing the reader's office program takes others.
"""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from infra.cells import printable
from portal.circular.paper import Annex, Paper

TITLE_FONT, TEXT_FONT, HEADING_FONT, NUMBER_FONT = "方正小标宋简体", "仿宋_GB2312", "黑体", "宋体"
SECOND, THIRD, FOURTH, SMALL = Pt(22), Pt(16), Pt(14), Pt(9)  # 二号 三号 四号 小五
LINE, CELL_LINE = Pt(28), Pt(12)
TOP, LEFT, BOTTOM, RIGHT = Mm(37), Mm(28), Mm(35), Mm(26)
SHORT, LONG = Mm(210), Mm(297)
RED, BLACK = RGBColor(0xE6, 0x00, 0x00), RGBColor(0, 0, 0)
WIDTH = 442  # points of a line of text
WIDE = 0.2  # of a table: what is in a column that is wider begins on the left
LEFT_, CENTRE, RIGHT_ = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT  # no text is justified: numbers in it would be pulled apart


def docx(paper: Paper) -> bytes:
    """The file."""
    document = Document()
    document.core_properties.title, document.core_properties.author = paper.title.replace("\n", ""), paper.by
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    _page(section, upright=True)
    _numbers(section)
    _head(document, paper)
    _body(document, paper)
    _end(document, paper)
    if paper.annexes:
        _page(document.add_section(WD_SECTION.NEW_PAGE), upright=False)
    for at, annex in enumerate(paper.annexes, 1):
        _annex(document, annex, at, several=len(paper.annexes) > 1)
    if paper.print_by:
        _colophon(document, paper)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _page(section: Any, *, upright: bool) -> None:
    section.orientation = WD_ORIENT.PORTRAIT if upright else WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (SHORT, LONG) if upright else (LONG, SHORT)
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = (TOP, RIGHT, BOTTOM, LEFT) if upright else (LEFT, TOP, RIGHT, BOTTOM)
    section.footer_distance = Mm(28) if upright else Mm(18)  # 7 mm below the text


def _numbers(section: Any) -> None:
    """— 1 —, one character from the outer edge."""
    for footer, align in ((section.footer, RIGHT_), (section.even_page_footer, LEFT_)):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = align
        paragraph.paragraph_format.right_indent = FOURTH if align == RIGHT_ else None
        paragraph.paragraph_format.left_indent = FOURTH if align == LEFT_ else None
        _run(paragraph, "— ", NUMBER_FONT, FOURTH)
        run = _run(paragraph, "", NUMBER_FONT, FOURTH)
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            run._r.append(_field(kind, text))
        _run(paragraph, " —", NUMBER_FONT, FOURTH)


def _field(kind: str, text: str) -> Any:
    if kind:
        element = OxmlElement("w:fldChar")
        element.set(qn("w:fldCharType"), kind)
        return element
    element = OxmlElement("w:instrText")
    element.set(qn("xml:space"), "preserve")
    element.text = text
    return element


def _head(document: Any, paper: Paper) -> None:
    mark = _paragraph(document, align=CENTRE, line=None)
    _run(mark, paper.mark, TITLE_FONT, Pt(min(36, WIDTH // len(paper.mark))), RED)
    _paragraph(document)
    number = _paragraph(document, align=CENTRE)
    _run(number, paper.number, TEXT_FONT, THIRD)
    _border(number, "bottom", "E60000", 12)
    _paragraph(document)
    _paragraph(document)
    for line in paper.title.split("\n"):
        _run(_paragraph(document, align=CENTRE, line=Pt(32)), line, TITLE_FONT, SECOND)
    _paragraph(document)


def _body(document: Any, paper: Paper) -> None:
    _run(_paragraph(document), f"{paper.to}：", TEXT_FONT, THIRD)
    for heading, text in paper.body:
        if heading:
            _run(_paragraph(document, indent=True), heading, HEADING_FONT, THIRD)
        _run(_paragraph(document, indent=True), text, TEXT_FONT, THIRD)
    for at, annex in enumerate(paper.annexes, 1):
        if at == 1:
            _keep(_paragraph(document))
        lead = "附件：" if at == 1 else "　　　"
        line = _paragraph(document, indent=True)
        _keep(line)
        _run(line, f"{lead}{at}．{annex.title}" if len(paper.annexes) > 1 else f"附件：{annex.title}", TEXT_FONT, THIRD)


def _end(document: Any, paper: Paper) -> None:
    """落款: who and when, on the right; 附注 below."""
    for _ in range(2):
        _keep(_paragraph(document))
    by = _paragraph(document, align=RIGHT_)
    by.paragraph_format.right_indent = THIRD * 2
    _run(by, paper.by, TEXT_FONT, THIRD)
    _keep(by)
    on = _paragraph(document, align=RIGHT_)
    on.paragraph_format.right_indent = THIRD * 4
    _run(on, paper.on, TEXT_FONT, THIRD)
    if paper.note:
        _keep(on)
        _run(_paragraph(document, indent=True), f"（{paper.note}）", TEXT_FONT, THIRD)


def _annex(document: Any, annex: Annex, at: int, *, several: bool) -> None:
    first = _paragraph(document)
    first.paragraph_format.page_break_before = at > 1
    _run(first, f"附件{at}" if several else "附件", HEADING_FONT, THIRD)
    _run(_paragraph(document, align=CENTRE, line=Pt(32)), annex.title, TITLE_FONT, SECOND)
    table = document.add_table(1, len(annex.header))
    table.style = "Table Grid"
    table.autofit = False
    _narrow(table)
    whole = (LONG - TOP - BOTTOM) / sum(annex.widths)
    widths = [int(whole * each) for each in annex.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    _row(table.rows[0], annex.header, widths, HEADING_FONT)
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row in annex.rows:
        _row(table.add_row(), row, widths, TEXT_FONT)


def _narrow(table: Any) -> None:
    """Two points between a cell's text and its borders."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "40")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook", "w:tblCaption", "w:tblDescription", "w:tblPrChange")


def _row(row: Any, texts: Sequence[str], widths: Sequence[int], font: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, text, width in zip(row.cells, texts, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.alignment = LEFT_ if width > sum(widths) * WIDE else CENTRE
        paragraph.paragraph_format.line_spacing, paragraph.paragraph_format.line_spacing_rule = CELL_LINE, WD_LINE_SPACING.AT_LEAST
        paragraph.paragraph_format.space_after = Pt(0)
        _run(paragraph, text, font, SMALL)


def _colophon(document: Any, paper: Paper) -> None:
    """版记: who had it printed and when, between two lines."""
    _paragraph(document)
    line = _paragraph(document)
    _border(line, "top", "000000", 8)
    _border(line, "bottom", "000000", 8)
    section = document.sections[-1]
    width = section.page_width - section.left_margin - section.right_margin
    line.paragraph_format.tab_stops.add_tab_stop(width - FOURTH, WD_TAB_ALIGNMENT.RIGHT)
    _run(line, f"　{paper.print_by}\t{paper.on}印发", TEXT_FONT, FOURTH)


def _paragraph(document: Any, *, align: WD_ALIGN_PARAGRAPH = LEFT_, indent: bool = False, line: Pt | None = LINE) -> Any:
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    paragraph.alignment, form.space_before, form.space_after = align, Pt(0), Pt(0)
    if line:
        form.line_spacing, form.line_spacing_rule = line, WD_LINE_SPACING.EXACTLY
    if indent:
        form.first_line_indent = THIRD * 2
    return paragraph


def _run(paragraph: Any, text: str, font: str, size: Any, colour: RGBColor = BLACK) -> Any:
    run = paragraph.add_run(printable(text))
    run.font.name, run.font.size, run.font.color.rgb = font, size, colour
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:eastAsia", "w:cs"):
        fonts.set(qn(name), font)
    return run


def _keep(paragraph: Any) -> None:
    paragraph.paragraph_format.keep_with_next = True


def _border(paragraph: Any, side: str, colour: str, eighths: int) -> None:
    """A line above or below the paragraph, so many eighths of a point thick."""
    properties = paragraph._p.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(borders, *BEHIND_BORDERS)
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "4"), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)


# What the schema of Word wants behind a paragraph's borders.
BEHIND_BORDERS = (
    "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct", "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd",
    "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment", "w:textboxTightWrap",
    "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange",
)  # fmt: skip
