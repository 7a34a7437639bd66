"""A worksheet's part with what we say of its rows written into it; everything else of it stays as it is, byte for byte. Pure."""

import re
from collections.abc import Callable, Sequence
from html import unescape

from producers.returned import markup
from producers.returned.notes import Block, explanation
from producers.tables.titles import letter

ROW = re.compile(r"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
NUMBER = re.compile(r'\br="(\d+)"')
CELL = re.compile(r'<c\b[^>]*?\br="([A-Z]+)\d+"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
REF = re.compile(r'<c [^>]*?\br="([A-Z]+)\d+"')
SPANS = re.compile(r'\s+spans="[^"]*"')
DIMENSION = re.compile(r"<dimension\b[^>]*/>")
COLORS = re.compile(r"<conditionalFormatting\b[^>]*[^>/]>.*?</conditionalFormatting>", re.DOTALL)
OURS = re.compile(r'FIND\("【|错误说明')
AFTER_COLORS = re.compile(
    r"<(?:conditionalFormatting|dataValidations|hyperlinks|printOptions|pageMargins|pageSetup|headerFooter|rowBreaks|colBreaks|customProperties|cellWatches|ignoredErrors|smartTags"
    r"|drawing|legacyDrawing|legacyDrawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst)\b|</worksheet>"
)
AFTER_LEGACY = re.compile(r"<(?:legacyDrawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst)\b|</worksheet>")
COL = re.compile(r'<col\b[^>]*\bmax="(\d+)"')
WIDE = 60


class Unpatchable(Exception):
    """The part is not written as the usual programs write it; it cannot be changed in place."""


def annotated(part: str, blocks: Sequence[Block], color: int) -> str:
    """The sheet with 错误说明 and 回执行号 beside its rows and bad cells coloured by ``color``, an index of differential styles. What an earlier return left is replaced. Raises Unpatchable."""
    start, end = part.find("<sheetData>"), part.rfind("</sheetData>")
    if start < 0 or end < 0:
        raise Unpatchable("no rows")
    rows = _rows(part[start:end], blocks)
    head, tail = DIMENSION.sub("", part[:start]), COLORS.sub(_of_others, part[end:])
    place = AFTER_COLORS.search(tail)
    if place is None:
        raise Unpatchable("no end")
    colors = "".join(_colors(block, color) for block in blocks)
    return _widened(head, max(block.explanation for block in blocks)) + rows + tail[: place.start()] + colors + tail[place.start() :]


def with_comments(part: str, relation: str) -> str:
    """The sheet with a reference to its comments' drawing."""
    if "<legacyDrawing " in part:
        return part
    place = AFTER_LEGACY.search(part, part.rfind("</sheetData>"))
    if place is None:
        raise Unpatchable("no end")
    reference = f'<legacyDrawing xmlns:r="{markup.RELATIONS}" r:id="{relation}"/>'
    return part[: place.start()] + reference + part[place.start() :]


def _rows(data: str, blocks: Sequence[Block]) -> str:
    put: dict[int, dict[int, str | None]] = {}
    for block in blocks:
        put[block.title_row] = {block.reference: "回执行号", block.explanation: "错误说明"}
        for row, (number, reasons) in block.rows.items():
            put[row] = {block.reference: number, block.explanation: explanation(reasons) or None}
    seen = 0

    def one(found: re.Match[str]) -> str:
        nonlocal seen
        number = NUMBER.search(found[1])
        if number is None:
            raise Unpatchable("rows without numbers")
        values = put.get(int(number[1]))
        if values is None:
            return found[0]
        seen += 1
        return f"<row{SPANS.sub('', found[1])}>{_cells(found[2] or '', int(number[1]), values)}</row>"

    rows = ROW.sub(one, data)
    if seen != len(put):
        raise Unpatchable("rows are missing")
    return rows


def _cells(inside: str, row: int, values: dict[int, str | None]) -> str:
    """A row's cells with some set (None: taken away), in the order of their columns. A cell's own style stays."""
    last = REF.match(inside, inside.rfind("<c "))
    for column, value in sorted(values.items()):
        name, place = letter(column), len(inside)
        if last is not None and (len(last[1]), last[1]) < (len(name), name):  # nearly always: our columns stand to the right of all others
            inside += markup.cell(row, column, value) if value is not None else ""
            continue
        for found in CELL.finditer(inside):
            if found[1] == name:
                style = re.search(r'\bs="(\d+)"', found[0])
                new = "" if value is None else markup.cell(row, column, value, int(style[1]) if style else 0)
                inside, place = inside[: found.start()] + new + inside[found.end() :], -1
                break
            if (len(found[1]), found[1]) > (len(name), name):
                place = found.start()
                break
        if place >= 0 and value is not None:
            inside = inside[:place] + markup.cell(row, column, value) + inside[place:]
    return inside


def _colors(block: Block, color: int) -> str:
    """Rules that colour a cell while 错误说明 of its row names its column: they stay right when rows are sorted, and end when it is emptied."""
    said = f"${letter(block.explanation)}{block.first_row}"
    titles = {name: field.title for name, field in block.item.by_name.items()}
    named = {str(reason["field"]) for _, _, reasons in block.bad() for reason in reasons if reason.get("field")}
    rules = [(column, f"ISNUMBER(FIND({_quoted(f'【{titles[name]}】')},{said}))") for name, column in block.columns.items() if name in named and name in titles]
    rules.append((block.explanation, f'LEN({said})*LEN("错误说明")>0'))
    return "".join(_rule(f"{letter(column)}{block.first_row}:{letter(column)}{block.last_row}", formula, color, n) for n, (column, formula) in enumerate(rules, 1))


def _rule(area: str, formula: str, color: int, priority: int) -> str:
    rule = f'<cfRule type="expression" dxfId="{color}" priority="{priority}"><formula>{markup.text(formula)}</formula></cfRule>'
    return f'<conditionalFormatting sqref="{area}">{rule}</conditionalFormatting>'


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _of_others(found: re.Match[str]) -> str:
    """Colours that are none of ours. Some programs write every Chinese character as a number (&#12304;)."""
    return "" if OURS.search(unescape(found[0])) else found[0]


def _widened(head: str, column: int) -> str:
    """Room for 错误说明, where no width is said of its column yet."""
    wide = f'<col min="{column + 1}" max="{column + 1}" width="{WIDE}" customWidth="1"/>'
    if "<cols>" not in head:
        return f"{head}<cols>{wide}</cols>"
    if max(map(int, COL.findall(head)), default=0) > column:
        return head
    return head.replace("</cols>", f"{wide}</cols>")


def replaced(part: str, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str]) -> str:
    """The part with the one place changed; Unpatchable where it is not there."""
    found = pattern.search(part)
    if found is None:
        raise Unpatchable(pattern.pattern)
    return part[: found.start()] + change(found) + part[found.end() :]


__all__ = ["Unpatchable", "annotated", "replaced", "with_comments"]
