"""`guiji reconcile` on both kinds of database through the whole pipeline: changes that the log never told of are found, mended as submitted records, and then everything is equal."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pymysql
import pytest

from connectors import prepare
from connectors.sweep import proof
from infra import held
from infra import stack as local
from schemas import sources
from schemas.catalog import load
from tests.end_to_end.conftest import GUIJI, ROOT
from tests.streams.front import only_item
from tests.waiting import eventually

pytestmark = pytest.mark.servers
ROWS = 2_500
PERSON = "11010519491231002X"
FILE = """
source: rec_{kind}
department: swj
database: {{kind: {kind}, host: "127.0.0.1", port: "${{env:REC_{upper}_PORT}}", name: rec, user: guiji_rec, password: "${{env:REC_PASSWORD}}"}}
heartbeat: 1s
tables:
  {table}:
    item: zdz{kind}
    delete: withdraw
    columns: {{BH: bh, WB: wb, SZ: sz, ZS: zs, RQ: rq, SJ: sj}}
    source_time: sj
    filter: {{column: zt, in: ["1"]}}
"""
POLLED = """
source: pol_{kind}
department: swj
database: {{kind: {kind}, host: "127.0.0.1", port: "${{env:REC_{upper}_PORT}}", name: rec, user: guiji_pol, password: "${{env:REC_PASSWORD}}"}}
capture: poll
every: 1h
tables:
  {table}:
    item: zdp{kind}
    delete: withdraw
    columns: {{BH: bh, WB: wb, SZ: sz, ZS: zs, RQ: rq, SJ: sj}}
    source_time: sj
    filter: {{column: zt, in: ["1"]}}
    poll: {{by: column, column: gx}}
"""
TABLE = "CREATE TABLE t (n int, bh varchar(60), wb varchar(200), sz numeric(18,2), zs bigint, rq date, sj timestamp NULL, zt char(1), id varchar(20), PRIMARY KEY (id, n))"


class Front:
    """One kind's database, and the pipeline behind it."""

    def __init__(self, pipeline: Any, kind: str) -> None:
        self.pipeline, self.kind, self.name, self.table, self.item = pipeline, kind, f"rec_{kind}", "t", f"zdz{kind}"
        port, word = local.port(pipeline.settings, kind), pipeline.settings.secrets()[f"GUIJI_{kind.upper()}_PASSWORD"]
        if kind == "postgres":
            with psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=word, dbname="postgres", autocommit=True) as administrator:
                administrator.execute("CREATE DATABASE rec")
            self.owner: Any = psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=word, dbname="rec", autocommit=True)
        else:
            self.owner = pymysql.connect(host="127.0.0.1", port=port, user="root", password=word, autocommit=True, charset="utf8mb4")
            self.run("CREATE DATABASE rec CHARACTER SET utf8mb4", "USE rec")

    def run(self, *statements: str) -> Sequence[Sequence[Any]]:
        cursor = self.owner.cursor()
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []

    def unseen(self, *statements: str) -> None:
        """Changes that never come into what Debezium reads."""
        before, after = (
            ('ALTER PUBLICATION "guiji_rec_postgres" DROP TABLE t', 'ALTER PUBLICATION "guiji_rec_postgres" ADD TABLE t')
            if self.kind == "postgres"
            else ("SET sql_log_bin = 0", "SET sql_log_bin = 1")
        )
        self.run(before, *statements, after)

    def reconcile(self, *options: str, code: int) -> dict[str, Any]:
        (found,) = json.loads(self.pipeline.cli("reconcile", self.name, *options, "-o", "json", code=code))
        return found

    def stands(self) -> set[tuple[Any, ...]]:
        rows = self.pipeline.query(f"SELECT BH, WB, SZ, toString(ZS) AS ZS, toString(RQ) AS RQ, _row FROM {self.item} FINAL WHERE _withdrawn = 0")
        return {tuple(row.values()) for row in rows}

    def holds(self) -> set[tuple[Any, ...]]:
        rows = self.run(f"SELECT bh, nullif(wb, ''), sz, zs, rq, id, n FROM {self.table} WHERE zt = '1' AND bh <> ''")
        return {(bh, wb, f"{sz:.6f}", str(zs), str(rq), f'["{id_}","{n}"]') for bh, wb, sz, zs, rq, id_, n in rows}


