"""A fourth item is one file: dropped in, it goes through files, the API and a tapped database to the warehouse, with nothing else changed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors import prepare
from infra import process
from infra import stack as local
from schemas import sources
from schemas.catalog import load
from tests.end_to_end.items import few_items
from tests.waiting import eventually

pytestmark = pytest.mark.servers
ITEM = {
    "type": "record", "namespace": "credit", "name": "gysy", "doc": "A public facility's operating grade.",
    "catalogue": {
        "title": "公用设施运营等级", "category": "履约", "subject": "organisation", "key": ["DJ_BH"], "key_scope": "department", "frequency": "month", "dated_by": "DJ_RQ",
        "usage": "0", "source": "drafted",
    },
    "fields": [
        {"name": "DJ_BH", "title": "等级编号", "type": "string", "length": 32, "example": "DJ-1"},
        {"name": "DW_MC", "title": "单位名称", "type": "string", "length": 256, "rules": ["name"], "example": "济南泉城水务有限公司"},
        {"name": "DJ_FS", "title": "得分", "type": ["null", {"type": "string", "logicalType": "decimal-text", "precision": 5, "scale": 1}], "default": None, "example": "98.5"},
        {"name": "DJ_CS", "title": "次数", "type": ["null", "long"], "default": None, "example": "3"},
        {"name": "DJ_RQ", "title": "评定日期", "type": {"type": "int", "logicalType": "date"}, "rules": ["not_future"], "example": "2017-08-01"},
    ],
}  # fmt: skip
SOURCE = """
source: sw_pg
department: swj
database: {kind: postgres, host: "${env:SW_PG_HOST}", port: "${env:SW_PG_PORT}", name: postgres, user: guiji, password: "${env:SW_PG_PASSWORD}"}
generation: 1
tables:
  public.grade:
    item: gysy
    delete: withdraw
    columns: {DJ_BH: grade_no, DW_MC: unit, DJ_FS: score, DJ_CS: times, DJ_RQ: graded_on}
"""


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory, pipeline_of: Any) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("four")
    (few_items(folder / "avro") / "gysy.avsc").write_text(json.dumps(ITEM, ensure_ascii=False), encoding="utf-8")
    (folder / "sources").mkdir()
    (folder / "sources" / "sw_pg.yaml").write_text(SOURCE, encoding="utf-8")
    found = pipeline_of(folder / "home", folder / "avro", folder / "sources")
    try:
        found.home.mkdir()
        (found.home / "secrets.env").touch(0o600)
        found.up("postgres")
        _database(found, folder)
        found.up("kafka", "registry", "connect")
        found.start("judge", "serve", "map")
        yield found
    finally:
        found.stop()
        local.down(found.settings, report=lambda _line: None)


def _database(found: Any, folder: Path) -> None:
    port, password = local.port(found.settings, "postgres"), found.settings.secrets()["GUIJI_POSTGRES_PASSWORD"]
    with (found.home / "secrets.env").open("a") as file:
        file.write(f"SW_PG_HOST=127.0.0.1\nSW_PG_PORT={port}\nSW_PG_PASSWORD=tapping\n")
    source = sources.load(folder / "sources", load(folder / "avro"))["sw_pg"]
    with psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=password, dbname="postgres", autocommit=True) as home:
        home.execute("CREATE TABLE grade (id bigint PRIMARY KEY, grade_no text, unit text, score numeric(5,1), times int, graded_on date)")
        home.execute("INSERT INTO grade VALUES (1, 'DJ-db', '济南水务集团有限公司', 77.5, 2, '2017-08-03'), (2, 'DJ-bad', '济南水务集团有限公司', 77.5, 2, '2107-08-03')")
        for statement in prepare.statements(source, "tapping"):
            home.execute(statement)


def test_one_file_takes_an_item_through_every_way(four, tmp_path: Path) -> None:
    four.cli("connectors", "apply")
    token = four.token("swj", "sys")
    answer = four.post(token, "gysy", [{"DJ_BH": "DJ-api", "DW_MC": "济南泉城水务有限公司", "DJ_FS": 9.25, "DJ_RQ": "2017-08-01"}, dict(ITEM_EXAMPLE, DJ_BH="DJ-api2")], wait=20)
    assert answer.json()["counts"] == {"accepted": 1, "duplicate": 0, "superseded": 0, "rejected": 1, "excluded": 0}
    assert [reason["rule"] for reason in answer.json()["records"][0]["reasons"]] == ["R-NUM-02"]
    template = tmp_path / "模板.xlsx"
    four.cli("items", "template", "gysy", str(template))
    assert template.stat().st_size > 1000
    file = tmp_path / "等级.csv"
    file.write_text("等级编号,单位名称,得分,次数,评定日期\nDJ-csv,济南历城水务有限公司,88.5,4,2017/8/2\n", encoding="utf-8-sig")
    four.cli("submit", str(file), "--item", "gysy", "--department", "swj")

    def rows() -> list[tuple[Any, ...]]:
        found = four.query("SELECT DJ_BH, DJ_FS, DJ_CS, toString(DJ_RQ) AS d, _way FROM gysy FINAL WHERE _withdrawn = 0 ORDER BY DJ_BH")
        return [tuple(row.values()) for row in found]

    eventually(lambda: len(rows()) == 3)
    assert rows() == [("DJ-api2", "98.5", 3, "2017-08-01", "api"), ("DJ-csv", "88.5", 4, "2017-08-02", "file"), ("DJ-db", "77.5", 2, "2017-08-03", "cdc")]
    eventually(lambda: [row["rules"] for row in four.json("rejects", "--source", "sw_pg.grade")] == [["R-DATE-02"]])
    eventually(lambda: four.json("balance") == [])
    assert "gysy" in four.cli("items", "list")


ITEM_EXAMPLE = {field["name"]: field["example"] for field in ITEM["fields"]}


def changed(home: psycopg.Connection[Any], number: int) -> None:
    """A clerk's day: new rows, changed ones, keys that swap, a row that goes, one that goes and comes again."""
    first = number * 100
    for n in range(first, first + 40):
        home.execute("INSERT INTO grade VALUES (%s, %s, '济南水务集团有限公司', %s, 1, '2017-08-05')", (n, f"T-{n}", n % 90))
    home.execute("UPDATE grade SET score = score + 1 WHERE id >= %s AND id < %s", (first, first + 10))
    home.execute("DELETE FROM grade WHERE id >= %s AND id < %s", (first + 10, first + 15))
    home.execute("INSERT INTO grade VALUES (%s, %s, '济南水务集团有限公司', 5, 1, '2017-08-05')", (first + 10, f"T-{first + 10}"))
    home.execute("UPDATE grade SET id = id + 50 WHERE id = %s", (first + 20,))
    with home.transaction():
        home.execute("UPDATE grade SET grade_no = 'T-swap' WHERE id = %s", (first + 30,))
        home.execute("UPDATE grade SET grade_no = %s WHERE id = %s", (f"T-{first + 30}", first + 31))
        home.execute("UPDATE grade SET grade_no = %s WHERE id = %s", (f"T-{first + 31}", first + 30))


