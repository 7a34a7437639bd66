"""The main job on sample departments, from nothing to a table nobody can dispute: `guiji demo`."""

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

import httpx
from rich.console import Console

from connectors import plan
from demo import acts, checks, files
from demo.departments import AUTHORITY, Load, Truth, both_ways, databases, interface, text_file, workbooks
from demo.processes import Processes, StoryFault
from demo.sites import Site, sites
from demo.subjects import credit_code
from infra import kafka, show, stack, wait
from infra.servers import SERVERS
from infra.settings import Settings, get
from loaders import figures, warehouse
from loaders.warehouse import Warehouse
from portal import database, tokens
from producers import door
from producers.file import Sender, Terms, submit_file
from schemas import catalog as catalogue
from schemas import departments, identity, registry, sources, topics
from schemas.catalog import Catalog
from schemas.sources import Source

BLOCK = 200
__all__ = ["Options", "StoryFault", "run"]


@dataclass(frozen=True)
class Options:
    """`once`: stop at the end; `json_path`: write the summary there."""

    once: bool = False
    json_path: Path | None = None


@dataclass(frozen=True)
class Stage:
    """What is up while the story runs."""

    settings: Settings
    catalog: Catalog
    sources: Mapping[str, Source]
    sites: Mapping[str, Site]
    console: Console
    processes: Processes
    house: Warehouse

    def say(self, line: str) -> None:
        self.console.print(f"[bold]·[/bold] {line}", highlight=False)


def run(settings: Settings, options: Options) -> None:
    """Run the story. Raises StoryFault when something does not hold, and what stack, connectors and warehouse raise."""
    console = show.console()
    began = time.monotonic()
    settings = _servers(settings, console)
    try:
        _play(settings, options, console, began)
    finally:
        stack.down(settings, lambda line: console.print(line, style="dim"))


def _play(settings: Settings, options: Options, console: Console, began: float) -> None:
    catalog = _registered(settings)
    declared, built = _fronts(settings, catalog, console)
    with Processes(settings) as processes:
        processes.start(["map", "judge", "serve", "live", "connectors watch"])
        processes.until("`guiji serve` to answer", lambda: processes.ready(settings.serve_url), 60)
        house = warehouse.connect(settings)
        try:
            stage = Stage(settings, catalog, declared, built, console, processes, house)
            _tell(stage, options, began)
            if not options.once:
                console.print("\nEverything keeps running. Ctrl-C stops it all.")
                wait.until(processes.check, math.inf, every=1)  # until a person presses Ctrl-C
        except KeyboardInterrupt:
            console.print("\nStopping ...")
        finally:
            house.close()


def _servers(settings: Settings, console: Console) -> Settings:
    wanted = ["kafka", "registry", "postgres"]
    if absent := SERVERS["mariadb"].absent():
        console.print(f"[yellow]{absent}: the department that uses it (市环保局) is left out.[/yellow]")
    else:
        wanted.append("mariadb")
    stack.up(settings, wanted, lambda line: console.print(line, style="dim", highlight=False))
    return get()


def _registered(settings: Settings) -> Catalog:
    catalog = catalogue.load(settings.catalogue)
    kafka.ensure(settings, topics.of(catalog))
    with registry.Registry(settings.registry) as client:
        client.register(catalog)
    return catalog


def _fronts(settings: Settings, catalog: Catalog, console: Console) -> tuple[dict[str, Source], dict[str, Site]]:
    """The departments' databases, made and filled at the first run; then Connect, which needs their passwords in its environment."""
    declared = sources.load(settings.sources, catalog, departments.load())
    ports = {name: port for name in ("postgres", "mariadb") if (port := stack.port(settings, name)) and not SERVERS[name].absent()}
    built = sites(settings, catalog, declared, ports)
    declared = {name: source for name, source in declared.items() if name in built}
    loads = databases(declared)
    for name, site in built.items():
        prefix = name.upper()
        password = settings.secrets().get(f"{prefix}_PASSWORD") or token_urlsafe(18)
        if site.build([load for load in loads if load.source.startswith(f"{name}.")], password):
            with settings.secrets_file.open("a") as file:
                file.writelines(f"{prefix}_{what}={value}\n" for what, value in (("HOST", "127.0.0.1"), ("PORT", site.port), ("PASSWORD", password)))
            console.print(f"{name}: the department's own database is made and filled", style="dim")
    stack.up(settings, ["connect"], lambda line: console.print(line, style="dim", highlight=False))
    return declared, built


