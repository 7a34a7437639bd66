"""`guiji connectors`: front-end databases, declared in source files."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from connectors import ask_commands, gap, limits, measured, plan, prepare, report, signals, watch
from connectors.access import Unasked
from connectors.connect import Connect, ConnectFault
from connectors.front import commands as front_commands
from connectors.front import local
from connectors.life import start
from connectors.poll import commands as poll
from connectors.poll import provide
from connectors.poll.process import polled
from connectors.sweep import commands as sweep
from connectors.sweep import release, trial_commands
from connectors.sweep.commands import reconcile_ as reconcile
from connectors.sweep.warehouse import reached_by
from infra import held, log, show
from infra.measured import seldom, written
from infra.settings import Settings, get
from infra.show import Output
from schemas import catalog, departments, front_table, sources

__all__ = ["FAULTS", "group", "reached_by", "reconcile", "tapped"]
group = typer.Typer(no_args_is_help=True, help="Front-end databases, declared in connectors/sources.")
FAULTS = (ConnectFault, Unasked, *front_commands.FAULTS, *sweep.FAULTS)  # what explains itself
needed = local.needed  # servers of the local stack that sources live on
out, aside = show.console(), show.console(stderr=True)
group.command("check")(ask_commands.check_)
group.command()(ask_commands.new)
group.command("provide")(front_commands.provide_)
group.command()(front_commands.answer)
group.command("release")(release.release_)
group.command("poll")(poll.poll_)
group.command("try")(trial_commands.try_)


@group.command("plan")
def plan_(output: Output = "table") -> None:
    """What `apply` would change. Exit code 2 when something differs."""
    settings = get()
    found = _sources(settings)
    for place, note in (note for source in found.values() for note in limits.notes(source)):
        aside.print(f"{place}: {note}")
    with Connect(settings.connect) as client:
        changes = plan.plan(tapped(found), client.configs(), plan.place(settings))
    changes += provide.plan(settings, polled(found))
    show.output(out, [asdict(change) for change in changes], output)
    if any(change.kind != "same" for change in changes):
        raise typer.Exit(2)


@group.command()
def apply(*, remove: Annotated[bool, typer.Option("--remove", help="delete connectors that have no source file any more")] = False) -> None:
    """Make Connect run the declared sources, and wait until they do; topics and schemas of those that are polled."""
    settings = get()
    found = _sources(settings)
    faults = provide.apply(settings, polled(found), out.print)
    for fault in faults:
        aside.print(str(fault), style="red", markup=False, highlight=False)
    plan.apply(settings, tapped(found), remove=remove, report=out.print)
    if faults:
        raise typer.Exit(1)


@group.command()
def status(output: Output = "table") -> None:
    """Each source: its connector, its feed, snapshots, restarts of the last day, and what endangers it. Exit code 2 when something is not well."""
    declared = _sources(get())
    followed = tapped(declared)
    found = report.reports(get(), followed) if followed else []
    asked, well = poll.status(get(), polled(declared), output)
    if found or output == "json" or not asked:
        show.output(out, [each.record() for each in found] + asked if output == "json" else [each.row() for each in found], output)
    if output != "json":
        for finding in (finding for each in found for finding in each.findings):
            show.console(stderr=True).print(str(finding), style="yellow", markup=False, highlight=False)
    for line in held.lines(get()):
        show.console(stderr=True).print(line, style="yellow", markup=False)
    if not well or any(not each.well for each in found):
        raise typer.Exit(2)


@group.command("watch")
def watch_() -> None:
    """Long-running: start again what failed, later each time, and note it; and compare tables as a whole when their loads and snapshots have ended."""
    with log.process("watch") as stop, written(get(), "watch", [seldom(partial(measured.look, get()))]):
        watch.run(get(), stop)


@group.command()
def snapshot(
    source: str,
    table: Annotated[list[str] | None, typer.Option(help="only this table, beside the stream of changes and the other tables")] = None,
    *,
    pause: Annotated[bool, typer.Option("--pause", help="pause what runs of single tables")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="go on with it")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="give it up")] = False,
) -> None:
    """Read a source's tables anew, from their first row: all of them, while its changes wait, or single ones beside everything else."""
    settings, found = get(), _source(get(), source)
    steered = [signal for signal, wanted in (("pause-snapshot", pause), ("resume-snapshot", resume), ("stop-snapshot", stop)) if wanted]
    if len(steered) + bool(table) > 1:
        raise typer.BadParameter("--table, --pause, --resume and --stop exclude each other")
    if found.capture == "poll" and not steered:
        poll.anew(settings, found, _tables(found, table or []))
        return
    _followed(found)
    if steered:
        signals.steer(settings, found, steered[0])
    elif table:
        plan.snapshot(settings, found, _tables(found, table))
    else:
        plan.renew(settings, found, out.print)


@group.command()
def skip(
    source: str,
    why: Annotated[str, typer.Option(help="the reason, for the record")],
    by: Annotated[str, typer.Option(help="who answers for it")],
) -> None:
    """Go past the event that a source stopped at because it cannot be converted; the gap is recorded."""
    settings = get()
    show.output(out, [asdict(gap.skip(settings, _followed(_source(settings, source)), why, by, out.print))], "table")


@group.command()
def gaps(source: str, output: Output = "table") -> None:
    """What was gone past, from which position to which, why and by whom."""
    settings = get()
    show.output(out, [asdict(each) for each in gap.recorded(settings, _source(settings, source))], output, empty="Nothing was gone past.")


@group.command()
def pause(source: str) -> None:
    """Stop reading a source; its place is kept."""
    _followed(_source(get(), source))
    with Connect(get().connect) as client:
        client.pause(source)


@group.command()
def resume(source: str) -> None:
    """Go on where it was paused."""
    _followed(_source(get(), source))
    with Connect(get().connect) as client:
        start.resume(client, source)


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


def _tables(source: sources.Source, wanted: list[str]) -> list[sources.Table]:
    """Tables of a source by their names, with or without the schema."""
    known = {name: table for table in source.tables.values() for name in (table.name, table.short)}
    if missing := sorted(set(wanted) - set(known)):
        raise typer.BadParameter(f"{source.name} has no table {', '.join(missing)}; it has {', '.join(source.tables)}")
    return [known[name] for name in wanted]


def _sources(settings: Settings) -> Mapping[str, sources.Source]:
    return sources.load(settings.sources, catalog.load(settings.catalogue), departments.load())


def tapped(found: Mapping[str, sources.Source]) -> dict[str, sources.Source]:
    """Those for which there is a connector: the others are asked, not followed."""
    return {name: source for name, source in found.items() if source.capture == "log"}


def _followed(source: sources.Source) -> sources.Source:
    """Itself, where there is a connector of it."""
    if source.capture == "poll":
        raise typer.BadParameter(f"{source.name} is polled: it has no connector")
    return source


def _source(settings: Settings, name: str) -> sources.Source:
    found = _sources(settings)
    if name not in found:
        raise typer.BadParameter(f"there is no source {name!r}; known are {', '.join(found)}")
    return found[name]
