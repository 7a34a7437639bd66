"""催报通知: what the platform reminded somebody of, read and unread, and by what else he wants to be told."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Response

from portal.accounts.roles import DEPARTMENTAL
from portal.accounts.tables import Account
from portal.frame import listing
from portal.frame.access import only
from portal.frame.listing import Column, Listing
from portal.frame.visit import Visit
from portal.reminders import inbox, words
from portal.reminders.channels import INBOX
from portal.reminders.inbox import Told
from portal.reminders.tables import EMAIL, WEBHOOK
from producers.refusal import Refusal

TITLE, SETTINGS = "催报通知", "接收设置"
LONGEST_MUTE = 31  # days

router = APIRouter(include_in_schema=False)


@router.get(INBOX)
def index(visit: Annotated[Visit, only(*DEPARTMENTAL, action="查看催报通知")]) -> Response:
    page, unread = listing.page_number(visit), visit.request.query_params.get("unread") == "1"
    who = visit.who
    total = inbox.count(visit.db, who, unread=unread)
    rows = inbox.told(visit.db, who, (page - 1) * listing.PER_PAGE, listing.PER_PAGE, unread=unread)
    table = Listing(TITLE, _columns(visit), rows, total, page, INBOX, {"unread": "1"} if unread else {}, "没有未读的通知。" if unread else "没有催报通知。")
    newest = max((delivery.id for delivery, _ in rows), default=0)
    return visit.page("notices.html", title=TITLE, listing=table, unread=inbox.count(visit.db, who, unread=True), newest=newest, only_unread=unread)


@router.get(INBOX + "/export")
def export(visit: Annotated[Visit, only(*DEPARTMENTAL, action="导出催报通知")]) -> Response:
    rows = inbox.told(visit.db, visit.who, limit=listing.MOST_EXPORTED, unread=visit.request.query_params.get("unread") == "1")
    return listing.exported(visit, "notices", TITLE, _columns(visit), rows)


@router.post(INBOX + "/read")
def read(visit: Annotated[Visit, only(*DEPARTMENTAL, action="标记催报通知为已读")]) -> Response:
    text = visit.form.get("up_to", "")
    number = inbox.read(visit.db, visit.who, int(text) if text.isdecimal() and len(text) < 12 else 0, visit.site.now())
    return visit.go(INBOX, f"已把 {number} 条通知标为已读。")


@router.get(INBOX + "/settings")
def settings(visit: Annotated[Visit, only(*DEPARTMENTAL, action="查看催报接收设置")]) -> Response:
    return _settings(visit)


@router.post(INBOX + "/settings")
def change(visit: Annotated[Visit, only(*DEPARTMENTAL, action="更改催报接收设置")]) -> Response:
    wish = inbox.wish(visit.db, visit.who.account_id)
    wish.email, wish.webhook = visit.form.get(EMAIL) == "1", visit.form.get(WEBHOOK) == "1"
    wish.muted_until = _muted(visit)
    visit.db.add(wish)
    chosen = [words.CHANNELS[channel] for channel, on in ((EMAIL, wish.email), (WEBHOOK, wish.webhook)) if on]
    visit.about("、".join(["站内", *chosen]) + (f"，静音至 {wish.muted_until}" if wish.muted_until else ""), visit.who.department)
    return visit.go(INBOX + "/settings", "接收设置已保存。")


def _settings(visit: Visit) -> Response:
    site, account = visit.site, visit.db.get_one(Account, visit.who.account_id)
    ready = {EMAIL: bool(site.settings.smtp_host), WEBHOOK: bool(site.settings.webhook_url)}
    told: dict[str, Any] = {"wish": inbox.wish(visit.db, account.id), "address": account.email or "", "ready": ready, "most": LONGEST_MUTE, "days": _days(visit)}
    return visit.page("notices_settings.html", title=SETTINGS, crumbs=[(INBOX, TITLE)], **told)


def _muted(visit: Visit) -> str:
    """The day until which nothing is sent, blank where it is past. Raises Refusal."""
    text = visit.form.get("muted_until", "").strip()
    try:
        until = date.fromisoformat(text) if text else None
    except ValueError:
        until = date.max
    if until is not None and (until - visit.site.today).days > LONGEST_MUTE:
        raise Refusal("invalid", f"静音日期不对，或者超过了 {LONGEST_MUTE} 天。", "日期写作 2017-10-31，不静音就留空。")
    return until.isoformat() if until is not None and until >= visit.site.today else ""


def _days(visit: Visit) -> str:
    """When reminders come, in words."""
    days = sorted(visit.site.settings.remind_days)
    said = [f"前 {-each} 个工作日" if each < 0 else "当天" if each == 0 else f"后 {each} 个工作日" for each in days]
    return "、".join(said)


def _columns(visit: Visit) -> Sequence[Column]:
    def moment(row: Told) -> str:
        return row[1].made_at.astimezone(visit.site.zone).strftime("%Y-%m-%d %H:%M")

    return [
        Column("状态", lambda row: "已读" if row[0].read_at else "未读", short=True),
        Column("时间", moment, short=True),
        Column("类别", lambda row: words.KINDS[row[1].kind], short=True),
        Column("内容", lambda row: row[1].words),
        Column("应报日期", lambda row: row[1].due or None, short=True),
        Column("办理", lambda row: "签署或报送" if row[1].item else "到达情况", lambda row: f"/my-work/nil?item={row[1].item}" if row[1].item else "/my-work/arrivals", short=True),
    ]
