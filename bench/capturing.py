"""The department's table in Postgres: Debezium alone into its topic, the map alone, and the whole way from the table into ClickHouse with everything at work at once."""

from random import Random
from secrets import token_urlsafe

from bench import lanes
from bench.book import Work
from bench.cpu import Meter
from bench.ground import Ground
from bench.lanes import ITEM, SOURCE, TABLE, Lane
from bench.measure import PATIENCE, PAUSE, SLACK, BenchFault, Place, Stage, end, ends, together, watch
from connectors import plan, prepare
from connectors.config import event_topics
from demo.departments import Load, Speaker, say
from demo.sites import Site
from infra import kafka, stack, wait
from infra.settings import get
from schemas import departments, sources
from schemas.sources import Source

SERVERS = ("kafka", "registry", "connect", "postgres")


def measure(ground: Ground) -> None:
    """Per run: Debezium alone, the map over what it captured, then all at once on another lane."""
    for run in range(1, ground.profile.runs + 1):
        lane = ground.lane(f"map{run}")
        alone = ground.note("debezium", snapshot(ground, lane))
        ground.teller.doing(f"map {run}")
        mapped = ground.note("map", watch(lane.stage("map"), ground.beside()))
        ground.book.figure("map_over_debezium_ratio", mapped.rate / alone.rate)
        ground.records = ground.records or lanes.read(lane.settings, lane.submitted)
        together_ = ground.note("end_to_end", end_to_end(ground, ground.lane(f"all{run}")))
        ground.book.figure("cdc_end_to_end_over_debezium_ratio", together_.rate / alone.rate)
        ground.teller.step()


def records(ground: Ground) -> list[lanes.Row]:
    """The submissions of the whole table, captured and mapped when nobody did so yet."""
    if not ground.records:
        lane = ground.lane("base")
        snapshot(ground, lane)
        watch(lane.stage("map"), {})
        ground.records = lanes.read(lane.settings, lane.submitted)
    return ground.records


def snapshot(ground: Ground, lane: Lane) -> Work:
    """Debezium's snapshot of the table into its topic, nobody else at work."""
    source = tapped(ground, lane)
    ground.teller.doing(f"Debezium's snapshot, {lane.item.code}")
    return _captured(ground, lane, source, [], {})


def end_to_end(ground: Ground, lane: Lane) -> Work:
    """The same snapshot with map, judge and sink at work, until every accepted row is loaded."""
    source = tapped(ground, lane)
    ground.teller.doing(f"snapshot until loaded, {lane.item.code}")
    stages = [lane.stage(name) for name in ("map", "judge", "load")]
    with together(stages) as pids:
        _ready(stages)
        return _captured(ground, lane, source, stages, pids)


def _ready(stages: list[Stage]) -> None:
    """Waits until every process has joined its group: starting is not what is measured."""
    client = kafka.admin(stages[0].settings)
    groups = [stage.group for stage in stages]

    def joined() -> bool:
        return all(answer.result().members for answer in client.describe_consumer_groups(groups, request_timeout=kafka.TIMEOUT).values())

    if not wait.until(joined, PATIENCE, every=PAUSE):
        raise BenchFault(f"{', '.join(groups)} did not all join their groups")


def _through(stage: Stage) -> None:
    """Waits until the stage has read all that stands in its topic now; whoever writes there has finished."""
    last, place = ends(stage.settings, stage.topic), Place(stage.settings, stage.group, stage.topic)
    if wait.until(place, PATIENCE, every=PAUSE, holds=lambda offset: offset >= last - SLACK) < last - SLACK:
        raise BenchFault(f"{stage.name} did not come to the end of {stage.topic}")


def _captured(ground: Ground, lane: Lane, source: Source, stages: list[Stage], pids: dict[str, int]) -> Work:
    """Taps the table and waits until it is captured and every stage is through; counted from the first rows that are there; when those were all, from the tapping on.

    Then the connector goes, so that it does not work beside the next measurement."""
    count = ground.profile.records
    pids |= ground.beside(*SERVERS)
    with end(ground.settings, lane.captured) as there:
        whole = Meter(pids)
        plan.apply(get(), {lane.source: source})
        first = wait.until(there, PATIENCE, every=PAUSE)
        meter = Meter(pids)
        if wait.until(there, PATIENCE, every=PAUSE, holds=lambda place: place >= count - SLACK) < count - SLACK:
            raise BenchFault(f"Debezium captured {there()} of {count} rows")
        for stage in stages:
            _through(stage)
        work = meter.work(count - first) if first < count - SLACK else whole.work(count)
    plan.apply(get(), {}, remove=True)
    return work


def tapped(ground: Ground, lane: Lane) -> Source:
    """The lane's source, its publication made in the department's database; the database itself and Connect at the first call."""
    source = sources.load(lane.settings.sources, lane.catalog, departments.load())[lane.source]
    settings = ground.settings
    kafka.ensure(settings, event_topics(source))
    site = Site(source, lane.catalog, stack.port(settings, "postgres"), settings.secrets()["GUIJI_POSTGRES_PASSWORD"])
    if f"{SOURCE.upper()}_HOST" not in settings.secrets():
        _build(ground, site)
        stack.up(settings, ["connect"], ground.teller.say)
    else:
        with site.connect(source.database.name) as database:
            database.execute(prepare.statements(source, "")[-1])
    return source


def _build(ground: Ground, site: Site) -> None:
    count, settings, table = ground.profile.records, ground.settings, site.source.tables[TABLE]
    ground.teller.doing(f"the department's table, {count:,} rows")
    said = list(say(Random("bench"), ITEM, count, Speaker("zjj", "建", table)))
    password = token_urlsafe(18)
    site.build([Load(table.source_id, "zjj", "cdc", ITEM, said, TABLE)], password)
    values = {"HOST": "127.0.0.1", "PORT": str(site.port), "PASSWORD": password}
    with settings.secrets_file.open("a") as file:
        file.writelines(f"{SOURCE.upper()}_{name}={value}\n" for name, value in values.items())
