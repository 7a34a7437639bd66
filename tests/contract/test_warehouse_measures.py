"""The figures' counts on both warehouses, as of any moment, against a slow and obvious computation over the same random history."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loaders import measures, statements
from loaders.obligations import Asked
from loaders.warehouse import Warehouse
from tests.contract.test_warehouse_figures import CATALOG, ITEM, SOURCES, START, Event, answers, fill, history

ZONE = ZoneInfo("Asia/Shanghai")
SEEDS = pytest.mark.parametrize("seed", [21, 22, 23])
MEASURES = measures.operating, measures.ageing
EVER = date(2017, 1, 1), date(2017, 12, 31)


class Seen:
    """What of a history was judged before a moment."""

    def __init__(self, events: Sequence[Event], until: datetime) -> None:
        self.ends = {event.batch: event.at for event in events}  # the last one's
        self.events = [event for event in events if self.judged(event) < until]

    def judged(self, event: Event) -> datetime:
        return (event.at if event.outcome in ("accepted", "rejected") else self.ends[event.batch]) + timedelta(seconds=1)

    def received(self, event: Event) -> datetime:
        """An echo bears no time of its own: its receipt's stands for it."""
        return event.at if event.outcome in ("accepted", "rejected") else self.ends[event.batch]

    def earlier(self, one: Event, other: Event) -> bool:
        return one.line < other.line if one.batch == other.batch else self.received(one) < self.received(other)

    def first(self, events: Sequence[Event]) -> Event:
        return min(events, key=lambda event: (self.received(event), event.line))

    def open(self) -> list[Event]:
        rejected = [event for event in self.events if event.outcome == "rejected"]
        return [bad for bad in rejected if not any(self.earlier(bad, event) and answers(event, bad) for event in self.events)]

    def day(self, event: Event) -> str:
        return self.received(event).astimezone(ZONE).date().isoformat()


def valid(event: Event) -> bool:
    return event.outcome not in ("rejected", "excluded") and event.operation != "withdraw"


