"""What stands instead of a repeated or superseded record: from which way and since when. Of another department's record nothing is told but that it stands, and since when. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from portal.entry import showing
from schemas.catalog import Item

COVERED = "***"
UNKNOWN = "（识别字段不全）"


def told(stands: Mapping[str, Any] | None, department: str) -> dict[str, str]:
    """`way` from which, `since` when (local time as the warehouse has it), `number`: 回执行号, all as text; blank where nothing stands."""
    if stands is None or stands["withdrawn"]:
        return {"way": "" if stands is None else "已撤销", "since": "" if stands is None else moment(stands["at"]), "number": ""}
    if stands["department"] != department:
        return {"way": "其他部门", "since": moment(stands["at"]), "number": ""}
    return {"way": showing.WAYS.get(stands["way"], stands["way"]), "since": moment(stands["at"]), "number": f"{stands['batch']}#{stands['line']}"}


def moment(value: object) -> str:
    """A time of the warehouse, to the minute."""
    return str(value)[:16]


def name(item: Item, key: str) -> str:
    """What people call the record of a key: its parts, without a person's number or name."""
    parts = json.loads(key)
    if parts[0] != item.code or len(parts) != len(item.key) + 2:
        return UNKNOWN
    said = {field: COVERED if str(part).startswith("hmac:") else part for field, part in zip(item.key, parts[2:], strict=True)}
    return showing.name(item, said) or UNKNOWN
