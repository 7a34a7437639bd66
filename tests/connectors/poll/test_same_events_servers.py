"""One table tapped by its log and polled at once: the same changes become the same submitted records."""

from collections import defaultdict
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import yaml

from connectors.poll import process
from infra import kafka
from schemas import catalog, codec, sources, topics
from tests.streams.front import Front, front
from tests.waiting import eventually

pytestmark = pytest.mark.servers
DDL = {
    "postgres": 'CREATE TABLE t (id bigint, "区" varchar(9), bh varchar(60), wb text, sz numeric(10,2), yes boolean, rq date, sj timestamp, PRIMARY KEY ("区", id))',
    "mariadb": "CREATE TABLE t (id bigint, `区` varchar(9), bh varchar(60), wb text, sz decimal(10,2), yes tinyint(1), rq date, sj datetime(6), PRIMARY KEY (`区`, id))",
}
TABLE = {
    "delete": "withdraw", "columns": {"BH": "bh", "WB": "wb", "SZ": "sz", "ZS": "yes", "RQ": "rq", "SJ": "sj"}, "source_time": "sj",
    "codes": {"WB": {"甲": "一"}}, "filter": {"column": "yes", "in": ["1"]},
}  # fmt: skip
STEPS = [
    ["INSERT INTO t VALUES (1, '东', 'B1', '甲', 1.50, true, '2017-01-02', '2017-01-02 03:04:05.5'), (2, '东', 'B2', '', NULL, true, NULL, NULL), (2, '西', 'B3', '丙', 0, false, '2017-01-02', NULL)"],
    ["UPDATE t SET wb = repeat('长', 50000) WHERE bh = 'B1'", "UPDATE t SET yes = true WHERE bh = 'B3'", "INSERT INTO t VALUES (4, '西', 'B4', '丁', 100.00, true, '2018-01-01', '2018-01-01')"],
    ["UPDATE t SET sz = 7 WHERE bh = 'B1'", "UPDATE t SET bh = 'B5' WHERE bh = 'B4'", "UPDATE t SET yes = false WHERE bh = 'B3'"],
    ["DELETE FROM t WHERE bh = 'B1'", "UPDATE t SET bh = CASE bh WHEN 'B2' THEN 'B5' ELSE 'B2' END WHERE bh IN ('B2', 'B5')"],
]


def _said(tapped: Front, source: str) -> dict[str, list[tuple[Any, ...]]]:
    """Row → what was said of it, in order: the operation and every field."""
    (item,) = catalog.load(tapped.settings.catalogue).values()
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for record in codec.decode([message.value() for message in kafka.read_to_end(tapped.settings, topics.submitted(item.code))], tapped.registry.schema).records:
        if record["_source"] == f"{source}.t":
            found[record["_row"]].append((record["_operation"], *(record[field.name] for field in item.fields)))
    return found


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_the_same_changes_become_the_same_records(kind: str, stack: Any, tmp_path: Path) -> None:
    name = f"same_{kind}"
    with front(stack, kind, name, [DDL[kind]], {"t": TABLE}, tmp_path) as tapped:
        spec = yaml.safe_load(tapped.file.read_text()) | {"source": f"{name}_p", "capture": "poll"}
        spec["tables"]["t"]["poll"] = {"shrink": 100}
        (tapped.settings.sources / "p.yaml").write_text(yaml.safe_dump(spec, allow_unicode=True))
        asked = sources.load(tapped.settings.sources, catalog.load(tapped.settings.catalogue))[f"{name}_p"]
        topic = asked.tables["t"].topic
        events = 0
        with tapped.mapping():
            for number, statements in enumerate(STEPS):
                tapped.run(*statements)
                if not number:
                    tapped.apply()
                (polled,) = process.Poller(tapped.settings, Event()).once(asked).values()
                assert polled.fault == ""
                events += sum(polled.events.values())
                # In the log each change is an event of its own; a row changes once a step.
                eventually(lambda events=events: tapped.events("t") >= events)
            assert sum(1 for _ in kafka.read_to_end(tapped.settings, topic)) == events == tapped.events("t")
            eventually(lambda: _said(tapped, f"{name}_p") == _said(tapped, name), told=lambda: (_said(tapped, f"{name}_p"), _said(tapped, name)))
        found = _said(tapped, name)
    assert {row: [said[0] for said in each] for row, each in found.items()} == {
        '["东","1"]': ["upsert", "upsert", "upsert", "withdraw"],
        '["东","2"]': ["upsert", "withdraw", "upsert"],
        '["西","2"]': ["upsert", "withdraw"],
        '["西","4"]': ["upsert", "withdraw", "upsert", "withdraw", "upsert"],
    }
