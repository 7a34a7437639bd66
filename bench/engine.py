"""ClickHouse's own Kafka engine as a peer: the server itself reads a topic and a materialized view fills the same two tables. It decodes no Avro here (18.16 cannot): the rows come as JSON lines."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bench import lanes
from bench.book import Work
from bench.cpu import Meter
from bench.ground import Ground
from bench.lanes import Lane
from bench.measure import PATIENCE, PAUSE, BenchFault, begin, ends
from infra import kafka, wait
from loaders import ddl, rows
from loaders.dialect import adapt
from loaders.errors import WarehouseError
from loaders.native import Native
from loaders.sink import prepare
from loaders.table import Table
from loaders.warehouse import Warehouse
from schemas.catalog import Catalog
from schemas.topics import Topic

FIGURE = "sink_over_clickhouse_kafka_engine_ratio"
TOPIC = Topic("bench.engine", retention_ms=3_600_000)
BLOCK = 65_536  # rows the engine inserts at once; what is left over waits some seconds for more, which is not counted
COPIES = 4  # of the rows, under other keys, so that there are several blocks
SETTINGS: Mapping[str, str] = {"kafka_format": "JSONEachRow", "kafka_num_consumers": "1"}


def knows(house: Warehouse) -> bool:
    """Whether it names a Kafka engine; the embedded one does, and refuses to make a table with it ("Shutdown was called")."""
    return bool(house.query("SELECT name FROM system.table_engines WHERE name = 'Kafka'").rows())


def load(ground: Ground, house: Native, lane: Lane, blocks: list[rows.Made], run: int) -> Work | None:
    """The accepted rows by the engine, from its first block in the table to its last whole one; None where the server has no such engine or it does not start, which is noted."""
    prepare(house, Catalog([lane.item]))
    if not knows(house):
        ground.book.leave("the server has no Kafka engine", FIGURE)
        return None
    ground.teller.doing(f"ClickHouse's own Kafka engine {run}")
    if kafka.ensure(ground.settings, [TOPIC]):
        lanes.write(ground.settings, TOPIC.name, _lines(blocks, house, COPIES))
    ground.book.configurations["clickhouse_kafka_engine"] = SETTINGS
    tables = [table for table, _ in blocks[0]]
    whole = Meter(ground.beside("clickhouse", "kafka"))
    try:
        _feed(ground, house, tables, run)
    except WarehouseError as fault:
        ground.book.leave(f"the engine refuses: {str(fault)[:200]}", FIGURE)
        return None
    count = ends(ground.settings, TOPIC.name)
    return _watched(ground, house, tables[-1], max(count // BLOCK * BLOCK, min(count, BLOCK)), whole)


def _feed(ground: Ground, house: Native, tables: list[Table], run: int) -> None:
    columns = ", ".join(f"`{column.name}` {ddl.kind(column, house.capability)}" for column in tables[0].columns)
    group = f"bench-engine-{run}"
    begin(ground.settings, group, {TOPIC.name: 0})  # it would begin at the end
    given = {"kafka_broker_list": ground.settings.kafka, "kafka_topic_list": TOPIC.name, "kafka_group_name": group, **SETTINGS}
    house.command(f"CREATE TABLE bench_queue ({columns}) ENGINE = Kafka SETTINGS {', '.join(f'{name} = {_literal(value)}' for name, value in given.items())}")
    for table in tables:
        house.command(f"CREATE MATERIALIZED VIEW bench_{table.name} TO `{table.name}` AS SELECT * FROM bench_queue")


def _literal(value: str) -> str:
    return value if value.isdigit() else f"'{value}'"


def _watched(ground: Ground, house: Native, table: Table, count: int, whole: Meter) -> Work:
    """From the first block on; when there was but one, since ``whole`` was made."""

    def there() -> int:
        return int(house.query(f"SELECT count() FROM `{table.name}`").rows()[0][0])

    first = wait.until(there, 60.0, every=PAUSE)
    meter = Meter(ground.beside("clickhouse", "kafka"))
    if not first or wait.until(there, PATIENCE, every=PAUSE, holds=lambda rows: rows >= count) < count:
        raise BenchFault(f"ClickHouse's Kafka engine loaded {there()} of {count} rows")
    return meter.work(count - first) if first < count else whole.work(count)


def _lines(blocks: list[rows.Made], house: Native, copies: int) -> Iterator[lanes.Row]:
    for (table, found), *_ in blocks:
        for row in adapt(found, table, house.capability).to_pylist():
            line = json.dumps(row, ensure_ascii=False, default=_time).encode()
            for copy in range(copies):
                yield None, line.replace(b'"_key": "', b'"_key": "%d' % copy, 1)


def _time(value: Any) -> Any:
    return int(value.timestamp())
