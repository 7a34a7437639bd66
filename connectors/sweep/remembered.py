"""What each table's last comparison covers, and what a person let go: `<home>/state/loads.json`, which the watcher alone writes, and `<home>/state/releases.jsonl`, one line a release, kept for ever.

What is not written yet when the watcher dies is compared again: the same table gives the same withdrawals, and the judge takes a withdrawal said twice for one.
"""

import fcntl
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors.sweep.due import Done, Held
from infra.settings import Settings


@dataclass(frozen=True)
class Release:
    """A person's word that the rows of ``table`` (`_source`) are rightly gone, for ``missing`` withdrawals at most. ``at``: epoch seconds."""

    at: float
    table: str
    missing: int
    why: str
    by: str


def done(settings: Settings) -> dict[str, Done]:
    """By `_source`; a table that is not there was never compared."""
    try:
        found = json.loads(_loads(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {table: Done(**{**spec, "held": spec["held"] and Held(**spec["held"])}) for table, spec in found.items()}


def note(settings: Settings, known: dict[str, Done]) -> None:
    """Replaces all, whole or not at all."""
    path = _loads(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({table: asdict(each) for table, each in known.items()}, indent=1), encoding="utf-8")
    draft.replace(path)


def releases(settings: Settings) -> list[Release]:
    """Oldest first."""
    try:
        return [Release(**json.loads(line)) for line in _releases(settings).read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return []


def release(settings: Settings, made: Release) -> None:
    path = _releases(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(asdict(made), ensure_ascii=False) + "\n")


def _loads(settings: Settings) -> Path:
    return settings.state / "loads.json"


def _releases(settings: Settings) -> Path:
    return settings.state / "releases.jsonl"
