"""The rule on codes that come and go: the code must have held on the day its record is dated by. Its severity is a warning (severity.csv)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from schemas.codes import hull, missed, unbroken
from schemas.rules.finding import Field, Finding, Frame, Row, Rule
from schemas.rules.values import parts

Parameters = Mapping[str, Any]


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def explain_validity(row: Row, field: Field, parameters: Parameters) -> Finding | None:
    """Tells of the first code that did not hold; a record without its day is not judged."""
    value, day = str(row.clean[field.name]), _day(row.typed[parameters["field"]])
    if day is None:
        return None
    for code in parts(value, field.code_set) if field.many else [value]:
        entry = missed(field.histories.get(code, ()), day)
        if entry:
            break
    else:
        return None
    over = entry.until is not None and entry.until < day
    held = f"只用到 {entry.until}" if over else f"自 {entry.since} 起才启用"
    message = f"“{field.title}”的 {entry.code}（{entry.title}）{held}，而“{row.titles[parameters['field']]}”是 {day}。"
    if over and entry.now:
        return Finding("R-CODE-03", message, f"请改填现行代码 {entry.now}（{field.code_set[entry.now]}）。")
    return Finding("R-CODE-03", message, "请核对日期，或改填当时有效的代码。")


def suspect_validity(frame: Frame, field: Field, parameters: Parameters) -> pl.Series:
    column, days = frame.clean[field.name], frame.typed[parameters["field"]]
    if days.dtype not in (pl.Date, pl.Datetime):
        return pl.repeat(value=False, n=len(column), eager=True)
    days, known = days.cast(pl.Date), {code: hull(lines) for code, lines in field.histories.items()}
    early = days < _bound(column, {code: since for code, (since, _until) in known.items() if since})
    late = days > _bound(column, {code: until for code, (_since, until) in known.items() if until})
    # What one look-up cannot tell is looked at closely: codes that came back, several codes in one value.
    broken = column.is_in([code for code, lines in field.histories.items() if not unbroken(lines)])
    close = broken | ~column.is_in(list(field.code_set)) if field.many else broken
    found: pl.Series = early.fill_null(value=False) | late.fill_null(value=False) | close
    return found


def _bound(column: pl.Series, days: Mapping[str, date]) -> pl.Series:
    bounds = pl.Series(list(days.values()), dtype=pl.Date)
    found: pl.Series = column.replace_strict(pl.Series(list(days), dtype=pl.String), bounds, default=None, return_dtype=pl.Date)
    return found


VALIDITY = {"validity": Rule(suspect_validity, explain_validity, "代码当时有效", frozenset({"field"}))}