def untils(events: Sequence[Event]) -> list[datetime]:
    return [events[len(events) // 3].at, events[-1].at + timedelta(days=9)]


def spread(seed: int) -> list[Event]:
    """A history over some weeks."""
    return history(seed, every=timedelta(hours=3))


def slowly_judged(seen: Seen) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    open_ones = seen.open()
    for department, key in {(event.department, event.key) for event in seen.events}:
        mine = [event for event in seen.events if (event.department, event.key) == (department, key)]
        good, bad = [event for event in mine if valid(event)], [event for event in mine if event in open_ones]
        if not good and not bad:
            continue
        told = seen.first([event for event in mine if valid(event) or event.outcome == "rejected"])
        place = department, ITEM.code, SOURCES[told.source][2], seen.day(told)
        first = seen.first(good) if good else None
        tried = [each for each in seen.events if each.outcome == "rejected" and first and seen.earlier(each, first) and answers(first, each)]
        found.update({(*place, "judged"): 1, (*place, "first_try"): int(bool(good) and not tried), (*place, "open"): int(bool(bad))})
    return found


def told(rows: Sequence[Any], names: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter({(row["department"], row["item"], row["way"], row["day"], name): row[name] for row in rows for name in names})


@SEEDS
def test_identities_are_judged_once_and_tried_first_once(warehouse: Warehouse, seed: int) -> None:
    events = spread(seed)
    fill(warehouse, events)
    for until in untils(events):
        rows = measures.judged(warehouse, CATALOG, Asked(*EVER, until))
        expected = slowly_judged(Seen(events, until))
        assert told(rows, measures.COUNTED["judged"]) == expected
        assert all(0 <= row["first_try"] <= row["judged"] - row["open"] + row["open"] and 0 <= row["open"] <= row["judged"] for row in rows)
    assert 0 < sum(row["first_try"] for row in rows) < sum(row["judged"] for row in rows)
    assert sum(row["open"] for row in rows) > 0


@SEEDS
def test_messages_are_counted_by_the_day_of_their_judgement(warehouse: Warehouse, seed: int) -> None:
    events = spread(seed)
    fill(warehouse, events)
    for until in untils(events):
        seen, expected = Seen(events, until), Counter[tuple[str, ...]]()
        for event in events:
            place = event.department, ITEM.code, SOURCES[event.source][2]
            receipt = seen.ends[event.batch] + timedelta(seconds=1)
            if receipt < until:
                day = receipt.astimezone(ZONE).date().isoformat()
                expected.update({(*place, day, "received"): 1, (*place, day, event.outcome): 1})
            if event.outcome == "accepted" and event.change == "change" and seen.judged(event) < until:
                expected[*place, seen.judged(event).astimezone(ZONE).date().isoformat(), "changed"] += 1
        rows = measures.operating(warehouse, CATALOG, Asked(*EVER, until))
        assert told(rows, measures.COUNTED["operating"]) == expected
        assert all(row["received"] == sum(row[name] for name in measures.COUNTED["operating"][1:6]) for row in rows)


@SEEDS
def test_open_rejects_have_an_age(warehouse: Warehouse, seed: int) -> None:
    events = spread(seed)
    fill(warehouse, events)
    for until in untils(events):
        seen, expected = Seen(events, until), Counter[tuple[str, ...]]()
        mine = seen.open()
        for department, key in {(event.department, event.key) for event in mine}:
            first = seen.first([event for event in mine if (event.department, event.key) == (department, key)])
            expected[department, ITEM.code, SOURCES[first.source][2], seen.day(first), "open"] += 1
        rows = measures.ageing(warehouse, CATALOG, Asked(*EVER, until))
        assert told(rows, ["open"]) == expected
        ages = measures.aged(rows, until.astimezone(ZONE).date())
        assert sum(ages.values()) == sum(expected.values())


def test_ages_end_with_their_last_day() -> None:
    rows = [{"day": (date(2018, 1, 1) - timedelta(days=days)).isoformat(), "open": 1} for days in (0, 7, 8, 30, 31, 90, 91, 400)]
    assert list(measures.aged(rows, date(2018, 1, 1)).values()) == [2, 2, 2, 2]


def test_counts_are_added_up_by_day_week_month_and_quarter(warehouse: Warehouse) -> None:
    events = spread(24)
    fill(warehouse, events)
    rows = measures.judged(warehouse, CATALOG, Asked(*EVER, untils(events)[-1]))
    for every in ("day", "week", "month", "quarter"):
        for by in (("department",), ("item",), ("way",), measures.BY):
            found = measures.rolled(rows, "judged", by, every)
            assert sum(row["judged"] for row in found) == sum(row["judged"] for row in rows)
            assert len({tuple(row[name] for name in (*by, "period")) for row in found}) == len(found)
    assert [row["period"] for row in measures.rolled(rows, "judged", (), "month")] == sorted({row["day"][:7] for row in rows})
    assert measures.rolled(rows, "judged", ())[0]["judged"] == sum(row["judged"] for row in rows)


def test_one_department_item_and_stretch_of_days(warehouse: Warehouse) -> None:
    events = spread(25)
    fill(warehouse, events)
    until, first, last = untils(events)[-1], START.astimezone(ZONE).date() + timedelta(days=5), START.astimezone(ZONE).date() + timedelta(days=12)
    for measure in (measures.judged, measures.operating, measures.decided):
        everything = measure(warehouse, CATALOG, Asked(*EVER, until))
        part = [row for row in everything if row["department"] == "zjj" and first.isoformat() <= row["day"] <= last.isoformat()]
        assert list(measure(warehouse, CATALOG, Asked(first, last, until, "zjj", ITEM.code))) == part
        assert measure(warehouse, CATALOG, Asked(*EVER, until, item="none")) == []


def test_many_items_are_asked_by_the_views_and_give_the_same(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    events = spread(26)
    fill(warehouse, events)
    asked = Asked(*EVER, untils(events)[0])
    few = [measure(warehouse, CATALOG, asked) for measure in MEASURES]
    monkeypatch.setattr(statements, "FEW", 0)
    assert [measure(warehouse, CATALOG, asked) for measure in MEASURES] == few
    assert all(few)


def test_behind_the_counts_stand_as_many_rows_of_all_departments_and_of_each(warehouse: Warehouse) -> None:
    events = spread(27)
    fill(warehouse, events)
    asked = Asked(*EVER, untils(events)[-1], item=ITEM.code)
    rows = {
        "judged": lambda which: measures.judged_records(warehouse, CATALOG, which, "", 0, 100_000), "open": lambda which: measures.judged_records(warehouse, CATALOG, which, "open", 0, 100_000),
        "aged": lambda which: measures.open_records(warehouse, CATALOG, which, 0, 100_000),
    }  # fmt: skip
    for name, behind in rows.items():
        everybody = list(behind(asked))
        found = Counter(row["department"] for row in everybody)
        assert len(found) > 1, name
        for department in found:
            assert list(behind(replace(asked, department=department))) == [row for row in everybody if row["department"] == department]
        if name in measures.COUNTED["judged"]:
            totals = Counter[str]()
            for row in measures.judged(warehouse, CATALOG, asked):
                totals[row["department"]] += row[name]
            assert found == +totals, name