def test_deaths_of_connect_and_map_change_nothing(four) -> None:
    port, password = local.port(four.settings, "postgres"), four.settings.secrets()["GUIJI_POSTGRES_PASSWORD"]

    def truth() -> list[tuple[str, str]]:
        return home.execute("SELECT grade_no, score::float::text FROM grade WHERE grade_no LIKE 'T-%' ORDER BY grade_no COLLATE \"C\"").fetchall()

    def standing() -> list[tuple[str, str]]:
        found = four.query("SELECT DJ_BH, toString(toFloat64(DJ_FS)) AS s FROM gysy FINAL WHERE _withdrawn = 0 AND DJ_BH LIKE 'T-%' ORDER BY DJ_BH")
        return [(row["DJ_BH"], row["s"]) for row in found]

    with psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=password, dbname="postgres", autocommit=True) as home:
        changed(home, 1)
        record = process.read(four.home / "pids" / "connect.json")
        assert record is not None
        process._signal(record.pid, 9)
        assert process.gone(record, 10)
        changed(home, 2)
        four.up("connect")
        four.kill("map")
        four.start("map", GUIJI_KILL_AT="map.produced:1")
        changed(home, 3)
        four.died("map")
        four.start("map", GUIJI_KILL_AT="map.committed:1")
        changed(home, 4)
        four.died("map")
        four.start("map")
        changed(home, 5)
        eventually(lambda: standing() == truth(), 120)
        assert len(truth()) == 5 * 36
    history = four.query("SELECT count() AS n, uniqExact(_partition, _offset) AS places FROM gysy_history")
    assert history[0]["n"] == history[0]["places"]
    eventually(lambda: four.json("balance") == [])
    before = four.query("SELECT count() AS n, max(_version) AS v FROM gysy_history")
    said = four.query("SELECT sum(rows) AS n FROM batches FINAL WHERE source = 'sw_pg.grade'")[0]["n"]
    four.cli("connectors", "snapshot", "sw_pg")  # everything is read once more: nothing is new
    eventually(lambda: four.query("SELECT sum(rows) AS n FROM batches FINAL WHERE source = 'sw_pg.grade'")[0]["n"] >= said + 5 * 36 + 2)
    eventually(lambda: four.json("balance") == [])
    assert four.query("SELECT count() AS n, max(_version) AS v FROM gysy_history") == before