def _tell(stage: Stage, options: Options, began: float) -> None:
    truth = Truth(lambda item, department, record: identity.key(stage.catalog[item], department, record, stage.settings.key_secret))
    first = not checks.sources(stage.house)
    tapped, typed = databases(stage.sources), [workbooks(), interface(), text_file(), *both_ways()]
    for load in (*tapped, *typed):
        truth.learn(load)
    plan.apply(stage.settings, stage.sources, report=lambda line: stage.console.print(line, style="dim", highlight=False))
    stage.say(f"{len(tapped)} tables of {len(stage.sources)} departments are tapped; workbooks, a CSV file and API requests are sent")
    said = _send(stage, typed)
    loads = [*tapped, *typed]
    _settled(stage, loads)
    problems = checks.unexpected(checks.sources(stage.house), loads) if first else []
    stage.say(f"all of it has its outcome after {time.monotonic() - began:.0f} s")
    timed = _act(stage, tapped, said, truth)
    _settled(stage, loads)
    _conclude(stage, options, Conclusion(loads, truth, timed, problems, began))


@dataclass(frozen=True)
class Conclusion:
    """What the end needs to know."""

    loads: Sequence[Load]
    truth: Truth
    timed: acts.Latency
    problems: Sequence[str]
    began: float


def _send(stage: Stage, loads: Sequence[Load]) -> dict[str, str]:
    """Files through the door, requests over HTTP: the receipt of the first of each, by source."""
    said = {}
    with door.opened(stage.settings, stage.catalog) as entrance:
        for load in loads:
            if load.way != "api":
                said[load.source] = _submit(stage, entrance, load)
        wait.until(lambda: not entrance.waiting(), 60)  # the door's own thread, or that of `serve`, publishes
    for load in loads:
        if load.way == "api":
            said[load.source] = _post(stage, load)
    return said


def _submit(stage: Stage, entrance: door.Door, load: Load) -> str:
    item, folder = stage.catalog[load.item], stage.settings.home / "demo" / load.department
    authority = AUTHORITY[load.department]
    paths = [files.text(folder, load, item, authority)] if load.way == "file" else files.workbooks(folder, load, item, authority)
    terms, sender = Terms([item], stage.settings.key_secret), Sender(load.department, "demo")
    receipts = [submit_file(entrance, path, terms, sender)[0] for path in paths]
    return receipts[0].receipt


def _post(stage: Stage, load: Load) -> str:
    receipts = []
    for start in range(0, len(load.said), BLOCK):
        records = [{"ref": str(start + n), "fields": each.fields} for n, each in enumerate(load.said[start : start + BLOCK])]
        receipts.append(request(stage, load, records, f"demo-{load.source}-{start}"))
    return receipts[0]


def request(stage: Stage, load: Load, records: Sequence[object], key: str) -> str:
    """One POST; the receipt's number."""
    headers = {"Authorization": f"Bearer {_token(stage, load)}", "Idempotency-Key": key}
    answer = httpx.post(f"{stage.settings.serve_url}/api/v1/items/{load.item}/records", json=records, headers=headers, timeout=60)
    if answer.is_error:
        raise StoryFault(f"the API answered {answer.status_code}: {answer.text}")
    return str(answer.json()["receipt"])


def _token(stage: Stage, load: Load) -> str:
    """The source's token: made at the first run, kept in a file only its owner can read."""
    path = stage.settings.home / "demo" / f"{load.source.replace('/', '-')}.token"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        with database.connect(stage.settings.portal_db).begin() as portal:
            path.write_text(tokens.create(portal, load.department, load.source.split("/")[1]).text)
    return path.read_text()


def _settled(stage: Stage, loads: Sequence[Load]) -> None:
    """Until every source has said all it has, and said = judged = loaded."""
    wanted = {load.source: len(load.said) for load in loads}

    def all_there() -> bool:
        rows = checks.sources(stage.house)
        received = {row["source"]: row["received"] for row in rows}
        return all(received.get(source, 0) >= count for source, count in wanted.items()) and not checks.unbalanced(rows)

    stage.processes.until("every record to have its outcome", all_there)


