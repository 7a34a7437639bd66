"""What every warehouse promises, held against both kinds, over every item of the catalogue."""

import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from loaders import ddl, errors, table
from loaders.dialect import adapt, beyond
from loaders.loading import Loading
from loaders.parameters import ParameterFault
from loaders.rows import Places, accepted, streams
from loaders.warehouse import Warehouse
from schemas import catalog as catalogues
from schemas.catalog import Item

ROOT = Path(__file__).parents[2]
CATALOG = catalogues.load(ROOT / "schemas" / "avro")
NOW = datetime(2017, 9, 1, 1, 2, 3, 456000, tzinfo=UTC)
LONG = "准予变更登记，" * 290


def acceptance(item: Item, key: str, version: int, **other: Any) -> dict[str, Any]:
    envelope = {
        "_source": "swj/excel", "_department": "swj", "_way": "excel", "_batch": "HZ1", "_line": 1, "_row": None, "_ref": None, "_position": None,
        "_operation": "upsert", "_source_time": None, "_received_at": NOW, "_catalogue": "0123456789ab", "_origin": None,
        "_key": key, "_version": version, "_fingerprint": "f" * 32, "_change": "new", "_warnings": None, "_judged_at": NOW,
    }  # fmt: skip
    return envelope | {field.name: None for field in item.fields} | other


def example(field: Any) -> Any:
    """A value at the edge of what the field's kind may hold."""
    return {
        "string": LONG, "decimal-text": "12345678901234.50", "date": date(2099, 12, 31), "timestamp-millis": datetime(1949, 10, 1, 7, 0, 0, 1000, tzinfo=UTC), "long": -(2**53),
    }[field.kind]  # fmt: skip


def load(warehouse: Warehouse, item: Item, records: list[dict[str, Any]], first: int = 0) -> int:
    now, ever = table.current(item), table.history(item)
    made = accepted(now, ever, frame(ever, records), places(len(records), first))
    return Loading(warehouse, streams(CATALOG)[f"credit.{item.code}.accepted"]).load(made, NOW)


