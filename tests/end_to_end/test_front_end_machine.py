"""The front-end machine that the platform provides, from the first command to the receipt beside the row: on PostgreSQL and on MariaDB at once, the answering process killed in between."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.access import Access
from connectors.front.session import opened
from infra import kafka
from infra import stack as local
from infra.database_servers import mariadb_absent
from schemas.catalog import load
from tests.end_to_end.items import few_items
from tests.waiting import eventually

pytestmark = pytest.mark.servers
KINDS = {"zjj": "postgres"} | ({} if mariadb_absent() else {"hbj": "mariadb"})


class Desk:
    """A department's clerk at his own account: rows in, receipts out."""

    def __init__(self, pipeline: Any, department: str, kind: str) -> None:
        settings, name = pipeline.settings, f"{department}_front"
        self.access = Access(kind, "127.0.0.1", local.port(settings, kind), name, name, settings.secrets()[f"{name.upper()}_PASSWORD"])
        self.catalog = load(settings.catalogue)
        self.mark = '"' if kind == "postgres" else "`"

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with opened(self.access) as session:
            return session.run(statement.replace('"', self.mark), values or None)

    def insert(self, item: str = "xzxk", **said: str) -> None:
        row = {name: value for name, value in (self.catalog[item].example | said).items() if value is not None}
        names = ", ".join(f'"{name}"' for name in row)
        self.run(f'INSERT INTO "{item}" ({names}) VALUES ({", ".join(["%s"] * len(row))})', *row.values())

    def receipts(self) -> dict[int, tuple[str, str]]:
        """Outcome and rules by row."""
        return {row: (outcome, rules) for row, outcome, rules in self.run('SELECT "GJ_ID", "GJ_JG", "GJ_GZ" FROM "xzxk_hz"')}

    def outcomes(self) -> dict[int, str]:
        return {row: outcome for row, (outcome, _) in self.receipts().items()}

    def told(self, expected: dict[int, str]) -> None:
        """Wait for these outcomes."""
        eventually(lambda: self.outcomes() == expected, 120, told=self.receipts)

    def loads(self) -> dict[str, int]:
        columns = ("GJ_DQ", "GJ_RK", "GJ_CF", "GJ_TH", "GJ_FW")
        sums = ", ".join(f'coalesce(sum("{name}"), 0)' for name in columns)
        return dict(zip(columns, map(int, self.run(f'SELECT {sums} FROM "xzxk_hzd"')[0]), strict=True))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, pipeline_of: Any) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("machine")
    (folder / "sources").mkdir()
    found = pipeline_of(folder / "home", few_items(folder / "avro"), folder / "sources")
    try:
        found.up(*KINDS.values())
        for department, kind in KINDS.items():
            told = found.cli("connectors", "provide", department, "xzxk", "--kind", kind)
            assert f"{department.upper()}_FRONT_PASSWORD" in told
            assert "接入单" in told
            assert not any(word in told for name, word in found.settings.secrets().items() if "PASSWORD" in name)
        local.down(found.settings, lambda _line: None)
        found.cli("up", seconds=400)  # starts what the sources live on, too
        found.cli("connectors", "apply")
        found.start("map", "judge", "connectors answer")
        yield found
    finally:
        found.stop()
        local.down(found.settings, report=lambda _line: None)


def test_every_row_is_answered_where_it_stands_and_anew_when_it_is_corrected(machine: Any) -> None:
    desks = [Desk(machine, department, kind) for department, kind in KINDS.items()]
    for desk in desks:
        desk.insert()
        desk.insert()  # the same once more
        desk.insert(XK_WSH="坏的", XK_XDR_SHXYM="123")
        desk.insert(XK_WSH="旧的", XK_JDRQ="2011-01-01", XK_JZQ="2012-01-01", SJC="2011-01-02")
        desk.insert(XK_WSH="未就绪", GJ_CZ="待审")
    for desk in desks:
        desk.told({1: "已入库", 2: "重复", 3: "退回", 4: "不在归集范围"})
        assert "R-" in desk.receipts()[3][1]
        assert desk.loads() == {"GJ_DQ": 4, "GJ_RK": 1, "GJ_CF": 1, "GJ_TH": 1, "GJ_FW": 1}

    machine.kill("connectors answer")
    for desk in desks:
        desk.run('UPDATE "xzxk" SET "XK_XDR_SHXYM" = %s WHERE "GJ_ID" = 3', desk.catalog["xzxk"].example["XK_XDR_SHXYM"])
        desk.run('DELETE FROM "xzxk" WHERE "GJ_ID" = 2')
        desk.run('UPDATE "xzxk" SET "GJ_CZ" = NULL WHERE "GJ_ID" = 5')
    machine.start("connectors answer")
    for desk in desks:
        desk.told({1: "已入库", 2: "已撤回", 3: "已入库", 4: "不在归集范围", 5: "已入库"})
        assert desk.receipts()[3] == ("已入库", "")
        assert desk.loads()["GJ_DQ"] == 7

    captured = {name for name in kafka.partitions(machine.settings) if name.startswith("cdc.")}
    assert captured == {f"cdc.{department}_front.xzxk" for department in KINDS}, "receipts are not captured"


def test_an_item_given_later_is_tapped_and_answered_too(machine: Any) -> None:
    machine.cli("connectors", "provide", "zjj", "xzcf")
    machine.cli("connectors", "apply")
    desk = Desk(machine, "zjj", "postgres")
    desk.insert("xzcf")
    eventually(lambda: desk.run('SELECT "GJ_ID", "GJ_JG" FROM "xzcf_hz"') == [(1, "已入库")], 120, told=lambda: machine.log("connectors answer")[-2000:])
