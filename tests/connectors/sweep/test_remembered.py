"""What outlives the watcher, and what people are told."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors import commands, limits, prepare
from connectors.sweep import remembered, told
from connectors.sweep.due import Done, Held
from connectors.sweep.remembered import Release
from infra.settings import Settings
from schemas import catalog, sources

CATALOG = catalog.load()
HELD = Held("shrunk", 8, 17, 9, 500.0)
FILE = """
source: zjj_pg
department: zjj
database: {kind: postgres, host: h, port: 1, name: zjj, user: guiji, password: "${env:P}"}
tables:
  public.permit:
    item: xzxk
    delete: withdraw
    load: reload
    reload: {ends: marker, marker: {table: load_log, column: name, value: permit}, shrink: 30}
    columns: {XK_WSH: number, XK_XMMC: name, XK_XDR: holder, XK_NR: content, XK_JDRQ: day, XK_SPLB: kind, XK_XZJG: office, XK_ZT: state, DFBM: place, SJC: at}
"""


def test_what_a_comparison_covers_is_read_again_with_what_is_held(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert remembered.done(settings) == {}
    known = {"s.t": Done(5.0, 0.0, 3.0, 17, HELD), "s.u": Done(1.0)}
    remembered.note(settings, known)
    assert remembered.done(settings) == known


def test_a_persons_word_is_recorded_for_what_is_held_and_refused_where_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "s.yaml").write_text(FILE)
    monkeypatch.setenv("GUIJI_HOME", str(tmp_path))
    monkeypatch.setenv("GUIJI_SOURCES", str(tmp_path / "sources"))
    settings = Settings(home=tmp_path)

    def release(table: str) -> str:
        return CliRunner().invoke(commands.group, ["release", "zjj_pg", "--table", table, "--why", "closed", "--by", "me"]).output

    assert "nothing is held" in release("permit")
    assert "no table" in release("other")
    assert remembered.releases(settings) == []
    remembered.note(settings, {"zjj_pg.permit": Done(held=HELD)})
    assert "9 withdrawals may go" in release("public.permit")
    (made,) = remembered.releases(settings)
    assert (made.table, made.missing, made.why, made.by) == ("zjj_pg.permit", 9, "closed", "me")
    remembered.release(settings, Release(1.0, "s.t", 1, "x", "y"))
    assert len(remembered.releases(settings)) == 2


def test_both_sides_are_told_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(FILE)
    source = sources.load(tmp_path, CATALOG)["zjj_pg"]
    table = source.tables["public.permit"]
    line = told.operator(table, HELD, 30)
    assert [word for word in ("8 rows", "17", "30 %", "9 withdrawals", "guiji connectors release zjj_pg --table public.permit --why") if word not in line] == []
    message = told.department(HELD, 30)
    assert [word for word in ("8 行", "17 行", "30%", "9 条", "重新完整装载") if word not in message] == []
    assert "20 行，但以前报送的记录" in told.department(Held("shrunk", 20, 20, 9, 1.0), 30), "as many rows, and others"
    assert "表是空的" in told.department(Held("empty", 0, 17, 17, 1.0), 30)
    assert list(limits.notes(source)) == [], "nothing is said to be missing of a load that is compared"


def test_the_markers_table_is_captured_and_is_no_item(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(FILE)
    source = sources.load(tmp_path, CATALOG)["zjj_pg"]
    assert list(source.captured) == ["public.permit", "load_log"]
    assert list(source.tables) == ["public.permit"]
    marker = source.captured["load_log"]
    assert (marker.topic, marker.needed) == ("cdc.zjj_pg.load_log", frozenset({"name"}))
    script = prepare.script(source)
    assert [line for line in script.splitlines() if "load_log" in line] == [
        'GRANT SELECT ON "public"."permit", "public"."load_log" TO "guiji";', 'ALTER TABLE "public"."load_log" REPLICA IDENTITY FULL;',
        'CREATE PUBLICATION "guiji_zjj_pg" FOR TABLE "public"."permit", "public"."load_log";',
    ]  # fmt: skip
