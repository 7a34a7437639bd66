"""`guiji reconcile`: a source's tables compared with the warehouse, and what differs mended if asked to."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from connectors.access import Unasked
from connectors.connect import ConnectFault
from connectors.sweep import compare, proof, runs
from connectors.sweep.ask import Braked
from connectors.sweep.compare import Verdict
from connectors.sweep.feed import Behind, Patience
from connectors.sweep.reconcile import Compared, Options
from connectors.sweep.scan import Pace
from infra import log, show
from infra.settings import Settings, get
from infra.show import Output
from schemas import catalog, departments, sources
from schemas.reason import masked
from schemas.sources import Source, Table

FAULTS = (Unasked, Behind, Braked, ConnectFault)
out, aside = show.console(), show.console(stderr=True)


def reconcile_(
    source: str,
    table: Annotated[list[str] | None, typer.Option(help="only this table; may be repeated")] = None,
    rate: Annotated[int, typer.Option(help="rows a second that are read of the source at most")] = 50_000,
    shown: Annotated[int, typer.Option(help="of each kind of difference, how many are shown")] = 20,
    wait: Annotated[float, typer.Option(help="seconds that what is on its way may take")] = 180.0,
    share: Annotated[int, typer.Option(help="percent of what stands that --repair withdraws without --yes")] = 20,
    *,
    anew: Annotated[bool, typer.Option("--anew/--resume", help="read from the first row and remember nothing, or go on where a run was killed")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="say again what is missing or different, withdraw what is extra, as submitted records")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="withdraw, however much it is")] = False,
    output: Output = "table",
) -> None:
    """Is everything that a source's tables hold in the warehouse, and nothing else? One scan of the source; then each difference is looked at again. Exit code 2 when something differs, 1 when it
    cannot be said."""
    log.configure("reconcile")  # a polled source is polled, which is logged
    settings = get()
    found = find(settings, source)
    options = Options(Pace(min(Pace.rows, rate), rate), Patience(wait), anew, repair, share, yes)
    told = (lambda line: aside.print(line, style="dim")) if aside.is_terminal else None
    compared, faults = runs.run(settings, found, tables(found, table), options, told)
    shown_rows = [_record(each, shown) for each in compared] if output == "json" else [_row(each) for each in compared]
    show.output(out, shown_rows, output, empty="No table was compared.")
    if output != "json":
        for each in compared:
            _tell(each, shown)
    for fault in faults:
        aside.print(str(fault), style="red", markup=False, highlight=False)
    if faults:
        raise typer.Exit(1)
    if any(each.proof.verdict != proof.EQUAL for each in compared):
        raise typer.Exit(2)


def find(settings: Settings, name: str) -> Source:
    """A source by its name. Raises BadParameter naming those there are."""
    known = sources.load(settings.sources, catalog.load(settings.catalogue), departments.load())
    if name not in known:
        raise typer.BadParameter(f"there is no source {name!r}; known are {', '.join(known)}")
    return known[name]


def tables(source: Source, wanted: Sequence[str] | None) -> list[Table]:
    """Those named, with or without their schema; all, where none is. Raises BadParameter."""
    known = {name: table for table in source.tables.values() for name in (table.name, table.short)}
    if missing := sorted(set(wanted or ()) - set(known)):
        raise typer.BadParameter(f"{source.name} has no table {', '.join(missing)}; it has {', '.join(source.tables)}")
    return [known[name] for name in wanted] if wanted else list(source.tables.values())


def _row(each: Compared) -> dict[str, Any]:
    counts = each.proof.record()
    names = ("rows", "equal", *compare.DIFFERENCES, "rejected", "excluded", "outside")
    rest = {name: counts[name] for name in ("waiting", "superseded", "retracted", "kept", "moving", "asked") if counts[name]}
    return {"table": each.proof.source, "verdict": each.proof.verdict} | {name: counts[name] for name in names} | {"besides": ", ".join(f"{name} {count}" for name, count in rest.items())}


def _record(each: Compared, limit: int) -> dict[str, Any]:
    return each.proof.record() | {"differences": [_shown(one) for one in _first(each.differences, limit)], "left": len(each.left), "made": each.made}


def _first(found: Sequence[Verdict], limit: int) -> Iterator[Verdict]:
    for kind in compare.DIFFERENCES:
        yield from [each for each in found if each.what == kind][:limit]


def _shown(one: Verdict) -> dict[str, str | None]:
    return {"what": one.what, "row": masked(one.row, "content"), "key": masked(one.key, "content")}


def _tell(each: Compared, limit: int) -> None:
    if each.differences:
        show.table(out, [_shown(one) for one in _first(each.differences, limit)], each.proof.source)
        if each.proof.record()["asked"]:
            out.print(f"{each.proof.record()['asked']} records were asked for; {len(each.left)} differences are left.")
