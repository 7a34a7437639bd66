"""Judging records by their item: columns in, typed columns and all reasons out. `check_one` is the same on one record, slowly and obviously.

Masks are computed on columns; only suspects are looked at one by one, by the functions that also serve `check_one`. So a good row costs no Python object, and both paths give the same reasons.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as of
from datetime import date
from typing import Any

import polars as pl

from schemas import normalize
from schemas.reason import Reason, masked
from schemas.rules import rows
from schemas.rules.finding import Finding, Frame, Row, Rule
from schemas.rules.identifiers import IDENTIFIERS
from schemas.rules.severity import severity
from schemas.rules.validity import VALIDITY
from schemas.rules.values import VALUES, parts

RULES: Mapping[str, Rule] = IDENTIFIERS | VALUES | VALIDITY
IMPLIED = {"excel", "length", "min_length", "pattern", "codes", "validity", "shape", "placeholder"}
POLARS = {"string": pl.String(), "decimal-text": pl.String(), "date": pl.Date(), "timestamp-millis": pl.Datetime("ms", "UTC"), "long": pl.Int64()}


@dataclass(frozen=True)
class Context:
    """What rules need besides the record."""

    today: date


@dataclass(frozen=True)
class Checked:
    """What came of a batch: ``typed`` has one row a record (fields that cannot be read are null); reasons by row number; ``excluded`` marks what lies outside the period collected."""

    typed: pl.DataFrame
    errors: Mapping[int, list[Reason]]
    warnings: Mapping[int, list[Reason]]
    excluded: pl.Series


@dataclass(frozen=True)
class CheckedOne:
    """The same of one record."""

    typed: Mapping[str, Any]
    errors: list[Reason] = of(default_factory=list)
    warnings: list[Reason] = of(default_factory=list)
    excluded: bool = False


def is_code(field: Any) -> bool:
    """Whether a field's values are codes, numbers or dates: made half-width, without blanks, in capitals."""
    return field.kind != "string" or bool(field.codes) or any(rule.name in IDENTIFIERS for rule in field.rules)


def _rules(item: Any, field: Any) -> Iterator[tuple[Rule, Mapping[str, Any]]]:
    """The rules of a field, in the order in which people are told."""
    if field.kind != "string":
        yield RULES["shape"], {}
    elif not is_code(field):
        yield RULES["excel"], {}
    for name in ("length", "min_length", "pattern", "codes"):
        if getattr(field, name):
            yield RULES[name], {}
    if field.histories:
        yield RULES["validity"], {"field": item.dated_by}
    if field.required and field.kind == "string" and not field.codes:
        yield RULES["placeholder"], {}
    for rule in field.rules:
        yield RULES[rule.name], rule.parameters


def _told(row: Row, field: Any, finding: Finding) -> Reason:
    value = masked(row.clean.get(field.name), field.privacy)
    return Reason(finding.rule, severity(finding.rule, row.today), field.name, field.title, value, finding.message, finding.remedy)


# ---- one record -----------------------------------------------------------------------------------------------------


def clean_one(item: Any, said: Mapping[str, str | None]) -> dict[str, str | None]:
    found = {field.name: normalize.code(said.get(field.name)) if is_code(field) else normalize.text(said.get(field.name)) for field in item.fields}
    blanks = [field for field in item.fields if field.blank is not None and found[field.name] is None]
    organisation = bool(blanks) and rows.is_organisation(item, found)
    return found | {field.name: field.blank if organisation else field.blank_person for field in blanks}


def type_one(item: Any, clean: Mapping[str, str | None]) -> dict[str, Any]:
    return {field.name: _typed(field, clean[field.name]) for field in item.fields}


def _typed(field: Any, value: str | None) -> Any:
    if value is None:
        return None
    if field.kind == "date":
        return normalize.day(value)
    if field.kind == "timestamp-millis":
        return normalize.moment(value)
    if field.kind == "long":
        return normalize.whole(value)
    if field.kind == "decimal-text":
        return normalize.decimal(value, field.precision, field.scale)
    return _joined(field, value) if field.many else value


