"""What a submission would do, told before anything is stored: by the judge's own rules, against what stands now. Also 试报, which is this and nothing else."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

import polars as pl

from producers.cargo import BLOCK, bounded
from producers.standing import Standing, Stands, state
from producers.submission import Row
from schemas import examination, sayings
from schemas.catalog import Item
from schemas.reason import Group, Groups, Reason
from schemas.sayings import ACCEPTED, RETRACT, WITHDRAW, Event, State

NEW, CHANGED, SAME, WITHDRAWN, SUPERSEDED, EXCLUDED, WRONG = "new", "changed", "same", "withdrawn", "superseded", "excluded", "wrong"
TITLES = {NEW: "新增", CHANGED: "变更", SAME: "相同", WRONG: "有误", WITHDRAWN: "撤销", SUPERSEDED: "不生效（以其他渠道为准）", EXCLUDED: "不在归集范围"}
ALWAYS = (NEW, CHANGED, SAME, WRONG)
OF_CHANGE = {sayings.NEW: NEW, sayings.CHANGE: CHANGED, sayings.PROMOTED: WITHDRAWN, sayings.WITHDRAWN: WITHDRAWN}
OF_OUTCOME = {sayings.DUPLICATE: SAME, sayings.SUPERSEDED: SUPERSEDED}
FIRST_LINES, FIRST_BAD = 10, 20


@dataclass(frozen=True)
class Said:
    """What the rows have in common. ``received_at``: now, in milliseconds; ``today``: the local date by which they are judged."""

    item: Item
    source: str
    department: str
    way: str
    secret: bytes
    today: date
    received_at: int


@dataclass(frozen=True)
class Verdict:
    """What would become of one row: one of the words above, and every reason, errors first."""

    row: Row
    what: str
    reasons: Sequence[Reason]


@dataclass
class Preview:
    """How many rows would do what, the reasons grouped, most frequent first, and the first bad rows."""

    counts: Counter[str] = field(default_factory=Counter)
    groups: Sequence[Group[int]] = ()
    bad: list[Verdict] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.counts.total()

    def told(self) -> str:
        """新增 200，变更 3，相同 19,797，有误 7."""
        return "，".join(f"{title} {self.counts[what]:,}" for what, title in TITLES.items() if what in ALWAYS or self.counts[what])


def preview(said: Said, rows: Iterable[Row], standing: Standing) -> Preview:
    """Judge the rows and store nothing."""
    found, groups = Preview(), Groups[int](FIRST_LINES)
    for each in verdicts(said, rows, standing):
        found.counts[each.what] += 1
        if each.what != WRONG:
            continue
        if len(found.bad) < FIRST_BAD:
            found.bad.append(each)
        groups.add(each.row.line, (reason for reason in each.reasons if reason.severity == "error"))
    found.groups = list(groups)
    return found


def verdicts(said: Said, rows: Iterable[Row], standing: Standing) -> Iterator[Verdict]:
    """Row by row what the judge would say if they were submitted now and nothing else happened meanwhile. Memory: a few hundred bytes a key."""
    rows, ledger, number = iter(rows), _Ledger(said.item, standing), 0
    while block := [bounded(row) for row in islice(rows, BLOCK)]:
        found = examination.examine(said.item, _frame(said, block), said.secret, said.today)
        events = [_event(said, row, print_, number + n) for n, (row, print_) in enumerate(zip(block, found.fingerprints, strict=True))]
        judged = [(found.keys[n], events[n]) for n in range(len(block)) if n not in found.errors and not found.excluded[n]]
        outcomes = iter(ledger.judge(judged))
        for n, row in enumerate(block):
            what = WRONG if n in found.errors else EXCLUDED if found.excluded[n] else next(outcomes)
            yield Verdict(row, what, [*found.errors.get(n, ()), *found.warnings.get(n, ())])
        number += len(block)


class _Ledger:
    """The states of the keys met so far. Who else has spoken of a key is asked only where it may matter: not where all that is said of it is what stands already."""

    def __init__(self, item: Item, standing: Standing) -> None:
        self._item, self._standing = item, standing
        self._states: dict[str, State] = {}
        self._repeats: dict[str, Event] = {}

    def judge(self, said: Sequence[tuple[str, Event]]) -> list[str]:
        """What becomes of each event, in order."""
        by_key: dict[str, list[Event]] = {}
        for key, event in said:
            by_key.setdefault(key, []).append(event)
        self._learn({key: events for key, events in by_key.items() if key not in self._states})
        return [self._one(key, event) for key, event in said]

    def _learn(self, new: Mapping[str, Sequence[Event]]) -> None:
        stands = self._standing.stands(self._item.code, list(new)) if new else {}
        repeated = {key for key, events in new.items() if key in stands and all(_repeats(event, stands[key]) for event in events)}
        asked = [key for key in new if key in stands and key not in repeated]
        words = self._standing.words(self._item.code, asked) if asked else {}
        for key, events in new.items():
            if key in repeated:
                self._repeats[key] = events[-1]
            else:
                before = state(stands.get(key), words.get(key, ()))
                earlier = self._repeats.pop(key, None)
                self._states[key] = sayings.judge(before, earlier, self._item.wins).state if earlier else before

    def _one(self, key: str, event: Event) -> str:
        if key not in self._states:
            return SAME
        verdict = sayings.judge(self._states[key], event, self._item.wins)
        self._states[key] = verdict.state
        return OF_CHANGE[str(verdict.change)] if verdict.outcome == ACCEPTED else OF_OUTCOME[verdict.outcome]


def _repeats(event: Event, stands: Stands) -> bool:
    return stands.standing and event.fingerprint == stands.fingerprint


def _event(said: Said, row: Row, fingerprint: str, number: int) -> Event:
    print_ = None if row.operation in (WITHDRAW, RETRACT) else fingerprint
    return Event(said.source, None, said.way, row.operation, print_, None, number, said.received_at, number)


def _frame(said: Said, block: Sequence[Row]) -> pl.DataFrame:
    """The rows as `examination` looks at them."""
    columns = {name: pl.Series([row.fields.get(name) for row in block], dtype=pl.String) for name in said.item.by_name}
    told = [json.dumps(list(row.faults), ensure_ascii=False) if row.faults else None for row in block]
    envelope = {
        "_line": pl.Series([row.line for row in block], dtype=pl.Int64), "_operation": pl.Series([row.operation for row in block], dtype=pl.String),
        "_faults": pl.Series(told, dtype=pl.String),
    }  # fmt: skip
    constant = {"_source": said.source, "_department": said.department, "_batch": "", "_row": None}
    return pl.DataFrame(columns | envelope).with_columns(**{name: pl.lit(value, dtype=pl.String) for name, value in constant.items()})
