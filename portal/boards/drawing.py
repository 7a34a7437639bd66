"""A chart for one question: its rows asked of the warehouse (or of the ledger), as a table with links to the records behind each number, and as what the script draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from loaders import completeness, statements
from loaders.parameters import inline, wanted
from portal import owed
from portal.boards import ledger, words
from portal.boards.asking import NAMES, Question
from portal.boards.chart import Chart, Ratio, Value
from portal.frame.listing import Column
from portal.frame.visit import Visit
from schemas.catalog import Item
from schemas.obligations.figures import Rate

PERIODS = {"day": "day", "week": "toString(toMonday(toDate(day)))", "month": "substring(day, 1, 7)"}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Drawn:
    """`columns` of the table; `exported` of the file, where each number stands alone.

    `told` is what the script draws: labels, series of numbers (rates in percent), where each leads; what is 0, or of 0, is left to the table.
    """

    chart: Chart
    columns: Sequence[Column]
    exported: Sequence[Column]
    rows: Sequence[Row]
    told: Mapping[str, Any] | None
    notes: Sequence[str]
    address: str


class Drawing:
    """Charts for one visit and question."""

    def __init__(self, visit: Visit, asked: Question) -> None:
        self._visit, self._site, self._asked = visit, visit.site, asked

    def drawn(self, chart: Chart) -> Drawn:
        """Raises Refusal `unavailable`."""
        rows = [] if self.lacks(chart) else ledger.rows(self._visit, self._asked, chart.name) if chart.ledger else self._rows(chart)
        kept = {name: value for name, value in self._asked.query.items() if name in NAMES}
        address = urlencode({**kept, "chart": chart.name})
        return Drawn(chart, list(self._columns(chart)), list(self._exported(chart)), rows, self._told(chart, rows), self._notes(chart), address)

    def lacks(self, chart: Chart) -> bool:
        """Whether something must be chosen first."""
        return chart.needs == "item" and self._asked.scope.asked.item not in self._site.catalog

    def sql(self, chart: Chart) -> str:
        """The statement as it is asked, its parameters written out. Of the ledger: the statements it is made of."""
        if chart.ledger:
            return ledger.sql(self._visit, self._asked)
        sql = self._statement(chart)
        return inline(sql, self._asked.scope.parameters(sql))

    @cached_property
    def _items(self) -> list[Item]:
        return statements.filled(self._site.warehouse, self._asked.scope.asked.items(self._site.catalog))

    def _statement(self, chart: Chart) -> str:
        return statement(chart, self._items, self._asked.grain)

    def _rows(self, chart: Chart) -> Sequence[Row]:
        with owed.answering():
            sql = self._statement(chart)
            return self._site.warehouse.query(sql, self._asked.scope.parameters(sql)).dicts()

    def _notes(self, chart: Chart) -> Sequence[str]:
        """What of the question the statement cannot follow."""
        places = wanted(self._statement(chart)) if chart.sql and not self.lacks(chart) else {"until", "way", "source"}
        query = self._asked.query
        odd = [("as_of", "until", "不能回看：按现在的数据。"), ("way", "way", "不分归集方式。"), ("source", "source", "不分信源。")]
        return [words_ for name, place, words_ in odd if name in query and place not in places]

    def _columns(self, chart: Chart) -> Sequence[Column]:
        found = [Column(chart.label.title, lambda row: self._label(chart, row), short=True)]
        found += [Column(words_.title, _text(words_.column), short=True) for words_ in chart.texts]
        found += [Column(each.title, _text(each.column), self._link(chart, each), short=True) for each in chart.values]
        return found + [Column(each.title, _rate(each), self._link(chart, each), short=True) for each in chart.rates]

    def _exported(self, chart: Chart) -> Sequence[Column]:
        found = [Column(chart.label.title, lambda row: self._label(chart, row))]
        found += [Column(text.title, _text(text.column)) for text in chart.texts] + [Column(value.title, _text(value.column)) for value in chart.values]
        for each in chart.rates:
            found += [Column(each.title, _share(each)), Column(f"{each.title}分子", _text(each.part)), Column(f"{each.title}分母", _text(each.whole))]
        return found

    def _label(self, chart: Chart, row: Row) -> str:
        return words.label(chart.label.kind, str(row[chart.label.column]), self._asked.grain, self._site, self._asked.scope.asked.item)

    def _link(self, chart: Chart, number: Value | Ratio) -> Any:
        """Where a number leads: to the records that are counted in it. None where it leads nowhere."""
        of = chart.behind_of(number)
        if not of:
            return None
        kept = {name: value for name, value in self._asked.query.items() if name in NAMES and name != "grain"}
        kept |= {"from": self._asked.first.isoformat(), "to": self._asked.last.isoformat(), "of": of} | ({"which": number.which} if number.which else {})
        return lambda row: "/boards/records?" + urlencode(kept | dict(words.narrowed(chart.label.kind, str(row[chart.label.column]), self._asked)))

    def _told(self, chart: Chart, every: Sequence[Row]) -> dict[str, Any] | None:
        """None where nothing is to be drawn: each number is 0, or 0 of 0."""
        numbers: Sequence[Value | Ratio] = chart.rates or [each for each in chart.values if each.drawn]
        rows = [row for row in every if any(row[each.whole if isinstance(each, Ratio) else each.column] for each in numbers)]
        if not rows:
            return None
        series = []
        for each in numbers:
            link, data = self._link(chart, each), [_percent(each, row) if isinstance(each, Ratio) else row[each.column] for row in rows]
            about = [_rate(each)(row) for row in rows] if isinstance(each, Ratio) else [f"{row[each.column]} {chart.unit}" for row in rows]
            series.append({"name": each.title, "data": data, "about": about, "links": [link(row) for row in rows] if link else []})
        stacked = chart.stacked and not chart.rates and chart.form in ("stacked", "bars") and len(numbers) > 1
        labels = [str(row[chart.label.column]) if chart.form == "calendar" else self._label(chart, row) for row in rows]
        return {
            "title": chart.title, "form": chart.form, "stacked": stacked, "percent": bool(chart.rates), "unit": "%" if chart.rates else chart.unit, "labels": labels, "series": series,
            "range": [self._asked.first.isoformat(), self._asked.last.isoformat()],
        }  # fmt: skip


def statement(chart: Chart, items: Sequence[Item], grain: str) -> str:
    """What a chart asks over these items' tables; one that needs an item, of the first."""
    more = {"completeness": completeness.statement(items[0])} if chart.needs == "item" else {}
    return statements.over(chart.sql, items, period=PERIODS[grain], **more)


def _text(column: str) -> Any:
    return lambda row: row[column]


def _of(ratio: Ratio, row: Row) -> Rate:
    return Rate(int(row[ratio.part]), int(row[ratio.whole]) - int(row[ratio.part]))


def _rate(ratio: Ratio) -> Any:
    return lambda row: str(_of(ratio, row))


def _share(ratio: Ratio) -> Any:
    def shared(row: Row) -> float | str:
        value = _of(ratio, row).value
        return "—" if value is None else round(value, 4)

    return shared


def _percent(ratio: Ratio, row: Row) -> float | None:
    value = _of(ratio, row).value
    return None if value is None else round(100 * value, 1)
