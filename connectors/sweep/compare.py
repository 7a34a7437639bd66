"""Rows of a source against what the warehouse has of them. Pure.

First in columns, over the whole table (`suspects`), one range of keys after the other, so that no more of it is in memory: what stands as the row says it is equal, and of that nothing more is asked.
What is left, few rows as a rule, is looked at again in the source and in the warehouse, and told apart one by one (`verdicts`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl

from connectors.sweep.said import EXCLUDED, OUTSIDE, REJECTED, SAID, WAITING

# Differences, and what explains that a row does not stand as it is.
MISSING, EXTRA, DIFFERENT = "missing", "extra", "different"
DIFFERENCES = (MISSING, EXTRA, DIFFERENT)
EQUAL, SUPERSEDED, RETRACTED, KEPT = "equal", "superseded", "retracted", "kept"
EXPLAINED = (REJECTED, EXCLUDED, SUPERSEDED, RETRACTED, KEPT)
RETRACT, HOUSEKEEPING = "retract", "housekeeping"
_EXTRA = {"key": pl.String, "row": pl.String}


@dataclass(frozen=True)
class Row:
    """What a row of the source says now; ``kind`` None: it is not there. ``verbatim`` as a reject bears it."""

    row: str
    kind: str | None
    key: str | None = None
    fingerprint: str | None = None
    verbatim: str | None = None


@dataclass(frozen=True)
class Suspects:
    """Rows and keys to be looked at again: ``rows`` of the source that do not stand as they are, with the key they had; ``extra``: (key, row) that stand and should not."""

    rows: tuple[Row, ...]
    extra: tuple[tuple[str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.rows or self.extra)

    @property
    def named(self) -> list[str]:
        """Every row that is meant."""
        return sorted({each.row for each in self.rows} | {row for _, row in self.extra})

    @property
    def keys(self) -> list[str]:
        return sorted({each.key for each in self.rows if each.key} | {key for key, _ in self.extra})


@dataclass(frozen=True)
class Verdict:
    """One row, or what stands for it: ``what`` is a difference or an explanation."""

    what: str
    row: str
    key: str | None
    said: Row | None = None


@dataclass(frozen=True)
class Context:
    """What verdicts need besides: ``source`` as records name it; ``claims``: key → the rows that say it now; ``refused``: (row, verbatim) that were rejected; ``keeps``: a row that is gone keeps its
    record; ``rowless``: the table has no primary key, and rows go by their keys."""

    source: str
    claims: Mapping[str, frozenset[str]]
    refused: frozenset[tuple[str, str]]
    keeps: bool
    rowless: bool = False


def suspects(rows: pl.LazyFrame, standing: Iterable[pl.DataFrame], refused: pl.DataFrame) -> Suspects:
    """``rows`` as of the ledger; ``standing``, in pages in the order of keys, and ``refused`` as of the warehouse."""
    names, after = ["row", "kind", "key", "fingerprint", "verbatim"], pl.lit(value=True)
    unlike, lone = list[pl.DataFrame](), [pl.DataFrame(schema=_EXTRA)]
    for page in chain(standing, [None]):
        upto = pl.lit(value=True) if page is None else pl.col("key") <= page["key"][-1]
        said = rows.filter((pl.col("kind") == SAID) & after & upto).select(names).collect()
        unlike.append(said if page is None else said.join(page, on=["key", "fingerprint"], how="anti"))
        if page is not None:
            lone.append(page.join(said, on=["row", "key"], how="anti").select("key", "row"))
            after = pl.col("key") > page["key"][-1]
    bad = rows.filter((pl.col("kind") == REJECTED) & (pl.col("row") != "")).select(names).collect()
    untold = bad.join(refused, left_on=["row", "verbatim"], right_on=["row", "fingerprint"], how="anti")
    extra = pl.concat(lone)
    stays = rows.filter(pl.col("kind").is_in([REJECTED, EXCLUDED, WAITING]) & (pl.col("row") != "")).select("row").collect()
    found = pl.concat([*unlike, untold]).unique("row").sort("row")
    return Suspects(tuple(Row(*row) for row in found.rows()), tuple(sorted(extra.join(stays, on="row", how="anti").rows())))


def by_key(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of a table without a primary key, each by its key; those whose rejects cannot be found again go by nothing, and are not asked for."""
    return rows.with_columns(pl.when(pl.col("kind") != REJECTED).then("key").fill_null("").alias("row"))


def claims(rows: pl.LazyFrame, keys: Iterable[str]) -> dict[str, frozenset[str]]:
    """Of these keys, the rows that say them."""
    wanted = rows.filter((pl.col("kind") == SAID) & pl.col("key").is_in(list(keys))).group_by("key").agg("row").collect()
    return {key: frozenset(found) for key, found in wanted.rows()}


def verdicts(suspected: Suspects, now: Mapping[str, Row], records: Mapping[str, Mapping[str, Any]], context: Context) -> Iterator[Verdict]:
    """Each suspect as it is now: ``now`` by row (those that are there), ``records`` by key."""
    for each in suspected.rows:
        row = now.get(each.row)
        if row is not None and row.kind is not None:
            yield Verdict(_of_row(row, records.get(row.key or ""), context), row.row, row.key, row)
    for key, row_id in suspected.extra:
        record = records.get(key)
        if record is not None and _stands(record) and record["source"] == context.source and (context.rowless or record["row"] == row_id):
            row = now.get(row_id)
            if (what := _of_record(row, key, context)) is not None:
                yield Verdict(what, row_id, key, row)


def _of_row(row: Row, record: Mapping[str, Any] | None, context: Context) -> str:
    refused = (row.row, row.verbatim) in context.refused
    if row.kind == REJECTED:
        return REJECTED if refused else MISSING
    if row.kind != SAID:
        return row.kind or MISSING
    if record is not None and _stands(record):
        if record["fingerprint"] == row.fingerprint:
            return EQUAL
        own = record["source"] == context.source
        if not own or (record["row"] != row.row and record["row"] in context.claims.get(row.key or "", ())):
            return SUPERSEDED
        return REJECTED if refused else DIFFERENT
    if record is not None and record["operation"] == RETRACT:
        return RETRACTED
    return REJECTED if refused else MISSING


def _of_record(row: Row | None, key: str, context: Context) -> str | None:
    """What a record is that stands by the word of a row; None where the row says it."""
    if row is None or row.kind is None:
        return KEPT if context.keeps else EXTRA
    if row.kind == OUTSIDE or (row.kind == SAID and row.key != key):
        return EXTRA
    return None


def _stands(record: Mapping[str, Any]) -> bool:
    return str(record["withdrawn"]) != "1"
