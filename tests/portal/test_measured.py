"""Whom deliveries are expected of, which topics each group reads, and who may read the metrics."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from infra import metrics
from loaders.obligations import Asked
from portal import measured, owed
from portal.declared import Declared, Saying
from schemas import topics
from schemas.declared import WAYS
from tests.loaders.records import Records
from tests.portal.desk import CATALOG, Desk, Lobby

NOW = datetime(2017, 9, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _from_the_beginning() -> None:
    metrics.forget()


def ways(department: str, seen: int, **said: list[str]) -> Saying:
    about: Mapping[str, Any] = {"ways": {way: {"frequencies": every, "remark": ""} for way, every in said.items()}, "suggestion": ""}
    return Saying(WAYS, department, None, about, seen)


def expected() -> dict[tuple[str, ...], float]:
    return {(sample.labels["department"], sample.labels["way"]): sample.value for family in metrics.families() for sample in family.samples if sample.name == metrics.EXPECTED.name}


def test_deliveries_are_expected_by_what_a_department_declared_last_and_by_its_longest_frequency() -> None:
    lobby: Any = Lobby()
    declared = Declared(lobby, lobby)
    measured.expected(declared)
    assert expected() == {}
    declared.declare([ways("zjj", 0, api=["day"], excel=["week", "quarter"]), ways("swj", 0, form=["month"])], "张三", NOW)
    measured.expected(declared)
    assert expected() == {("zjj", "api"): 4 * 86_400, ("zjj", "excel"): 120 * 86_400, ("swj", "form"): 45 * 86_400}
    lobby.load()
    declared.declare([ways("zjj", 1, api=["week"])], "张三", NOW)
    measured.expected(declared)
    assert expected() == {("zjj", "api"): 11 * 86_400, ("swj", "form"): 45 * 86_400}


def test_every_topic_that_somebody_must_read_is_read_by_one_group() -> None:
    groups, unread = measured.groups(CATALOG()), set()
    for topic in [*(each.name for each in topics.of(CATALOG())), topics.captured("a", "b"), topics.arriving("a", "b", "c"), topics.swept("a.b")]:
        readers = [group for group, reads in groups.items() if reads(topic)]
        assert len(readers) <= 1
        if not readers:
            unread.add(topic)
    assert {name for name in unread if not name.endswith(".state")} == {topics.PROOFS, topics.LIVE_WINDOWS}


def test_the_metrics_are_for_whoever_bears_the_token(desk: Desk) -> None:
    browser = desk.nobody()
    token = desk.settings.serve_token
    assert browser.client.get("/metrics").status_code == 401
    assert browser.client.get("/metrics", headers={"Authorization": f"Bearer {token[:-1]}"}).status_code == 401
    assert browser.client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_what_is_owed_is_counted_by_department_and_state(desk: Desk, records: Records) -> None:
    """As the ledger has it: of 住建委's first weeks one was met, the others not."""
    desk.clock.time = datetime(2017, 11, 8, 2, tzinfo=UTC)
    desk.app.state.site.declared.declare([ways("zjj", 0, excel=["week"])], "张三", datetime(2017, 9, 5, tzinfo=UTC))
    came = datetime(2017, 10, 12, 2, tzinfo=UTC)
    records.put("xzxk", '["xzxk","zjj","1"]', department="zjj", XK_JDRQ=date(2017, 10, 9), XK_WSH="文1", _way="excel", _batch="b", _line=1, _received_at=came, _judged_at=came)
    measured.owing(desk.app.state.site)
    found = {(sample.labels["department"], sample.labels["state"]): int(sample.value) for family in metrics.families() for sample in family.samples if sample.name == metrics.OWED.name}
    site = desk.app.state.site
    lines = owed.lines(site, Asked(site.today - owed.BACK, site.today, owed.until(site, site.today)))
    assert sum(found.values()) == len(lines)
    mine = Counter(line.state for line in lines if line.department == "zjj")
    assert {state: number for (department, state), number in found.items() if department == "zjj"} == {measured.LABELS[state]: number for state, number in mine.items()}
    assert mine["已上报"] == 1
    assert mine["漏报"] > 0
    assert set(measured.LABELS.values()) >= {state for _, state in found}
