"""Item files as text: one field a line, as people read and compare them; and the file a new item starts from."""

import json
from collections.abc import Mapping
from typing import Any

DATE = {"type": "int", "logicalType": "date"}


def written(spec: Mapping[str, Any]) -> str:
    """An item's content as its file."""
    about = {**spec, "doc": spec.get("doc", "")}
    lines = [f'  "type": "record", "namespace": "credit", "name": {_text(about["name"])}', f'  "doc": {_text(about["doc"])}', f'  "catalogue": {_text(about["catalogue"])}']
    fields = ",\n".join("    " + _text(field) for field in about["fields"])
    return "{\n" + ",\n".join(lines) + ',\n  "fields": [\n' + fields + "\n  ]\n}\n"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def starter(code: str, title: str) -> dict[str, Any]:
    """A sound item to begin with: a document's number, the organisation and its codes, dates, a state, the clock. Every line is meant to be changed."""
    catalogue = {
        "title": title, "category": "其它", "subject": "organisation", "key": ["WSH"], "key_scope": "department", "frequency": "month", "due": {"days": 10}, "dated_by": "JDRQ",
        "scope": {"since": "2015-01-01", "changed": "SJC"}, "delete": "withdraw", "usage": "1", "wins": "latest", "partitions": 1, "source": "drafted",
    }  # fmt: skip
    fields = [
        {"name": "WSH", "title": "文书号", "type": "string", "length": 128, "min_length": 4, "example": "济字〔2017〕1号", "help": "必有文号，不得填“空”。", "searchable": True},
        {"name": "DWMC", "title": "单位名称", "type": "string", "length": 256, "rules": ["name"], "example": "济南泉城建筑有限公司", "searchable": True},
        _optional("TYSHXYDM", "统一社会信用代码", length=18, rules=["uscc"], group="dm", example="91440300708461136T", searchable=True),
        _optional("ZZJGDM", "组织机构代码", length=10, rules=["orgcode"], group="dm"),
        {"name": "JDRQ", "title": "决定日期", "type": DATE, "rules": ["not_future"], "example": "2017-06-01"},
        {"name": "JDJG", "title": "决定机关", "type": "string", "length": 128, "example": "济南市城乡建设委员会", "help": "全称。"},
        {"name": "ZT", "title": "当前状态", "type": "string", "length": 1, "codes": "zt", "blank": "0", "example": "0"},
        _optional("BZ", "备注", length=1000, privacy="content"),
        {"name": "SJC", "title": "数据更新时间戳", "type": DATE, "rules": [{"rule": "not_before", "field": "JDRQ"}], "example": "2017-06-02", "volatile": True},
    ]
    return {"type": "record", "namespace": "credit", "name": code, "doc": f"{title}，一次决定一条。", "catalogue": catalogue, "fields": fields}


def _optional(name: str, title: str, **said: Any) -> dict[str, Any]:
    return {"name": name, "title": title, "type": ["null", "string"], "default": None, **said}
