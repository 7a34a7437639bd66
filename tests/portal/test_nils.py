"""本期无数据 through the interface: the page's own ledger and rules, signed in the name of the system."""

from datetime import UTC, datetime

import pytest

from portal import tokens
from tests.portal.desk import Desk
from tests.portal.entry.site import House, equipped
from tests.portal.work.site import SPOKEN

WEEK, RUNNING = "2017-11-06/2017-11-12", "2017-11-13/2017-11-19"
ADDRESS = "/api/v1/items/xzxk/nil"


@pytest.fixture
def house(desk: Desk) -> House:
    desk.clock.time = datetime(2017, 11, 14, 2, 0, tzinfo=UTC)  # a Tuesday; the item is due weekly
    return equipped(desk)[1]


class System:
    """A department's own."""

    def __init__(self, desk: Desk, department: str) -> None:
        with desk.database.begin() as database:
            token = tokens.create(database, department, "oa", ["xzxk", "xzcf"])
        self.prefix, self.headers = token.prefix, {"Authorization": f"Bearer {token.text}"}
        self.client = desk.nobody().client

    def period(self, of: str = WEEK) -> dict[str, object]:
        return next(each for each in self.client.get(ADDRESS, headers=self.headers).json() if each["period"] == of)

    def say(self, of: str = WEEK, *, signed: bool = True) -> tuple[int, str]:
        answer = self.client.put(ADDRESS, json={"period": of, "signed": signed}, headers=self.headers)
        told = answer.json()
        return answer.status_code, told["nil"] if answer.status_code == 200 else told["error"]["message"]


def test_a_period_is_signed_in_the_name_of_the_system_once_and_taken_back_until_the_cut_off(desk: Desk, house: House) -> None:
    system = System(desk, "zjj")
    assert (system.period()["nil"], system.period()["may_sign"], system.period(RUNNING)["may_sign"]) == ("", True, False)
    assert [system.say(), system.say()] == [(200, "已签署")] * 2
    (said,) = desk.lobby.waiting
    assert (said.kind, said.department, said.item, said.version, said.by) == ("nil", "zjj", "xzxk", 1, f"zjj/oa gj_{system.prefix}")
    assert said.about == {"of": WEEK, "signed": True}
    assert (system.period()["nil"], system.period()["by"]) == ("已签署", said.by)
    assert [system.say(signed=False), system.say(signed=False)] == [(200, "已撤回")] * 2
    assert (len(desk.lobby.waiting), desk.lobby.waiting[-1].about["signed"]) == (2, False)
    assert system.say() == (200, "已签署")
    desk.clock.time = datetime(2017, 12, 10, 16, 1, tzinfo=UTC)
    assert system.say(signed=False) == (409, "已过截止日（2017-12-10），不能撤回。")


def test_what_may_not_be_signed_is_a_conflict_with_the_reason(desk: Desk, house: House) -> None:
    system = System(desk, "zjj")
    assert system.say(RUNNING) == (409, "这个周期还没有结束，不能签署。")
    house.answers[SPOKEN] = [{"department": "zjj", "item": "xzxk", "way": "excel", "day": "2017-11-08", "delivered": "2017-11-14", "identities": 3}]
    assert system.say() == (409, "这个周期已有记录，不能签署无数据。")
    assert system.say("2017-11-06/2017-11-13")[0] == 404
    assert desk.lobby.waiting == []


def test_one_department_says_nothing_for_another(desk: Desk, house: House) -> None:
    assert System(desk, "jyj").say() == (200, "已签署")
    assert [each.department for each in desk.lobby.waiting] == ["jyj"]
    assert System(desk, "zjj").period()["nil"] == ""
    assert System(desk, "bb").say()[0] == 404  # owes nothing of the kind
