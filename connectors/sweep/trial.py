"""试报 of a tapped table: its rows as they are now, judged as the judge would; nothing is said, stored or asked of anybody but the database."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from connectors.sweep.said import EXCLUDED, OUTSIDE, REJECTED, SAID, WAITING, Bench, fields
from connectors.sweep.scan import Page
from schemas import examination
from schemas.image import image
from schemas.reason import Group, Groups, Reason, masked
from schemas.sayings import UPSERT

KINDS = (SAID, REJECTED, EXCLUDED, OUTSIDE, WAITING)
FIRST = 5


@dataclass(frozen=True)
class Bad:
    """A row that would be rejected: its primary key (masked), and every reason."""

    row: str
    reasons: tuple[Reason, ...]


@dataclass
class Tried:
    """What would become of a table's rows: how many of each kind; of those that would stand, how many have the key of a row before them; reasons, most frequent first."""

    counts: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    groups: Sequence[Group[str]] = ()


def tried(bench: Bench, pages: Iterable[Page], bad: list[Bad] | None = None) -> Tried:
    """Judge every row. Rows that would be rejected go into ``bad``, too, where one is given. Memory: the keys."""
    found, groups, keys = Tried(), Groups[str](FIRST), set[str]()
    for page in pages:
        for kind, key, each in _judged(bench, page):
            found.counts[kind] += 1
            if kind == SAID:
                found.repeated += key in keys
                keys.add(key)
            elif kind == REJECTED:
                groups.add(each.row, each.reasons)
                if bad is not None:
                    bad.append(each)
    found.groups = list(groups)
    return found


def _judged(bench: Bench, page: Page) -> Iterator[tuple[str, str, Bad]]:
    """Each row's kind and key, and what is wrong with it."""
    side = image(bench.table, page.texts, [True] * page.texts.height)
    told = fields(bench, page.texts).with_columns(
        pl.lit(bench.department).alias("_department"), pl.lit(UPSERT).alias("_operation"), pl.lit(bench.table.source_id).alias("_source"),
        pl.Series("_row", page.rows, pl.String), pl.int_range(pl.len(), dtype=pl.Int64).alias("_line"), pl.lit("").alias("_batch"), pl.lit(None, pl.String).alias("_faults"),
    )  # fmt: skip
    found = examination.examine(bench.item, told, bench.secret, bench.today)
    for n, (inside, waits) in enumerate(zip(side.inside, side.waiting, strict=True)):
        errors = tuple(found.errors.get(n, ()))
        kind = (WAITING if waits else OUTSIDE) if not inside else REJECTED if errors else EXCLUDED if found.excluded[n] else SAID
        yield kind, found.keys[n], Bad(masked(page.rows[n], "content") or "", errors)
