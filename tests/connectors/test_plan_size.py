"""A city's size: 200 tables in 50 sources, from files to a plan."""

import yaml

from connectors import config
from connectors.plan import Change, plan
from schemas import catalog, sources

PLACE = config.Place("b:9092", {})


def test_two_hundred_tables_in_fifty_sources_are_planned_and_one_change_is_found(tmp_path) -> None:
    items = catalog.load()
    required = [one.name for one in items["xzxk"].fields if one.required]
    for number in range(50):
        kind = ("postgres", "mariadb")[number % 2]
        database = {"kind": kind, "host": "10.0.0.1", "port": 5432, "name": "dep", "user": "guiji", "password": "${env:P}"}
        tables = {f"t{table}": {"item": "xzxk", "columns": {"XK_WSH": "no", "XK_XDR": "holder"}} for table in range(4)}
        spec = {"source": f"src_{number}", "department": "zjj", "database": database, "tables": tables}
        for table in tables.values():
            table["constants"] = {name: "x" for name in required if name not in table["columns"]}
        (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(spec, allow_unicode=True))
    declared = sources.load(tmp_path, items)
    assert sum(len(source.tables) for source in declared.values()) == 200
    assert plan(declared, {}, PLACE) == [Change(name, "created") for name in sorted(declared)]
    live = {name: config.config(source, PLACE) for name, source in declared.items()}
    assert {change.kind for change in plan(declared, live, PLACE)} == {"same"}
    live["src_7"] = live["src_7"] | {"table.include.list": r"dep\.t0"}
    assert [change for change in plan(declared, live, PLACE) if change.kind != "same"] == [Change("src_7", "drifted", ("table.include.list",))]
    topics = [topic.name for source in declared.values() for topic in (*config.event_topics(source), *config.own_topics(source))]
    assert len(topics) == len(set(topics)) == 200 + 4 * 50 + 25
