"""Reasons: why a record was rejected, or what is odd about it, in its owner's words; and the masking of personal numbers in what is shown."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as of
from typing import Any, Generic, TypeVar

from schemas.identity import holds_personal_number

Place = TypeVar("Place")
LONGEST = 80
_DIGITS = re.compile(r"[0-9０-９]{6}")  # fewer in a row are no number of a person, nor what Excel left of one
_RUN = re.compile(r"[0-9]{14,}[0-9Xx]")
_REWRITTEN = re.compile(r"([0-9]\.?[0-9]{1,2})[0-9]{6,}(E\+?[0-9]{2})", re.IGNORECASE)
# A number people write in groups, and one they starred themselves: the public sees no digit of either.
_GROUPED = re.compile(r"[0-9０-９](?:[\s.·—-]{0,2}[0-9０-９]){13,}[\s.·—-]{0,2}[0-9０-９XxＸｘ]")
_STARRED = re.compile(r"[0-9０-９]{3,}[*＊xX]{4,}[0-9０-９]*[XxＸｘ]?")
_SIX_AND_ONE = re.compile(r"[0-9]{6}\*{8,}[0-9Xx]")  # what `hidden` leaves
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


@dataclass
class Group(Generic[Place]):
    """What has one thing wrong with one field: one of the reasons, how often, the first places."""

    reason: Reason
    count: int = 0
    first: list[Place] = of(default_factory=list)


class Groups(Generic[Place]):
    """Reasons gathered by rule and field; of each the first ``kept`` places are known."""

    def __init__(self, kept: int) -> None:
        self._kept, self._found = kept, dict[tuple[str, str | None], Group[Place]]()

    def add(self, place: Place, reasons: Iterable[Reason]) -> None:
        for reason in reasons:
            group = self._found.setdefault((reason.rule, reason.field), Group(reason))
            group.count += 1
            if len(group.first) < self._kept:
                group.first.append(place)

    def __iter__(self) -> Iterator[Group[Place]]:
        """Most frequent first."""
        return iter(sorted(self._found.values(), key=lambda group: -group.count))


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
    return _GROUPED.sub(lambda found: "***" if holds_personal_number(_joined(found[0])) else found[0], text)


def staff(value: str, privacy: str) -> str:
    """What staff entitled to the record may see: the first 6 and the last 1 of a personal number, wherever and in whatever groups it stands; of one that is starred or rewritten by Excel, nothing.
    Twice is as once.
    """
    if privacy == "person_number":
        return hidden(value)
    starred = _STARRED.sub(lambda found: found[0] if _SIX_AND_ONE.fullmatch(found[0]) else "***", _REWRITTEN.sub("***", value))
    text = _without_numbers(starred, hidden)
    return _GROUPED.sub(lambda found: hidden(_joined(found[0])) if holds_personal_number(_joined(found[0])) else found[0], text)


def _joined(grouped: str) -> str:
    return re.sub("[^0-9X]", "", grouped.translate(_HALF).upper())
