"""Reasons: why a record was rejected, or what is odd about it, in its owner's words; and the masking of personal numbers in what is shown."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.identity import holds_personal_number

LONGEST = 80
_DIGITS = re.compile(r"[0-9０-９]{6}")  # fewer in a row are no number of a person, nor what Excel left of one
_RUN = re.compile(r"[0-9]{14,}[0-9Xx]")
_REWRITTEN = re.compile(r"([0-9]\.?[0-9]{1,2})[0-9]{6,}(E\+?[0-9]{2})", re.IGNORECASE)
# A number people write in groups, and one they starred themselves: the public sees no digit of either.
_GROUPED = re.compile(r"[0-9０-９](?:[\s.·—-]{0,2}[0-9０-９]){13,}[\s.·—-]{0,2}[0-9０-９XxＸｘ]")
_STARRED = re.compile(r"[0-9０-９]{3,}[*＊xX]{4,}[0-9０-９]*[XxＸｘ]?")
_HALF = {0xFF10 + digit: 0x30 + digit for digit in range(10)} | {ord("Ｘ"): ord("X"), ord("ｘ"): ord("x")}


@dataclass(frozen=True)
class Reason:
    """One thing that is wrong. `value` is masked and at most 80 characters long; `message` and `remedy` are Chinese."""

    rule: str
    severity: str
    field: str | None
    title: str | None
    value: str | None
    message: str
    remedy: str

    def record(self) -> dict[str, Any]:
        """As it stands on the wire."""
        return dict(vars(self))


def of_record(record: Mapping[str, Any]) -> Reason:
    """From the wire or from JSON; what is missing is blank."""
    return Reason(
        str(record.get("rule") or "R-UNKNOWN"), str(record.get("severity") or "error"), record.get("field"), record.get("title"), record.get("value"),
        str(record.get("message") or ""), str(record.get("remedy") or ""),
    )  # fmt: skip


def dumps(reasons: Iterable[Reason]) -> str:
    return json.dumps([reason.record() for reason in reasons], ensure_ascii=False)


def loads(text: str | None) -> list[Reason]:
    return [of_record(record) for record in json.loads(text)] if text else []


def masked(value: str | None, privacy: str) -> str | None:
    """What a reason may show of a value: a personal number keeps its first 6 and its last character, wherever it stands; one that Excel rewrote keeps its first digits."""
    if value is None:
        return None
    shown = covered(value, privacy)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def covered(value: str, privacy: str) -> str:
    """A value as long as it is, its personal numbers as `masked` shows them."""
    return hidden(value) if privacy == "person_number" else _without_numbers(value, hidden)


def _without_numbers(value: str, cover: Callable[[str], str]) -> str:
    """The text with every personal number in it covered, full-width ones, too. A number in Excel's notation may have been one."""
    if not _DIGITS.search(value):
        return value
    plain, pieces, end = value if value.isascii() else value.translate(_HALF), list[str](), 0
    for found in _RUN.finditer(plain):
        if holds_personal_number(found[0].upper()):
            pieces += [value[end : found.start()], cover(found[0])]
            end = found.end()
    return _REWRITTEN.sub(r"\1…\2", "".join(pieces) + value[end:])


def hidden(number: str) -> str:
    """First 6 and last 1; a short one only stars."""
    return number[:6] + "*" * (len(number) - 7) + number[-1] if len(number) > 10 else "*" * len(number)


def public(value: str, privacy: str) -> str:
    """What the public may see: no digit of a person's number, no name of a person."""
    if privacy in ("person_number", "person_name"):
        return "***"
    text = _without_numbers(_STARRED.sub("***", _REWRITTEN.sub("***", value)), lambda _: "***")
    return _GROUPED.sub(lambda found: "***" if holds_personal_number(re.sub("[^0-9X]", "", found[0].translate(_HALF).upper())) else found[0], text)
