"""How old the newest is: from a commit in the department's database until a query of the warehouse tells of it, at a steady pace, with everything at work."""

import json
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench import capturing, lanes
from bench.ground import Ground
from bench.lanes import Lane
from bench.measure import PATIENCE, PAUSE, BenchFault, together
from connectors import plan
from infra import wait
from infra.settings import Settings, get
from loaders.errors import WarehouseError
from loaders.warehouse import Warehouse, connect
from schemas.sources import Source

PACE = 300  # commits a second
ROWS = 2_000  # rows that change in turn


def measure(ground: Ground) -> None:
    """The whole table is read first; then rows of it change, one commit each, for a while."""
    lane = ground.lane("commits")
    source = capturing.tapped(ground, lane)
    ground.teller.doing(f"{PACE} commits a second, from the database into a query")
    with together([lane.stage(name) for name in ("map", "judge", "serve")]):
        plan.apply(get(), {lane.source: source})
        warehouse = _opened(lane)
        _loaded(ground, lane, warehouse)
        seen = _change(ground, source, lane, warehouse)
        warehouse.close()
    plan.apply(get(), {}, remove=True)
    ground.book.figure("commit_freshness_p99_s", seen["p99"])
    ground.book.notes["commit_freshness_s"] = seen | {"pace": PACE}
    ground.teller.step()


def _opened(lane: Lane) -> Warehouse:
    """The warehouse of the lane's `serve`, which writes its address into the lane's home when it listens."""
    def address() -> str:
        return str(Settings(_env_file=lane.settings.env_file, home=lane.settings.home).serve_port or "")

    if not wait.until(address, PATIENCE, every=PAUSE):
        raise BenchFault("serve did not begin to listen")
    return connect(Settings(_env_file=lane.settings.env_file, home=lane.settings.home))


def _count(lane: Lane, warehouse: Warehouse) -> int:
    """Versions that a query tells of; none while the warehouse is being made."""
    try:
        return int(warehouse.query(f"SELECT count() FROM `{lane.item.code}_history`").value())
    except WarehouseError:
        return 0


def _loaded(ground: Ground, lane: Lane, warehouse: Warehouse) -> None:
    """Waits until the snapshot is loaded: nothing came for as long as everything may linger, after something did."""
    counts, quiet = [0], round(5 / PAUSE)

    def still() -> bool:
        counts.append(_count(lane, warehouse))
        return len(counts) > quiet and counts[-1] == counts[-quiet] > ground.profile.records // 2

    if not wait.until(still, PATIENCE, every=PAUSE):
        raise BenchFault(f"the snapshot was not loaded: {counts[-1]} of {ground.profile.records} rows")


def _change(ground: Ground, source: Source, lane: Lane, warehouse: Warehouse) -> dict[str, float]:
    """Seconds from commit to query over all commits. Each makes one version, and versions are loaded in their order, so their number tells which are there."""
    rows = [json.loads(row)[0] for row in warehouse.query(f"SELECT _row FROM `{lane.item.code}` FINAL ORDER BY _key LIMIT {ROWS}").column("_row")]
    before, commits, looks = _count(lane, warehouse), list[float](), list[tuple[int, float]]()
    with capturing.department(ground, lane, source) as database, _writing(database, rows, ground.profile.steady, commits) as writer:

        def all_there() -> bool:
            looks.append((_count(lane, warehouse) - before, time.monotonic()))
            return not writer.is_alive() and looks[-1][0] >= len(commits)

        if not wait.until(all_there, PATIENCE, every=PAUSE):
            raise BenchFault(f"of {len(commits)} commits {looks[-1][0]} are in the warehouse")
    numbers = [number for number, _ in looks]
    waits = sorted(looks[bisect_left(numbers, n)][1] - moment for n, moment in enumerate(commits, start=1))
    return {"p50": lanes.quantile(waits, 0.5), "p99": lanes.quantile(waits, 0.99), "max": waits[-1], "samples": len(waits)}


@contextmanager
def _writing(database: psycopg.Connection, rows: list[str], seconds: int, commits: list[float]) -> Iterator[threading.Thread]:
    """Changes one row after the other at the pace; ``commits``: when each was committed."""

    def change() -> None:
        begin, pause = time.monotonic(), threading.Event()
        for n in range(PACE * seconds):
            pause.wait(max(0.0, begin + n / PACE - time.monotonic()))
            database.execute(f"UPDATE {lanes.TABLE} SET content = %s WHERE id = %s", (f"第{n}次变更", rows[n % len(rows)]))
            commits.append(time.monotonic())

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield thread
    finally:
        thread.join()
