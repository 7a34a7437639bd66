"""The documents of a circular as files: kept as they were signed, made anew while it is not issued. PDF is made of the .docx by LibreOffice, where that is installed."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from threading import Lock

from sqlalchemy.orm import Session

from portal.circular import book, frozen, official, shelf, words
from portal.circular.frozen import Packed
from portal.circular.shelf import File
from producers import template
from producers.refusal import Refusal

DOCX, XLSX, PDF = FORMS = ("docx", "xlsx", "pdf")
MEDIA = {DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", XLSX: template.MEDIA, PDF: "application/pdf"}
PATIENCE = 120  # seconds
ABSENT = "这台机器上没有安装 LibreOffice，不能生成 PDF。"
_ONE_AT_A_TIME = Lock()


def documents(file: File) -> Sequence[Packed]:
    """What is kept when it is issued."""
    return [frozen.kept(("", "", form), _made(file, form, date.min)) for form in (DOCX, XLSX)]


def document(database: Session, file: File, form: str, day: date) -> bytes:
    """In one of FORMS. ``day``: of today, for one that is not issued. Raises Refusal `unavailable`: there is no LibreOffice, or it failed."""
    if form == PDF:
        return pdf(document(database, file, DOCX, day))
    kept = shelf.kept(database, file, form) if file.issue else None
    return kept if kept is not None else _made(file, form, day)


def pdf_is_possible() -> bool:
    return shutil.which("soffice") is not None


def pdf(content: bytes) -> bytes:
    """A .docx as PDF. Raises Refusal `unavailable`."""
    program = shutil.which("soffice")
    if program is None:
        raise Refusal("unavailable", ABSENT, "请下载 docx，用办公软件另存为 PDF；或请归集中心安装 LibreOffice（libreoffice-writer）。")
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "paper.docx").write_bytes(content)
        asked = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(folder / "paper.docx")]
        try:
            subprocess.run(asked, check=True, capture_output=True, timeout=PATIENCE)
            return (folder / "paper.pdf").read_bytes()
        except (subprocess.SubprocessError, OSError) as fault:
            raise Refusal("unavailable", "LibreOffice 没有生成 PDF。", "请稍后再试，或者下载 docx；一直如此的，请归集中心查看是否装有 libreoffice-writer。") from fault


def _made(file: File, form: str, day: date) -> bytes:
    return official.docx(words.paper(file, day)) if form == DOCX else book.xlsx(file)
