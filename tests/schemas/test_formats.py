"""Formats of dates and numbers: what may be said of them."""

import pytest

from schemas import formats

SOUND = ["yyyyMMdd", "yyyy年M月d日", "yyyy-MM-dd HH:mm:ss", "dd/MM/yyyy", "yyyyMMddHHmm", "yyyy-MM-ddTHH:mm"]
UNSOUND = {"yyMMdd": "y means nothing", "yyyyMM": "lacks d", "yyyyMMdd mm": "lacks H", "yyyyMMdd HH:ss": "lacks m",
           "yyyyMdd": "one or two", "yyyy-MM-dd-MM": "twice", "YYYY-MM-DD": "D Y", "yyyy-MMM-dd": "M", "": "lacks y M d"}  # fmt: skip


@pytest.mark.parametrize("pattern", SOUND)
def test_usual_patterns_hold(pattern: str) -> None:
    assert list(formats.faults(pattern, "date")) == []
    assert formats.read(pattern) == formats.DateFormat(pattern)


@pytest.mark.parametrize("pattern", UNSOUND)
def test_what_would_have_to_be_guessed_at_is_refused(pattern: str) -> None:
    assert any(UNSOUND[pattern] in fault for fault in formats.faults(pattern, "timestamp-millis"))


@pytest.mark.parametrize("said", [{"decimal": ";"}, {"decimal": ",", "group": ","}, {"group": "x"}, {"unit": "万"}, ",", {"decimal": ["x"]}])
def test_separators_are_two_different_known_ones(said: object) -> None:
    assert list(formats.faults(said, "decimal-text")) != []
    assert list(formats.faults({"decimal": ",", "group": "."}, "decimal-text")) == []


def test_text_has_no_format() -> None:
    assert list(formats.faults("yyyyMMdd", "string")) != []
