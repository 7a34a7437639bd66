"""`guiji connectors try`: what would become of a source's rows, before it is tapped or after a mapping was changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from connectors import access
from connectors.sweep import scan
from connectors.sweep.commands import find, tables
from connectors.sweep.said import REJECTED, Bench
from connectors.sweep.scan import Pace
from connectors.sweep.trial import KINDS, Bad, Tried, tried
from infra import cells, show
from infra.settings import Settings, get
from infra.show import Output
from schemas import catalog
from schemas.sources import Source, Table

HEADER = ("表", "行（主键）", "字段", "字段名称", "所报的值", "哪里不对", "怎么办", "规则")
out, aside = show.console(), show.console(stderr=True)


def try_(
    source: str,
    table: Annotated[list[str] | None, typer.Option(help="only this table; may be repeated")] = None,
    rate: Annotated[int, typer.Option(help="rows a second that are read of the source at most")] = 50_000,
    rejects: Annotated[Path | None, typer.Option(help="write every row that would be rejected, with all its reasons, to this CSV: for the department")] = None,
    output: Output = "table",
) -> None:
    """试报: read a source's tables where they are and say what would become of each row; nothing is stored, and nothing but the database is asked. Exit code 2 when rows would be rejected."""
    settings = get()
    declared, bad, found = find(settings, source), dict[str, list[Bad]](), dict[str, Tried]()
    for each in tables(declared, table):
        found[each.name] = _tried(settings, declared, each, rate, bad.setdefault(each.name, []) if rejects else None)
    if rejects:
        _write(rejects, bad)
    show.output(out, [_row(name, each, whole=output == "json") for name, each in found.items()], output, empty="No table was read.")
    if output != "json":
        for name, result in found.items():
            if result.groups:
                show.table(out, _reasons(result), name)
    if any(each.counts[REJECTED] for each in found.values()):
        raise typer.Exit(2)


def _tried(settings: Settings, source: Source, table: Table, rate: int, bad: list[Bad] | None) -> Tried:
    items = catalog.load(settings.catalogue)
    bench = Bench(items[table.item], table, source.department, settings.key_secret, items.version, datetime.now(ZoneInfo(settings.timezone)).date())
    where = access.of(source.database, settings.secrets())
    return tried(bench, scan.pages(where, table, pace=Pace(min(Pace.rows, rate), rate), polled=scan.Polled()), bad)


def _row(name: str, found: Tried, *, whole: bool) -> dict[str, Any]:
    counts = {kind: found.counts[kind] for kind in KINDS}
    return {"table": name, "rows": sum(counts.values())} | counts | {"repeated": found.repeated} | ({"reasons": _reasons(found)} if whole else {})


def _reasons(found: Tried) -> list[dict[str, Any]]:
    names = ("rule", "field", "title", "message", "remedy")
    return [{"rows": each.count} | {name: getattr(each.reason, name) for name in names} | {"first": " ".join(each.first)} for each in found.groups]


def _write(path: Path, bad: Mapping[str, Sequence[Bad]]) -> None:
    lines = ((name, row.row, each.field, each.title, each.value, each.message, each.remedy, each.rule) for name, rows in bad.items() for row in rows for each in row.reasons)
    path.write_bytes(cells.to_csv(HEADER, lines))
