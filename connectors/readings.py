"""Which tables were read as a whole (by a first snapshot or one of their own), and under which membership in their publication: `<home>/state/readings.json`.

A table of a source file that does not stand here was added since and is brought in by `apply`. PostgreSQL passes over the changes of a table that is not published, in silence; one that was
taken out and put back has another membership, which is how a gap is found that is closed again.
"""

import fcntl
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.settings import Settings


@dataclass(frozen=True)
class Reading:
    """When a table was last read as a whole. ``membership``: its number in the publication, 0 where there is none or it could not be asked; ``at``: begun, epoch seconds;
    ``start``: its topic's end then."""

    membership: int = 0
    at: float = 0.0
    start: int = 0


def read(settings: Settings, source: str) -> dict[str, Reading]:
    """By table; empty where nothing is remembered."""
    return dict(_all(settings).get(source, {}))


def remember(settings: Settings, source: str, made: Mapping[str, Reading], tables: Iterable[str]) -> None:
    """These are being read now. Of what was known before, only these ``tables`` are kept: one that is taken out of the file and put in again is a new one."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with _file(settings).with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known, wanted = _all(settings), set(tables)
        known[source] = {table: one for table, one in (known.get(source, {}) | dict(made)).items() if table in wanted}
        draft = _file(settings).with_suffix(".draft")
        draft.write_text(json.dumps({name: {table: asdict(one) for table, one in found.items()} for name, found in known.items()}, indent=1), encoding="utf-8")
        draft.replace(_file(settings))


def _all(settings: Settings) -> dict[str, dict[str, Reading]]:
    try:
        found = json.loads(_file(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {name: {table: Reading(**spec) for table, spec in tables.items()} for name, tables in found.items()}


def _file(settings: Settings) -> Path:
    return settings.state / "readings.json"