class Asked(Front):
    """A table of the same database that is polled by its column gx; whoever leaves that alone is not seen."""

    def __init__(self, beside: Front) -> None:
        self.pipeline, self.kind, self.owner = beside.pipeline, beside.kind, beside.owner
        self.name, self.table, self.item = f"pol_{beside.kind}", "p", f"zdp{beside.kind}"

    def unseen(self, *statements: str) -> None:
        self.run(*statements)

    def poll(self) -> None:
        self.pipeline.cli("connectors", "poll", "--once")

    def lose(self) -> None:
        """What is known of the table is gone, as with a lost disk."""
        lost = list((self.pipeline.settings.state / "polled").glob(f"{self.name}.p.db*"))
        assert lost
        for each in lost:
            each.unlink()


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory, pipeline_of: Any) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("reconcile")
    for kind in ("postgres", "mariadb"):
        only_item(folder / kind, f"zdz{kind}")
        only_item(folder / f"polled_{kind}", f"zdp{kind}")
    for name in ("avro", "sources", "home"):
        (folder / name).mkdir()
    for kind, table in (("postgres", "public.t"), ("mariadb", "t")):
        for each in folder.glob(f"*{kind}/*.avsc"):
            each.rename(folder / "avro" / each.name)
        (folder / "sources" / f"{kind}.yaml").write_text(FILE.format(kind=kind, upper=kind.upper(), table=table), encoding="utf-8")
        (folder / "sources" / f"polled_{kind}.yaml").write_text(POLLED.format(kind=kind, upper=kind.upper(), table=table[:-1] + "p"), encoding="utf-8")
    found = pipeline_of(folder / "home", folder / "avro", folder / "sources")
    try:
        (found.home / "secrets.env").touch(0o600)
        found.up("postgres", "mariadb")
        with (found.home / "secrets.env").open("a") as file:
            file.write("REC_PASSWORD=tapping\n" + "".join(f"REC_{kind.upper()}_PORT={local.port(found.settings, kind)}\n" for kind in ("postgres", "mariadb")))
        declared = sources.load(folder / "sources", load(folder / "avro"))
        found.fronts = {kind: _filled(Front(found, kind), declared[f"rec_{kind}"]) for kind in ("postgres", "mariadb")}
        found.asked = {kind: _polled(Asked(found.fronts[kind]), declared[f"pol_{kind}"]) for kind in found.fronts}
        found.up("kafka", "registry", "connect")
        found.start("judge", "serve", "map", "connectors watch")
        found.cli("connectors", "apply")
        yield found
    finally:
        for front in getattr(found, "fronts", {}).values():
            front.owner.close()
        found.stop()
        local.down(found.settings, report=lambda _line: None)


def _filled(front: Front, source: sources.Source) -> Front:
    front.run(TABLE, *prepare.statements(source, "tapping"))
    values = ", ".join(f"({n}, 'BH-{n}', '甲{n}', {n}.50, {n}, '2017-08-01', '2017-08-01 08:00:00', '1', 'k{n % 7}')" for n in range(ROWS))
    front.run("INSERT INTO t (n, bh, wb, sz, zs, rq, sj, zt, id) VALUES " + values)
    # One without its key (the judge rejects it), one outside the filter, two rows of one key, one whose primary key and key are a person's number.
    front.run(
        "UPDATE t SET bh = '' WHERE n = 1",
        "UPDATE t SET zt = '0' WHERE n = 2",
        f"UPDATE t SET bh = '{PERSON}', id = '{PERSON}' WHERE n = 3",
        "INSERT INTO t VALUES (9000, 'BH-4', '甲4', 4.50, 4, '2017-08-01', '2017-08-01 08:00:00', '1', 'k9')",
    )
    return front


