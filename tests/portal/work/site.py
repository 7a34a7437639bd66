"""What a warehouse has of 住建委's work, for the pages of 我的工作: one rejected record, one repeated one, one that stands, and what arrived."""

import json
from collections.abc import Mapping
from typing import Any, cast

from portal.declared import Declared
from schemas.words import OUTCOMES
from tests.portal.desk import Desk
from tests.portal.entry.site import AT, ITEM, House

SPOKEN = "if({dated:UInt8} = 1, dated, '') AS day"  # the ledger's question about records by the day they are dated by

NUMBER = "HZAAAAAAAAAAAAAAAAAAAAAAAAAA#3"
REASON = {"rule": "R-USCC-03", "severity": "error", "field": "XK_XDR_SHXYM", "title": "统一社会信用代码", "value": "9137", "message": "校验位不对。", "remedy": "请核对后改正。"}
SOURCE = "zjj/excel"
MARK = f"{SOURCE}  {'f' * 32}"


def undeclared(desk: Desk) -> None:
    """Nothing is declared any more, on its way or seen."""
    desk.lobby.waiting.clear()
    desk.change(declared=Declared(desk.lobby, cast("Any", desk.lobby)))


def reject(said: Mapping[str, str | None], **more: Any) -> dict[str, Any]:
    """A rejected record as `own_rejects` answers."""
    batch, line = NUMBER.split("#")
    about = {
        "_item": ITEM.code, "_source": SOURCE, "_way": "excel", "_batch": batch, "_line": int(line), "_row": None, "_ref": None, "_key": "k", "_partition": 0, "_offset": 1, "_by": "judge",
        "rules": ["R-USCC-03"], "reasons": json.dumps([REASON], ensure_ascii=False), "fields": json.dumps(said, ensure_ascii=False), "_received_at": AT, "mark": MARK,
        "version": 0, "about": "", "by": "", "declared_at": "", "state": "open",
    }  # fmt: skip
    return about | more


def stood(key: str, **more: Any) -> dict[str, Any]:
    """What stands of a key, as `own_stands` answers."""
    return {"key": key, "version": 7, "department": "zjj", "source": "zjj/form", "way": "form", "batch": "HZ1", "line": 1, "at": AT, "withdrawn": 0} | more


def busy(house: House, row: Mapping[str, Any], said: Mapping[str, str | None]) -> None:
    """All of it; `row` is the record that stands."""
    key = row["_key"]
    echo = {"batch": "HZ2", "line": 5, "way": "excel", "source": SOURCE, "outcome": "superseded", "key": key, "row": None, "ref": None, "operation": "upsert", "stands": 7, "at": AT}
    arrived = {"item": ITEM.code, "way": "excel", "source": SOURCE, "last": "2026-11-26 16:00:00.000", "said": 9, "judged": 7, "lately": 9}
    counts = {f"{name}_{part}": number for number, name in enumerate(OUTCOMES, 1) for part in ("now", "before")}
    house.answers = {
        "SELECT count() AS n": [{"n": 1}],
        "ANY LEFT JOIN": [reject(said)],
        "AND ({outcome:String} = ''": [echo],
        "AS at, _withdrawn AS withdrawn": [stood(key)],
        "({some:UInt8} = 0 OR has({keys": [{**row, "_way": "form", "_batch": "HZ1", "_line": 1}],
        "SELECT DISTINCT key": [{"key": key}],
        "sum(lately_) AS lately": [arrived | counts],
        "answer_batch AS batch": [{"batch": "HZ9", "line": 4, "at": AT}],
        "SELECT DISTINCT source, department": [{"source": "zjj/excel", "department": "zjj", "way": "excel", "item": ITEM.code, "name": None}],
    } | house.answers
