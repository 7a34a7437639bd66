"""The survey's tables as columns: progress, everything that was answered, the stock by item and year, reminders, history."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.frame.listing import Column
from portal.frame.visit import Visit
from portal.survey import site
from portal.survey.contacts import FIELDS
from portal.survey.items import years
from portal.survey.overview import Status, reminder
from portal.survey.ways import every
from schemas.declared import WAY_TITLES
from schemas.departments import BATCHES


def progress(visit: Visit) -> list[Column]:
    """For the office's page: a line a department."""
    return [
        Column("部门", lambda row: row.department.name, lambda row: f"/survey/{row.department.code}"),
        Column("批次", lambda row: BATCHES[str(row.department.batch)], short=True),
        Column("反馈截止", lambda row: row.reply_by.isoformat(), short=True),
        Column("状态", lambda row: row.state(site.today(visit)), short=True),
        Column("尚缺", lambda row: "、".join(row.missing)),
        Column("联络员", lambda row: row.contacts["liaison"] if row.contacts else "", short=True),
        Column("联络电话", lambda row: row.contacts["liaison_phone"] if row.contacts else "", short=True),
        Column("事项", _confirmed, short=True),
        Column("存量", lambda row: total(row) if row.stock else "", short=True),
        Column("对接日期", lambda row: row.meeting["day"] if row.meeting else "", short=True),
    ]


def everything(visit: Visit) -> list[Column]:
    """For the export: annex 1 and annex 2 as they were answered, the items and the stock."""
    person = [Column(title, _contact(name)) for name, title in FIELDS.items()]
    ways = [column for way, title in WAY_TITLES.items() for column in (Column(title, _way(way, "frequencies")), Column(f"{title}备注", _way(way, "remark")))]
    return [
        Column("部门代码", lambda row: row.department.code), *progress(visit)[:5], *person, *ways,
        Column("其他建议", lambda row: row.ways["suggestion"] if row.ways else ""), Column("信息项数", lambda row: len(row.items)),
        Column("已确认", lambda row: sum(about["confirmed"] for about in row.assignment.values())), Column("不确认及理由", lambda row: _refused(visit, row)),
        Column("存量合计", lambda row: total(row) if row.stock else ""), Column("对接日期", lambda row: row.meeting["day"] if row.meeting else ""),
        Column("对接说明", lambda row: row.meeting["place"] if row.meeting else ""),
    ]  # fmt: skip


def stock(visit: Visit) -> list[Column]:
    """A row is a status and one of its items."""
    catalog = visit.site.catalog
    counts = [Column(f"{year}年", _count(str(year)), short=True) for year in years(site.today(visit).year)]
    return [
        Column("部门", lambda row: row[0].department.name, lambda row: f"/survey/{row[0].department.code}"),
        Column("信息项", lambda row: catalog[row[1]].title),
        Column("确认", lambda row: {True: "确认", False: "不确认"}.get(row[0].assignment.get(row[1], {}).get("confirmed"), "未答复"), short=True),
        *counts,
        Column("合计", lambda row: sum(row[0].stock[row[1]]["years"].values()) if row[1] in row[0].stock else "", short=True),
    ]


def reminders(visit: Visit) -> list[Column]:
    """For those who have not answered."""
    return [
        *progress(visit)[:5],
        *progress(visit)[5:7],
        Column("邮箱", _contact("mailbox")),
        Column("提醒内容", lambda row: reminder(row, site.today(visit))),
    ]


def changes(visit: Visit) -> list[Column]:
    return [
        Column("时间", lambda row: row.at.astimezone(visit.site.zone).strftime("%Y-%m-%d %H:%M:%S"), short=True),
        Column("人员", lambda row: row.by, short=True),
        Column("内容", lambda row: row.what),
        Column("第几次", lambda row: row.version, short=True),
        Column("填写", lambda row: row.told),
    ]


def total(status: Status) -> int:
    return sum(sum(about["years"].values()) for about in status.stock.values())


def _confirmed(row: Status) -> str:
    return f"{sum(about['confirmed'] for about in row.assignment.values())}/{len(row.items)}"


def _contact(name: str) -> Callable[[Status], str]:
    return lambda row: row.contacts[name] if row.contacts else ""


def _way(way: str, part: str) -> Callable[[Status], str]:
    def told(row: Status) -> str:
        about: Mapping[str, Any] = row.ways["ways"].get(way, {}) if row.ways else {}
        return every(about.get("frequencies", ())) if part == "frequencies" else about.get("remark", "")

    return told


def _count(year: str) -> Callable[[tuple[Status, str]], int | str]:
    return lambda row: row[0].stock.get(row[1], {"years": {}})["years"].get(year, "")


def _refused(visit: Visit, row: Status) -> str:
    return "；".join(f"{visit.site.catalog[item].title}：{about['note']}" for item, about in row.assignment.items() if not about["confirmed"])
