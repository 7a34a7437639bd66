"""The long test: a whole pipeline under load while its processes are killed at random, and the ledger at the end. `python -m tests.failures.chaos --kills 100 --seed 1`"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from infra import stack as local
from infra.wait import until
from loaders.errors import WarehouseError
from schemas import catalog as catalogues
from tests.end_to_end.test_fourth_item import ITEM as TAPPED
from tests.end_to_end.test_fourth_item import SOURCE, _database
from tests.failures import chaos_check as check
from tests.failures.chaos_load import ITEM, Api, Clerk, Sent
from tests.failures.chaos_pipeline import OURS, SERVERS, Supervised
from tests.failures.ledger import DOUBLED, LOST
from tests.waiting import eventually

SETTLING = 420.0


@dataclass(frozen=True)
class Plan:
    """How many deaths, drawn from which seed, and how many seconds between them on average."""

    kills: int = 100
    seed: int = 1
    seconds: float = 8.0


@dataclass
class Outcome:
    """What happened. ``faults`` empty = nothing lost, nothing doubled, every batch balances."""

    date: str
    seed: int
    cores: int
    seconds: float = 0.0
    kills: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    doubled: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    watched: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Chaos:
    """One run in a folder of its own."""

    def __init__(self, folder: Path, plan: Plan, tell: Callable[[str], None]) -> None:
        self._folder, self._plan, self._tell = folder, plan, tell
        self._dice = random.Random(plan.seed)
        self._stop, self._still = threading.Event(), threading.Event()
        self._kills: Counter[str] = Counter()
        self.sent = Sent()
        self.pipeline = Supervised(folder / "home", folder / "avro", folder / "sources")

    def run(self) -> Outcome:
        """Raises nothing for what it finds: that stands in the outcome."""
        began = time.monotonic()
        outcome = Outcome(datetime.now(UTC).isoformat(timespec="seconds"), self._plan.seed, os.cpu_count() or 0)
        with self._running():
            reader = check.SecondReader(self.pipeline.settings, self._still)
            token = self.pipeline.token("zjj", "chaos")
            threads = [Api(self.pipeline, token, self._plan.seed, self.sent, self._stop), Clerk(self._connected, self._plan.seconds / 2, self.sent, self._stop)]
            for thread in (reader, *threads):
                thread.start()
            self.pipeline.hasty = True
            self._kill_again_and_again()
            self._stop.set()
            self._attend_until(lambda: not any(thread.is_alive() for thread in threads), 240)
            outcome.faults += [f"the {thread.name} thread does not end" for thread in threads if thread.is_alive()]
            outcome.faults += self._settled() + self._ledger(reader) + self.sent.faults
        outcome.seconds, outcome.kills, outcome.ended = round(time.monotonic() - began, 1), dict(sorted(self._kills.items())), dict(self.pipeline.ended)
        outcome.watched = dict(self.pipeline.watched)
        outcome.sent |= {"requests": self.sent.requests, "records": len(self.sent.lines), "unanswered": self.sent.repeated, "clerk's days": self.sent.days}
        outcome.lost, outcome.doubled = check.count(outcome.faults, LOST), check.count(outcome.faults, DOUBLED)
        return outcome

    @contextmanager
    def _running(self) -> Iterator[None]:
        avro, sources = self._folder / "avro", self._folder / "sources"
        for each in (avro, sources, self.pipeline.home):
            each.mkdir(parents=True)
        shutil.copy(catalogues.DIRECTORY / f"{ITEM}.avsc", avro)
        (avro / "gysy.avsc").write_text(json.dumps(TAPPED, ensure_ascii=False), encoding="utf-8")
        (sources / "sw_pg.yaml").write_text(SOURCE, encoding="utf-8")
        (self.pipeline.home / "secrets.env").touch(0o600)
        try:
            self.pipeline.up("postgres")
            _database(self.pipeline, self._folder)
            self.pipeline.up("kafka", "registry", "connect")
            self.pipeline.start("judge", "serve", "map")
            self.pipeline.cli("connectors", "apply")
            yield
        finally:
            self._stop.set()
            self._still.set()
            self.pipeline.stop()
            local.down(self.pipeline.settings, report=lambda _line: None)

    def _connected(self) -> psycopg.Connection[Any]:
        port, password = local.port(self.pipeline.settings, "postgres"), self.pipeline.settings.secrets()["GUIJI_POSTGRES_PASSWORD"]
        return psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=password, dbname="postgres", autocommit=True)

    def _kill_again_and_again(self) -> None:
        while (done := sum(self._kills.values())) < self._plan.kills:
            self._attend_until(lambda: False, self._dice.uniform(0.3, 1.7) * self._plan.seconds)
            # Now and then two die at once.
            victims = self._drawn(min(1 + (self._dice.random() < 0.15), self._plan.kills - done))
            for name in victims:
                self._kills[name] += 1
                self.pipeline.strike(name)
            for name in sorted(victims, key=lambda name: name in OURS):  # ours wait for their servers
                self.pipeline.revive(name)
            self._tell(f"{sum(self._kills.values())}/{self._plan.kills} kills, last {' and '.join(victims)}; {len(self.sent.lines)} records, {self.sent.days} days' work sent")

    def _drawn(self, count: int) -> list[str]:
        names = OURS | SERVERS
        found: list[str] = []
        while len(found) < count:
            (name,) = self._dice.choices(list(names), list(names.values()))
            starting = name == "serve" and self._dice.random() < 0.8 and not self.pipeline.serving()
            if name not in found and not starting:
                found.append(name)
        return found

    def _settled(self) -> list[str]:
        """Wait until nothing moves any more; what does not settle in time."""
        self._tell("settling")
        faults = []
        table = self._table()
        deadline = time.monotonic() + SETTLING
        for what, holds in (("the tapped table", lambda: check.standing(self.pipeline) == table), ("the balance", lambda: self.pipeline.json("balance") == [])):
            if not self._attend_until(holds, max(20.0, deadline - time.monotonic())):
                faults.append(f"unsettled: {what}")
        return faults

    def _attend_until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Supervise until it holds; False when it does not in time. What cannot be asked now does not hold yet."""

        def held() -> bool:
            try:
                self.pipeline.attend()
                return holds()
            except (AssertionError, WarehouseError):
                return False

        return until(held, seconds, every=0.5)

    def _table(self) -> list[tuple[str, str]]:
        with self._connected() as home:
            return home.execute("SELECT grade_no, score::float::text FROM grade WHERE grade_no LIKE 'T-%' ORDER BY grade_no COLLATE \"C\"").fetchall()

    def _ledger(self, reader: check.SecondReader) -> list[str]:
        books = check.Books(self.pipeline.settings)
        committed = books.places(reader.names)
        try:
            eventually(lambda: set(committed) <= set(reader.seen), 60)
        except AssertionError:
            self._tell("the second reader did not come to the end")
        faults = check.judged(books, self.sent) + reader.faults(committed)
        try:
            return faults + check.loaded(self.pipeline, books, self.sent, self._table())
        except WarehouseError as fault:
            return [*faults, f"the warehouse cannot be asked: {fault}"]


