"""`guiji drop`: files as the portal's upload takes them, all that a machine carries over a gap."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import typer

from infra import log, slots
from infra.settings import Settings, get
from producers import door
from producers.drop.process import Drop, run
from producers.outcomes import Ask
from producers.tables.mapping import Kept
from schemas import departments
from schemas.catalog import Catalog

FAULTS = (slots.Occupied,)


def command(awaited: Callable[[Settings], Catalog], outcomes: Callable[[Settings, Catalog], AbstractContextManager[Ask]]) -> Callable[[Path], None]:
    """The command. ``awaited``: the catalogue with its topics and schemas, when the broker has come; ``outcomes``: what became of a batch."""

    def drop(folder: Path) -> None:
        """Long-running: take files with an end marker from FOLDER/DEPARTMENT/ITEM, and write their answers back there."""
        settings = get()
        if not folder.is_dir():
            raise typer.BadParameter(f"there is no folder {folder}")
        catalog = awaited(settings)
        with log.process("drop") as stop, door.opened(settings, catalog) as entrance, outcomes(settings, catalog) as ask:
            run(Drop(folder.resolve(), entrance, catalog, departments.load(), ask, settings.key_secret, Kept(settings.mappings)), stop)

    return drop