def _joined(field: Any, value: str) -> str:
    return "；".join(parts(value, field.code_set))


def check_one(item: Any, said: Mapping[str, str | None], context: Context, *, key_only: bool = False) -> CheckedOne:
    """Judge one record. ``key_only``: a withdrawal, of which only the key is asked."""
    clean = clean_one(item, said)
    row = Row(clean, type_one(item, clean), context.today, {field.name: field.title for field in item.fields})
    reasons = [_told(row, field, finding) for field, finding in (_key_findings(item, row) if key_only else _findings(item, row))]
    levels: dict[str, list[Reason]] = {"error": [], "warning": []}
    for reason in reasons:
        levels[reason.severity].append(reason)
    outside = not key_only and rows.is_excluded(item, row.typed, context.today)
    return CheckedOne(row.typed, levels["error"], levels["warning"], outside)


def _key_findings(item: Any, row: Row) -> Iterator[tuple[Any, Finding]]:
    for field in item.fields:
        if field.name in item.key and (finding := rows.explain_required(row, field)):
            yield field, finding


def _findings(item: Any, row: Row) -> Iterator[tuple[Any, Finding]]:
    organisation = rows.is_organisation(item, row.clean)
    groups = rows.groups(item)
    for field in item.fields:
        if row.clean[field.name] is not None:
            for rule, parameters in _rules(item, field):
                if finding := rule.explain(row, field, parameters):
                    yield field, finding
        elif missing := _missing(item, field, row, organisation=organisation):
            yield field, missing
        first = field.group and groups[field.group][0] is field
        if organisation and first and (finding := rows.explain_group(row, groups[field.group])):
            yield field, finding


def _missing(item: Any, field: Any, row: Row, *, organisation: bool) -> Finding | None:
    if field.required:
        return rows.explain_required(row, field)
    if field.when and rows.applies(item, field, row.clean, organisation=organisation):
        return rows.explain_when(row, field)
    return None


# ---- many -----------------------------------------------------------------------------------------------------------


def clean(item: Any, said: pl.DataFrame) -> pl.DataFrame:
    """Text columns made alike; a column the frame lacks is null."""
    found = {}
    for field in item.fields:
        column = said[field.name] if field.name in said.columns else pl.repeat(None, said.height, dtype=pl.String, eager=True)
        column = column.cast(pl.String)
        if column.null_count() < len(column):
            column = normalize.codes(column) if is_code(field) else normalize.texts(column)
        found[field.name] = column
    plain = pl.DataFrame(found)
    return plain.with_columns(list(_blanks(item, plain)))


def _blanks(item: Any, plain: pl.DataFrame) -> Iterator[pl.Series]:
    """The columns in which a blank has a value: one for organisations, and perhaps another for persons."""
    fields = [field for field in item.fields if field.blank is not None and plain[field.name].null_count()]
    organisation = rows.organisations(item, plain) if any(field.blank != field.blank_person for field in fields) else None
    for field in fields:
        column = plain[field.name]
        if organisation is not None and field.blank != field.blank_person:
            column = column.zip_with(column.is_not_null() | organisation, column.fill_null(field.blank_person))
        yield column.fill_null(field.blank).alias(field.name)


def typed(item: Any, clean: pl.DataFrame) -> pl.DataFrame:
    """What the text says, in the item's types; null where it cannot be read."""
    return pl.DataFrame({field.name: _typed_column(field, clean[field.name]) for field in item.fields})


def _typed_column(field: Any, column: pl.Series) -> pl.Series:
    if column.null_count() == len(column):
        return pl.repeat(None, len(column), dtype=POLARS[field.kind], eager=True)
    if field.kind == "date":
        return normalize.days(column)
    if field.kind == "timestamp-millis":
        return normalize.moments(column)
    if field.kind == "long":
        return normalize.wholes(column)
    if field.kind == "decimal-text":
        return normalize.decimals(column, field.precision, field.scale)
    if not field.many:
        return column
    several = column.filter(~column.is_in(list(field.code_set))).unique().drop_nulls()
    return column.replace(several, pl.Series([_joined(field, value) for value in several], dtype=pl.String))


