"""The command line: the one file that sees everything. Exit codes: 0 done, 1 failed, 2 something differs."""
# What takes long to import (web, Faust) is imported by the command that needs it: the others answer sooner.

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import KafkaException

from connectors import commands as fronts
from demo import commands as sample
from demo.processes import StoryFault
from infra import brake, held, jars, kafka, log, measured, show, stack, wait
from infra.backup import commands as backing
from infra.servers import STANDARD
from infra.settings import Settings, SettingsFault, get
from infra.show import Output
from loaders import ddl, errors, figures, sink, standing, table, warehouse
from loaders import rows as loaded_rows
from loaders import topics as loaded_topics
from loaders.capability import CURRENT
from portal import commands as portal_commands
from portal import outcomes, reference, submitting
from portal.status import commands as obligations
from producers import commands as catalogue
from producers.bulk import commands as bulk
from producers.drop import commands as dropping
from schemas import departments, registry, sources, topics
from schemas.catalog import Catalog, load
from schemas.faults import CatalogFault
from schemas.obligations.calendar import CalendarFault
from streams import judge as judging
from streams import map as mapping
from streams import recovery

EXPLAINED = (
    stack.StackFault, jars.FetchFault, CatalogFault, sources.SourceFault, departments.DepartmentFault, registry.Incompatible, registry.Unavailable, kafka.Unavailable,
    *fronts.FAULTS, *backing.FAULTS, *dropping.FAULTS, *bulk.FAULTS, errors.WarehouseError, *portal_commands.FAULTS, judging.Refused, StoryFault, brake.NoTopic,
    CalendarFault, SettingsFault,
)  # fmt: skip
PATIENCE = 180.0  # seconds
app = typer.Typer(no_args_is_help=True, add_completion=False, help="归集: the collection pipeline of a city's public-credit platform.")
GROUPS = {"items": catalogue.group, "connectors": fronts.group, "bulk": bulk.group, **portal_commands.GROUPS}
for name, group in GROUPS.items():
    app.add_typer(group, name=name)
app.command("backup")(backing.backup(registry.newest))
app.command("restore")(backing.restore(registry.newest, lambda settings: recovery.adopt(settings, load(settings.catalogue))))
app.command("reconcile")(fronts.reconcile)
app.command("demo")(sample.demo)
app.command("obligations")(obligations.command)
fronts.reached_by(standing.opened)
out = show.console()


def _registered(settings: Settings) -> Catalog:
    """The catalogue, with its topics made and its schemas registered: what every process starts with."""
    catalog = load(settings.catalogue)
    kafka.ensure(settings, topics.of(catalog))
    with registry.Registry(settings.registry) as client:
        client.register(catalog)
    return catalog


def _awaited(settings: Settings) -> Catalog:
    """The same for processes, which wait some minutes for a broker and a registry that are being started."""
    if not (settings.kafka and settings.registry):
        return _registered(settings)  # says what to do
    passing = (kafka.Unavailable, registry.Unavailable, KafkaException)
    try:
        return _registered(settings)
    except passing as fault:
        out.print(f"{fault} Waiting for up to {PATIENCE:.0f} s.", markup=False)
    return wait.patiently(lambda: _registered(settings), passing, PATIENCE, every=2)


def _let_through(settings: Settings, topic: str) -> None:
    out.print(f"What stands in {topic} now ({brake.let_through(settings, topic)} offsets) passes the brake; start the process again that holds it.")


# ---- the local stack -------------------------------------------------------------------------------------------------


@app.command()
def up(server: Annotated[list[str] | None, typer.Option(help="a server besides the usual ones: mariadb, clickhouse")] = None) -> None:
    """Start the local stack: broker, registry, Connect, PostgreSQL, and what a source lives on; make topics, register schemas. What runs already is left alone."""
    stack.up(get(), (*STANDARD, *fronts.needed(get()), *(server or ())), lambda line: out.print(line, style="dim"))
    _registered(get())
    out.print("The stack is up. Next: guiji status, or guiji demo.")


@app.command()
def down(*, purge: Annotated[bool, typer.Option("--purge", help="delete all data, too")] = False) -> None:
    """Stop the local stack."""
    (stack.purge if purge else stack.down)(get(), lambda line: out.print(line, style="dim"))


@app.command()
def status(output: Output = "table") -> None:
    """What is healthy and why not; topics compared with what is declared."""
    settings = get()
    health, differences = stack.status(settings), []
    show.output(out, [asdict(server) for server in health], output)
    if any(server.name == "kafka" and server.state == "healthy" for server in health):
        declared = topics.of(load(settings.catalogue))
        differences = kafka.compare(settings, declared) + kafka.undeclared(settings, declared)
    for line in held.lines(settings):
        show.console(stderr=True).print(line, style="yellow", markup=False)
    for difference in differences:
        show.console(stderr=True).print(f"topic {difference}", style="yellow")
    if differences or any(server.state in ("dead", "not answering") for server in health):
        raise typer.Exit(2)


# ---- the catalogue, ways in ------------------------------------------------------------------------------------------


@catalogue.group.command("docs")
def items_docs(folder: Path) -> None:
    """Write the catalogue as a browsable site (Chinese): items, who owes them, code sets, data dictionary."""
    found, known = load(get().catalogue), departments.load()
    pages = reference.write(folder, found, known, departments.assignments(known, found))
    out.print(f"{pages} pages; open {folder / 'index.html'}")


