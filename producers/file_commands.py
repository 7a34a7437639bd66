"""`guiji submit` and `guiji drop`: files as the portal's upload takes them, one by hand, or all that a machine carries over a gap."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from infra import log, show, slots
from infra.settings import Settings, get
from producers import door
from producers.commands import known
from producers.drop import process
from producers.file import Sender, submit_file
from producers.outcomes import Ask
from producers.refusal import Refusal
from schemas import departments
from schemas.catalog import Catalog

FAULTS = (slots.Occupied,)
Registered = Callable[[Settings], Catalog]
Outcomes = Callable[[Settings, Catalog], AbstractContextManager[Ask]]
out = show.console()


def install(app: typer.Typer, registered: Registered, awaited: Registered, outcomes: Outcomes) -> None:
    """Both commands. ``registered``, ``awaited``: the catalogue with its topics and schemas, at once or when the broker has come; ``outcomes``: what became of a batch."""

    @app.command()
    def submit(file: Path, item: Annotated[str, typer.Option()], department: Annotated[str, typer.Option()], wait: float = 60.0) -> None:
        """Submit an Excel, CSV or XML file, as the portal's upload does it."""
        settings = get()
        _submit(settings, registered(settings), file, (item, department), wait)

    @app.command()
    def drop(folder: Path) -> None:
        """Long-running: take files with an end marker from FOLDER/DEPARTMENT/ITEM, and write their answers back there."""
        settings = get()
        if not folder.is_dir():
            raise typer.BadParameter(f"there is no folder {folder}")
        catalog = awaited(settings)
        with log.process("drop") as stop, door.opened(settings, catalog) as entrance, outcomes(settings, catalog) as ask:
            process.run(process.Drop(folder.resolve(), entrance, catalog, departments.load(), ask, settings.key_secret), stop)


def _submit(settings: Settings, catalog: Catalog, file: Path, whose: tuple[str, str], wait: float) -> None:
    item, department = whose
    if department not in departments.load():
        raise typer.BadParameter(f"there is no department {department!r} in schemas/departments.csv")
    with door.opened(settings, catalog) as entrance:
        try:
            receipt = submit_file(entrance, known(item), file, Sender(department, "cli"), settings.key_secret)
        except Refusal as refusal:
            out.print(f"[red]退回[/red] {refusal.message}\n{refusal.remedy}")
            raise typer.Exit(1) from refusal
        published = entrance.settle(receipt.receipt, wait)
    out.print(f"回执号 {receipt.receipt}，{receipt.records} 行" + ("" if published else "（已收妥，待发布）"))
    for note in receipt.notes:
        out.print(note)