def _polled(front: Asked, source: sources.Source) -> Asked:
    front.run(TABLE.replace("TABLE t", "TABLE p").replace("zt char(1)", "zt char(1), gx timestamp NULL"), *prepare.statements(source, "tapping"))
    values = ", ".join(f"({n}, 'BH-{n}', '甲{n}', {n}.50, {n}, '2017-08-01', '2017-08-01 08:00:00', '1', '2017-08-01 08:00:00', 'k{n % 7}')" for n in range(300))
    front.run("INSERT INTO p (n, bh, wb, sz, zs, rq, sj, zt, gx, id) VALUES " + values, "UPDATE p SET bh = '' WHERE n = 1", "UPDATE p SET zt = '0' WHERE n = 2")
    front.run("UPDATE p SET gx = '2018-01-01 00:00:00' WHERE n = 5")
    return front


@pytest.fixture(params=["postgres", "mariadb"])
def asked(request: pytest.FixtureRequest, pipeline: Any) -> Asked:
    found: Asked = pipeline.asked[request.param]
    return found


@pytest.fixture(params=["postgres", "mariadb"])
def front(request: pytest.FixtureRequest, pipeline: Any) -> Front:
    found: Front = pipeline.fronts[request.param]
    return found


def test_what_the_log_never_told_of_is_found_and_mended(front: Front) -> None:
    first = front.reconcile(code=0)
    counts = {name: first[name] for name in ("rows", "equal", "rejected", "outside", "missing", "extra", "different")}
    assert counts == {"rows": ROWS + 1, "equal": ROWS - 1, "rejected": 1, "outside": 1, "missing": 0, "extra": 0, "different": 0}
    assert (first["verdict"], first["made"]) == ("equal", ROWS + 1)
    front.unseen(
        "INSERT INTO t VALUES (9001, 'BH-new', '新', 1.00, 1, '2017-08-02', '2017-08-02 08:00:00', '1', 'k1')",
        "UPDATE t SET wb = '乙' WHERE n IN (10, 3)",
        "DELETE FROM t WHERE n = 20",
        "UPDATE t SET bh = 'BH-moved' WHERE n = 30",
        "UPDATE t SET zt = '0' WHERE n = 40",
    )
    found = front.reconcile(code=2)
    assert {name: found[name] for name in ("missing", "extra", "different")} == {"missing": 2, "extra": 3, "different": 2}
    told = json.dumps(found["differences"], ensure_ascii=False)
    assert "BH-NEW" in told
    assert PERSON not in told
    assert found["made"] == 5, "only what changed was judged anew"
    mended = front.reconcile("--repair", code=0)
    assert (mended["asked"], mended["left"], mended["made"]) == (7, 0, 0)
    front.run("UPDATE t SET wb = '丙' WHERE n = 10", "UPDATE t SET bh = 'BH-20', n = 20 WHERE n = 21")
    last = front.reconcile(code=0)
    assert (last["equal"], last["rejected"], last["outside"]) == (ROWS - 2, 1, 2)
    assert {row[:5] for row in front.stands()} == {row[:5] for row in front.holds()}


def test_too_much_to_be_withdrawn_asks_a_person_and_a_killed_run_goes_on_where_it_was(front: Front) -> None:
    front.unseen("DELETE FROM t WHERE n BETWEEN 1000 AND 1999")
    killed = subprocess.run(
        [*GUIJI, "reconcile", front.name, "--rate", "500", "--anew"], env=front.pipeline.env | {"GUIJI_KILL_AT": "sweep.page:2"}, cwd=ROOT, capture_output=True, check=False
    )
    assert killed.returncode == -9
    front.pipeline.cli("reconcile", front.name, "--rate", "500", "--repair", code=1)
    left = front.reconcile("--repair", "--yes", code=0)
    assert (left["asked"], left["made"]) == (1000, 0), "the pages before the death, and those after it, were kept"
    assert front.reconcile(code=0)["equal"] == len(front.holds())


