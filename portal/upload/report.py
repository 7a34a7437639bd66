"""What is told of an uploaded file: how it was read, what it would do, what became of it. Kept as JSON with the upload, so that pages ask nobody else."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from producers import outcomes
from producers.file import Filled
from producers.outcomes import WAITING
from producers.preview import FIRST_BAD, FIRST_LINES, TITLES, WRONG, Preview, Verdict
from schemas.catalog import Item
from schemas.reason import public

Reason = Mapping[str, Any]  # title, value (masked), message, remedy
LONGEST_NAME = 60


@dataclass
class Part:
    """One table of the file, which is one submission. `foreseen`, `judged`: how many rows; `groups`, `bad`: of the judge once it has spoken, before that of the preview; `earlier`: the receipt under
    which the same content was sent before; `undo`: the receipt of its withdrawal.
    """

    item: str
    title: str
    place: str
    rows: int
    notes: list[str] = field(default_factory=list)
    foreseen: dict[str, int] = field(default_factory=dict)
    groups: list[dict[str, Any]] = field(default_factory=list)
    bad: list[dict[str, Any]] = field(default_factory=list)
    earlier: str = ""
    receipt: str = ""
    repeated: bool = False
    judged: dict[str, int] = field(default_factory=dict)
    settled: int = 0
    undo: str = ""
    undone_by: str = ""

    @property
    def state(self) -> str:
        """待处理, 处理中, 成功, 部分成功, 失败."""
        return outcomes.state(self.judged, self.settled, self.rows)

    @property
    def told(self) -> str:
        """新增 200，变更 3，相同 19,797，有误 7."""
        return Preview(Counter(self.foreseen)).told()


@dataclass
class Report:
    """Of the whole file. `message`, `remedy`, `details`: why it cannot be taken as it is; details as `producers.refusal` has them."""

    notes: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    message: str = ""
    remedy: str = ""
    details: list[Any] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Of all its tables together."""
        return outcomes.together(part.state for part in self.parts) if self.parts else WAITING

    @property
    def wrong(self) -> int:
        """Rows that would be returned."""
        return sum(part.foreseen.get(WRONG, 0) for part in self.parts)

    def dumps(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def loads(text: str) -> Report:
    said = json.loads(text)
    return Report(**{**said, "parts": [Part(**part) for part in said["parts"]]}) if said else Report()


def foreseen(table: Filled, found: Preview, earlier: str) -> Part:
    """A table as it was read, and what it would do."""
    groups = [_group(group.reason.record(), group.count, group.first) for group in found.groups]
    bad = [_bad(table.item, verdict) for verdict in found.bad]
    counts = {what: found.counts[what] for what in TITLES}
    return Part(table.item.code, table.item.title, public(table.table.source.sheet, ""), table.count, covered(table.notes), counts, groups, bad, earlier)


def judged(part: Part, table: Filled, reasons: Mapping[int, Sequence[Reason]]) -> None:
    """What the judge found: the reasons grouped, the first bad rows in place of those foreseen."""
    often: Counter[tuple[str, str]] = Counter()
    lines: dict[tuple[str, str], list[int]] = {}
    one: dict[tuple[str, str], Reason] = {}
    for line in sorted(reasons):
        for reason in _errors(reasons[line]):
            which = str(reason.get("rule")), str(reason.get("field") or "")
            often[which] += 1
            one.setdefault(which, reason)
            if len(lines.setdefault(which, [])) < FIRST_LINES and line not in lines[which]:
                lines[which].append(line)
    part.groups = [_group(one[which], count, lines[which]) for which, count in often.most_common()]
    first = dict(sorted(reasons.items())[:FIRST_BAD])
    names = {row.line: name(table.item, row.fields) for row in table.rows() if row.line in first} if first else {}
    part.bad = [{"line": line, "name": names.get(line, ""), "reasons": [_short(reason) for reason in _errors(found)]} for line, found in first.items()]


def name(item: Item, said: Mapping[str, str | None]) -> str:
    """What people call a record: its key fields, without a person's number or name."""
    shown = " ".join(public(value, item.by_name[code].privacy) for code in item.key if (value := said.get(code)))
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - 1] + "…"


def covered(notes: Sequence[str]) -> list[str]:
    """Notes name sheets, and people call sheets whatever they like."""
    return [public(note, "") for note in notes]


def _bad(item: Item, verdict: Verdict) -> dict[str, Any]:
    reasons = [_short(reason.record()) for reason in verdict.reasons if reason.severity == "error"]
    return {"line": verdict.row.line, "name": name(item, verdict.row.fields), "reasons": reasons}


def _errors(reasons: Sequence[Reason]) -> Iterator[Reason]:
    return (reason for reason in reasons if reason.get("severity", "error") == "error")


def _group(reason: Reason, count: int, lines: Sequence[int]) -> dict[str, Any]:
    return {**_short(reason), "count": count, "lines": list(lines)}


def _short(reason: Reason) -> dict[str, Any]:
    return {key: reason.get(key) for key in ("title", "value", "message", "remedy")}
