"""The sample departments: what each says, by which way, what must come of every record, and what must stand in the end."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from demo.mistakes import HARMLESS, MISTAKES, NAMES, Mistake, fits
from demo.records import MAKERS, Record
from schemas.sources import Source, Table

SEED = 20170901
AUTHORITY = {
    "zjj": "济南市城乡建设委员会", "hbj": "济南市环境保护局", "syj": "济南市食品药品监督管理局", "gsj": "济南市工商行政管理局", "rsj": "济南市人力资源和社会保障局",
    "jtw": "济南市城乡交通运输委员会",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One record as it is said. `outcome` and `rules` are what must come of it; `stands` is the canonical record where it must stand."""

    fields: Record
    outcome: str
    rules: tuple[str, ...] = ()
    stands: Record | None = None
    mistake: str = ""


@dataclass(frozen=True)
class Load:
    """What one source says of one item, in order. `table` is the tapped table; `outside` are rows a source's filter keeps back."""

    source: str
    department: str
    way: str
    item: str
    said: Sequence[Said]
    table: str = ""
    outside: Sequence[Record] = field(default_factory=tuple)


def _spoilt(rng: Random, item: str, record: Record, mistake: Mistake) -> Said:
    spoilt = dict(record)
    mistake.change(spoilt, NAMES[item], rng)
    if not mistake.rules:
        stands = record | ({NAMES[item].until: "2099-12-31"} if mistake.name == "2099/12/31" else {})
        return Said(spoilt, "accepted", stands=stands, mistake=mistake.name)
    return Said(spoilt, "rejected", mistake.rules, mistake=mistake.name)


def _old(item: str, record: Record) -> Said:
    """Decided and last changed before 2015, and not valid any more: outside the period that is collected."""
    names = NAMES[item]
    changed = record | {names.decided: "2014-06-03", names.changed: "2014-06-03"}
    if names.until in record:
        changed[names.until] = None
    return Said(changed, "excluded", mistake="before 2015")


@dataclass(frozen=True)
class Speaker:
    """Who says it and in what: `mark` goes into the numbers. A tapped `table` has only its own columns, and its date columns hold only dates."""

    department: str
    mark: str
    table: Table | None = None

    def record(self, rng: Random, item: str, number: int, mark: str = "") -> Record:
        made = MAKERS[item](rng, mark or self.mark, number, AUTHORITY[self.department])
        return made if self.table is None else {name: value for name, value in made.items() if name in self.table.columns or name in self.table.constants}

    def fits(self, mistake: Mistake, item: str, record: Record) -> bool:
        column = getattr(NAMES[item], mistake.needs)
        missing = self.table is not None and column not in self.table.columns
        return not missing and fits(mistake, item, record, dates_typed=self.table is not None)


def say(rng: Random, item: str, count: int, who: Speaker) -> Iterator[Said]:
    """`count` records: every kind of mistake at least once, about 6 % mistaken, 5 % harmlessly odd, 2 % before 2015, the rest clean."""
    kinds = list(MISTAKES) + [rng.choice(MISTAKES) for _ in range(count * 6 // 100 - len(MISTAKES))]
    kinds += list(HARMLESS) + [rng.choice(HARMLESS) for _ in range(count * 5 // 100 - len(HARMLESS))]
    todo: list[Mistake | None] = [*kinds, *([None] * max(0, count - len(kinds)))]
    rng.shuffle(todo)
    for number, mistake in enumerate(todo[:count], start=1):
        record = who.record(rng, item, number)
        if number % 50 == 7:
            yield _old(item, record)
        elif mistake is not None and who.fits(mistake, item, record):
            yield _spoilt(rng, item, record, mistake)
        else:
            yield Said(record, "accepted", stands=record)


def _repeated(said: Sequence[Said], every: int) -> list[Said]:
    """The same, with every so-manieth clean record said twice."""
    again = [replace(each, outcome="duplicate", stands=None) for each in said[::every] if each.outcome == "accepted" and not each.mistake]
    return [*said, *again]


def _rng(name: str) -> Random:
    return Random(f"{SEED}/{name}")


def databases(sources: Mapping[str, Source]) -> list[Load]:
    """What stands in the departments' own databases before anybody taps them."""
    counts = {"zjj_pg.permit": 600, "zjj_pg.punish": 250, "hbj_maria.penalty": 400, "hbj_maria.licence": 300}
    return [_tapped(source, table, counts[table.source_id]) for source in sources.values() for table in source.tables.values()]


def _tapped(source: Source, table: Table, count: int) -> Load:
    rng = _rng(table.source_id)
    who = Speaker(source.department, {"zjj": "建", "hbj": "环"}[source.department], table)
    said = list(say(rng, table.item, count, who))
    outside = [who.record(rng, table.item, number, who.mark + "草") for number in range(1, 21)]
    return Load(table.source_id, source.department, "cdc", table.item, said, table.name, outside)


def workbooks() -> Load:
    """食药监: penalties in messy workbooks; two pairs of rows contradict each other."""
    said = list(say(_rng("syj/excel"), "xzcf", 500, Speaker("syj", "食药")))
    return Load("syj/excel", "syj", "excel", "xzcf", [*said, *_contradicting(_rng("syj/contradicting"))])


def _contradicting(rng: Random) -> Iterator[Said]:
    for number in (9001, 9002):
        record = MAKERS["xzcf"](rng, "食药", number, AUTHORITY["syj"])
        for result in ("罚款人民币一万元", "罚款人民币二万元"):
            yield Said(record | {"CF_JG": result}, "rejected", ("R-FILE-01",), mistake="two rows of one key")


def interface() -> Load:
    """工商: licences over the HTTP API, some of them twice."""
    return Load("gsj/xk", "gsj", "api", "xzxk", _repeated(list(say(_rng("gsj/xk"), "xzxk", 600, Speaker("gsj", "工商"))), 40))


def text_file() -> Load:
    """人社: professional qualifications of natural persons, a CSV file in GB18030."""
    return Load("rsj/file", "rsj", "file", "zyzg", list(say(_rng("rsj/file"), "zyzg", 400, Speaker("rsj", "人社"))))


def both_ways() -> tuple[Load, Load]:
    """交通: the same licences by Excel and over the API; most say the same, every twentieth says something newer."""
    first = [each for each in say(_rng("jtw/excel"), "xzxk", 300, Speaker("jtw", "交")) if each.outcome == "accepted"]
    second = []
    for number, each in enumerate(first):
        newer = dict(each.stands or {}) | {"XK_NR": f"{(each.stands or {})['XK_NR']}（变更）"}
        second.append(Said(newer, "accepted", stands=newer, mistake="changed") if number % 20 == 3 else replace(each, outcome="duplicate", stands=None))
    return Load("jtw/excel", "jtw", "excel", "xzxk", first), Load("jtw/xk", "jtw", "api", "xzxk", second)


Key = Callable[[str, str, Record], str | None]


class Truth:
    """What must stand: item → key → canonical record; and what must be open: (item, source, key or mark) → rules."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self.stands: dict[str, dict[str, Record]] = {}

    def learn(self, load: Load) -> None:
        for each in load.said:
            if each.stands is not None:
                self.put(load.item, load.department, each.stands)

    def put(self, item: str, department: str, record: Record) -> None:
        self.stands.setdefault(item, {})[self._must(item, department, record)] = record

    def drop(self, item: str, department: str, record: Record) -> None:
        self.stands[item].pop(self._must(item, department, record), None)

    def _must(self, item: str, department: str, record: Record) -> str:
        key = self._key(item, department, record)
        if key is None:
            raise ValueError(f"a record that should stand has no key: {item} of {department}")
        return key
