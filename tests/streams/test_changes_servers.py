"""Every way a department's program changes its tables, on both kinds of database: afterwards the records that stand equal the source row by row, and a load of the same content is no news."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from schemas import catalog
from tests.streams.changes import CHANGES, Change
from tests.streams.front import Front, front
from tests.streams.judging import Court, judging
from tests.waiting import eventually

pytestmark = pytest.mark.servers


class Told:
    """What became of all tables of one database."""

    def __init__(self, tapped: Front, court: Court) -> None:
        self.tapped, self.court = tapped, court

    def accepted(self, table: str) -> list[dict[str, Any]]:
        return [each for each in self.court.accepted() if each["key"].split('"')[5].startswith(f"{table.upper()}/")]  # keys are in capitals

    def standing(self, table: str) -> dict[str, str | None]:
        """Key → text of the records that stand."""
        last = {each["_key"]: each for each in sorted(self.accepted(table), key=lambda each: each["_version"])}
        return {each["BH"]: each["WB"] for each in last.values() if each["_change"] != "withdrawn"}

    def source(self, change: Change) -> dict[str, str]:
        mark = '"' if self.tapped.kind == "postgres" else "`"
        key, text = (f"{mark}{change.map[field]}{mark}" for field in ("BH", "WB"))
        return {row[0]: row[1] for row in self.tapped.ask(f"SELECT {key}, {text} FROM {change.quoted(self.tapped.kind)} WHERE {key} IS NOT NULL")}


def _sql(kind: str, change: Change, statement: str) -> str:
    """A statement with quoted names where it asks for them, in braces."""
    mark = '"' if kind == "postgres" else "`"
    return re.sub(r"\{(\w*)\}", lambda found: f"{mark}{found[1] or change.name}{mark}", statement)


def _ddl(kind: str, change: Change) -> str:
    return f"CREATE TABLE {change.quoted(kind)} ({_sql(kind, change, change.columns)})"


@pytest.fixture(scope="module", params=["postgres", "mariadb"])
def told(request: pytest.FixtureRequest, stack: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """All tables read once, all steps done, everything judged."""
    kind: str = request.param
    folder = tmp_path_factory.mktemp(kind)
    tables = {f"public.{change.name}" if kind == "postgres" else change.name: {"delete": change.delete, "columns": change.map, "constants": {"RQ": "2017-01-01"}} for change in CHANGES}
    with front(stack, kind, f"changes_{kind}", [_ddl(kind, change) for change in CHANGES], tables, folder) as tapped:
        court = Court(tapped.settings.model_copy(update={"home": folder / "judge"}), catalog.load(tapped.settings.catalogue))
        found = Told(tapped, court)
        for change in CHANGES:
            tapped.run(*(_sql(kind, change, statement) for statement in change.first))
        tapped.apply()
        rows = sum(len(found.source(change)) + (change.name == "twins") for change in CHANGES)
        with tapped.mapping(), judging(court):
            tapped.mapped(rows)
            for number in range(max(len(change.steps) for change in CHANGES)):
                for change in CHANGES:
                    if number < len(change.steps):
                        tapped.run(*(_sql(kind, change, statement) for statement in change.steps[number]))
            tapped.run("INSERT INTO moved (id, bh, wb) VALUES (99, 'end/1', '完')")
            eventually(lambda: found.standing("end"))
            said = len(tapped.said())
            eventually(lambda: sum(court.outcomes().values()) >= said)
        yield found


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_what_stands_equals_the_source_row_by_row(told: Told, change: Change) -> None:
    source, standing = told.source(change), told.standing(change.name)
    source.pop("end/1", None)
    assert set(standing) - set(source) == set(change.left)
    assert set(source) - set(standing) == set(change.lost)
    assert {key: text for key, text in standing.items() if key in source} == {key: text for key, text in source.items() if key in standing}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_only_what_is_news_makes_a_version(told: Told, change: Change) -> None:
    assert len(told.accepted(change.name)) - len(_keys(change)) == change.news


def _keys(change: Change) -> set[str]:
    return set(re.findall(rf"'({change.name}/\w+)'", " ".join(change.first)))
