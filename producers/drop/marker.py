"""The end marker of a dropped file (`<name>.ok`), and the names that files may have. Pure."""

import re
from dataclasses import dataclass

ENDING = ".ok"
LONGEST_NAME = 200  # bytes: ours are made of it
_NAME = re.compile(r"\w[\w\-+. （）()【】、]*\.(csv|xml)", re.IGNORECASE)
SAMPLE = "rows=120 一行，sha256=…（文件的 SHA-256 摘要，64 位十六进制）一行"


class Unclear(ValueError):
    """The marker cannot be read; says why, in Chinese."""


@dataclass(frozen=True)
class Marker:
    """What the file must be: so many rows of data, and the SHA-256 of its bytes in lower-case hex."""

    rows: int
    digest: str


def fit(name: str) -> bool:
    """Whether a file of this name is taken."""
    return bool(_NAME.fullmatch(name)) and len(name.encode()) <= LONGEST_NAME


def read(content: bytes) -> Marker:
    """Raises Unclear."""
    text = content.decode("utf-8-sig", "replace").replace("\0", "")  # Windows' own editors put a mark in front
    said = {name.strip().lower(): value.strip() for name, mark, value in (line.partition("=") for line in text.splitlines()) if mark}
    rows, digest = said.get("rows", ""), said.get("sha256", "").lower()
    if not re.fullmatch(r"[0-9]{1,9}", rows) or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise Unclear(f"结束标志文件应写 {SAMPLE}")
    return Marker(int(rows), digest)
