"""A tapped table compared with the warehouse: read once, page by page, then only what differs looked at again; if asked to, what differs said again or taken back (`ask`).

A row that differs is one only after everything logged before it was looked at has come through, and it still says what it said at the look before.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from connectors import access
from connectors.sweep import compare, proof, repair, scan
from connectors.sweep.ask import brake
from connectors.sweep.compare import Row, Suspects, Verdict
from connectors.sweep.feed import Feed, Patience, loaded
from connectors.sweep.ledger import Run
from connectors.sweep.proof import Proof
from connectors.sweep.said import SAID, Bench, said
from connectors.sweep.scan import Pace, Page
from connectors.sweep.warehouse import Warehouse
from infra import failpoint
from infra.settings import Settings
from schemas.catalog import Catalog
from schemas.sources import Source, Table

LOOKS = 3  # how often rows are looked at that go on changing
AT_ONCE = 2_000  # rows asked for at once
_ROW = ("row", "kind", "key", "fingerprint", "verbatim")


@dataclass(frozen=True)
class Options:
    """``anew``: nothing is remembered of runs before; ``repair``: what differs is asked for; ``share``: percent of what stands that may be withdrawn without ``sure``."""

    pace: Pace = field(default_factory=Pace)
    patience: Patience = field(default_factory=Patience)
    anew: bool = False
    repair: bool = False
    share: int = 20
    sure: bool = False


@dataclass(frozen=True)
class Job:
    """One source and everything it is compared with; ``report`` is told what goes on."""

    settings: Settings
    source: Source
    catalog: Catalog
    feed: Feed
    warehouse: Warehouse
    options: Options = field(default_factory=Options)
    report: Callable[[str], object] = lambda _line: None


@dataclass(frozen=True)
class Compared:
    """``differences`` as they were found, ``left`` those that stand after a repair; ``made``: rows that the judge's rules were asked about, the others were known from the run before."""

    proof: Proof
    differences: tuple[Verdict, ...]
    left: tuple[Verdict, ...]
    made: int


@dataclass(frozen=True)
class _Look:
    """What was found of suspects: ``verdicts`` that hold; ``moving``: those that went on changing; ``texts`` of the rows, by `row`; ``position``: the place at which they were looked at."""

    verdicts: list[Verdict]
    moving: list[Verdict]
    texts: pl.DataFrame
    position: str


def reconcile(job: Job, table: Table) -> Compared:
    """Compare one table. Raises Unasked, Behind, Braked, ConnectFault, KafkaException, and what the warehouse raises."""
    bench, began = _bench(job, table), time.time()
    run = Run(job.settings, bench, began, anew=job.options.anew)
    _read(job, table, run)
    job.feed.come(bench.item, table, run.progress.place)
    rows = run.rows()
    keyless = _keyless(rows)
    told = compare.by_key(rows) if keyless else rows
    stand, standing = list[int](), job.warehouse.standing(bench.item, table.source_id)
    suspected = compare.suspects(told, _counted(standing, stand, keyless=keyless), job.warehouse.refused(bench.item, table.source_id))
    look = _looked(job, bench, told, suspected, keyless=keyless)
    differences = [each for each in look.verdicts if each.what in compare.DIFFERENCES]
    left, asked = differences, 0
    if job.options.repair and differences:
        asked, left = _repaired(job, bench, told, look, sum(stand))
    counts = _counts(rows, suspected, look) | {"asked": asked}
    verdict = proof.DIFFERS if left else proof.UNSETTLED if look.moving else proof.EQUAL
    made = Proof(table.source_id, table.name, table.item, job.source.department, int(run.progress.began * 1000), int(time.time() * 1000), look.position, counts, verdict)
    run.finish()
    return Compared(made, tuple(differences), tuple(left), int(run.made))


def _keyless(rows: pl.LazyFrame) -> bool:
    """Whether the table has rows, and no primary key."""
    named, height = rows.select((pl.col("row") != "").any(), pl.len().alias("rows")).collect().row(0)
    return bool(height) and not named


def _counted(pages: Iterable[pl.DataFrame], heights: list[int], *, keyless: bool) -> Iterator[pl.DataFrame]:
    """What stands, page by page; how many rows each had goes into ``heights``. Records of a table without a primary key go by their keys."""
    for page in pages:
        heights.append(page.height)
        yield page.with_columns(row="key") if keyless else page


def _bench(job: Job, table: Table) -> Bench:
    today = datetime.now(ZoneInfo(job.settings.timezone)).date()
    return Bench(job.catalog[table.item], table, job.source.department, job.settings.key_secret, job.catalog.version, today)


def _read(job: Job, table: Table, run: Run) -> None:
    if run.progress.done:
        return
    where, seen = access.of(job.source.database, job.settings.secrets()), 0
    for page in scan.pages(where, table, run.progress.after, job.options.pace, job.feed.polled):
        run.add(page)
        seen += page.texts.height
        job.report(f"{table.source_id}: {seen} rows read")
        failpoint.point("sweep.page")


