"""What all parts of the bench stand on: the servers, the profile, the book, and how progress is told."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import lanes, measure
from bench.book import Book, Work
from bench.lanes import Lane
from infra.settings import Settings


@dataclass(frozen=True)
class Profile:
    """``records`` of the department's table, ``many`` for what is fast (the table's and others like them), ``few`` for what is slow, ``load`` of the other's source,
    ``keys`` the judge holds (0: not measured), ``steady`` seconds of steady change; ``whole``: beside the whole catalogue."""

    records: int
    many: int
    runs: int
    few: int
    load: int
    keys: int
    steady: int
    whole: bool


PROFILES = {"full": Profile(100_000, 400_000, 3, 20_000, 1_000_000, 10_000_000, 60, whole=True), "small": Profile(2_000, 4_000, 1, 500, 6_000, 0, 3, whole=False)}


class Teller:
    """Says what is being done: a bar on a terminal, a line each where there is none."""

    def __init__(self, console: Console, steps: int) -> None:
        self.console = console
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        self.bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self.bar.add_task("starting", total=steps)

    def doing(self, what: str) -> None:
        self.bar.update(self._task, description=what)
        if not self.console.is_terminal:
            self.say(f"{what} ...")

    def say(self, line: str) -> None:
        self.console.print(line, style="dim", highlight=False)

    def step(self) -> None:
        self.bar.advance(self._task)


@dataclass
class Ground:
    """``records``: submissions of the department's whole table, which lanes copy; empty before the table was captured for the first time."""

    settings: Settings
    profile: Profile
    book: Book
    teller: Teller
    records: list[lanes.Row] = field(default_factory=list)

    def lane(self, name: str, *extra: str) -> Lane:
        return lanes.make(self.settings, name, *extra, whole=self.profile.whole)

    def beside(self, *names: str) -> dict[str, int]:
        """The servers whose processor time is counted besides the measured process's."""
        return measure.servers(self.settings, *(names or ("kafka", "registry")))

    def note(self, name: str, work: Work) -> Work:
        """Into the book, and told."""
        spent = ", ".join(f"{process} {us:.1f}" for process, us in work.cpu_us.items() if us >= 0.05)
        self.teller.console.print(f"{name}: {work.rate:,.0f} records/s" + (f"; processor µs a record: {spent}" if spent else ""), highlight=False)
        return self.book.work(name, work)
