"""A client nobody here wrote: `pgbench`, its default script, ten clients, on a tapped `pgbench_accounts`. Afterwards source and warehouse are equal row by row.

`PGBENCH=1` runs it for two minutes over all hundred thousand accounts, as it is usually run; else a few thousand transactions over the first accounts.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors import prepare
from infra import database_servers
from infra import stack as local
from schemas import sources
from schemas.catalog import load
from tests.waiting import eventually

pytestmark = pytest.mark.servers
LONG = os.environ.get("PGBENCH") == "1"
ACCOUNTS = 100_000 if LONG else 10_000
RUN = ["-T", "120"] if LONG else ["-t", "400"]
ITEM = {
    "type": "record", "namespace": "credit", "name": "zhanghu", "doc": "pgbench's accounts.",
    "catalogue": {
        "title": "账户余额", "category": "履约", "subject": "organisation", "key": ["ZH"], "key_scope": "department", "frequency": "month", "dated_by": "RQ",
        "usage": "0", "source": "drafted",
    },
    "fields": [
        {"name": "ZH", "title": "账号", "type": "long", "example": "1"},
        {"name": "WD", "title": "网点", "type": ["null", "long"], "default": None, "example": "1"},
        {"name": "YE", "title": "余额", "type": ["null", "long"], "default": None, "example": "-100"},
        {"name": "BZ", "title": "备注", "type": ["null", "string"], "default": None, "length": 100, "example": "无"},
        {"name": "RQ", "title": "日期", "type": ["null", {"type": "int", "logicalType": "date"}], "default": None, "example": "2017-08-01"},
    ],
}  # fmt: skip
SOURCE = """
source: pgbench
department: swj
database: {kind: postgres, host: "127.0.0.1", port: "${env:PGBENCH_PORT}", name: postgres, user: guiji, password: "${env:PGBENCH_PASSWORD}"}
tables:
  public.pgbench_accounts:
    item: zhanghu
    delete: withdraw
    columns: {ZH: aid, WD: bid, YE: abalance, BZ: filler}
"""


class Bank:
    """The pipeline with pgbench's database before it."""

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline
        self.port, self.word = local.port(pipeline.settings, "postgres"), pipeline.settings.secrets()["GUIJI_POSTGRES_PASSWORD"]
        self.owner = psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", password=self.word, dbname="postgres", autocommit=True)

    def pgbench(self, *options: str) -> str:
        command = [str(database_servers.postgres_binaries() / "pgbench"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", *options, "postgres"]
        done = subprocess.run(command, env=os.environ | {"PGPASSWORD": self.word}, capture_output=True, text=True, timeout=400, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def source(self) -> list[tuple[Any, ...]]:
        return self.owner.execute("SELECT aid::text, bid, abalance, nullif(rtrim(filler), '') FROM pgbench_accounts ORDER BY aid::text COLLATE \"C\"").fetchall()

    def warehouse(self) -> list[tuple[Any, ...]]:
        found = self.pipeline.query("SELECT toString(ZH) AS account, WD, YE, BZ FROM zhanghu FINAL WHERE _withdrawn = 0 ORDER BY account")
        return [tuple(row.values()) for row in found]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, pipeline_of: Any) -> Iterator[Bank]:
    folder = tmp_path_factory.mktemp("pgbench")
    for name in ("avro", "sources", "home"):
        (folder / name).mkdir()
    (folder / "avro" / "zhanghu.avsc").write_text(json.dumps(ITEM, ensure_ascii=False), encoding="utf-8")
    (folder / "sources" / "pgbench.yaml").write_text(SOURCE, encoding="utf-8")
    found = pipeline_of(folder / "home", folder / "avro", folder / "sources")
    try:
        (found.home / "secrets.env").touch(0o600)
        found.up("postgres")
        made = Bank(found)
        _opened(made, folder)
        found.up("kafka", "registry", "connect")
        found.start("judge", "serve", "map")
        yield made
        made.owner.close()
    finally:
        found.stop()
        local.down(found.settings, report=lambda _line: None)


def _opened(bank: Bank, folder: Path) -> None:
    """pgbench makes its tables; their administrator opens one of them to us."""
    with (bank.pipeline.home / "secrets.env").open("a") as file:
        file.write(f"PGBENCH_PORT={bank.port}\nPGBENCH_PASSWORD=tapping\n")
    bank.pgbench("-i", "-q")
    bank.owner.execute("DELETE FROM pgbench_accounts WHERE aid > %s", (ACCOUNTS,))
    for statement in prepare.statements(sources.load(folder / "sources", load(folder / "avro"))["pgbench"], "tapping"):
        bank.owner.execute(statement)


def test_after_pgbench_source_and_warehouse_are_equal_row_by_row(bank: Bank) -> None:
    bank.pipeline.cli("connectors", "apply")
    told = bank.pgbench("-c", "10", "-j", "2", "-n", *RUN)  # while the snapshot is read
    assert "number of failed transactions: 0 " in told
    print(told)  # noqa: T201 -- what pgbench says of its run, for who runs it by hand
    source = bank.source()
    assert len(source) == ACCOUNTS
    assert sum(row[2] != 0 for row in source) > 100, "pgbench has changed accounts"
    eventually(lambda: bank.warehouse() == source, 300, told=lambda: bank.pipeline.json("throughput"))
    eventually(lambda: bank.pipeline.json("balance") == [])
    (proof,) = bank.pipeline.json("reconcile", "pgbench")
    assert (proof["verdict"], proof["equal"], proof["rows"]) == ("equal", ACCOUNTS, ACCOUNTS)
    history = bank.pipeline.query("SELECT count() AS n, uniqExact(_partition, _offset) AS places FROM zhanghu_history")[0]
    assert history["n"] == history["places"]
