"""What is remembered of each polled table for people, and for the next poller: `<home>/state/polled/<source>.json`, written by whoever holds the source."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from connectors.poll.table import Outcome
from infra import held
from infra.held import Notes
from infra.settings import Settings
from schemas.sources import Source, Table

FIRST = 10.0  # seconds until a table that failed is asked again; twice as long each time, at most as long as it waits anyway


@dataclass(frozen=True)
class Polled:
    """One table. Times in epoch seconds: ``at``, when the last poll that succeeded began, which took so many ``seconds``, read ``rows`` and sent ``events`` by operation; ``next`` poll.
    ``failures`` in a row since, ``fault`` the last one. ``missing``: rows that wait behind the brake, which the department must look at. ``poll``: number of that last poll; ``anew``: when the last
    one that said the whole table began, though of the table something had been said before: what was deleted meanwhile may be known to nobody but the judge.
    """

    at: float | None = None
    seconds: float = 0.0
    rows: int = 0
    events: Mapping[str, int] = field(default_factory=dict)
    next: float = 0.0
    failures: int = 0
    fault: str = ""
    missing: int = 0
    before: int = 0
    poll: int = 0
    anew: float = 0.0

    def succeeded(self, source: Source, outcome: Outcome, began: float, now: float) -> "Polled":
        # A poll that takes long is given as much rest: the database is not asked without end.
        due = max(began + source.every, 2 * now - began)
        anew = began if outcome.again else self.anew
        return Polled(began, now - began, outcome.rows, outcome.events, due, missing=outcome.missing, before=outcome.before, poll=outcome.poll, anew=anew)

    def failed(self, source: Source, fault: str, now: float) -> "Polled":
        pause = min(FIRST * 2.0**self.failures, source.every)
        return replace(self, next=now + pause, failures=self.failures + 1, fault=fault)


def read(settings: Settings, source: str) -> dict[str, Polled]:
    """By table, as it was noted last."""
    try:
        found = json.loads(_path(settings, source).read_text(encoding="utf-8"))
        return {name: Polled(**said) for name, said in found.items()}
    except (FileNotFoundError, ValueError, TypeError):
        return {}


def write(settings: Settings, source: Source, tables: Mapping[str, Polled]) -> None:
    """Replaces what stood there; what waits is told to the operator and to the department, too."""
    path = _path(settings, source.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({name: asdict(one) for name, one in tables.items() if name in source.tables}, ensure_ascii=False), encoding="utf-8")
    draft.rename(path)
    waiting = [(table, tables[name]) for name, table in source.tables.items() if name in tables and tables[name].missing]
    why = {table.topic: _why(table, polled) for table, polled in waiting}
    told = {table.topic: {"department": source.department, "table": table.name, "message": _told(table, polled)} for table, polled in waiting}
    held.write(settings, Notes(why, told), held.poll(source.name))


def _path(settings: Settings, source: str) -> Path:
    return settings.state / "polled" / f"{source}.json"


def _why(table: Table, polled: Polled) -> str:
    return (
        f"the table has {polled.rows} rows, {polled.before} were known, and that is more than {table.poll.shrink} % fewer: none of the {polled.missing} missing ones is taken back. It goes on by "
        f"itself once they are there again; where they are gone for good, `guiji connectors poll --let-through {table.source_id}`."
    )


def _told(table: Table, polled: Polled) -> str:
    return (
        f"表中现有 {polled.rows} 行，上次有 {polled.before} 行，减少超过 {table.poll.shrink}%，可能正在重新装载或被误清空；缺少的 {polled.missing} 行暂不撤销，其余变更照常归集。"
        "数据补齐后自动恢复；如确属删除，请告知归集方放行。"
    )
