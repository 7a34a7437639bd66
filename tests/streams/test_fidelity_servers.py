"""From the INSERT in the department's database to the submitted record: what arrives of every kind of value, after a snapshot and from the stream, is what docs/fidelity.md says."""

from pathlib import Path
from typing import Any

import pytest

from schemas import catalog
from tests.streams import fidelity
from tests.streams.fidelity import WAITS, shown
from tests.streams.front import front

PAGE = Path(__file__).parents[2] / "docs" / "fidelity.md"
KINDS = ["postgres", "mariadb"]


@pytest.mark.servers
@pytest.mark.parametrize("kind", KINDS)
def test_what_arrives_of_each_value_is_as_stated(kind: str, stack: Any, tmp_path: Path) -> None:
    wanted, declared = fidelity.values(kind), fidelity.tables(kind)
    ddl = [*fidelity.BEFORE[kind], *(f"CREATE TABLE {name} (bh varchar(60) PRIMARY KEY, v {column})" for name, (column, _) in declared.items())]
    tables = {f"public.{name}" if kind == "postgres" else name: {"delete": "withdraw", "columns": {"BH": "bh", field: "v"}} for name, (_, field) in declared.items()}
    with front(stack, kind, f"values_{kind}", ddl, tables, tmp_path) as tapped:
        for value in wanted:
            tapped.run(value.insert("r"))
        tapped.apply()
        snapshot = sum(value.snapshot != WAITS for value in wanted)
        with tapped.mapping():
            tapped.mapped(snapshot, 240)  # a hundred subjects are registered meanwhile
            for value in wanted:
                tapped.run(value.insert("c"))
            tapped.mapped(snapshot + sum(value.stream != WAITS for value in wanted), 240)
        said = {record["BH"]: record for record in tapped.said()}
        (item,) = catalog.load(tapped.settings.catalogue).values()

    def arrived(value: fidelity.Value, phase: str) -> str | None:
        record = said.get(value.key(phase))
        return WAITS if record is None else shown(record[value.field])

    found = {(value.column, value.literal): (arrived(value, "r"), arrived(value, "c")) for value in wanted}
    assert found == {(value.column, value.literal): (value.snapshot, value.stream) for value in wanted}
    verdicts = {value: fidelity.judged(item, value.field, said[value.key("c")][value.field]) for value in wanted if value.stream != WAITS}
    assert {value: verdict for value, verdict in verdicts.items() if verdict != value.verdict} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_has_every_value(kind: str) -> None:
    page = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in fidelity.document(kind) if line not in page] == []
