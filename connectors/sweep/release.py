"""`guiji connectors release`: what a load left out, and the brake held, is rightly gone."""

import time
from typing import Annotated

import typer

from connectors.sweep import remembered
from connectors.sweep.due import Done
from connectors.sweep.remembered import Release
from infra import show
from infra.settings import get
from schemas import catalog, sources

out = show.console()


def release_(
    source: str,
    table: Annotated[str, typer.Option(help="with or without its schema")],
    why: Annotated[str, typer.Option(help="the reason, for the record")],
    by: Annotated[str, typer.Option(help="who answers for it")],
) -> None:
    """Let a held table's withdrawals go: its load left too little, and that is right. Counts for so many as are held now; recorded in <home>/state/releases.jsonl."""
    settings = get()
    known = sources.load(settings.sources, catalog.load(settings.catalogue))
    found = [each for each in (known[source].tables.values() if source in known else ()) if table in (each.name, each.short)]
    if not found:
        raise typer.BadParameter(f"there is no table {table!r} in source {source!r}")
    held = remembered.done(settings).get(found[0].source_id, Done()).held
    if held is None:
        raise typer.BadParameter(f"{found[0].source_id}: nothing is held")
    remembered.release(settings, Release(time.time(), found[0].source_id, held.missing, why, by))
    out.print(f"{found[0].source_id}: {held.missing} withdrawals may go; `guiji connectors watch` compares the table again and makes them.")
