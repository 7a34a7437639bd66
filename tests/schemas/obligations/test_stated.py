"""What was declared, as the ledger understands it."""

from datetime import date
from typing import Any

from schemas import catalog as catalogues
from schemas.departments import Assignment
from schemas.obligations import stated
from schemas.obligations.period import Since
from schemas.obligations.stated import Quantity, Stated

CATALOG = catalogues.load()
SEPTEMBER, DECEMBER = date(2017, 9, 5), date(2017, 12, 4)
OWED = Assignment("zjj", "xzxk", date(2015, 1, 1), None, SEPTEMBER)


def said(kind: str, about: dict[str, Any], day: date = SEPTEMBER, version: int = 1, item: str = "xzxk") -> Stated:
    return Stated(kind, "zjj", item, version, about, day)


def ways(*frequencies: str, day: date = SEPTEMBER, version: int = 1) -> Stated:
    about = {"ways": {"cdc": {"frequencies": list(frequencies), "remark": ""}, "excel": {"frequencies": ["quarter"], "remark": ""}}, "suggestion": ""}
    return said("ways", about, day, version, item="")


def duty(*declared: Stated, on: date = date(2018, 1, 1), owed: Assignment = OWED) -> Any:
    (found,) = stated.duties([owed], CATALOG, declared, on)
    return found


def test_the_most_frequent_way_ticked_decides_and_an_items_own_frequency_goes_before_it() -> None:
    assert duty(ways("month", "week")).in_force == (Since(SEPTEMBER, "week"),)
    own = said("frequency", {"frequency": "quarter"}, DECEMBER)
    assert duty(ways("month", "week"), own).in_force == (Since(SEPTEMBER, "week"), Since(DECEMBER, "quarter"))
    back = said("frequency", {"frequency": ""}, date(2017, 12, 20), version=2)
    assert duty(ways("week"), own, back).in_force[-1] == Since(date(2017, 12, 20), "week")
    assert duty(ways("week"), said("frequency", {"frequency": "day"}, item="xzcf")).in_force == (Since(SEPTEMBER, "week"),)
    assert duty().in_force == ()
    assert duty().default == CATALOG["xzxk"].frequency


def test_what_was_declared_later_is_not_seen() -> None:
    later = ways("day", day=DECEMBER, version=2)
    assert duty(ways("week"), later, on=date(2017, 11, 30)).in_force == (Since(SEPTEMBER, "week"),)
    assert duty(ways("week"), later).in_force == (Since(SEPTEMBER, "week"), Since(DECEMBER, "day"))
    assert duty(ways("week"), later).ways == ("cdc", "excel")


def test_a_duty_begins_with_the_standing_mechanism_or_with_its_assignment() -> None:
    assert duty().start == date(2017, 10, 1)
    assert duty(owed=Assignment("zjj", "xzxk", DECEMBER, None, None)).start == DECEMBER


def test_an_assignment_is_confirmed_by_the_file_or_by_the_departments_last_word() -> None:
    open_ = Assignment("zjj", "xzxk", date(2015, 1, 1), None, None)
    no = said("assignment", {"confirmed": False, "note": "不是我们的"}, DECEMBER)
    assert [duty(owed=open_).confirmed, duty().confirmed, duty(no).confirmed] == ["", "yes", "no"]
    assert duty(on=date(2017, 9, 1)).confirmed == ""


def test_a_nil_report_that_was_revoked_is_none() -> None:
    of = "2017-10-01/2017-10-31"
    signed, revoked = said("nil", {"of": of, "signed": True}, DECEMBER), said("nil", {"of": of, "signed": False}, DECEMBER, version=2)
    other = said("nil", {"of": "2017-11-01/2017-11-30", "signed": True}, DECEMBER)
    (nil,) = stated.nils([signed])
    assert (nil.first, nil.last, nil.signed) == (date(2017, 10, 1), date(2017, 10, 31), DECEMBER)
    assert [each.first for each in stated.nils([revoked, signed, other])] == [date(2017, 11, 1)]


def test_the_last_list_of_outages_counts() -> None:
    first = {"outages": [{"way": "excel", "from": "2017-11-01T09:00", "to": "2017-11-01T10:00", "departments": ["zjj"], "why": "升级"}]}
    (outage,) = stated.outages([Stated("outage", "", "", 1, first, DECEMBER)])
    assert (outage.way, outage.start.isoformat(), outage.departments, outage.why) == ("excel", "2017-11-01T09:00:00", {"zjj"}, "升级")
    assert stated.outages([Stated("outage", "", "", 2, {"outages": []}, DECEMBER), Stated("outage", "", "", 1, first, DECEMBER)]) == []


def test_what_was_not_reported_is_grounded_where_grounds_are_given() -> None:
    month = {"of": "2017-10", "produced": 120, "reported": 100, "unreported": 20, "grounds": "涉密", "published": 100, "address": ""}
    assert stated.quantities([said("quantity", month)]) == {("zjj", "xzxk", "2017-10"): Quantity(120, 20)}
    assert stated.quantities([said("quantity", {**month, "grounds": " "}, version=2), said("quantity", month)])["zjj", "xzxk", "2017-10"].grounded == 0


def test_the_stock_is_the_sum_of_its_years() -> None:
    assert stated.stock([said("stock", {"years": {"2015": 10, "2016": 20}})]) == {("zjj", "xzxk"): 30}
