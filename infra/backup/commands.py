"""`guiji backup` and `guiji restore`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from infra import gate, show
from infra.backup import cut, files, topics
from infra.settings import Settings, get

FAULTS = (cut.BackupFault, gate.Busy, topics.Displaced)  # what explains itself
out = show.console()


def _say(line: str) -> None:
    out.print(line, style="dim", markup=False, highlight=False)


def backup(subjects: cut.Subjects) -> Callable[..., None]:
    """The command; ``subjects``: the registry's subjects with the ids of their newest schemas."""

    def backup_(folder: Path) -> None:
        """Everything up to now into a new folder: topics, registry, portal, spool, keys. Everything may run meanwhile; the warehouse is made again from the topics."""
        about = cut.save(get(), folder, subjects, _say)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / (1 << 20)
        records = sum(one["count"] for one in about["saved"])
        out.print(f"{folder}: {records:,} records of {len(about['partitions'])} topics, {len(about['files'])} files, {size:.1f} MB.", highlight=False)
        out.print("It holds the key of personal parts of record keys: keep it as safe as the data. Not in it:")
        for name, why in files.LEFT_OUT.items():
            out.print(f"  {name}: {why}", markup=False, highlight=False)

    return backup_


def restore(subjects: cut.Subjects, adopt: Callable[[Settings], object]) -> Callable[..., None]:
    """The command; ``subjects`` and ``adopt`` as `cut.After` has them."""

    def restore_(folder: Path, home: Annotated[Path, typer.Option(help="the new home folder; not there yet, or empty")]) -> None:
        """A new home from a backup, with the same offsets, schema ids and states; the old one is not touched."""
        cut.restore(folder, home.resolve(), cut.After(subjects, adopt), _say)
        out.print(f"Restored. Next, with GUIJI_HOME={home.resolve()}: guiji up; guiji judge, guiji map, guiji serve; guiji balance; guiji connectors apply.", highlight=False)

    return restore_
