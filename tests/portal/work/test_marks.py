"""What a department says of a rejected record: the last word counts, loaded or on its way."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal.work import marks
from producers.declarations import Declaration
from tests.portal.work.site import MARK, reject

ZONE = ZoneInfo("Asia/Shanghai")


def said(state: str, version: int, reason: str = "") -> Declaration:
    about: Any = {"of": MARK, "state": state, "reason": reason}
    return Declaration("0" * 32, "reject", "zjj", "xzxk", version, about, "li", datetime(2017, 9, 4, 16, 30, tzinfo=UTC))


def row(version: int = 0, **about: str) -> dict[str, Any]:
    return reject({}, version=version, about=about, by="wang", declared_at="2017-09-01 08:00:00.000", state=about.get("state", "open"))


def test_what_is_on_its_way_goes_before_what_is_loaded() -> None:
    fresh = marks.fresh([said("fixed", 1), said("ignored", 2, "重复上报")])
    (told,) = marks.with_fresh([row(1, state="fixed")], fresh, ZONE)
    assert (told["state"], told["reason"], told["by"], told["declared_at"], told["version"]) == ("ignored", "重复上报", "li", "2017-09-05 00:30", 2)


def test_what_is_loaded_meanwhile_goes_before_what_was_on_its_way() -> None:
    (told,) = marks.with_fresh([row(3, state="open", reason="再看")], marks.fresh([said("fixed", 2)]), ZONE)
    assert (told["state"], told["reason"], told["by"], told["declared_at"], told["version"]) == ("open", "再看", "wang", "2017-09-01 08:00", 3)
    (untouched,) = marks.with_fresh([row()], {}, ZONE)
    assert (untouched["state"], untouched["reason"]) == ("open", "")


@pytest.mark.parametrize(
    ("state", "reason", "fault"),
    [("fixed", "", ""), ("open", "", ""), ("ignored", "测试数据", ""), ("ignored", "", "原因"), ("closed", "", "选择"), ("fixed", "长" * 301, "不能超过")],
)
def test_ignoring_wants_a_reason_and_nobody_declares_it_closed(state: str, reason: str, fault: str) -> None:
    found = marks.wrong(state, reason)
    assert fault in found
    assert bool(found) == bool(fault)