@catalogue.group.command("ddl")
def items_ddl(item: catalogue.Item) -> None:
    """The item's tables in the warehouse."""
    for each in (table.current(catalogue.known(item)), table.history(catalogue.known(item))):
        sys.stdout.write(ddl.create(each, CURRENT) + ";\n")


@contextmanager
def _outcomes(settings: Settings, catalog: Catalog) -> Iterator[outcomes.Told]:
    house = warehouse.connect(settings)
    try:
        yield outcomes.Told(house, catalog)
    finally:
        house.close()


app.command("submit")(submitting.command(_registered))
app.command("drop")(dropping.command(_awaited, _outcomes))


# ---- processes -------------------------------------------------------------------------------------------------------


@app.command("map")
def map_(let_through: Annotated[str, typer.Option(help="what stands in this topic is rejected, however much of it cannot be read")] = "") -> None:
    """Change events and bulk producers' topics into submitted records."""
    settings = get()
    if let_through:
        _let_through(settings, let_through)
    else:
        _awaited(settings)
        with log.process("map") as stop, measured.written(settings, "map"):
            mapping.run(settings, stop)


@app.command()
def judge(
    new_generation: Annotated[str, typer.Option(help="judge this item's topic afresh, with higher versions: after it was made anew on purpose")] = "",
    resume_from_state: Annotated[str, typer.Option(help="set this item's offsets back to what its state says: after they were moved")] = "",
) -> None:
    """Submitted records into accepted and rejected ones."""
    settings = get()
    if new_generation:
        out.print(f"generation {recovery.new_generation(settings, _registered(settings)[new_generation])}; start the judge")
    elif resume_from_state:
        out.print(f"offsets {recovery.resume_from_state(settings, _registered(settings)[resume_from_state])}; start the judge")
    else:
        catalog = _awaited(settings)
        with log.process("judge") as stop, measured.written(settings, "judge"):
            judging.run(settings, catalog, stop)


@app.command()
def live() -> None:
    """Throughput per source in the last minutes, hours and days, as JSON on loopback."""
    from streams.live import process

    log.configure("live")
    settings = get()
    _awaited(settings)
    process.run(settings)


@app.command()
def serve() -> None:
    """Loader, HTTP API and pages in one process."""
    from portal.serve import serve as serve_portal

    log.configure("serve")
    settings = get()
    serve_portal(settings, _awaited(settings))


@app.command("load")
def load_(
    forget: Annotated[str, typer.Option(help="forget a topic that was made anew, so that it is loaded from its beginning")] = "",
    let_through: Annotated[str, typer.Option(help="what cannot be read in this topic is set aside, however much it is")] = "",
) -> None:
    """The loader alone, with a ClickHouse server (GUIJI_CLICKHOUSE_URL)."""
    settings = get()
    if let_through:
        _let_through(settings, let_through)
    elif forget:
        loaded_topics.forget(warehouse.own(settings), loaded_rows.streams(_registered(settings))[forget])
    else:
        catalog = _awaited(settings)
        with log.process("load") as stop:
            sink.run(settings, catalog, stop)


# ---- questions -------------------------------------------------------------------------------------------------------


@contextmanager
def _warehouse() -> Iterator[warehouse.Warehouse]:
    house = warehouse.connect(get())
    try:
        yield house
    finally:
        house.close()


@app.command()
def throughput(hours: int = 0, output: Output = "table") -> None:
    """Figures per source: received and the five outcomes, since the beginning or per hour of the last hours."""
    now = datetime.now(UTC)
    with _warehouse() as house:
        rows = figures.throughput(house, now - timedelta(hours=hours), now) if hours else figures.sources(house)
    show.output(out, rows, output, empty="Nothing has been received yet.")


@app.command()
def rejects(department: str = "", item: str = "", source: str = "", skip: int = 0, limit: int = 50, output: Output = "table") -> None:
    """What is open, with all reasons."""
    with _warehouse() as house:
        rows = figures.rejects(house, figures.Rejects(department, item, source, skip, limit))
    if output == "json":
        shown = [{name: value for name, value in row.items() if name != "fields"} for row in rows]
    else:
        shown = [{"item": row["_item"], "source": row["_source"], "batch": row["_batch"], "line": row["_line"], "reasons": row["reasons"]} for row in rows]
    show.output(out, shown, output, empty="No open rejects.")


@app.command()
def balance(*, everything: Annotated[bool, typer.Option("--all", help="balanced batches, too")] = False, output: Output = "table") -> None:
    """Said = judged = loaded, batch by batch. Exit code 2 when a batch does not balance."""
    with _warehouse() as house:
        rows = figures.balance(house, everything=everything)
        open_ = rows if not everything else figures.balance(house)
    show.output(out, rows, output, empty="Every batch balances.")
    if open_:
        raise typer.Exit(2)


@app.command()
def trace(
    item: catalogue.Item,
    key: Annotated[str, typer.Argument(help="a key, a 回执行号 (receipt#line), or the value of a key field, e.g. the number of a decision")],
    output: Output = "table",
) -> None:
    """One record's life: every event of its key, or of each of the keys that hold the value."""
    found = catalogue.known(item)
    with _warehouse() as house:
        keys = figures.keys(house, found, key, get().key_secret)
        rows = [{"key": each, **row} for each in keys for row in figures.trace(house, found, each)]
    show.output(out, rows, output, empty="Nothing is known of this key.")


def main() -> None:
    """Run; what has an explanation is shown as that, not as a traceback."""
    try:
        app()
    except EXPLAINED as fault:
        show.console(stderr=True).print(str(fault), style="red", markup=False, highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
