"""The sample departments: what each says, by which way, what must come of every record, and what must stand in the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from demo.mistakes import HARMLESS, MISTAKES, NAMES, Mistake, fits
from demo.records import MAKERS, Record

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


def say(rng: Random, item: str, count: int, mark: str, department: str, *, dates_typed: bool = False) -> Iterator[Said]:
    """`count` records: every kind of mistake at least once, about 6 % mistaken, 5 % harmlessly odd, 2 % before 2015, the rest clean."""
    kinds = list(MISTAKES) + [rng.choice(MISTAKES) for _ in range(count * 6 // 100 - len(MISTAKES))]
    kinds += list(HARMLESS) + [rng.choice(HARMLESS) for _ in range(count * 5 // 100 - len(HARMLESS))]
    todo: list[Mistake | None] = [*kinds, *([None] * max(0, count - len(kinds)))]
    rng.shuffle(todo)
    for number, mistake in enumerate(todo[:count], start=1):
        record = MAKERS[item](rng, mark, number, AUTHORITY[department])
        if number % 50 == 7:
            yield _old(item, record)
        elif mistake is not None and fits(mistake, item, record, dates_typed=dates_typed):
            yield _spoilt(rng, item, record, mistake)
        else:
            yield Said(record, "accepted", stands=record)


def _repeated(said: Sequence[Said], every: int) -> list[Said]:
    """The same, with every so-manieth clean record said twice."""
    again = [replace(each, outcome="duplicate", stands=None) for each in said[::every] if each.outcome == "accepted" and not each.mistake]
    return [*said, *again]


def _rng(name: str) -> Random:
    return Random(f"{SEED}/{name}")


def databases() -> list[Load]:
    """What stands in the departments' own databases before anybody taps them."""
    loads = []
    for source, department, table, item, count in (
        ("zjj_pg", "zjj", "permit", "xzxk", 600), ("zjj_pg", "zjj", "punish", "xzcf", 250), ("hbj_maria", "hbj", "penalty", "xzcf", 400), ("hbj_maria", "hbj", "licence", "xzxk", 300),
    ):  # fmt: skip
        rng, mark = _rng(f"{source}.{table}"), {"zjj": "建", "hbj": "环"}[department]
        said = list(say(rng, item, count, mark, department, dates_typed=True))
        outside = [MAKERS[item](rng, mark + "草", number, AUTHORITY[department]) for number in range(1, 21)]
        loads.append(Load(f"{source}.{table}", department, "cdc", item, said, table, outside))
    return loads


def workbooks() -> Load:
    """食药监: penalties in messy workbooks; two pairs of rows contradict each other."""
    said = list(say(_rng("syj/excel"), "xzcf", 500, "食药", "syj"))
    return Load("syj/excel", "syj", "excel", "xzcf", [*said, *_contradicting(_rng("syj/contradicting"))])


def _contradicting(rng: Random) -> Iterator[Said]:
    for number in (9001, 9002):
        record = MAKERS["xzcf"](rng, "食药", number, AUTHORITY["syj"])
        for result in ("罚款人民币一万元", "罚款人民币二万元"):
            yield Said(record | {"CF_JG": result}, "rejected", ("R-FILE-01",), mistake="two rows of one key")


def interface() -> Load:
    """工商: licences over the HTTP API, some of them twice."""
    return Load("gsj/xk", "gsj", "api", "xzxk", _repeated(list(say(_rng("gsj/xk"), "xzxk", 600, "工商", "gsj")), 40))


def text_file() -> Load:
    """人社: professional qualifications of natural persons, a CSV file in GB18030."""
    return Load("rsj/file", "rsj", "file", "zyzg", list(say(_rng("rsj/file"), "zyzg", 400, "人社", "rsj")))


def both_ways() -> tuple[Load, Load]:
    """交通: the same licences by Excel and over the API; most say the same, every twentieth says something newer."""
    first = [each for each in say(_rng("jtw/excel"), "xzxk", 300, "交", "jtw") if each.outcome == "accepted"]
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
