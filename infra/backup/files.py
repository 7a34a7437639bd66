"""The files of a home that belong into a backup, and those that do not."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from infra.settings import Settings

SQLITE = b"SQLite format 3\0"
# What a backup leaves out, and why: told by the command and written into it.
LEFT_OUT: Mapping[str, str] = {
    "secrets.env": "passwords of databases: keep them where you keep passwords; the new home makes its own for its own servers",
    "serve.token": "made anew; give Prometheus the new one",
    "the warehouse": "made again from the topics by guiji serve or guiji load",
    "Connect's topics and positions": "sources are tapped again by guiji connectors apply, with a new snapshot: repeats are duplicates",
    "logs, metrics, servers' own data": "of the old home",
}


def save(settings: Settings, folder: Path) -> list[str]:
    """Copy what a home keeps beside Kafka; the names copied, from the home folder on. The caller has closed the gate: nothing is published meanwhile."""
    home, saved = settings.home, []
    for path in _wanted(settings):
        name = str(path.relative_to(home))
        copy = folder / "home" / name
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            _copied(path, copy)
        except FileNotFoundError:
            continue  # published, or noted anew, at this moment
        saved.append(name)
    return saved


def restore(folder: Path, home: Path) -> None:
    """Put them into a new home, readable by their owner only."""
    for path in sorted((folder / "home").rglob("*")):
        if path.is_file():
            copy = home / path.relative_to(folder / "home")
            copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(path, copy)


def _wanted(settings: Settings) -> Iterator[Path]:
    """The key of personal parts, the portal's own databases before what they refer to, what is acknowledged and not published, what watcher and pollers remember."""
    home = settings.home
    singles = [home / "secret", home / "portal.db", settings.mappings]
    folders = [home / "attachments", settings.spool, settings.state]
    yield from (path for path in singles if path.exists())
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not _passing(path, settings):
                yield path


def _passing(path: Path, settings: Settings) -> bool:
    """Locks, drafts, indexes of topics, and the judge's copies of states: made again."""
    index = path.name.startswith("journal.db") or path.name.endswith(("-wal", "-shm", ".tmp", ".draft"))
    inner = path.relative_to(settings.home).parts
    state_copy = any((parent / "CURRENT").exists() for parent in path.parents if parent.is_relative_to(settings.state))
    return index or "locks" in inner or state_copy


def _copied(path: Path, copy: Path) -> None:
    with path.open("rb") as file:
        database = file.read(len(SQLITE)) == SQLITE
    copy.touch(mode=0o600)
    if database:  # whole, whoever writes to it meanwhile
        with closing(sqlite3.connect(path, timeout=30)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    else:
        shutil.copyfile(path, copy)