def _looked(job: Job, bench: Bench, rows: pl.LazyFrame, suspected: Suspects, *, keyless: bool) -> _Look:
    """Everything that had happened when ``rows`` were read is in the warehouse: a row that says the same still, and stands otherwise, differs."""
    table, place = bench.table, scan.NOWHERE
    before = {row[0]: Row(*row) for row in rows.filter(pl.col("row").is_in(suspected.named)).select(*_ROW).collect().rows()}
    verdicts, rest, left, texts, position = list[Verdict](), list[Verdict](), suspected, pl.DataFrame(), ""
    for _ in range(LOOKS):
        position, now = job.feed.position(table), dict(before)
        if not keyless and left:
            page = _these(job, table, left.named)
            now, seen, place = _by_row(bench, page), page.texts.with_columns(page.rows.alias("row")), page.place
            texts = pl.concat([texts.filter(~pl.col("row").is_in(left.named)), seen]) if texts.width else seen
        found = list(_judged(job, bench, rows, left, now, keyless=keyless))
        rest = list[Verdict]()
        for each in found:
            (verdicts if each.what not in compare.DIFFERENCES or _same(now.get(each.row), before.get(each.row)) else rest).append(each)
        left = _of(rest)
        if not left:
            break
        before = now
        job.feed.come(bench.item, table, place)
    return _Look(verdicts, rest, texts, position)


def _judged(job: Job, bench: Bench, rows: pl.LazyFrame, left: Suspects, now: dict[str, Row], *, keyless: bool) -> Iterable[Verdict]:
    if not left:
        return ()
    item, source = bench.item, bench.table.source_id
    keys = sorted({*left.keys, *(each.key for each in now.values() if each.key)})
    records = {row["key"]: row for row in job.warehouse.records(item, keys).iter_rows(named=True)}
    refused = job.warehouse.refused(item, source).filter(pl.col("row").is_in(left.named))
    context = compare.Context(source, compare.claims(rows, keys), frozenset(refused.select("row", "fingerprint").iter_rows()), bench.table.delete == compare.HOUSEKEEPING, keyless)
    return compare.verdicts(left, now, records, context)


def _these(job: Job, table: Table, wanted: Sequence[str]) -> Page:
    where = access.of(job.source.database, job.settings.secrets())
    pages = [scan.rows(where, table, wanted[start : start + AT_ONCE], job.feed.polled) for start in range(0, len(wanted), AT_ONCE)]
    return Page(pl.concat([page.rows for page in pages]), pl.concat([page.texts for page in pages]), pages[-1].place, None)


def _by_row(bench: Bench, page: Page) -> dict[str, Row]:
    found = said(bench, page.texts).with_columns(page.rows.alias("row")).select(*_ROW)
    return {row[0]: Row(*row) for row in found.rows()}


def _same(now: Row | None, before: Row | None) -> bool:
    """Whether a row says what it said at the look before."""
    if now is None or before is None:
        return now is before
    return (now.kind, now.key, now.fingerprint) == (before.kind, before.key, before.fingerprint)


def _of(verdicts: Iterable[Verdict]) -> Suspects:
    """To be looked at once more."""
    found = list(verdicts)
    rows = tuple(each.said for each in found if each.what != compare.EXTRA and each.said is not None)
    return Suspects(rows, tuple((each.key or "", each.row) for each in found if each.what == compare.EXTRA))


def _repaired(job: Job, bench: Bench, rows: pl.LazyFrame, look: _Look, standing: int) -> tuple[int, list[Verdict]]:
    """Ask for what differs, wait for it, and look again: how many records that were, and what differs still."""
    differing = [each for each in look.verdicts if each.what in compare.DIFFERENCES]
    gone = [each for each in differing if each.what == compare.EXTRA]
    if not job.options.sure:
        brake(bench.table.source_id, len(gone), standing, job.options.share)
    records = job.warehouse.records(bench.item, [each.key for each in gone if each.key])
    asked = repair.asked(bench, differing, look.texts, records, repair.Seen(look.position, ZoneInfo(job.settings.timezone)))
    number = repair.ask(job.settings, bench.item, bench.table, asked)
    job.report(f"{bench.table.source_id}: {number} records asked for")
    job.feed.taken_back(bench.table, [each.row for each in gone])
    loaded(job.settings, bench.item, bench.table, job.options.patience)
    again = _looked(job, bench, rows, _of(differing), keyless=look.texts.width == 0)
    return number, [each for each in (*again.verdicts, *again.moving) if each.what in compare.DIFFERENCES]


def _counts(rows: pl.LazyFrame, suspected: Suspects, look: _Look) -> dict[str, int]:
    kinds = dict(rows.group_by("kind").len().collect().iter_rows())
    counts: dict[str, int] = {"rows": sum(kinds.values()), "equal": kinds.pop(SAID, 0), **kinds}
    for each in suspected.rows:
        counts["equal" if each.kind == SAID else str(each.kind)] -= 1
    for verdict in look.verdicts:
        counts[verdict.what] = counts.get(verdict.what, 0) + 1
    return counts | {"moving": len(look.moving)}
