"""An .xlsx with what we say of its rows written into its parts: sheets, comments, one more style, the sheet 错误汇总. Everything else goes over as it is, formulas and their stored results too."""

import posixpath
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from producers.returned import comments, markup, sheet_part
from producers.returned.notes import Block, summary
from producers.returned.sheet_part import Unpatchable, replaced
from producers.tables.book import SUMMARY

LARGEST = 128 << 20  # bytes of a part that is changed
PIECE = 1 << 20
COLOR = '<dxf><fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/><bgColor rgb="FFFFC7CE"/></patternFill></fill></dxf>'
DXFS = re.compile(r"<dxfs\b[^>]*/>|<dxfs\b[^>]*>(.*?)</dxfs>", re.DOTALL)
AFTER_DXFS = re.compile(r"<(?:tableStyles|colors|extLst)\b|</styleSheet>")
RELATION = re.compile(r"<Relationship\b[^>]*>")
SHEET = re.compile(r"<sheet\b[^>]*>")
BOOK, TYPES, STYLES = "xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"


class Package:
    """The parts of a workbook as they are, and as they will be."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, self._names = archive, set(archive.namelist())
        self.changed: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.changed or name in self._names

    def read(self, name: str) -> str:
        """A part's text. Raises Unpatchable when it is not there, not UTF-8, or too large."""
        if name in self.changed:
            return self.changed[name]
        if name not in self._names or self._archive.getinfo(name).file_size > LARGEST:
            raise Unpatchable(name)
        try:
            return self._archive.read(name).decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            raise Unpatchable(name) from fault

    def write(self, name: str, part: str, kind: str | None = None) -> None:
        """``kind``: the content type of a part that was not there."""
        self.changed[name] = part
        if kind and f'PartName="/{name}"' not in (types := self.read(TYPES)):
            override = f'<Override PartName="/{name}" ContentType="{kind}"/>'
            self.changed[TYPES] = replaced(types, re.compile("</Types>"), lambda _end: f"{override}</Types>")

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id → kind of relation and the part it leads to."""
        name = _relations(part)
        found = {}
        for tag in RELATION.findall(self.read(name) if name in self else ""):
            target = _of(tag, "Target")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(posixpath.dirname(part), target))
            found[_of(tag, "Id")] = _of(tag, "Type").rpartition("/")[2], path
        return found

    def relate(self, part: str, identity: str, kind: str, target: str) -> None:
        """Let a part lead to another."""
        name = _relations(part)
        before = self.read(name) if name in self else f'{markup.HEAD}<Relationships xmlns="{markup.PACKAGE}/relationships"></Relationships>'
        new = f'<Relationship Id="{identity}" Type="{markup.RELATIONS}/{kind}" Target="/{target}"/>'
        before = re.sub(r"<Relationships\b([^>]*)/>", r"<Relationships\1></Relationships>", before)
        self.changed[name] = replaced(before, re.compile("</Relationships>"), lambda _end: f"{new}</Relationships>")

    def save(self, target: Path) -> None:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for info in self._archive.infolist():
                if info.filename not in self.changed and not info.is_dir():
                    with self._archive.open(info) as source, out.open(info.filename, "w", force_zip64=True) as sink:
                        while piece := source.read(PIECE):
                            sink.write(piece)
            for name, part in self.changed.items():
                out.writestr(name, part)


def annotate(path: Path, target: Path, tables: Mapping[str, Sequence[Block]]) -> None:
    """Write to ``target`` the workbook at ``path`` with what ``tables`` (by the sheets' names) say. Raises Unpatchable when its parts are not as the usual programs write them."""
    with zipfile.ZipFile(path) as archive:
        package = Package(archive)
        sheets, color = _sheets(package), _color(package)
        for name, blocks in tables.items():
            if name not in sheets:
                raise Unpatchable(name)
            package.write(sheets[name], sheet_part.annotated(package.read(sheets[name]), blocks, color))
            _comment(package, sheets[name], blocks)
        _summarise(package, sheets, summary(tables))
        package.save(target)


def _sheets(package: Package) -> dict[str, str]:
    """A sheet's name → its part."""
    relations = package.relations(BOOK)
    tags = SHEET.findall(package.read(BOOK))
    return {_unescaped(_of(tag, "name")): relations[_of(tag, "r:id")][1] for tag in tags if _of(tag, "r:id") in relations}


def _color(package: Package) -> int:
    """One more differential style; its index."""
    styles = package.read(STYLES)
    found = DXFS.search(styles)
    if found is None:
        new = f'<dxfs count="1">{COLOR}</dxfs>'
        package.write(STYLES, replaced(styles, AFTER_DXFS, lambda place: new + place[0]))
        return 0
    inside = found[1] or ""
    count = len(re.findall(r"<dxf\b(?:[^>]*/>|[^>]*>)", inside))
    package.write(STYLES, f'{styles[: found.start()]}<dxfs count="{count + 1}">{inside}{COLOR}</dxfs>{styles[found.end() :]}')
    return count


def _comment(package: Package, sheet: str, blocks: Sequence[Block]) -> None:
    """Comments on bad cells. A sheet whose own comments are kept in another way goes without: the column beside the rows says the same."""
    relations = package.relations(sheet)
    part = next((path for kind, path in relations.values() if kind == "comments"), None)
    drawing = next((path for kind, path in relations.values() if kind == "vmlDrawing"), None)
    told = comments.of(blocks)
    if part is None and drawing is None:
        if not told:
            return
        stem = posixpath.basename(sheet).removesuffix(".xml")
        part, drawing = f"xl/guiji_comments_{stem}.xml", f"xl/drawings/guiji_{stem}.vml"
        package.relate(sheet, "rIdGuijiComments", "comments", part)
        package.relate(sheet, "rIdGuijiDrawing", "vmlDrawing", drawing)
        package.write(sheet, sheet_part.with_comments(package.read(sheet), "rIdGuijiDrawing"))
        package.write(part, comments.EMPTY, COMMENTS_TYPE)
        package.write(drawing, comments.DRAWING, VML_TYPE)
    if part is None or drawing is None:
        return
    try:
        new = comments.written(package.read(part), package.read(drawing), told)
    except Unpatchable:
        return
    package.write(part, new[0])
    package.write(drawing, new[1])


def _summarise(package: Package, sheets: Mapping[str, str], rows: Sequence[Sequence[str]]) -> None:
    part = sheets.get(SUMMARY)
    if part is None:
        part = "xl/worksheets/guiji_summary.xml"
        package.relate(BOOK, "rIdGuijiSummary", "worksheet", part)
        book = package.read(BOOK)
        number = max((int(found) for found in re.findall(r'\bsheetId="(\d+)"', book)), default=0) + 1
        tag = f'<sheet xmlns:r="{markup.RELATIONS}" name="{SUMMARY}" sheetId="{number}" r:id="rIdGuijiSummary"/>'
        package.write(BOOK, replaced(book, re.compile("</sheets>"), lambda _end: f"{tag}</sheets>"))
    made = markup.sheet([markup.line(number, row) for number, row in enumerate(rows, 1)], [8, 18, 8, 36, 24, 24, 48, 48])
    package.write(part, made, SHEET_TYPE)


def _relations(part: str) -> str:
    return posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels")


def _of(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""


def _unescaped(value: str) -> str:
    for sign, plain in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        value = value.replace(sign, plain)
    return value


__all__ = ["annotate"]
