"""催报记录: what was sent to whom, by which channel, what became of it, and which reminder reached nobody."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy import Select, func, select

from portal.accounts.roles import Role
from portal.accounts.tables import Account
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.reminders import deliver, words
from portal.reminders.tables import FAILED, PAGE, Delivery, Reminder
from producers.refusal import Refusal

PATH, TITLE = "/reminders", "催报记录"
SEEING = (Role.OFFICE, Role.CENTRE, Role.OPERATOR)
NOBODY = "nobody"  # what the address calls reminders that reached nobody
ASKED = ("department", "kind", "channel", "state")

router = APIRouter(include_in_schema=False)


@router.get(PATH)
def index(visit: Annotated[Visit, only(*SEEING, action="查看催报记录")]) -> Response:
    query, page = listing.asked(visit, ASKED), listing.page_number(visit)
    found = _found(query)
    total = visit.db.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = visit.db.execute(found.offset((page - 1) * listing.PER_PAGE).limit(listing.PER_PAGE)).all()
    table = Listing(TITLE, _columns(visit), rows, total, page, PATH, query, "没有符合条件的催报记录。")
    failed = [row for row in rows if row[1] is not None and row[1].state == FAILED]
    return visit.page("reminders.html", title=TITLE, listing=table, query=query, failed=failed, columns=_columns(visit), **_choices(visit))


@router.get(PATH + "/export")
def export(visit: Annotated[Visit, only(*SEEING, action="导出催报记录")]) -> Response:
    rows = visit.db.execute(_found(listing.asked(visit, ASKED)).limit(listing.MOST_EXPORTED)).all()
    return listing.exported(visit, "reminders", TITLE, _columns(visit), rows)


@router.post(PATH + "/{delivery}/again")
def again(delivery: int, visit: Annotated[Visit, only(*SEEING, action="重新发送催报")]) -> Response:
    row = visit.db.execute(_found({}).where(Delivery.id == delivery)).one_or_none()
    if row is None:
        raise Refusal("not_found", "没有这条催报。", "请从催报记录中打开。")
    visit.about(f"{words.CHANNELS[row[1].channel]} {row[2].username}", row[0].department)
    if not deliver.again(visit.db, delivery, visit.site.now()):
        return visit.go(PATH, "这条催报没有失败，不必重新发送。")
    return visit.go(PATH, "已排入发送。")


def _found(query: dict[str, str]) -> Select[Reminder, Delivery, Account]:
    """Every reminder with each of its deliveries, or without one; the newest first."""
    found = select(Reminder, Delivery, Account).outerjoin(Delivery, Delivery.reminder_id == Reminder.id).outerjoin(Account, Account.id == Delivery.account_id)
    for name, column in (("department", Reminder.department), ("kind", Reminder.kind), ("channel", Delivery.channel)):
        if name in query:
            found = found.where(column == query[name])
    if query.get("state") == NOBODY:
        found = found.where(Delivery.id.is_(None))
    elif "state" in query:
        found = found.where(Delivery.state == query["state"])
    return found.order_by(Reminder.id.desc(), Delivery.id)


def _choices(visit: Visit) -> dict[str, Any]:
    return {
        "departments": [(code, each.name) for code, each in visit.site.departments.items()], "kinds": list(words.KINDS.items()),
        "channels": list(words.CHANNELS.items()), "states": [*words.STATES.items(), (NOBODY, words.NOBODY)],
    }  # fmt: skip


def _columns(visit: Visit) -> Sequence[Column]:
    site = visit.site

    def moment(row: Any) -> str | None:
        at = row[1].sent_at if row[1] is not None else None
        return at.astimezone(site.zone).strftime("%Y-%m-%d %H:%M") if at else None

    def state(row: Any) -> str:
        if row[1] is None:
            return words.NOBODY
        return "已读" if row[1].channel == PAGE and row[1].read_at else words.STATES[row[1].state]

    def why(row: Any) -> str | None:
        return f"{row[1].trouble}（已试 {row[1].attempts} 次）" if row[1] is not None and row[1].trouble else None

    return [
        Column("时间", lambda row: row[0].made_at.astimezone(site.zone).strftime("%Y-%m-%d %H:%M"), short=True),
        Column("部门", lambda row: site.departments[row[0].department].short if row[0].department in site.departments else row[0].department, short=True),
        Column("内容", lambda row: row[0].words),
        Column("对象", lambda row: f"{row[2].name}（{row[2].username}）" if row[2] is not None else None),
        Column("渠道", lambda row: words.CHANNELS[row[1].channel] if row[1] is not None else None, short=True),
        Column("状态", state, short=True),
        Column("发送时间", moment, short=True),
        Column("原因", why),
    ]
