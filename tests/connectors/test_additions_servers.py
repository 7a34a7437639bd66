"""A table that is added to a source later: brought in beside the others, on both databases, with nothing written into them."""

import pytest

from connectors import additions, config, plan, prepare, readings, report, signals
from connectors.connect import ConnectFault, settled
from connectors.progress import INCREMENTAL
from infra import kafka
from schemas.sources import Source
from tests.connectors.conftest import PASSWORDS, Tapped, insert
from tests.waiting import eventually

pytestmark = pytest.mark.servers
ROWS = 10_000


def owner_adds(tapped: Tapped, both: Source) -> None:
    """What `prepare` prints for the table that was added."""
    (name,) = set(both.tables) - set(tapped.source.tables)
    wanted = [statement for statement in prepare.statements(both, PASSWORDS["CONNECTORS_PASSWORD"]) if statement.startswith(("GRANT", f'ALTER TABLE "public"."{name[7:]}"'))]
    tapped.run(*wanted)
    if tapped.kind == "postgres":
        tapped.run(f'ALTER PUBLICATION "{config.slot(both)}" ADD TABLE {name}')


def test_an_added_table_is_read_whole_and_the_others_go_on_undisturbed(tapped: Tapped) -> None:
    tapped.make("licence", ROWS)  # there before the connector, which may not see it yet
    tapped.run(*(insert(number) for number in range(1, 4)))
    tapped.apply()
    tapped.events(3)
    both = tapped.with_table("licence")
    if tapped.kind == "postgres":
        with pytest.raises(ConnectFault, match=r'(?s)lacks public.licence.*ALTER PUBLICATION .* ADD TABLE "public"."licence".*guiji connectors prepare'):
            plan.apply(tapped.settings, {tapped.name: both})
    owner_adds(tapped, both)
    tapped.run(insert(4), "UPDATE licence SET no = 'y' WHERE id = 5", insert(ROWS + 1, "licence"))
    assert [change.kind for change in plan.apply(tapped.settings, {tapped.name: both})] == ["changed"]
    tapped.run(insert(5), insert(ROWS + 2, "licence"), "UPDATE licence SET no = 'z' WHERE id = 6")
    eventually(lambda: set(tapped.ids("licence")) >= set(range(1, ROWS + 3)), 180, told=lambda: tapped.report(both).snapshots)
    assert sorted(tapped.ids("licence", "r")) == list(range(1, ROWS + 2)) or sorted(tapped.ids("licence", "r")) == list(range(1, ROWS + 3))
    eventually(lambda: tapped.ids() == [1, 2, 3, 4, 5])
    assert tapped.ids(operation="r") == [1, 2, 3], "the other table is not read again"
    (done,) = eventually(lambda: [one for one in tapped.report(both).snapshots if one.kind == INCREMENTAL and not one.under_way])
    assert (done.table, done.state) == ("licence", "completed")
    assert done.rows >= ROWS
    assert additions.added(tapped.settings, both) == []
    assert [change.kind for change in plan.apply(tapped.settings, {tapped.name: both})] == ["same"]
    eventually(lambda: tapped.report(both).well, told=lambda: tapped.report(both))


def test_a_snapshot_asked_for_and_never_begun_is_asked_for_again(postgres: Tapped, monkeypatch) -> None:
    postgres.make("licence", 3)
    postgres.apply()
    both = postgres.with_table("licence")
    owner_adds(postgres, both)
    with monkeypatch.context() as patched:
        patched.setattr(signals, "execute", lambda *_: (_ for _ in ()).throw(ConnectFault("killed here")))
        with pytest.raises(ConnectFault, match="killed here"):
            plan.apply(postgres.settings, {postgres.name: both})
    assert "public.licence" not in readings.read(postgres.settings, postgres.name)
    assert [change.kind for change in plan.apply(postgres.settings, {postgres.name: both})] == ["same"]
    eventually(lambda: sorted(postgres.ids("licence")) == [1, 2, 3])


@pytest.mark.alone
def test_a_tables_snapshot_is_paused_resumed_and_stopped(tapped: Tapped, monkeypatch) -> None:
    rows, chunk = 100_000, 200
    monkeypatch.setitem(config._COMMON, "incremental.snapshot.chunk.size", str(chunk))  # slow enough to be met while it runs
    monkeypatch.setattr(report, "CHUNK", chunk)
    tapped.run(f"INSERT INTO permit (id, no) SELECT n, 'x' FROM ({_numbers(tapped, rows)}) s", *["ANALYZE permit"] * (tapped.kind == "postgres"))
    tapped.apply()

    def end() -> int:
        return kafka.watermarks(tapped.settings, tapped.topic, 0)[1]

    eventually(lambda: end() >= rows)
    eventually(lambda: settled(tapped.connect.offsets(tapped.name)))
    before = end()
    plan.snapshot(tapped.settings, tapped.source, list(tapped.source.tables.values()))
    signals.steer(tapped.settings, tapped.source, "pause-snapshot")
    (paused,) = tapped.report().snapshots
    assert paused.state == "paused"
    assert 0 < paused.rows < rows
    assert (paused.rate > 0, (paused.left or 0) > 0, paused.total is not None) == (True, True, True)
    tapped.run(insert(rows + 1))
    eventually(lambda: rows + 1 in tapped.ids()[rows:], told="changes go on while it is paused")
    read = end()
    signals.steer(tapped.settings, tapped.source, "resume-snapshot")
    eventually(lambda: end() > read + 100)
    signals.steer(tapped.settings, tapped.source, "stop-snapshot")
    eventually(lambda: tapped.report().snapshots[0].state == "stopped", told=lambda: tapped.report().snapshots)
    assert end() < before + rows
    with pytest.raises(ConnectFault, match="no snapshot of single tables is under way"):
        signals.steer(tapped.settings, tapped.source, "pause-snapshot")


def _numbers(tapped: Tapped, rows: int) -> str:
    return f"SELECT n FROM generate_series(1, {rows}) n" if tapped.kind == "postgres" else f"SELECT seq AS n FROM seq_1_to_{rows}"
