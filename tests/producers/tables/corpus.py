"""Workbooks and text files as they arrive, none made by our template: each is written to a path, by openpyxl, LibreOffice, or as bare parts of a package."""

import datetime
import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from producers.tables.titles import Column, Titles

Rows = Sequence[Sequence[object]]
PERMITS = Titles(
    [
        *(Column(code, title, required=True) for code, title in (("XK_WSH", "行政许可决定书文号"), ("XK_XDR", "行政相对人名称"), ("XK_JDRQ", "许可决定日期"))),
        *(Column(code, title, required=False) for code, title in (("XK_SHXYM", "统一社会信用代码"), ("BZ", "备注"))),
    ],
    "xzxk", "行政许可",
)  # fmt: skip
FINES = Titles(
    [Column(code, title, required=True) for code, title in (("CF_WSH", "行政处罚决定书文号"), ("CF_XDR", "行政相对人名称"), ("CF_JE", "罚款金额"))], "xzcf", "行政处罚"
)
H = ["行政许可决定书文号", "行政相对人名称", "统一社会信用代码", "许可决定日期", "备注"]
F = ["行政处罚决定书文号", "行政相对人名称", "罚款金额"]
A = ["一号", "甲公司", "91440300708461136T", "2017-09-01", None]
B = ["二号", "乙公司", "91110108551385082Q", "2017-09-02", "急"]
P = ["罚一号", "丙公司", "500"]
NAMES = {"main": "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "rel": "http://schemas.openxmlformats.org/officeDocument/2006/relationships", "package": "http://schemas.openxmlformats.org/package/2006"}
SOFFICE = shutil.which("soffice")


def sheet(*rows: Sequence[object], build: Callable[[Any], None] = lambda _book: None, **others: Rows) -> Callable[[Path], None]:
    """A workbook of openpyxl: the first sheet's rows, other sheets by name, and what ``build`` does to the book."""

    def write(path: Path) -> None:
        book = openpyxl.Workbook()
        for name, each in {"Sheet1": rows, **others}.items():
            made: Any = book.active if name == "Sheet1" else book.create_sheet(name)
            made.title = name
            for row in each:
                made.append(row)
        build(book)
        book.save(path)

    return write


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content.encode(encoding)) and None


def raw(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def relation(kind: str, target: str) -> str:
    return f'<Relationships xmlns="{NAMES["package"]}/relationships"><Relationship Id="r1" Type="{NAMES["rel"]}/{kind}" Target="{target}"/></Relationships>'


def package(data: str, *, parts: dict[str, str | bytes] | None = None, prologue: str = "", before: str = "", prefix: str = "") -> Callable[[Path], None]:
    """A workbook of bare parts: ``data`` stands in the sheet's sheetData; other parts besides."""
    p = f"{prefix}:" if prefix else ""
    space = f'xmlns{":" + prefix if prefix else ""}="{NAMES["main"]}"'

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
            archive.writestr("_rels/.rels", relation("officeDocument", "xl/workbook.xml"))
            archive.writestr("xl/workbook.xml", f'<workbook xmlns="{NAMES["main"]}" xmlns:r="{NAMES["rel"]}"><sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>')
            archive.writestr("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/s.xml"))
            archive.writestr("xl/worksheets/s.xml", f"{prologue}<{p}worksheet {space}>{before}<{p}sheetData>{data}</{p}sheetData></{p}worksheet>")
            for name, content in (parts or {}).items():
                archive.writestr(name, content)

    return write


def row(number: int, values: Sequence[str], prefix: str = "", attributes: str = "") -> str:
    p = f"{prefix}:" if prefix else ""
    cells = "".join(f'<{p}c r="{chr(65 + n)}{number}" t="inlineStr"><{p}is><{p}t>{value}</{p}t></{p}is></{p}c>' for n, value in enumerate(values) if value)
    return f'<{p}row r="{number}"{attributes}>{cells}</{p}row>'


def bare(*rows: Sequence[object], prefix: str = "") -> str:
    return "".join(row(n, [str(cell or "") for cell in each], prefix) for n, each in enumerate(rows, 1))


def converted(kind: str, *rows: Sequence[object], name: str = "a") -> Callable[[Path], None]:
    """The same through LibreOffice: .xls (an .et is the same inside), .ods."""

    def write(path: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / f"{name}.xlsx"
            sheet(*rows)(source)
            asked = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", kind, "--outdir", f"{folder}/out", str(source)]
            subprocess.run(asked, check=True, capture_output=True, timeout=300)
            shutil.copy(Path(folder) / "out" / f"{name}.{kind}", path)

    return write


def shaded(book: Any) -> None:
    """Blank rows far below that only have a colour."""
    for number in range(3, 3000):
        for column in range(1, 6):
            book.active.cell(number, column).fill = PatternFill("solid", fgColor="FFFF00")


def million_blank_rows() -> Callable[[Path], None]:
    def write(path: Path) -> None:
        blank = '<row r="{0}"><c r="A{0}" s="0"/><c r="B{0}" s="0"/></row>'
        package(bare(H, A) + "".join(blank.format(number) for number in range(3, 1_000_000)))(path)

    return write


def merged(*spans: str) -> Callable[[Any], None]:
    return lambda book: [book.active.merge_cells(span) for span in spans] and None


def hidden(book: Any) -> None:
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True


def mac(book: Any) -> None:
    book.epoch = CALENDAR_MAC_1904
    book.active["D2"] = datetime.datetime(2018, 1, 2)  # noqa: DTZ001


def bomb(path: Path) -> None:
    """A small sheet beside an archive that would unpack to 64 MB: nobody unpacks it."""
    package(bare(H, A))(path)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as inner, inner.open("xl/sharedStrings.xml", "w") as member:
        for _ in range(64):
            member.write(bytes(1 << 20))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/inner.zip", stream.getvalue())