def _act(stage: Stage, tapped: Sequence[Load], said: Mapping[str, str], truth: Truth) -> acts.Latency:
    permits = next(load for load in tapped if load.table == "public.permit")
    site = stage.sites["zjj_pg"]
    text = acts.correct(site, permits, truth)
    number = acts.withdraw(site, permits, truth)
    stage.processes.until("the correction", lambda: _count(stage, "XK_NR = {text:String}", text))
    stage.processes.until("the withdrawal", lambda: not _count(stage, "XK_WSH = {text:String}", number))
    stage.say(f"a correction (“{text}”) and a withdrawal ({number}) in the department's database have come through")
    _fix(stage, permits, truth)
    _repeat(stage, said)
    timed = acts.latency(site, permits, truth, stage.house, str(int(time.time())))
    stage.say(f"commit in the department's database → visible in a query: p50 {timed.p50:.2f} s, p99 {timed.p99:.2f} s ({acts.COMMITS} commits)")
    return timed


def _count(stage: Stage, where: str, text: str) -> int:
    return int(stage.house.query(f"SELECT count() AS n FROM xzxk FINAL WHERE _withdrawn = 0 AND {where}", {"text": text}).value())


def _open(stage: Stage, load: Load) -> int:
    """Open rejects of a source for a wrong check digit."""
    which = figures.Rejects(source=load.source, limit=10_000)
    return sum(tuple(row["rules"]) == ("R-USCC-03",) for row in figures.rejects(stage.house, which))


def _fix(stage: Stage, permits: Load, truth: Truth) -> None:
    """A record the tapped database has wrong is put right over the API."""
    wanted = sum(each.rules == ("R-USCC-03",) for each in permits.said) - 1
    right = acts.fixed(permits, credit_code)
    by_api = Load("zjj/xk", "zjj", "api", "xzxk", [])
    request(stage, by_api, [{"ref": "fix", "fields": right}], "demo-fix")
    truth.put("xzxk", "zjj", right)
    stage.processes.until("the reject to close", lambda: _open(stage, permits) == wanted)
    stage.say(f"a reject of {permits.source} has closed itself: its fix ({right['XK_WSH']}) arrived over the API")


def _repeat(stage: Stage, said: Mapping[str, str]) -> None:
    """The same workbook and the same request once more: the old receipts, nothing new."""
    before = _accounts(stage, said)
    again = _send(stage, [workbooks(), interface()])
    if any(said[source] != receipt for source, receipt in again.items()):
        raise StoryFault(f"the same submission got another receipt: {said} {again}")
    if before != _accounts(stage, said):
        raise StoryFault("the same submissions once more changed the figures")
    stage.say(f"the same workbook and the same request once more: the old receipts {', '.join(again.values())}, nothing new")


def _accounts(stage: Stage, said: Mapping[str, str]) -> list[dict[str, object]]:
    return [row for row in checks.sources(stage.house) if row["source"] in said]


def _conclude(stage: Stage, options: Options, end: Conclusion) -> None:
    rows, held = checks.sources(stage.house), checks.items(stage.house, stage.catalog)
    stage.processes.until("the live figures to agree with the warehouse", lambda: checks.live(stage.settings) == checks.received(rows))
    right, wrong = checks.truth(stage.house, stage.catalog, end.truth)
    problems = [*end.problems, *wrong, *checks.unbalanced(rows), *checks.wrong_reasons(stage.house, end.loads, "zjj_pg.permit")]
    console = stage.console
    checks.show(console, "Sources: received = accepted + duplicate + superseded + rejected + excluded; said = judged = loaded", rows)
    checks.show(console, "Items", [{"item": code, **figures_} for code, figures_ in held.items()])
    checks.show(console, "Rejected, by reason (open: not yet put right)", checks.by_reason(stage.house))
    checks.show(console, "Truth, record by record", [right])
    console.print(f"Portal and API  {stage.settings.serve_url}   ·   docs {stage.settings.serve_url}/api/docs")
    console.print("To log in       guiji user add me 我 --role centre (prints a password; --role officer --department zjj sees what a department sees)", highlight=False, markup=False)
    console.print(f"Live figures    http://127.0.0.1:{stage.settings.live_port}/live")
    console.print(f"Logs            {stage.settings.logs}")
    console.print("Commands        guiji throughput · guiji rejects · guiji balance --all · guiji connectors status · guiji status", highlight=False)
    console.print(f"Took {time.monotonic() - end.began:.0f} s.")
    if options.json_path:
        checks.write(options.json_path, rows, held, right, end.timed)
        console.print(f"Summary         {json.dumps(str(options.json_path))}")
    if problems:
        raise StoryFault("Something does not hold:\n  " + "\n  ".join(problems))
