"""Which tables were read as a whole (by a first snapshot or one of their own), and under which membership in their publication: `<home>/state/readings.json`.

A table of a source file that does not stand here was added since and is brought in by `apply`. PostgreSQL passes over the changes of a table that is not published, in silence; one that was
taken out and put back has another membership, which is how a gap is found that is closed again.
"""

import fcntl
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from infra.settings import Settings


def read(settings: Settings, source: str) -> dict[str, int]:
    """Table → membership (0 where there is no such thing); empty where nothing is remembered."""
    return dict(_all(settings).get(source, {}))


def remember(settings: Settings, source: str, found: Mapping[str, int], tables: Iterable[str]) -> None:
    """What is ``found`` is being read as a whole now. Of what was known before, only these ``tables`` are kept: one that is taken out of the file and put in again is a new one."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with _file(settings).with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = _all(settings)
        known[source] = {table: number for table, number in (known.get(source, {}) | dict(found)).items() if table in set(tables)}
        draft = _file(settings).with_suffix(".draft")
        draft.write_text(json.dumps(known, indent=1), encoding="utf-8")
        draft.replace(_file(settings))


def _all(settings: Settings) -> dict[str, dict[str, int]]:
    try:
        return dict(json.loads(_file(settings).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def _file(settings: Settings) -> Path:
    return settings.state / "readings.json"
