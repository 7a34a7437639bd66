"""What a circular freezes, as plain data: one text of figures, and a block of rows behind the numbers of each department and item. The same data gives the same bytes, and these a digest.

The text holds, by name: `month` `cut_off` (the moment before which what happened counts) `catalogue` `calendar` `rules` (versions) `score` (`schemas.obligations.score.Rules.said`)
`departments` (code, name, short) `lines` (LINE) `stock` `came` (messages by department, item and way) `outages` `unbalanced` `unlinked` `titles` (of items) `blocks` (rows and digest by place).
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.obligations.figures import Rate

Row = Mapping[str, Any]
Frozen = Mapping[str, Any]
DECIDED, JUDGED, AGED = BLOCKS = ("decided", "judged", "aged")  # kinds of blocks of rows
LINE = ("department", "item", "state", "ways", "rule", "delivered", "remark", "figures", "periods", "fields")  # `figures`: by name part and whole


@dataclass(frozen=True)
class Packed:
    """A block ready to be kept."""

    department: str
    item: str
    of: str
    rows: int
    digest: str
    content: bytes


def text(said: Any) -> str:
    """Canonical JSON."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: str | bytes) -> str:
    """SHA-256, in hexadecimal digits."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def packed(place: tuple[str, str, str], rows: Iterable[Row]) -> Packed:
    """Rows of one place (department, item, kind), a line each."""
    lines = [text(row) for row in rows]
    return kept(place, "\n".join(lines).encode(), len(lines))


def kept(place: tuple[str, str, str], content: bytes, rows: int = 0) -> Packed:
    """Any bytes."""
    return Packed(*place, rows, digest(content), zlib.compress(content, 6))


def unpacked(content: bytes) -> bytes:
    return zlib.decompress(content)


def rows(content: bytes) -> list[dict[str, Any]]:
    """The rows of a block's content."""
    return [json.loads(line) for line in unpacked(content).split(b"\n") if line]


def rate(said: Sequence[int]) -> Rate:
    """Of part and whole."""
    part, whole = said
    return Rate(part, whole - part)


def pair(found: Rate) -> list[int]:
    """Part and whole."""
    return [found.part, found.whole]


def rates(figures: Mapping[str, Sequence[int]]) -> dict[str, Rate]:
    return {name: rate(said) for name, said in figures.items()}
