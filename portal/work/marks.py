"""What a department says of its open rejects: 已修改 (to be mended at the source), 已忽略 with a reason, or 未处理 again. One that is answered is 已处理, and nobody says that. Pure."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from producers.declarations import Declaration
from schemas.declared import OF, REJECT_STATES

CLOSED = "closed"
STATES = {**REJECT_STATES, CLOSED: "已处理"}
LONGEST = 300

Row = Mapping[str, Any]


def number(row: Row) -> str:
    """The record's 回执行号."""
    return f"{row['_batch']}#{row['_line']}"


def fresh(said: Sequence[Declaration]) -> dict[str, Declaration]:
    """The last word on each record of what is perhaps not loaded yet."""
    return {str(each.about[OF]): each for each in said}


def with_fresh(rows: Sequence[Row], said: Mapping[str, Declaration], zone: tzinfo) -> list[dict[str, Any]]:
    """The rows, each with the last word on it: `state`, `reason`, `by`, `declared_at` (local, as text), `version`."""
    return [_told(row, said.get(row["mark"]), zone) for row in rows]


def about(row: Row, state: str, reason: str) -> dict[str, Any]:
    """As it is declared."""
    return {OF: row["mark"], "number": number(row), "state": state, "reason": reason}


def wrong(state: str, reason: str) -> str:
    """What is wrong with it; empty when it may be declared."""
    if state not in REJECT_STATES:
        return "请选择怎样处理。"
    if state == "ignored" and not reason:
        return "忽略的，要写明原因。"
    return f"原因不能超过 {LONGEST} 个字。" if len(reason) > LONGEST else ""


def _told(row: Row, said: Declaration | None, zone: tzinfo) -> dict[str, Any]:
    if said is None or said.version < row["version"]:
        return {**row, "reason": row["about"].get("reason", ""), "by": row["by"], "declared_at": str(row["declared_at"])[:16]}
    at = said.declared_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return {**row, "state": said.about["state"], "reason": said.about["reason"], "by": said.by, "declared_at": at, "version": said.version}