def frame(declared: table.Table, records: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(records, schema=pa.schema([f for f in declared.schema() if f.name in records[0]]))


def places(number: int, first: int) -> Places:
    return Places(pa.array([0] * number, pa.int64()), pa.array(range(first, first + number), pa.int64()), NOW)


def fresh(warehouse: Warehouse, item: Item) -> None:
    for name in (item.code, f"{item.code}_history"):
        warehouse.command(f"TRUNCATE TABLE `{name}`")


@pytest.mark.parametrize("item", CATALOG.values(), ids=lambda item: item.code)
def test_an_items_records_come_back_as_they_went_in(warehouse: Warehouse, item: Item) -> None:
    fresh(warehouse, item)
    full = acceptance(item, '["甲"]', 1, _row='["12"]', _source_time=NOW, **{field.name: example(field) for field in item.fields})
    empty = acceptance(item, '["乙"]', 2)
    old = acceptance(item, '["丙"]', 3, **{field.name: date(1949, 10, 1) for field in item.fields if field.kind == "date"})
    assert load(warehouse, item, [full, empty, old]) == 6
    found = {row["_key"]: row for row in warehouse.query(f"SELECT * FROM `{item.code}` FINAL").dicts()}
    for record in (full, empty, old):
        for field in item.fields:
            assert _as_written(warehouse, field.kind, record[field.name]) == found[record["_key"]][field.name], field.name
    received = found['["甲"]']["_received_at"]
    assert received.utcoffset().total_seconds() == 8 * 3600
    assert received.replace(microsecond=0) == NOW.replace(microsecond=0)


def _as_written(warehouse: Warehouse, kind: str, value: Any) -> Any:
    if value is None or (kind == "date" and warehouse.capability.date32) or kind not in {"date", "timestamp-millis"}:
        return value
    if kind == "timestamp-millis":
        return value if warehouse.capability.datetime64 else "1949-10-01 15:00:00.001"
    return value.isoformat()


@pytest.mark.parametrize("item", CATALOG.values(), ids=lambda item: item.code)
def test_the_newest_version_stands_and_a_withdrawn_one_does_not(warehouse: Warehouse, item: Item) -> None:
    fresh(warehouse, item)
    load(warehouse, item, [acceptance(item, "a", 1), acceptance(item, "b", 2), acceptance(item, "a", 4, _batch="HZ2")], first=0)
    load(warehouse, item, [acceptance(item, "b", 5, _change="withdrawn"), acceptance(item, "a", 3, _batch="late")], first=3)
    current = warehouse.query(f"SELECT _key, _version, _batch FROM `{item.code}` FINAL WHERE _withdrawn = 0").rows()
    assert current == [("a", 4, "HZ2")]
    assert warehouse.query(f"SELECT count() FROM `{item.code}_history`").value() == 5


def test_what_is_loaded_twice_is_there_once(warehouse: Warehouse) -> None:
    item = next(iter(CATALOG.values()))
    fresh(warehouse, item)
    records = [acceptance(item, f"k{n}", n) for n in range(50)]
    assert load(warehouse, item, records[:20]) == 40
    assert load(warehouse, item, records[10:], first=10) == 60
    assert load(warehouse, item, records) == 0
    assert warehouse.query(f"SELECT count() FROM `{item.code}`").value() == 50
    assert warehouse.query(f"SELECT count() FROM `{item.code}_history`").value() == 50


def test_rows_merged_away_in_the_current_table_are_not_inserted_again(warehouse: Warehouse) -> None:
    item = next(iter(CATALOG.values()))
    fresh(warehouse, item)
    records = [acceptance(item, "same", n) for n in range(5)]
    load(warehouse, item, records)
    warehouse.command(f"OPTIMIZE TABLE `{item.code}` FINAL")
    assert load(warehouse, item, records) == 0
    assert warehouse.query(f"SELECT count() FROM `{item.code}`").value() == 1


@pytest.mark.parametrize("text", ["o'brien", "\\", "a\\'; DROP TABLE rejected; --", "{x:String}", "%s %(a)s %", "多行\n\t\r", "", "𠮷", "`"])
def test_a_parameter_is_never_read_as_sql(warehouse: Warehouse, text: str) -> None:
    sql = "SELECT {x:String} AS x, {many:Array(String)} AS many, {none:Array(String)} AS none, {n:Int64} AS n"
    row = warehouse.query(sql, {"x": text, "many": [text, "b"], "none": [], "n": -5}).dicts()[0]
    assert (row["x"], list(row["many"]), list(row["none"]), row["n"]) == (text, [text, "b"], [], -5)


@pytest.mark.parametrize("parameters", [{}, {"x": "1", "y": "2"}, {"x": 1}, {"x": None}])
def test_parameters_that_do_not_fit_are_refused_before_the_server_sees_them(warehouse: Warehouse, parameters: dict[str, Any]) -> None:
    with pytest.raises(ParameterFault):
        warehouse.query("SELECT {x:String}", parameters)


@pytest.mark.parametrize("sql", ["DROP TABLE rejected", "INSERT INTO topics (topic) VALUES ('x')", "TRUNCATE TABLE topics", "CREATE TABLE x (a Int8) ENGINE = Memory"])
def test_a_query_cannot_write(warehouse: Warehouse, sql: str) -> None:
    with pytest.raises(errors.WarehouseError):
        warehouse.query(sql)
    assert warehouse.query("SELECT count() FROM topics").value() == 0


def test_a_query_stops_at_its_limits_and_the_next_one_works(warehouse: Warehouse) -> None:
    with pytest.raises(errors.LimitReached):
        warehouse.query("SELECT number FROM system.numbers LIMIT 40000")
    with pytest.raises(errors.LimitReached):
        warehouse.query("SELECT count() FROM (SELECT groupArray(number) AS a FROM system.numbers LIMIT 100000000)")
    assert warehouse.query("SELECT count() FROM topics").value() == 0


def test_a_wrong_statement_names_what_is_wrong(warehouse: Warehouse) -> None:
    with pytest.raises(errors.SchemaRefused, match="nosuch"):
        warehouse.query("SELECT nosuch FROM topics")


def test_an_empty_answer_still_has_its_columns(warehouse: Warehouse) -> None:
    answer = warehouse.query("SELECT topic, topic_id FROM topics WHERE topic = ''")
    assert (answer.names, len(answer), answer.dicts()) == (("topic", "topic_id"), 0, [])


def test_queries_run_beside_inserts_from_other_threads(warehouse: Warehouse) -> None:
    item = next(iter(CATALOG.values()))
    fresh(warehouse, item)
    done, seen, faults = threading.Event(), [], []

    def read() -> None:
        try:
            while not done.is_set():
                seen.append(warehouse.query(f"SELECT count() FROM `{item.code}_history`").value())
        except errors.WarehouseError as error:
            faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for block in range(10):
        load(warehouse, item, [acceptance(item, f"{block}-{n}", block * 100 + n) for n in range(100)], first=block * 100)
    done.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert set(seen) <= set(range(0, 1001, 100))
    assert warehouse.query(f"SELECT count() FROM `{item.code}_history`").value() == 1000


def test_a_date_the_server_cannot_hold_is_set_aside_and_said(warehouse: Warehouse) -> None:
    item = next(item for item in CATALOG.values() if any(field.kind == "date" for field in item.fields))
    fresh(warehouse, item)
    warehouse.command("TRUNCATE TABLE unloadable")
    old = datetime(1969, 1, 1, tzinfo=UTC)
    loaded = load(warehouse, item, [acceptance(item, "a", 1, _received_at=old), acceptance(item, "b", 2)])
    aside = warehouse.query("SELECT topic, _partition, _offset, why FROM unloadable FINAL").dicts()
    if warehouse.capability.datetime64:
        assert (loaded, aside) == (4, [])
    else:
        assert loaded == 2
        assert [(row["topic"], row["_offset"]) for row in aside] == [(f"credit.{item.code}.accepted", 0)]
        assert "_received_at = 1969-01-01" in aside[0]["why"]


def test_the_live_tables_are_the_declared_ones(warehouse: Warehouse) -> None:
    declared = list(table.of(CATALOG))
    assert ddl.compare(declared, ddl.read(warehouse), warehouse.capability) == []
    assert ddl.apply(warehouse, declared) == []


def test_a_new_nullable_column_is_added_and_anything_else_refused(warehouse: Warehouse) -> None:
    plain = table.Table("trial", ("a",), (table.Column("a", table.TEXT), table.Column("n", table.INTEGER)))
    wider = table.Table("trial", ("a",), (*plain.columns, table.Column("d", table.DATE, nullable=True)))
    strict = table.Table("trial", ("a",), (*wider.columns, table.Column("must", table.TEXT)))
    other = table.Table("trial", ("a",), (plain.columns[0], table.Column("n", table.TEXT), wider.columns[2]))
    turned = table.Table("trial", ("n",), wider.columns)
    warehouse.command("DROP TABLE IF EXISTS trial")
    assert [each.what for each in ddl.apply(warehouse, [plain])] == ["is missing"]
    assert [each.what for each in ddl.apply(warehouse, [wider])] == ["lacks column d"]
    for table_, what in ((strict, "lacks column must"), (other, "column n is Int64"), (plain, "has column d"), (turned, "ordered by a")):
        with pytest.raises(errors.SchemaRefused, match=what):
            ddl.apply(warehouse, [table_])
    assert ddl.compare([wider], ddl.read(warehouse), warehouse.capability) == []
    warehouse.command("DROP TABLE trial")


class Picky:
    """A warehouse that refuses a block with a bad key, whole, as a server refuses one that breaks a constraint."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse, self.refused = warehouse, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    def insert(self, name: str, rows: pa.Table, token: str | None = None) -> None:
        if "_key" in rows.column_names and "bad" in rows.column("_key").to_pylist():
            self.refused += 1
            raise errors.DataRefused("constraint violated", 469)
        self._warehouse.insert(name, rows, token)


def test_a_refused_row_is_found_and_the_others_go_in(warehouse: Warehouse) -> None:
    item = next(iter(CATALOG.values()))
    fresh(warehouse, item)
    warehouse.command("TRUNCATE TABLE unloadable")
    records = [acceptance(item, "bad" if n in {37, 38} else f"k{n}", n, _line=n) for n in range(100)]
    picky = Picky(warehouse)
    assert load(picky, item, records) == 196
    aside = warehouse.query("SELECT _offset, raw, why FROM unloadable FINAL ORDER BY _offset").rows()
    assert aside == [(n, f"batch HZ1 line {n}", "constraint violated") for n in (37, 38)]
    for name in (item.code, f"{item.code}_history"):
        assert warehouse.query(f"SELECT count(), uniqExact(_offset) FROM `{name}`").rows() == [(98, 98)]
    assert picky.refused < 60


def test_a_block_that_breaks_a_constraint_counts_as_the_datas_fault(warehouse: Warehouse) -> None:
    if warehouse.name != "embedded":
        pytest.skip("18.16 knows no constraints")
    item = next(iter(CATALOG.values()))
    fresh(warehouse, item)
    warehouse.command("TRUNCATE TABLE unloadable")
    warehouse.command(f"ALTER TABLE `{item.code}` ADD CONSTRAINT good CHECK _key != 'bad'")
    try:
        load(warehouse, item, [acceptance(item, "bad" if n == 37 else f"k{n}", n) for n in range(100)])
    finally:
        warehouse.command(f"ALTER TABLE `{item.code}` DROP CONSTRAINT good")
    assert warehouse.query("SELECT _offset FROM unloadable FINAL").rows() == [(37,)]
    assert warehouse.query(f"SELECT count() FROM `{item.code}`").value() == 99


def test_dates_are_checked_against_what_this_server_holds(warehouse: Warehouse) -> None:
    declared = table.Table("t", ("d",), (table.Column("d", table.DATE, nullable=True), table.Column("m", table.MOMENT, nullable=True)))
    rows = pa.table({"d": pa.array([date(1, 1, 1), None, date(2099, 12, 31)], pa.date32()), "m": pa.array([None, NOW, NOW], pa.timestamp("ms", "UTC"))})
    assert beyond(rows, declared, warehouse.capability) == [None, None, None]
    text = adapt(rows, declared, warehouse.capability).column("d").to_pylist()
    assert text == (rows.column("d").to_pylist() if warehouse.capability.date32 else ["0001-01-01", None, "2099-12-31"])


def test_a_second_process_is_told_who_has_the_engine(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from loaders import embedded; embedded.own(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(tmp_path / "clickhouse")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "open\n"
        second = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        first.communicate("")
    assert second.returncode != 0
    assert "already open in another process" in second.stderr
    assert "guiji serve" in second.stderr
