"""The sink and its peers over one lane's judged topics, each into a warehouse of its own: with and without replay protection, raw inserts of the same rows, ClickHouse's own Kafka engine."""

import os
from datetime import UTC, datetime

from bench import capturing, engine, lanes
from bench.book import Work
from bench.cpu import Meter
from bench.ground import Ground
from bench.lanes import Lane
from bench.measure import Stage, begin, watch
from infra import stack
from infra.servers import SERVERS
from loaders import embedded, rows
from loaders.decoding import Decoder
from loaders.dialect import adapt
from loaders.native import Native
from loaders.sink import prepare
from loaders.warehouse import Warehouse
from schemas.catalog import Catalog

NATIVE = ("sink_over_raw_insert_native_ratio", "sink_over_clickhouse_kafka_engine_ratio")
Blocks = list[rows.Made]


def measure(ground: Ground) -> None:
    """Judges the records once, then loads them again and again."""
    lane = ground.lane("sink")
    lanes.submit(lane, lanes.varied(lane, capturing.records(ground), ground.profile.many))
    ground.teller.doing("judging what is loaded")
    watch(lane.stage("judge"), {})
    blocks = _blocks(lane)
    port = _server(ground)
    for run in range(1, ground.profile.runs + 1):
        _embedded(ground, lane, blocks, run)
        if port:
            _native(ground, lane, blocks, port, run)
        ground.teller.step()


def _embedded(ground: Ground, lane: Lane, blocks: Blocks, run: int) -> None:
    ground.teller.doing(f"sink, embedded, {run}")
    ours = ground.note("sink", _sink(ground, lane, "load", f"load{run}"))
    home = ground.settings.home / f"raw{run}"
    try:
        house = embedded.own(home)
        ground.book.notes["embedded_names_a_kafka_engine"] = engine.knows(house)
        raw = ground.note("raw_insert", raw_insert(house, lane, blocks, {}))
    finally:
        embedded.release(home)
    bare = ground.note("sink_unprotected", _sink(ground, lane, "load_unprotected", f"bare{run}"))
    ground.book.figure("sink_over_raw_insert_ratio", ours.rate / raw.rate)
    ground.book.figure("sink_with_over_without_replay_protection_ratio", ours.rate / bare.rate)


def _native(ground: Ground, lane: Lane, blocks: Blocks, port: int, run: int) -> None:
    def url(database: str) -> str:
        return f"clickhouse://127.0.0.1:{port}/{database}{run}"

    ground.teller.doing(f"sink, server, {run}")
    ours = ground.note("sink_native", _sink(ground, lane, "load", f"native{run}", "clickhouse", clickhouse_url=url("sink")))
    house = Native(url("raw"))
    raw = ground.note("raw_insert_native", raw_insert(house, lane, blocks, ground.beside("clickhouse")))
    house.close()
    ground.book.figure("sink_over_raw_insert_native_ratio", ours.rate / raw.rate)
    house = Native(url("engine"))
    own = engine.load(ground, house, lane, blocks, run)
    house.close()
    if own is not None:
        ground.book.figure("sink_over_clickhouse_kafka_engine_ratio", ours.rate / ground.note("clickhouse_kafka_engine", own).rate)


def _sink(ground: Ground, lane: Lane, process: str, name: str, *servers: str, **environment: str) -> Work:
    """Our sink as a new group with a new warehouse. Of the topics that all items share it reads what this lane wrote."""
    settings = lanes.home(ground.settings, name, catalogue=lane.settings.catalogue, **environment)
    begin(settings, name, lane.shared)
    return watch(Stage(process, name, lane.accepted, settings), ground.beside("kafka", "registry", *servers))


def _blocks(lane: Lane) -> Blocks:
    """The accepted rows, decoded and shaped, in the sink's own blocks."""
    stream, decoder, now = rows.streams(lane.catalog)[lane.accepted], Decoder(lane.settings), datetime.now(UTC)
    found = []
    for block in lanes.messages(lane.settings, lane.accepted):
        frame, places, _misfits = decoder.decode(stream, block, now)
        found.append(stream.make(frame, places))
    return found


def raw_insert(warehouse: Warehouse, lane: Lane, blocks: Blocks, servers: dict[str, int]) -> Work:
    """Inserting rows that are decoded and shaped already, into the item's two tables; nothing else."""
    prepare(warehouse, Catalog([lane.item]))
    meter, count = Meter({"raw_insert": os.getpid()} | servers), sum(made[0][1].num_rows for made in blocks)
    for block in blocks:
        for table, found in block:
            warehouse.insert(table.name, adapt(found, table, warehouse.capability))
    return meter.work(count)


def _server(ground: Ground) -> int:
    """The port of a ClickHouse server; 0 where none is installed, which is noted."""
    if absent := SERVERS["clickhouse"].absent():
        ground.teller.say(f"without a ClickHouse server: {absent}")
        ground.book.leave(absent, *NATIVE)
        return 0
    stack.up(ground.settings, ["clickhouse"], ground.teller.say)
    return stack.port(ground.settings, "clickhouse")
