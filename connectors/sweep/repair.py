"""Differences → the records that mend them, as `ask` takes them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from connectors.sweep import compare
from connectors.sweep.ask import UPSERT, WITHDRAW, ask, asking
from connectors.sweep.compare import Verdict
from connectors.sweep.said import Bench, fields
from schemas import identity
from schemas.place import moment


@dataclass(frozen=True)
class Seen:
    """``position`` at which rows were looked at; ``zone`` of times without one."""

    position: str | None
    zone: ZoneInfo


def asked(bench: Bench, differing: Sequence[Verdict], texts: pl.DataFrame, records: pl.DataFrame, seen: Seen) -> pl.DataFrame:
    """Withdrawals first, so that a record that changed its key ends before it begins. ``texts``: the rows' columns and `row`; ``records``: of the keys to be withdrawn, as the warehouse gives them."""
    gone = [each.key for each in differing if each.what == compare.EXTRA]
    said = [each.row for each in differing if each.what != compare.EXTRA]
    parts = [withdrawals(bench, records.filter(pl.col("key").is_in(gone)), seen.position)]
    if said and texts.width:
        chosen = texts.filter(pl.col("row").is_in(said))
        column = bench.table.source_time
        times = [moment(text, seen.zone) for text in chosen[column]] if column else None
        parts.append(asking(fields(bench, chosen), UPSERT, chosen["row"], seen.position, times))
    return pl.concat(parts, how="diagonal")


def withdrawals(bench: Bench, records: pl.DataFrame, position: str | None) -> pl.DataFrame:
    """What takes these records back: all they say, so that their keys are the same. One whose key is not made of its fields any more (another secret, an item's other key) is left out."""
    names = [field.name for field in bench.item.fields]
    keys = identity.keys(bench.item, bench.department, records.select(names), bench.secret)
    same = records.filter(pl.Series([key == told for key, told in zip(keys, records["key"], strict=True)], dtype=pl.Boolean))
    return asking(same.select(names), WITHDRAW, same["row"], position)


__all__ = ["Seen", "ask", "asked", "withdrawals"]