def test_each_run_left_its_proof(front: Front) -> None:
    last = proof.last(front.pipeline.settings)[f"{front.name}.t"]
    assert (last["verdict"], last["table"].rpartition(".")[2], last["missing"]) == ("equal", "t", 0)


def test_what_a_poll_cannot_see_is_found_and_mended(asked: Asked) -> None:
    asked.poll()
    first = asked.reconcile(code=0)
    counts = {name: first[name] for name in ("rows", "equal", "rejected", "outside", "missing", "extra", "different")}
    assert counts == {"rows": 300, "equal": 298, "rejected": 1, "outside": 1, "missing": 0, "extra": 0, "different": 0}
    asked.unseen(
        "INSERT INTO p (n, bh, wb, sz, zs, rq, zt, gx, id) VALUES (9001, 'BH-new', '新', 1.00, 1, '2017-08-02', '1', '2017-08-02 08:00:00', 'k1')",
        "UPDATE p SET wb = '乙' WHERE n IN (10, 3)",
        "DELETE FROM p WHERE n IN (20, 21)",
        "UPDATE p SET bh = 'BH-moved' WHERE n = 30",
        "UPDATE p SET zt = '0' WHERE n = 40",
    )
    asked.run("UPDATE p SET wb = '丙', gx = '2018-01-02 00:00:00' WHERE n = 11")  # seen, but not yet
    found = asked.reconcile(code=2)
    assert {name: found[name] for name in ("missing", "extra", "different")} == {"missing": 2, "extra": 4, "different": 2}
    mended = asked.reconcile("--repair", code=0)
    assert (mended["asked"], mended["left"]) == (8, 0)
    assert {row[:5] for row in asked.stands()} == {row[:5] for row in asked.holds()}
    # A row that was taken back beside the polls, and comes again just as it was, is new to them; one that changes afterwards is later than its repair.
    asked.run(
        "INSERT INTO p (n, bh, wb, sz, zs, rq, sj, zt, gx, id) VALUES (20, 'BH-20', '甲20', 20.50, 20, '2017-08-01', '2017-08-01 08:00:00', '1', '2018-01-03 00:00:00', 'k6')",
        "UPDATE p SET wb = '丁', gx = '2018-01-03 00:00:00' WHERE n = 10",
    )
    asked.poll()
    last = asked.reconcile(code=0)
    assert (last["verdict"], last["rows"], last["equal"]) == ("equal", 300, 297)
    assert last["position"].endswith("/~")


def test_what_was_deleted_before_a_polls_state_was_lost_is_taken_back_and_too_much_asks_a_person(asked: Asked) -> None:
    asked.poll()
    asked.run("DELETE FROM p WHERE n BETWEEN 100 AND 109")
    asked.lose()
    asked.poll()
    eventually(lambda: {row[:5] for row in asked.stands()} == {row[:5] for row in asked.holds()}, 120, told=lambda: asked.pipeline.log("connectors watch")[-2000:])
    before = len(asked.stands())
    asked.run("DELETE FROM p WHERE n BETWEEN 150 AND 249")
    asked.lose()
    asked.poll()
    release = f"guiji connectors release {asked.name} --table"
    eventually(lambda: any(release in line for line in held.lines(asked.pipeline.settings)), 120, told=lambda: asked.pipeline.log("connectors watch")[-2000:])
    assert len(asked.stands()) == before
    asked.pipeline.cli("connectors", "release", asked.name, "--table", "p", "--why", "归档", "--by", "王")
    eventually(lambda: {row[:5] for row in asked.stands()} == {row[:5] for row in asked.holds()}, 120, told=lambda: asked.pipeline.log("connectors watch")[-2000:])
    assert asked.reconcile(code=0)["equal"] == len(asked.holds())
