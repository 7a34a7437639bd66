"""Taking back a submission (撤销一次报送): what would be restored, what withdrawn, what is left alone because others have spoken since; and doing it, as a submission of its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from producers.door import Door, digest
from producers.refusal import Refusal
from producers.submission import Receipt, Row, Submission
from schemas import identity
from schemas.catalog import Item
from schemas.sayings import ASSERT, RETRACT, UPSERT, WITHDRAW

RESTORED, WITHDRAWN, SKIPPED = "restored", "withdrawn", "skipped"
TITLES = {RESTORED: "恢复为以前的内容", WITHDRAWN: "撤销", SKIPPED: "不动"}


@dataclass(frozen=True)
class Batch:
    """Whose submission it is."""

    number: str
    source: str
    department: str
    way: str
    item: str


@dataclass(frozen=True)
class Version:
    """One state of a record as the warehouse has it: ``fields`` in the item's types; ``withdrawn``: the record ended with it."""

    source: str
    row: str | None
    batch: str
    withdrawn: bool
    received_at: datetime
    fields: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Touched:
    """A record the batch changed: by the line that did so last and its operation, what is there now, and what another batch made of it last."""

    key: str
    line: int
    operation: str
    now: Version
    before: Version | None


class History(Protocol):
    """Raises Refusal `unavailable` when nobody can tell now."""

    def batch(self, number: str) -> Batch | None: ...

    def touched(self, batch: Batch) -> Sequence[Touched]:
        """What the batch changed, one entry a key. Raises Refusal `not_judged` while some of it is not judged and loaded."""


@dataclass(frozen=True)
class Step:
    """What becomes of one record: a word above, why in Chinese, and the row to be submitted (None: it is left alone)."""

    touched: Touched
    what: str
    why: str
    row: Row | None = None


@dataclass(frozen=True)
class Plan:
    """Taking back one batch."""

    batch: Batch
    steps: Sequence[Step]

    @property
    def counts(self) -> Counter[str]:
        return Counter(step.what for step in self.steps)

    @property
    def rows(self) -> list[Row]:
        """What would be submitted: `preview` tells what the judge will make of it."""
        return [step.row for step in self.steps if step.row]

    def told(self) -> str:
        return "，".join(f"{title} {self.counts[what]:,}" for what, title in TITLES.items())


def plan(history: History, number: str, item: Item, department: str, secret: bytes) -> Plan:
    """What taking back the batch would do now. Raises Refusal `unknown_receipt` (also for another department's), `not_undoable`."""
    batch = history.batch(number)
    if batch is None or batch.department != department or batch.item != item.code:
        raise Refusal("unknown_receipt", f"没有回执“{number[:40]}”。", "请核对回执号。")
    if batch.way == "cdc":
        raise Refusal("not_undoable", "前置机的数据不能在这里撤销。", "请在源业务库里改正，改正会自动采集。")
    steps = [_step(touched, batch, item, secret, place) for place, touched in enumerate(history.touched(batch), 1)]
    return Plan(batch, steps)


def do(door: Door, plan: Plan, by: str | None) -> Receipt:
    """Submit what the plan says, under a receipt of its own: the same for the same batch however often it is asked. Raises Refusal `empty` when everything is left alone."""
    batch = plan.batch
    if not plan.rows:
        raise Refusal("empty", "没有可以撤销的记录：这次报送没有改变什么，或之后都有了新的内容。", "")
    name = f"撤销 {batch.number}"
    said = Submission(batch.source, batch.department, batch.way, batch.item, digest(name.encode()), plan.rows, f"undo:{batch.number}", name, by)
    return door.submit(said)


def _step(touched: Touched, batch: Batch, item: Item, secret: bytes, place: int) -> Step:
    now, before = touched.now, touched.before
    if now.batch != batch.number:
        return Step(touched, SKIPPED, f"之后由 {now.source} 于 {now.received_at:%Y-%m-%d %H:%M} {'撤销' if now.withdrawn else '更新'}（回执 {now.batch}），保持不动")
    content, operation = now, WITHDRAW
    what, why = WITHDRAWN, "撤回本次报送；如其他渠道还有这条记录，以其他渠道为准"
    if before is not None and not before.withdrawn:
        own = before.source == batch.source and before.row is None
        if touched.operation == RETRACT:
            content, operation, what, why = before, ASSERT, RESTORED, "恢复为撤销之前的内容" + ("" if own else f"（原由 {before.source} 报送）")
        elif own:
            content, operation, what, why = before, UPSERT, RESTORED, f"恢复为回执 {before.batch} 的内容"
    elif touched.operation == RETRACT:
        return Step(touched, SKIPPED, "撤销之前的内容已经找不到，保持不动")
    fields = {each.name: said(content.fields.get(each.name)) for each in item.fields}
    if identity.key(item, batch.department, fields, secret) != touched.key:
        return Step(touched, SKIPPED, "按保存的内容找不回这条记录的标识，保持不动，请用“操作”列撤销")
    return Step(touched, what, why, Row(place, fields, operation, f"{batch.number}#{touched.line}"))


def said(value: Any) -> str | None:
    """A typed value as a department could have written it: read again, it means the same."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date | datetime) else str(value)

