"""Rows read in the table itself have the texts that an event of the same row brings: every value of docs/fidelity.md, on both kinds of database; pages along any primary key."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors import commands
from connectors.access import Access, Unasked
from connectors.sweep import scan
from connectors.sweep.scan import Pace
from infra import stack as local
from infra.settings import Settings
from schemas import sources
from schemas.catalog import load
from tests.connectors.bare import ADMINISTRATOR, Bare
from tests.streams import fidelity

pytestmark = pytest.mark.servers
KINDS = ["postgres", "mariadb"]
# Texts that are others than an event's, and mean the same to the judge; and what nobody maps.
ALIKE = {"numeric(5,-2)"}
UNREAD = {"point", "pair"}
HELD = "(waits)"


@pytest.fixture(scope="module", params=KINDS)
def front(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    settings = Settings(home=tmp_path_factory.mktemp("sweep") / "home", free_disk_mb=1)
    try:
        local.up(settings, (request.param,), lambda _line: None)
        made = Bare(settings, request.param)
        made.run("CREATE DATABASE dep" + (" CHARACTER SET utf8mb4" if made.kind == "mariadb" else ""), database=None)
        made.run(*fidelity.BEFORE[made.kind])
        yield made
    finally:
        local.down(settings, lambda _line: None)


def access(front: Bare) -> Access:
    return Access(front.kind, "127.0.0.1", front.port, "dep", ADMINISTRATOR[front.kind], front.settings.secrets()[f"GUIJI_{front.kind.upper()}_PASSWORD"])


def table(front: Bare, name: str, columns: Mapping[str, str]) -> sources.Table:
    spec: dict[str, Any] = {"item": "xzxk", "columns": dict(columns)}
    database = {"kind": front.kind, "host": "h", "port": "1", "name": "dep", "user": "u", "password": "${env:P}"}
    (found,) = sources.read({"source": "s", "department": "zjj", "database": database, "tables": {name: spec}}, load()).tables.values()
    return found


def read(front: Bare, name: str, columns: Mapping[str, str], size: int = 50_000) -> list[scan.Page]:
    return list(scan.pages(access(front), table(front, name, columns), pace=Pace(rows=size)))


def texts(pages: Sequence[scan.Page], column: str) -> dict[str, str | None]:
    """By primary key."""
    return {row: text for page in pages for row, text in zip(page.rows, page.texts[column], strict=True)}


def test_each_value_has_the_text_that_an_event_brings(front: Bare) -> None:
    declared, wanted = fidelity.tables(front.kind), fidelity.values(front.kind)
    loose = ["SET SESSION sql_mode = ''"] if front.kind == "mariadb" else []
    front.run(*loose, *(f"CREATE TABLE {name} (bh varchar(60) PRIMARY KEY, v {column})" for name, (column, _) in declared.items()), *(value.insert("r") for value in wanted))
    found = {}
    for name, (column, _) in declared.items():
        if column not in UNREAD:
            found |= {(column, json.loads(row)[0]): fidelity.shown(text) for row, text in texts(read(front, name, {"XK_WSH": "bh", "XK_NR": "v"}), "v").items()}
    expected = {(value.column, value.key("r")): {value.snapshot, value.stream} - {HELD} for value in wanted if value.column not in UNREAD}
    assert found.keys() == expected.keys()
    wrong = {place: (text, expected[place]) for place, text in found.items() if text not in {each and each.replace("/c/", "/r/") for each in expected[place]} and place[0] not in ALIKE}
    assert wrong == {}
    assert {place: text for place, text in found.items() if place[0] in ALIKE} == ({("numeric(5,-2)", "v_numneg/r/0"): "12300"} if front.kind == "postgres" else {})


KEYS = {
    "bigint": (["1", "2", "9007199254740993", "9007199254740994"], '["9007199254740993","2"]'),
    "numeric(20,2)": (["-1.50", "0.00", "2.25"], '["0.00","2"]'),
    "varchar(40)": (["''", "'甲\"乙'", "'a''b'", "'A,b'"], None),
    "date": (["'2017-01-02'", "'2018-01-02'", "'2019-01-02'"], '["2018-01-02","2"]'),
}


@pytest.mark.parametrize("kind", KEYS)
def test_pages_go_along_any_primary_key_and_single_rows_are_found_again(front: Bare, kind: str) -> None:
    literals, known = KEYS[kind]
    name = "k_" + "".join(filter(str.isalpha, kind))
    front.run(f"CREATE TABLE {name} (v varchar(9), n int, k {kind}, PRIMARY KEY (k, n))")
    front.run(f"INSERT INTO {name} (v, n, k) VALUES " + ", ".join(f"('{number}', {n}, {literal})" for number, literal in enumerate(literals) for n in (1, 2)))
    pages = read(front, name, {"XK_WSH": "v"}, size=3)
    assert [page.texts.height for page in pages] == [3] * (len(literals) * 2 // 3) + [len(literals) * 2 % 3]
    found = texts(pages, "v")
    assert sorted(found.values()) == sorted([str(number) for number in range(len(literals))] * 2)
    assert known is None or known in found, "the key's columns stand in the key's own order"
    wanted = list(found)[1:4]
    again = scan.rows(access(front), table(front, name, {"XK_WSH": "v"}), wanted)
    assert texts([again], "v") == {row: found[row] for row in wanted}
    after = list(scan.pages(access(front), table(front, name, {"XK_WSH": "v"}), after=wanted[-1]))
    assert [row for page in after for row in page.rows] == list(found)[4:]


def test_the_logs_place_never_goes_back_and_passes_what_was_read(front: Bare) -> None:
    front.run("CREATE TABLE placed (id int PRIMARY KEY, v varchar(9))", "INSERT INTO placed VALUES (1, 'a')")
    (first,) = read(front, "placed", {"XK_WSH": "v"})
    front.run("INSERT INTO placed VALUES (2, 'b')")
    (second,) = read(front, "placed", {"XK_WSH": "v"})
    assert first.place < second.place


def test_a_table_without_a_primary_key_is_one_page_and_one_that_changed_is_told(front: Bare) -> None:
    front.run("CREATE TABLE keyless (v varchar(9))", "INSERT INTO keyless VALUES ('a'), (NULL), ('b')")
    (page,) = read(front, "keyless", {"XK_WSH": "v"}, size=2)
    assert (page.rows.to_list(), sorted(page.texts["v"], key=str)) == ([None] * 3, [None, "a", "b"])
    with pytest.raises(Unasked, match="no column other"):
        read(front, "keyless", {"XK_WSH": "other"})
    with pytest.raises(Unasked, match="no table absent"):
        read(front, "absent", {"XK_WSH": "v"})


def test_the_pace_is_kept(front: Bare) -> None:
    front.run("CREATE TABLE paced (id int PRIMARY KEY, v varchar(9))", "INSERT INTO paced VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    waited = list[float]()
    list(scan.pages(access(front), table(front, "paced", {"XK_WSH": "v"}), pace=Pace(rows=1, rate=1, wait=waited.append)))
    assert len(waited) == 3
    assert all(0 < seconds <= 1 for seconds in waited)


def test_a_source_is_tried_before_anything_else_is_there(front: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    front.run("CREATE TABLE tried (id int PRIMARY KEY, wsh varchar(60), rq varchar(20))")
    front.run("INSERT INTO tried VALUES (1, '一号', '去年'), (2, '=2+3', '2017-08-01')")
    database = {"kind": front.kind, "host": "127.0.0.1", "port": front.port, "name": "dep", "user": ADMINISTRATOR[front.kind], "password": "${env:TRIED_PASSWORD}"}
    name = "public.tried" if front.kind == "postgres" else "tried"
    tables = {name: {"item": "xzxk", "columns": {"XK_WSH": "wsh", "XK_JDRQ": "rq"}, "constants": dict.fromkeys(("XK_XMMC", "XK_SPLB", "XK_NR", "XK_XDR", "XK_XZJG", "XK_ZT", "DFBM", "SJC"), "某")}}
    (tmp_path / "a.yaml").write_text(json.dumps({"source": "tried", "department": "zjj", "database": database, "tables": tables}), encoding="utf-8")
    monkeypatch.setenv("GUIJI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GUIJI_SOURCES", str(tmp_path))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "secrets.env").write_text(f"TRIED_PASSWORD={front.settings.secrets()[f'GUIJI_{front.kind.upper()}_PASSWORD']}\n")
    done = CliRunner().invoke(commands.group, ["try", "tried", "--rejects", str(tmp_path / "bad.csv"), "-o", "json"])
    assert done.exit_code == 2, done.output
    (told,) = json.loads(done.output)
    assert (told["rows"], told["rejected"]) == (2, 2)
    assert "XK_JDRQ" in {each["field"] for each in told["reasons"]}
    lines = list(csv.reader(io.StringIO((tmp_path / "bad.csv").read_text(encoding="utf-8-sig"))))
    assert {(line[1], line[4]) for line in lines if line[2] == "XK_JDRQ"} == {('["1"]', "去年")}
    assert not [cell for line in lines for cell in line if cell.startswith("=")]