def shown(console: Console, outcome: Outcome) -> None:
    """The outcome as a table, then what is wrong."""
    table = Table("what", "number", title=f"chaos, seed {outcome.seed}, {outcome.seconds:.0f} s, {outcome.cores} cores")
    rows = {f"kills of {name}": number for name, number in outcome.kills.items()} | outcome.sent
    for name, number in {**rows, "lost": outcome.lost, "doubled": outcome.doubled}.items():
        table.add_row(name, str(number))
    console.print(table)
    for sentence in outcome.faults + [f"{times} x {what}" for what, times in {**outcome.ended, **outcome.watched}.items()]:
        console.print(sentence, markup=False, highlight=False)


def main() -> int:
    """The command; its exit code is 1 when the ledger finds something."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=100, help="how many processes are killed in all")
    options.add_argument("--seed", type=int, default=1, help="draws the victims and the moments")
    options.add_argument("--seconds", type=float, default=8.0, help="pause between two kills, on average")
    options.add_argument("--json", type=Path, default=None, help="where the outcome is written")
    options.add_argument("--keep", type=Path, default=None, help="run in this new folder and leave it, logs and all")
    chosen = options.parse_args()
    console = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    with tempfile.TemporaryDirectory(prefix="guiji-chaos-") as scratch, console.status("starting the pipeline") as line:
        tell = line.update if console.is_terminal else lambda said: console.print(f"{datetime.now(UTC):%H:%M:%S} {said}", highlight=False)
        outcome = Chaos(chosen.keep or Path(scratch) / "run", Plan(chosen.kills, chosen.seed, chosen.seconds), tell).run()
    shown(console, outcome)
    if chosen.json:
        chosen.json.write_text(json.dumps(asdict(outcome), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
