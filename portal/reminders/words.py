"""What a reminder says. Departments, items, periods and days only: nothing of any record."""

from datetime import date

from infra.personal import withheld
from portal.reminders.stages import Reached
from portal.reminders.tables import DROPPED as GONE
from portal.reminders.tables import DUE, EMAIL, FAILED, LONGEST, PAGE, SENDING, SENT, SILENCE, WAITING, WEBHOOK
from schemas.catalog import Catalog
from schemas.declared import WAY_TITLES

CHANNELS = {PAGE: "站内", EMAIL: "邮件", WEBHOOK: "推送"}
STATES = {WAITING: "待发送", SENDING: "发送中", SENT: "已发送", FAILED: "失败", GONE: "已不需要"}
KINDS = {DUE: "到期催报", SILENCE: "静默提醒"}
NOBODY = "无人接收"


def of(reached: Reached, catalog: Catalog) -> str:
    """One sentence or two, as every channel tells it."""
    return withheld(_due(reached, catalog) if reached.line else _silence(reached))[:LONGEST]


def _due(reached: Reached, catalog: Catalog) -> str:
    assert reached.line is not None
    line, stage = reached.line, int(reached.key.stage)
    what, day = f"“{catalog[line.item].title}”{line.period.label}", f"{line.due.day.isoformat()}{'（暂定）' if line.due.provisional else ''}"
    if stage > 0:
        return f"{what}应于 {day} 前报送，至今没有收到，已列为漏报。请尽快补报；确无数据的，请签署“本期无数据”。"
    return f"{what}应于 {day} 前报送，还没有收到。{'今天截止。' if stage == 0 else ''}确无数据的，请签署“本期无数据”。"


def _silence(reached: Reached) -> str:
    key = reached.key
    since = date.fromisoformat(key.of).isoformat()
    return f"{WAY_TITLES.get(key.way, key.way)}自 {since} 起没有收到任何内容，已 {reached.days} 天，超过申报的频率。请检查本部门的系统和网络；已改用其他方式的，请在“摸底”中更改。"
