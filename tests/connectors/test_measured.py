"""What the watcher measures of tapped sources, from their reports."""

import pytest

from connectors import measured
from connectors.connect import Status
from connectors.progress import INCREMENTAL, Progress
from connectors.report import Report
from connectors.restarts import Restart
from infra import metrics


@pytest.fixture(autouse=True)
def _from_the_beginning() -> None:
    metrics.forget()


def told() -> dict[str, dict[tuple[str, ...], float]]:
    return {family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples} for family in metrics.families() if family.samples}


def report(name: str, status: Status, behind: int | None = None, snapshots: tuple[Progress, ...] = (), restarts: tuple[Restart, ...] = ()) -> Report:
    return Report(name, status, "active", behind, None, snapshots, restarts, ())


def test_failed_tasks_slots_snapshots_and_restarts_are_measured_and_what_ended_is_gone() -> None:
    running, failed = Status("a", "RUNNING", ("RUNNING",)), Status("b", "RUNNING", ("FAILED", "RUNNING"))
    under_way, done = Progress("t", INCREMENTAL, "running", 500, 1_000), Progress("u", INCREMENTAL, "completed", 7)
    measured.measure([report("a", running, 1 << 20, (under_way, done)), report("b", failed, restarts=(Restart(1.0, "b", ("0",), "why", 1, "watch"),))])
    assert told() == {
        "guiji_tapped_source_well": {("a",): 1, ("b",): 0}, "guiji_connector_failed_tasks": {("a",): 0, ("b",): 1}, "guiji_slot_lag_bytes": {("a",): 1 << 20},
        "guiji_snapshot_rows": {("a", "t"): 500}, "guiji_snapshot_expected_rows": {("a", "t"): 1_000}, "guiji_connector_restarts_day": {("a",): 0, ("b",): 1},
    }  # fmt: skip
    measured.measure([report("a", running)])
    assert told() == {"guiji_tapped_source_well": {("a",): 1}, "guiji_connector_failed_tasks": {("a",): 0}, "guiji_connector_restarts_day": {("a",): 0}}