def check(item: Any, said: pl.DataFrame, context: Context, key_only: pl.Series | None = None) -> Checked:
    """Judge a batch: ``said`` has a text column per field. ``key_only`` marks withdrawals, of which only the key is asked. All reasons of a row at once, in the order of the fields."""
    made_alike = clean(item, said)
    frame = Frame(made_alike, typed(item, made_alike), context.today)
    outside = rows.excluded(item, frame.typed, context.today)
    partial = pl.repeat(value=False, n=said.height, eager=True) if key_only is None else key_only
    errors, warnings = _explained(item, frame, partial)
    return Checked(frame.typed, errors, warnings, outside & ~partial)


@dataclass(frozen=True)
class _Suspicion:
    """One thing that may be wrong with a field, the rows in which it may be, and who says of one row whether it is: ``explain(row, *about)``."""

    field: Any
    places: list[int]
    explain: Callable[..., Finding | None]
    about: tuple[Any, ...]


def _suspicions(item: Any, frame: Frame, partial: pl.Series) -> Iterator[_Suspicion]:
    """In the order in which `_findings` tells of one record; nothing is yielded for what no row is suspected of."""
    organisation = rows.organisations(item, frame.clean)
    for field, mask, explain, about in _masks(item, frame, organisation):
        suspected = mask.fill_null(value=False) & ~partial
        if suspected.any():
            yield _Suspicion(field, suspected.arg_true().to_list(), explain, about)
    if partial.any():
        for field in item.fields:
            if field.name in item.key:
                missing = partial & frame.clean[field.name].is_null()
                yield _Suspicion(field, missing.arg_true().to_list(), rows.explain_required, (field,))


def _masks(item: Any, frame: Frame, organisation: pl.Series) -> Iterator[tuple[Any, pl.Series, Callable[..., Finding | None], tuple[Any, ...]]]:
    groups = rows.groups(item)
    for field in item.fields:
        column = frame.clean[field.name]
        blanks, there = column.null_count(), column.is_not_null()
        if blanks < len(column):
            for rule, parameters in _rules(item, field):
                mask = rule.suspects(frame, field, parameters)
                yield field, mask & there if blanks else mask, rule.explain, (field, parameters)
        if blanks and field.required:
            yield field, ~there, rows.explain_required, (field,)
        elif blanks and field.when:
            yield field, ~there & rows.applying(item, field, frame.clean, organisation), rows.explain_when, (field,)
        if field.group and groups[field.group][0] is field:
            members = groups[field.group]
            empty = organisation
            for member in members:
                empty = empty & frame.clean[member.name].is_null()
            yield field, empty, rows.explain_group, (members,)


def _explained(item: Any, frame: Frame, partial: pl.Series) -> tuple[dict[int, list[Reason]], dict[int, list[Reason]]]:
    """The reasons of every suspected row; a row that nothing is found wrong with has none."""
    suspicions = list(_suspicions(item, frame, partial))
    places = sorted({place for each in suspicions for place in each.places})
    titles = {field.name: field.title for field in item.fields}
    looked = {
        place: Row(said, meant, frame.today, titles)
        for place, said, meant in zip(places, frame.clean[places].to_dicts(), frame.typed[places].to_dicts(), strict=True)
    }
    errors: dict[int, list[Reason]] = {}
    warnings: dict[int, list[Reason]] = {}
    for each in suspicions:
        for place in each.places:
            row = looked[place]
            if finding := each.explain(row, *each.about):
                reason = _told(row, each.field, finding)
                (errors if reason.severity == "error" else warnings).setdefault(place, []).append(reason)
    return errors, warnings


def example_problems(item: Any, today: date) -> Sequence[str]:
    """What the example record of an item does wrong; empty for a sound one."""
    return [f"{reason.field}: {reason.rule} {reason.message}" for reason in check_one(item, item.example, Context(today)).errors]
