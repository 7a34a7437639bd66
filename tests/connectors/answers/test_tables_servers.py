"""Receipt tables on both real servers: repeats and late answers change nothing, and what was taken back long ago is forgotten."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.answers.loads import Load
from connectors.answers.said import Answer, changed
from connectors.answers.tables import Tables
from connectors.front.session import opened
from schemas import sources
from tests.connectors.front.conftest import CATALOG, Site

pytestmark = pytest.mark.servers
NOW = datetime(2017, 8, 1, 3, 4, 5, 678_000, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def answer(row: int, version: int, outcome: str = "退回", told: datetime = NOW) -> Answer:
    return Answer(str(row), version, outcome, "R-X-01;R-X-02", f"第 {version} 次，100% “错”", "cdc.a.b#00000000#1", told)


def test_receipts_end_the_same_in_whatever_order_and_however_often(site: Site) -> None:
    front = site.front("zjj")
    site.make(front)
    (table,) = sources.load(site.settings.sources, CATALOG)[front.name].tables.values()
    answers = [answer(row, version) for row in range(5) for version in (1, 5, 9, 13)] * 2
    random.Random(3).shuffle(answers)
    loads = [Load(7, NOW, NOW, dict.fromkeys(("accepted", "duplicate", "superseded", "rejected", "excluded"), count), NOW, 7 + count) for count in (1, 2, 3)]
    me, zone = site.account(front, front.name), ZONE
    with opened(site.account(front, front.answering)) as session:
        tables = Tables(session, site.kind, zone)
        assert tables.newest(table) is None
        for each in answers:
            with session.together():
                tables.write(table, changed(tables.stored(table, {each.row, "77"}), [each]), [])
        assert tables.stored(table, {"4", "77"}) == {"4": answer(4, 13)}
        for load in loads:
            tables.write(table, [], [load])
        assert tables.newest(table) == loads[2]
    assert sorted(site.run(me, "SELECT * FROM xzxk_hz"))[0][:5] == (0, "退回", "R-X-01;R-X-02", "第 13 次，100% “错”", "cdc.a.b#00000000#1")
    assert [row[-1] for row in sorted(site.run(me, "SELECT * FROM xzxk_hz"))] == [13] * 5
    (load,) = site.run(me, "SELECT * FROM xzxk_hzd")
    assert load[3:9] == (15, 3, 3, 3, 3, 3)


def test_what_was_taken_back_long_ago_is_forgotten_and_nothing_else(site: Site) -> None:
    front = site.front("zbj")
    site.make(front)
    (table,) = sources.load(site.settings.sources, CATALOG)[front.name].tables.values()
    long_ago = NOW - timedelta(days=91)
    with opened(site.account(front, front.answering)) as session:
        tables = Tables(session, site.kind, ZONE)
        tables.write(table, [answer(1, 1, "已撤回", long_ago), answer(2, 1, "已撤回"), answer(3, 1, "退回", long_ago)], [])
        tables.sweep(table, NOW - timedelta(days=90))
    assert sorted(row[0] for row in site.run(site.account(front, front.name), "SELECT * FROM xzxk_hz")) == [2, 3]
