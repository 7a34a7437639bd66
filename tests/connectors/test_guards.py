"""What endangers a source, from answers alone: each danger is told with its remedy, and nothing is told of a source that is well."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import guards
from connectors.guards import Place, Pulse
from connectors.look_binlog import Answers as Maria
from connectors.look_postgres import Answers as Pg
from connectors.look_postgres import Slot
from connectors.readings import Reading

MB = 1 << 20
SLOT = Slot(active=True, wal_status="reserved", safe=None, kept=16 * MB, behind=1000)
WELL = Pg(SLOT, {"public.a": 10, "public.b": 11}, {"public.a": "f", "public.b": "f"}, {"public.a": 1, "public.b": 2}, 0.1)
TABLES = ["public.a", "public.b"]
LOGS = Maria({"bin.000001": 1000, "bin.000002": 2000, "bin.000003": 500}, 86_400.0, "FULL", "ROW", {"a": 1}, 0.0)


def told(found: Pg, remembered: dict[str, int] | None = None) -> list[tuple[str, str]]:
    return [(each.guard, each.problem + " " + each.remedy) for each in guards.postgres("src", found, TABLES, {table: Reading(number) for table, number in (remembered or {}).items()})]


def test_a_source_that_is_well_has_no_findings() -> None:
    assert told(WELL) == told(WELL, {"public.a": 10, "public.b": 0}) == []
    assert list(guards.mariadb("src", LOGS, ["a"], Place("bin.000003", 400, 0.0), 1e9)) == []
    assert list(guards.clock("src", 4.9)) == []


@pytest.mark.parametrize(
    ("slot", "words"),
    [
        (None, "snapshot src"),
        (replace(SLOT, wal_status="lost"), "snapshot src"),
        (replace(SLOT, wal_status="unreserved"), "soon throw away"),
        (replace(SLOT, safe=4 * MB), "4.0 MB may still be written"),
        (replace(SLOT, behind=2 << 30), "2,048.0 MB of log are not read"),
    ],
)
def test_a_slot_that_is_gone_lost_nearly_lost_or_far_behind_is_told(slot: Slot | None, words: str) -> None:
    (guard, text), *more = told(replace(WELL, slot=slot))
    assert (guard in ("slot", "lag"), more) == (True, [])
    assert words in text


def test_a_slot_with_enough_room_left_is_well() -> None:
    assert told(replace(WELL, slot=replace(SLOT, safe=16 * MB))) == []


def test_a_table_outside_its_publication_is_told_with_the_statement_and_so_is_a_gap_that_is_closed_again() -> None:
    ((guard, text),) = told(replace(WELL, published={"public.b": 11}))
    assert guard == "publication"
    assert 'ALTER PUBLICATION "guiji_src" ADD TABLE "public"."a"' in text
    ((guard, text),) = told(WELL, {"public.a": 9, "public.b": 11})
    assert guard == "publication"
    assert "public.a was taken out" in text
    assert "snapshot src" in text


def test_a_lost_replica_identity_or_table_is_told() -> None:
    ((guard, text),) = told(replace(WELL, identity={"public.a": "d", "public.b": "f"}))
    assert (guard, 'ALTER TABLE "public"."a" REPLICA IDENTITY FULL' in text) == ("identity", True)
    ((guard, text),) = told(replace(WELL, identity={"public.b": "f"}, published={"public.b": 11}))
    assert (guard, "no table public.a" in text) == ("table", True)


@pytest.mark.parametrize(
    ("place", "now", "guard", "words"),
    [
        (Place("bin.000000", 4, 0.0), 10.0, "binlog", "has thrown away bin.000000"),
        (Place("bin.000001", 4, 0.0), 80_000.0, "binlog", "throws away bin.000001 in 1.8 h"),
        (Place("bin.000001", 4, 0.0), 900_000.0, "binlog", "in 0.0 h"),
    ],
)
def test_a_purged_binlog_and_one_that_soon_will_be_are_told(place: Place, now: float, guard: str, words: str) -> None:
    ((found),) = guards.mariadb("src", LOGS, ["a"], place, now)
    assert found.guard == guard
    assert words in found.problem


def test_binlogs_kept_for_ever_or_the_newest_one_have_no_retention_to_run_out() -> None:
    assert guards.retention_left(replace(LOGS, keeps=0), Place("bin.000001", 4, 0.0), 1e9) is None
    assert guards.retention_left(LOGS, Place("bin.000003", 4, 0.0), 1e9) is None
    assert guards.retention_left(LOGS, Place("bin.000002", 4, 100.0), 200.0) == 86_300.0


def test_rows_that_do_not_come_whole_and_lost_tables_are_told() -> None:
    assert [each.guard for each in guards.mariadb("src", replace(LOGS, image="MINIMAL"), ["a", "z"], None, 0.0)] == ["table", "binlog"]


@given(st.integers(0, 2), st.integers(0, 1000))
def test_bytes_behind_are_those_after_the_place(number: int, pos: int) -> None:
    names = list(LOGS.logs)
    after = sum(list(LOGS.logs.values())[number:]) - pos
    assert guards.bytes_behind(LOGS, Place(names[number], pos, 0.0)) == after


@pytest.mark.parametrize(
    ("beat", "event", "reached", "running", "snapshot", "state"),
    [
        (5.0, 5.0, False, True, False, "unreachable"),
        (None, None, False, False, False, "unreachable"),
        (61.0, 5.0, True, True, False, "stalled"),
        (None, None, True, True, False, "stalled"),
        (5.0, 5.0, True, False, False, "stalled"),
        (None, 5.0, True, True, True, "snapshot"),
        (5.0, 301.0, True, True, False, "idle"),
        (5.0, None, True, True, False, "idle"),
        (5.0, 5.0, True, True, False, "active"),
    ],
)
def test_idle_stalled_and_unreachable_are_three_states(beat: float | None, event: float | None, reached: bool, running: bool, snapshot: bool, state: str) -> None:
    pulse = Pulse(beat, event)
    assert guards.feed(pulse, reached=reached, running=running, snapshot=snapshot) == state
    findings = list(guards.life("src", state, pulse, "no route"))
    assert bool(findings) == (state in ("unreachable", "stalled"))


@pytest.mark.parametrize(("offset", "words"), [(7.0, "7 s ahead of ours"), (-3600.0, "3600 s behind ours")])
def test_a_clock_that_is_off_is_told(offset: float, words: str) -> None:
    ((found),) = guards.clock("src", offset)
    assert words in found.problem
