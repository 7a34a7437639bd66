"""How a department writes dates and numbers in its columns, as its source file says it: `yyyyMMdd`, `yyyy年M月d日 HH:mm`; `{decimal: ",", group: "."}`.

Dates are said in the signs that departments' own documents and their Java and Oracle programs use (strptime's % signs are known to Python's programmers only), from a closed list, so that whatever
else stands in a pattern is found before anything runs. No two-digit years and no names of months: they would have to be guessed at.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DATES, NUMBERS = ("date", "timestamp-millis"), ("long", "decimal-text")  # kinds of fields
_SIGNS = {
    "yyyy": r"(?P<y>[0-9]{4})", "MM": r"(?P<M>0[1-9]|1[0-2])", "M": r"(?P<M>0?[1-9]|1[0-2])", "dd": r"(?P<d>[0-2][0-9]|3[01])", "d": r"(?P<d>[0-2]?[0-9]|3[01])",
    "HH": r"(?P<H>[01][0-9]|2[0-3])", "H": r"(?P<H>[01]?[0-9]|2[0-3])", "mm": r"(?P<m>[0-5][0-9])", "ss": r"(?P<s>[0-5][0-9])",
}  # fmt: skip
_SIGN = re.compile("|".join(sorted(_SIGNS, key=len, reverse=True)))
DECIMAL, GROUP = (".", ","), ("", ",", ".", " ", "'", "，")


@dataclass(frozen=True)
class DateFormat:
    """A pattern such as `yyyyMMdd`. ``regex`` has the groups y M d and, where the pattern has them, H m s; blanks around are let be."""

    pattern: str

    @property
    def regex(self) -> str:
        found, at = "", 0
        for sign in _SIGN.finditer(self.pattern):
            found += re.escape(self.pattern[at : sign.start()]) + _SIGNS[sign[0]]
            at = sign.end()
        return f"^ *{found}{re.escape(self.pattern[at:])} *$"


@dataclass(frozen=True)
class NumberFormat:
    """What stands before the fraction, and between thousands (nothing: no groups)."""

    decimal: str = "."
    group: str = ""

    @property
    def regex(self) -> str:
        """Groups: the whole part with its separators, the fraction with its own."""
        grouped = rf"[0-9]{{1,3}}(?:{re.escape(self.group)}[0-9]{{3}})+|" if self.group else ""
        return rf"^ *([+-]?(?:{grouped}[0-9]+))({re.escape(self.decimal)}[0-9]+)? *$"


Format = DateFormat | NumberFormat


def read(spec: str | Mapping[str, str]) -> Format:
    """A format as it stands in a file and was found sound."""
    return DateFormat(spec) if isinstance(spec, str) else NumberFormat(**spec)


def faults(spec: Any, kind: str) -> Iterator[str]:
    """What is wrong with a format of a field of this kind."""
    if kind in DATES:
        yield from _date_faults(spec) if isinstance(spec, str) else ["must be a pattern such as yyyyMMdd"]
    elif kind in NUMBERS:
        yield from _number_faults(spec) if isinstance(spec, dict) else ['must say {decimal: ",", group: "."}']
    else:
        yield "is for dates and numbers; this field is text"


def _date_faults(pattern: str) -> Iterator[str]:
    signs = [sign[0] for sign in _SIGN.finditer(pattern)]
    rest = _SIGN.sub("", pattern)
    if strange := sorted(set(re.findall("[A-SU-Za-z0-9]", rest))):
        yield f"{pattern!r}: {' '.join(strange)} means nothing here; signs are {' '.join(_SIGNS)}"
    letters = [sign[0] for sign in signs]
    if len(letters) != len(set(letters)):
        yield f"{pattern!r} names a part twice"
    missing = [letter for letter in "yMd" if letter not in letters] + [before for before, after in zip("Hm", "ms", strict=True) if after in letters and before not in letters]
    if missing:
        yield f"{pattern!r} lacks {' '.join(missing)}"
    ends = {sign.start(): sign[0] for sign in _SIGN.finditer(pattern)}
    if any(len(sign) == 1 and place + 1 in ends for place, sign in ends.items()):
        yield f"{pattern!r}: a part of one or two digits must be followed by something else than digits"


def _number_faults(spec: Mapping[Any, Any]) -> Iterator[str]:
    if unknown := [str(name) for name in spec if name not in ("decimal", "group")]:
        yield f"{', '.join(unknown)} is not known here; known: decimal, group"
    decimal, group = spec.get("decimal", "."), spec.get("group", "")
    if decimal not in DECIMAL:
        yield f"decimal {decimal!r} must be one of {' '.join(DECIMAL)}"
    if group not in GROUP:
        yield f"group {group!r} must be one of {' '.join(map(repr, GROUP))}"
    if decimal == group:
        yield "decimal and group are the same"
