"""The tables of 报送情况 as columns: a month's accounts, an account's periods, the records behind its numbers, the stock."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from portal.frame.listing import Column
from portal.frame.visit import Visit
from portal.status.asking import Question
from portal.status.words import WAYS, due
from schemas.declared import FREQUENCY_TITLES
from schemas.obligations import figures
from schemas.obligations.figures import Rate
from schemas.obligations.ledger import MET_BY, REPORTED, Line


def accounts(visit: Visit, asked: Question) -> list[Column]:
    """A row is an account. Every number leads to what it is made of."""
    site = visit.site
    return [
        Column("部门", lambda row: site.departments[row.duty.department].short, lambda row: _at(row, asked), short=True),
        Column("信息项", lambda row: site.catalog[row.duty.item].title, lambda row: _at(row, asked), short=True),
        Column("状态", lambda row: row.state, short=True),
        Column("已报/应报", lambda row: f"{sum(each.state == REPORTED and each.over for each in row.lines)}/{figures.met(row.lines).whole}", lambda row: _at(row, asked), short=True),
        Column("截止", lambda row: due(row.pressing.due) if row.pressing else "", short=True),
        Column("报送条数", lambda row: row.delivered, lambda row: _at(row, asked, "decided"), short=True),
        Column("归集率", lambda row: row.collected.remark if row.collected.rate.value is None else f"{row.collected.rate}{row.collected.remark}", lambda row: _at(row, asked, "decided"), short=True),
        Column("及时率", lambda row: str(row.timely), lambda row: _at(row, asked, "decided"), short=True),
        Column("一次合规率", lambda row: str(row.first_try), lambda row: _at(row, asked, "again"), short=True),
        Column("合规率", lambda row: str(row.valid), lambda row: _at(row, asked, "judged"), short=True),
        Column("疑问率", lambda row: str(row.open), lambda row: _at(row, asked, "open"), short=True),
    ]


def summed(visit: Visit) -> list[Column]:
    """For the export: the same, each number in a column of its own."""
    site = visit.site
    rates: tuple[tuple[str, Callable[[Any], Rate]], ...] = (
        ("归集率", lambda row: row.collected.rate), ("及时率", lambda row: row.timely), ("一次合规率", lambda row: row.first_try), ("合规率", lambda row: row.valid),
        ("疑问率", lambda row: row.open), ("超时率", lambda row: figures.late(row.lines)), ("漏报率", lambda row: figures.missed(row.lines)),
    )  # fmt: skip
    return [
        Column("部门代码", lambda row: row.duty.department), Column("部门", lambda row: site.departments[row.duty.department].name), Column("信息项代码", lambda row: row.duty.item),
        Column("信息项", lambda row: site.catalog[row.duty.item].title), Column("状态", lambda row: row.state),
        Column("截止", lambda row: due(row.pressing.due) if row.pressing else ""), Column("报送条数", lambda row: row.delivered), Column("申报情况", lambda row: row.collected.remark),
        *[column for title, rate in rates for column in _parts(title, rate)],
    ]  # fmt: skip


def periods() -> list[Column]:
    """A row is a line of the ledger."""
    return [
        Column("期次", lambda row: row.period.label),
        Column("起止", lambda row: f"{row.period.start} 至 {row.period.end}"),
        Column("频率", lambda row: FREQUENCY_TITLES[row.period.frequency], short=True),
        Column("截止", lambda row: due(row.due)),
        Column("状态", lambda row: row.state, short=True),
        Column("完成于", _met),
        Column("条数", lambda row: row.records, short=True),
    ]


def decided(due_on: Callable[[str], date]) -> list[Column]:
    """A row is a standing record that was decided in the month."""

    def timely(row: Any) -> str:
        if not row["delivered"]:
            return "时间不详，不计迟报"
        return "及时" if row["delivered"][:10] <= due_on(row["day"]).isoformat() else "迟报"

    return [
        Column("回执行号", lambda row: row["number"]), Column("日期", lambda row: row["day"], short=True), Column("归集方式", _way, short=True),
        Column("应于", lambda row: due_on(row["day"]).isoformat(), short=True), Column("报送时间", lambda row: row["delivered"], short=True), Column("及时", timely, short=True),
    ]  # fmt: skip


def judged() -> list[Column]:
    """A row is a record that was first received in the month."""
    return [
        Column("回执行号", lambda row: row["number"]), Column("首次收到", lambda row: row["received"], short=True), Column("归集方式", _way, short=True),
        Column("一次合规", lambda row: "是" if row["first_try"] else "否", short=True), Column("现在", lambda row: "仍退回" if row["open"] else "合规", short=True),
    ]  # fmt: skip


def open_ones() -> list[Column]:
    """A row is a rejection that is open."""
    return [
        Column("回执行号", lambda row: row["number"]), Column("收到时间", lambda row: row["received"], short=True), Column("归集方式", _way, short=True),
        Column("违反的规则", lambda row: "、".join(row["rules"])),
    ]  # fmt: skip


def stock(visit: Visit) -> list[Column]:
    """A row is a stock duty."""
    site = visit.site
    return [
        Column("部门", lambda row: site.departments[row.department].short, short=True), Column("信息项", lambda row: site.catalog[row.item].title),
        Column("状态", lambda row: row.state, short=True),
        Column("截止", lambda row: due(row.due), short=True), Column("申报存量", lambda row: "" if row.stated is None else row.stated, short=True),
        Column("已归集", lambda row: row.arrived, short=True), Column("归集率", lambda row: row.remark if row.stated is None else f"{row.rate}{row.remark}", short=True),
        Column("完成于", lambda row: row.met_on.isoformat() if row.met_on else "", short=True),
    ]  # fmt: skip


def _met(line: Line) -> str:
    return f"{line.met_on or ''} {MET_BY[line.met_by]}".strip()


def _way(row: Any) -> str:
    return WAYS.get(str(row["way"]), str(row["way"]))


def _parts(title: str, rate: Callable[[Any], Rate]) -> list[Column]:
    return [
        Column(title, lambda row: "—" if rate(row).value is None else round(rate(row).value or 0.0, 4)), Column(f"{title}分子", lambda row: rate(row).part),
        Column(f"{title}分母", lambda row: rate(row).whole),
    ]  # fmt: skip


def _at(row: Any, asked: Question, of: str = "") -> str:
    return f"/status/{row.duty.department}/{row.duty.item}{'/records' if of else ''}?{urlencode(asked.as_of | ({'of': of} if of else {}))}"
