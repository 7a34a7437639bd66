"""`guiji connectors poll`, and what the other commands say of polled sources."""

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from connectors.poll import hold, process, report
from infra import log, show
from infra.settings import Settings, get
from schemas import catalog, sources
from schemas.sources import Source, Table

out, aside = show.console(), show.console(stderr=True)


def poll_(
    *,
    once: Annotated[bool, typer.Option("--once", help="poll each source one time, whether it is due or not, and end")] = False,
    let_through: Annotated[str, typer.Option(help="SOURCE.TABLE: the rows that are missing there were deleted on purpose, all of them")] = "",
) -> None:
    """Long-running: ask every source with `capture: poll` for what has changed. With --once: exit code 1 when a table failed, 2 when one is held."""
    if let_through:
        _let_through(get(), let_through)
        return
    with log.process("poll") as stop:
        if not once:
            process.run(get(), stop)
            return
        found = process.once(get(), stop)
    out.print(f"{len(found)} tables polled." if found else "No source file says `capture: poll`: nothing was asked.", highlight=False)
    for fault in sorted({each.fault for each in found if each.fault}):
        aside.print(fault, style="red", markup=False, highlight=False)
    if any(each.fault or each.missing for each in found):
        raise typer.Exit(1 if any(each.fault for each in found) else 2)


def _let_through(settings: Settings, name: str) -> None:
    known = process.polled(sources.load(settings.sources, catalog.load(settings.catalogue)))
    tables = {table.source_id: (source, table) for source in known.values() for table in source.tables.values()}
    if name not in tables:
        raise typer.BadParameter(f"there is no polled table {name!r}; known are {', '.join(tables) or 'none'}")
    missing = hold.let_through(settings, *tables[name])
    out.print(f"{missing} missing rows of {name} are taken back at the next poll, unless still more are missing then." if missing else f"Nothing of {name} waits.")


def status(settings: Settings, found: Mapping[str, Source], output: str) -> tuple[list[dict[str, Any]], bool]:
    """What is printed of polled sources: the records for JSON, else a table is shown here; and whether all is well."""
    told = report.reports(settings, found, time.time())
    if output != "json" and told:
        show.output(out, [row for each in told for row in each.rows()], output)
        for danger in (danger for each in told for danger in each.dangers):
            aside.print(str(danger), style="yellow", markup=False, highlight=False)
    return [each.record() for each in told], all(each.well for each in told)


def anew(settings: Settings, source: Source, tables: list[Table]) -> None:
    """Have these tables, or all, read as a whole at the next poll."""
    hold.anew(settings, source, tables or list(source.tables.values()))
    out.print(f"{source.name}: the next poll, due at once, reads {', '.join(table.name for table in tables) or 'all its tables'} as a whole.")
