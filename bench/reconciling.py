"""`guiji reconcile` over the department's table, source and warehouse equal, beside ClickHouse's own scan of the same columns of the same table (its `postgresql` function, every value hashed).

Counted from the first question to the verdict: reading, judging, the ledger, comparing. Not counted: the wait for the feed, which is seconds of doing nothing, and the warehouse's answer, which is at
hand. The first run judges every row; the daily one finds all of them as they were.
"""

import os
import time
from datetime import UTC, datetime

import polars as pl

from bench import capturing
from bench.book import Work
from bench.cpu import Meter
from bench.ground import Ground
from bench.lanes import TABLE
from bench.measure import BenchFault
from connectors import access
from connectors.access import Access
from connectors.sweep import compare, scan
from connectors.sweep.ledger import Run
from connectors.sweep.said import REJECTED, SAID, Bench
from connectors.sweep.scan import Pace
from infra.settings import Settings
from loaders import embedded
from schemas.sources import Table

UNPACED = Pace(rate=1_000_000_000)
PAGE = 100_000  # records of the warehouse's answer at once


def measure(ground: Ground) -> None:
    """Per run: the engine's scan, a first run, a daily run."""
    lane = ground.lane("reconcile")
    source = capturing.tapped(ground, lane)
    table, where = source.tables[TABLE], access.of(source.database, ground.settings.secrets())
    bench = Bench(lane.item, table, source.department, lane.settings.key_secret, lane.catalog.version, datetime.now(UTC).date())
    for run in range(1, ground.profile.runs + 1):
        ground.teller.doing(f"reconcile {run}")
        own = ground.note("engine_scan", _scanned(lane.settings, where, table, ground.profile.records))
        first = ground.note("reconcile_first", _reconciled(lane.settings, bench, where, anew=True))
        daily = ground.note("reconcile_daily", _reconciled(lane.settings, bench, where, anew=False))
        ground.book.figure("reconcile_daily_over_engine_scan_ratio", daily.rate / own.rate)
        ground.book.figure("reconcile_first_over_engine_scan_ratio", first.rate / own.rate)
        ground.teller.step()


def _scanned(settings: Settings, where: Access, table: Table, count: int) -> Work:
    """By a command, for readers may not ask other databases."""
    house = embedded.own(settings.clickhouse_path)
    place = ", ".join(f"'{part}'" for part in (f"{where.host}:{where.port}", where.name, table.short, where.user, where.password))
    texts = ", ".join(f"""ifNull(toString("{name}"), '')""" for name in sorted(table.needed))
    meter = Meter({"scan": os.getpid()})
    house.command(f"INSERT INTO FUNCTION null('rows UInt64, hashes UInt64') SELECT count(), sum(cityHash64({texts})) FROM postgresql({place})")
    return meter.work(count)


def _reconciled(settings: Settings, bench: Bench, where: Access, *, anew: bool) -> Work:
    meter = Meter({"reconcile": os.getpid()})
    run = Run(settings, bench, time.time(), anew=anew)
    for page in scan.pages(where, bench.table, pace=UNPACED):
        run.add(page)
    rows = run.rows()
    stands = rows.filter(pl.col("kind") == SAID).select("key", "row", "fingerprint").unique("key").sort("key").collect()
    refused = rows.filter(pl.col("kind") == REJECTED).select("row", pl.col("verbatim").alias("fingerprint")).collect()
    found = compare.suspects(rows, stands.iter_slices(PAGE), refused)
    work = meter.work(rows.select(pl.len()).collect().item())
    if any(each.kind != SAID for each in found.rows) or found.extra or (not anew and run.made):
        raise BenchFault(f"source and warehouse were to be equal: {len(found.rows)} rows and {len(found.extra)} records differ, {run.made} rows were judged again")
    run.finish()
    return work
