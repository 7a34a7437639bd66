"""A department changes its tables under a running map: what does not matter is noted, what does holds that table alone, and a corrected source file lets it go on where it stood."""

from typing import Any

import pytest

from infra import held
from tests.streams.front import Front, front
from tests.waiting import eventually

pytestmark = pytest.mark.servers
COLUMNS = "id int PRIMARY KEY, bh varchar(60), wb varchar(40), sz decimal(18,2)"
DDL = {
    "postgres": {
        "add": "ALTER TABLE one ADD COLUMN extra varchar(9)",
        "rename": "ALTER TABLE one RENAME COLUMN wb TO nr",
        "narrow": "ALTER TABLE one ALTER COLUMN sz TYPE decimal(18,0)",
        "drop": "ALTER TABLE one DROP COLUMN sz",
    },
    "mariadb": {
        "add": "ALTER TABLE one ADD COLUMN extra varchar(9)",
        "rename": "ALTER TABLE one CHANGE wb nr varchar(40)",
        "narrow": "ALTER TABLE one MODIFY sz decimal(18,0)",
        "drop": "ALTER TABLE one DROP COLUMN sz",
    },
}


class Office:
    """The tapped database with what map said and noted."""

    def __init__(self, tapped: Front) -> None:
        self.tapped, self.rows = tapped, 0
        self.name = next(name for name in tapped.source.tables if name.endswith("one"))

    def insert(self, table: str, text: str, columns: str = "id, bh, wb, sz", more: str = ", 1.25") -> str:
        """One more row; its key."""
        self.rows += 1
        key = f"{table}/{self.rows}"
        self.tapped.run(f"INSERT INTO {table} ({columns}) VALUES ({self.rows}, '{key}', '{text}'{more})")
        return key

    def said(self) -> dict[str, dict[str, Any]]:
        return {record["BH"]: record for record in self.tapped.said()}

    def comes(self, key: str) -> dict[str, Any]:
        return eventually(lambda: self.said().get(key), told=lambda: held.read(self.tapped.settings))

    def notes(self) -> held.Notes:
        return held.read(self.tapped.settings)

    def waits(self, *words: str) -> None:
        """The first table is held, its neighbour goes on, and both sides are told."""
        topic = f"cdc.{self.tapped.name}.one"
        why = eventually(lambda: self.notes().held.get(topic))
        assert [word for word in words if word not in why] == []
        told = self.notes().told[topic]
        assert (told["department"], told["table"]) == ("zjj", self.name)
        assert [word for word in words if word not in told["message"]] == []
        assert any(topic in line for line in self.notes().lines())
        self.comes(self.insert("two", "邻居"))

    def map_columns(self, **columns: str) -> None:
        self.tapped.edit(lambda spec: spec["tables"][self.name].update(columns=columns))

    def goes_on(self) -> None:
        eventually(lambda: not self.notes().held, told=self.notes)


@pytest.fixture(params=["postgres", "mariadb"])
def office(request: pytest.FixtureRequest, stack: Any, tmp_path: Any) -> Any:
    kind: str = request.param
    columns = {"BH": "bh", "WB": "wb", "SZ": "sz"}
    tables = {f"public.{name}" if kind == "postgres" else name: {"delete": "withdraw", "columns": columns} for name in ("one", "two")}
    with front(stack, kind, f"shape_{kind}", [f"CREATE TABLE {name} ({COLUMNS})" for name in ("one", "two")], tables, tmp_path) as tapped:
        yield Office(tapped)


def test_a_changed_table_is_noted_or_held_and_goes_on_after_its_file_is_corrected(office: Office) -> None:
    tapped, ddl = office.tapped, DDL[office.tapped.kind]
    office.insert("one", "甲")
    tapped.apply()
    with tapped.mapping():
        office.comes("one/1")
        tapped.run(ddl["add"])
        assert office.comes(office.insert("one", "乙"))["WB"] == "乙"
        eventually(lambda: "extra varchar(9)" in office.notes().noted.get(f"cdc.{tapped.name}.one", ""))
        assert office.notes().held == {}

        tapped.run(ddl["rename"])
        renamed = [office.insert("one", text, "id, bh, nr, sz") for text in ("丙", "丁")]
        office.waits("wb")
        office.map_columns(BH="bh", WB="nr", NOTHING="x", SZ="sz")
        eventually(lambda: "NOTHING" in office.notes().broken)
        office.waits("wb")
        office.map_columns(BH="bh", WB="nr", SZ="sz")
        assert [office.comes(key)["WB"] for key in renamed] == ["丙", "丁"]
        office.goes_on()
        assert office.notes().broken == ""

        tapped.run(ddl["narrow"])
        narrow = office.insert("one", "戊", "id, bh, nr, sz")
        office.waits("sz", "(18,2)", "(18,0)")
    with tapped.mapping():  # a start in between forgets nothing
        office.waits("sz", "(18,2)", "(18,0)")
        assert narrow not in office.said()
        with tapped.file.open("a") as file:
            file.write("# whole yuan from 2017 on, says the department\n")
        assert office.comes(narrow)["SZ"] == "1"
        office.goes_on()
    with tapped.mapping():
        tapped.run(ddl["drop"])
        dropped = office.insert("one", "己", "id, bh, nr", "")
        office.waits("sz")
        office.map_columns(BH="bh", WB="nr")
        assert office.comes(dropped)["WB"] == "己"
        office.goes_on()
    assert len(office.tapped.said()) == office.rows, "nothing lost, nothing twice"
