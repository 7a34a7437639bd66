"""A year of all departments through the real door, judge and loader, as of the days on which they would have come: `guiji demo --profile year`. Every count is known beforehand, and compared."""

import logging
import math
import os
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from demo import checks
from demo.processes import Processes, StoryFault
from demo.year import Delivery, Plan, deliveries, records
from demo.year_records import Maker
from infra import kafka, log, show, stack, wait
from infra.settings import Settings, get
from loaders import warehouse
from loaders.warehouse import Warehouse
from producers import door
from producers.submission import Row, Submission
from schemas import catalog as catalogue
from schemas import departments, registry, topics
from schemas.catalog import Catalog

WAITING = 100  # deliveries in the spool, beyond which the next is made later
PATIENCE = 7200.0  # seconds


def run(settings: Settings, plan: Plan, *, once: bool) -> None:
    """Deliver the year and say what came of it; what was delivered before is not delivered again. Raises StoryFault when a count is another one than was made."""
    console, began = show.console(), time.monotonic()
    log.configure("demo", least=logging.WARNING)  # the door says of each delivery that it was taken
    stack.up(settings, ["kafka", "registry"], lambda line: console.print(line, style="dim", highlight=False))
    settings = get()
    try:
        catalog = catalogue.load(settings.catalogue)
        kafka.ensure(settings, topics.of(catalog))
        with registry.Registry(settings.registry) as client:
            client.register(catalog)
        with Processes(settings) as processes:
            processes.start(["judge", "serve"])
            processes.until("`guiji serve` to answer", lambda: processes.ready(settings.serve_url))
            _play(settings, catalog, plan, processes, console, began)
            if not once:
                console.print("\nEverything keeps running. Ctrl-C stops it all.")
                wait.until(processes.check, math.inf, every=1)  # until a person presses Ctrl-C
    except KeyboardInterrupt:
        console.print("\nStopping ...")
    finally:
        stack.down(settings, lambda line: console.print(line, style="dim"))


def _play(settings: Settings, catalog: Catalog, plan: Plan, processes: Processes, console: Console, began: float) -> None:
    planned = deliveries(catalog, departments.assignments(departments.load(), catalog), plan)
    rows = sum(one.rows for one in planned)
    who = f"{len({one.department for one in planned})} departments, {len({one.item for one in planned})} items"
    console.print(f"{rows:,} records in {len(planned):,} deliveries of {who}, {planned[0].at:%Y-%m-%d} … {planned[-1].at:%Y-%m-%d}", highlight=False)
    _deliver(settings, catalog, plan, planned, processes, console)
    house = warehouse.connect(settings)
    try:
        processes.until("every record to have its outcome", lambda: _received(house) >= rows and not checks.unbalanced(checks.sources(house)), PATIENCE)
        problems = wrong(house, planned)
        seconds, found = time.monotonic() - began, checks.sources(house)
        total = Counter({name: sum(row[name] for row in found) for name in ("received", *checks.OUTCOMES)})
        checks.show(console, "The year", [dict(total)])
    finally:
        house.close()
    console.print(f"Took {seconds:,.0f} s; on disk: {', '.join(f'{name} {size:,.0f} MB' for name, size in sizes(settings).items())}", highlight=False)
    console.print(f"Portal          {settings.serve_url}")
    console.print("To log in       guiji user add me 我 --role office (prints a password)", highlight=False, markup=False)
    if problems:
        raise StoryFault("Something does not hold:\n  " + "\n  ".join(problems))


def _deliver(settings: Settings, catalog: Catalog, plan: Plan, planned: Sequence[Delivery], processes: Processes, console: Console) -> None:
    """In the order of time, by the real door; a delivery is known by its number, so that a second run goes on where the first ended."""
    maker = cache(lambda item, department: Maker(catalog[item], department))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    with door.opened(settings, catalog) as entrance, Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("records", total=sum(one.rows for one in planned))
        for number, one in enumerate(planned):
            entrance.clock = one.at.timestamp
            rows = (Row(line, fields) for line, fields in enumerate(records(maker(one.item, one.department), one), 1))
            name = f"year/{plan.year}/{plan.seed}/{plan.records}/{number}"
            entrance.submit(Submission(one.source, one.department, one.way, one.item, door.digest(name.encode()), rows, name))
            bar.update(task, advance=one.rows)
            if entrance.waiting() > WAITING:
                processes.until("the door to publish what waits", lambda: entrance.waiting() <= WAITING // 2, PATIENCE)
        processes.until("the door to publish what waits", lambda: not entrance.waiting(), PATIENCE)


def _received(house: Warehouse) -> int:
    return sum(row["received"] for row in checks.sources(house))


def wrong(house: Warehouse, planned: Sequence[Delivery]) -> list[str]:
    """Sources and items whose outcomes are not those their records were made for."""
    wanted: dict[tuple[str, str], Counter[str]] = {}
    for one in planned:
        wanted.setdefault((one.source, one.item), Counter()).update(one.outcomes)
    found = {(row["source"], row["item"]): {name: row[name] for name in checks.OUTCOMES} for row in checks.sources(house)}
    return [f"{source} {item}: {found.get((source, item))}, expected {dict(counts)}" for (source, item), counts in wanted.items() if found.get((source, item)) != dict(counts)]


def sizes(settings: Settings) -> dict[str, float]:
    """What the home's folders take, in MB."""
    folders = [each for each in settings.home.iterdir() if each.is_dir()]
    return {folder.name: found for folder in sorted(folders) if (found := _size(folder) / 1e6) >= 1}


def _size(folder: Path) -> int:
    """While servers make and remove files in it."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(root) / name).lstat().st_size
    return total
