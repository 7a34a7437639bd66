"""`guiji connectors`: front-end databases, declared in source files."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from connectors import gap, plan, prepare
from connectors.connect import Connect
from infra import held, show
from infra.settings import Settings, get
from infra.show import Output
from schemas import catalog, departments, front_table, sources

group = typer.Typer(no_args_is_help=True, help="Front-end databases, declared in connectors/sources.")
out = show.console()


@group.command("plan")
def plan_(output: Output = "table") -> None:
    """What `apply` would change. Exit code 2 when something differs."""
    settings = get()
    with Connect(settings.connect) as client:
        changes = plan.plan(_sources(settings), client.configs(), plan.place(settings))
    show.output(out, [asdict(change) for change in changes], output)
    if any(change.kind != "same" for change in changes):
        raise typer.Exit(2)


@group.command()
def apply(*, remove: Annotated[bool, typer.Option("--remove", help="delete connectors that have no source file any more")] = False) -> None:
    """Make Connect run the declared sources, and wait until they do."""
    settings = get()
    plan.apply(settings, _sources(settings), remove=remove, report=out.print)


@group.command()
def status(output: Output = "table") -> None:
    """Each source's connector. Exit code 2 when one does not run."""
    found = plan.status(get(), _sources(get()))
    show.output(out, [asdict(each) for each in found], output)
    for line in held.read(get()).lines():
        show.console(stderr=True).print(line, style="yellow", markup=False)
    if any(not each.running for each in found):
        raise typer.Exit(2)


@group.command()
def snapshot(source: str) -> None:
    """Read a source's tables anew, from their first row."""
    settings = get()
    plan.renew(settings, _source(settings, source), out.print)


@group.command()
def skip(
    source: str,
    why: Annotated[str, typer.Option(help="the reason, for the record")],
    by: Annotated[str, typer.Option(help="who answers for it")],
) -> None:
    """Go past the event that a source stopped at because it cannot be converted; the gap is recorded."""
    settings = get()
    show.output(out, [asdict(gap.skip(settings, _source(settings, source), why, by, out.print))], "table")


@group.command()
def gaps(source: str, output: Output = "table") -> None:
    """What was gone past, from which position to which, why and by whom."""
    settings = get()
    show.output(out, [asdict(each) for each in gap.recorded(settings, _source(settings, source))], output, empty="Nothing was gone past.")


@group.command()
def pause(source: str) -> None:
    """Stop reading a source; its place is kept."""
    _source(get(), source)
    with Connect(get().connect) as client:
        client.pause(source)


@group.command()
def resume(source: str) -> None:
    """Go on where it was paused."""
    _source(get(), source)
    with Connect(get().connect) as client:
        plan.resume(client, source)


@group.command("prepare")
def prepare_(source: str) -> None:
    """The statements the database's administrator must run."""
    sys.stdout.write(prepare.script(_source(get(), source)) + "\n")


@group.command()
def table(item: str, database: Annotated[str, typer.Option(help=", ".join(front_table.DIALECTS))] = "postgres") -> None:
    """An item's front-end table (前置机表), for a department that pushes into a machine of the platform."""
    items = catalog.load(get().catalogue)
    if item not in items or database not in front_table.DIALECTS:
        raise typer.BadParameter(f"known items are {', '.join(items)}; known databases {', '.join(front_table.DIALECTS)}")
    sys.stdout.write(front_table.script(items[item], database))


def _sources(settings: Settings) -> Mapping[str, sources.Source]:
    return sources.load(settings.sources, catalog.load(settings.catalogue), departments.load())


def _source(settings: Settings, name: str) -> sources.Source:
    found = _sources(settings)
    if name not in found:
        raise typer.BadParameter(f"there is no source {name!r}; known are {', '.join(found)}")
    return found[name]
