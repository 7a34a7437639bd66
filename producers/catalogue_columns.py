"""The columns of the catalogue's workbook (目录表): each a title, how a cell is made of an item file's attributes, and how they are made of a cell."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.words import CATEGORIES, DELETES, FREQUENCIES, KEY_SCOPES, KINDS, PRIVACY, SUBJECTS, USAGES

CODE = "信息项代码"
ALSO = {"字符": "字符型", "字符串": "字符型", "文本": "字符型", "C": "字符型", "日期": "日期型", "D": "日期型", "时间": "日期时间型", "DT": "日期时间型", "整数": "整数型", "数值": "数值型",
        "N": "数值型", "小数": "数值型"}  # fmt: skip
ALSO_SUBJECTS = {"法人": "organisation", "企业": "organisation", "法人及其他组织": "organisation", "个人": "person", "法人、自然人": "any", "法人和自然人": "any"}
ALSO_FREQUENCIES = {"实时": "day", "一天一次": "day", "每天": "day", "日": "day", "7个工作日": "week", "一周一次": "week", "周": "week", "一月一次": "month", "按月": "month", "月": "month",
                    "一季度一次": "quarter", "季度": "quarter", "季": "quarter"}  # fmt: skip
ALSO_USAGES = {"公开": "0", "主动公开": "0", "社会公开": "0", "公示公开": "0", "共享": "1", "政务共享": "1", "政府共享": "1", "依申请公开": "2", "授权": "2", "有限共享": "2"}
YES, NO = {"是", "√", "Y", "M", "1", "必填"}, {"", "否", "×", "N", "O", "0", "选填"}
Cells = Mapping[str, str]


class Unread(ValueError):
    """A cell that says something else than its column takes; in Chinese, for who filled it in."""


@dataclass(frozen=True)
class Heading:
    """A column: its title, others it goes by, how a cell is made of a spec and a spec's attributes of a cell (None: nothing said)."""

    title: str
    write: Callable[[Mapping[str, Any]], Any]
    read: Callable[[str, Cells], Mapping[str, Any] | None]
    also: tuple[str, ...] = ()
    width: int = 14


# ---- single cells ----------------------------------------------------------------------------------------------------


def _plain(title: str, name: str, also: tuple[str, ...] = (), width: int = 14) -> Heading:
    return Heading(title, lambda spec: spec.get(name), lambda text, _: {name: text}, also, width)


def _number(title: str, name: str, also: tuple[str, ...] = ()) -> Heading:
    def read(text: str, _: Cells) -> Mapping[str, Any]:
        if not text.isdigit():
            raise Unread(f"“{text}”不是整数")
        return {name: int(text)}

    return Heading(title, lambda spec: spec.get(name), read, also)


def _worded(title: str, name: str, words: Mapping[str, str], also: tuple[str, ...] = (), more: Mapping[str, str] | None = None, *, free: bool = False) -> Heading:
    """A closed list, shown in Chinese, with ``more`` words that mean the same; ``free``: a field's code stands for itself."""
    back = {word: value for value, word in words.items()} | {value: value for value in words} | dict(more or {})

    def read(text: str, _: Cells) -> Mapping[str, Any]:
        if text not in back and not (free and text.isascii()):
            raise Unread(f"“{text}”应为{'、'.join(words.values())}之一")
        return {name: back.get(text, text)}

    return Heading(title, lambda spec: words.get(spec.get(name, ""), spec.get(name)), read, also)


def _switch(title: str, name: str, also: tuple[str, ...] = ()) -> Heading:
    return Heading(title, lambda spec: "是" if spec.get(name) else None, lambda text, _: {name: True} if yes(text) else {}, also)


def yes(text: str) -> bool:
    """A word for yes or no. Raises Unread for another."""
    if text.upper() in YES:
        return True
    if text.upper() in NO:
        return False
    raise Unread(f"“{text}”应填“是”或“否”")


def _list(text: str) -> list[str]:
    return [part for part in re.split(r"[、，,;；\s]+", text) if part]


# ---- items -----------------------------------------------------------------------------------------------------------


def due_text(spec: Mapping[str, Any]) -> str | None:
    due = spec.get("due") or {}
    if "working_days" in due:
        return f"{due['working_days']} 个工作日，自 {due['after']}"
    if "days" in due:
        return f"期满后 {due['days']} 日"
    return None


def _due(text: str, _: Cells) -> Mapping[str, Any]:
    if found := re.fullmatch(r"(\d+)\s*个工作日[，,]\s*自\s*(\w+)", text):
        return {"due": {"working_days": int(found[1]), "after": found[2]}}
    if found := re.fullmatch(r"期满后\s*(\d+)\s*日", text):
        return {"due": {"days": int(found[1])}}
    raise Unread(f"“{text}”应写成“7 个工作日，自 字段代码”或“期满后 15 日”")


def _scope(title: str, name: str) -> Heading:
    return Heading(title, lambda spec: (spec.get("scope") or {}).get(name), lambda text, _: {"scope": {name: text}})


def _one_of(said: Mapping[str, Any] | None) -> str | None:
    return f"{said['field']}={'、'.join(said['in'])}" if said else None


def _field_in(text: str) -> Mapping[str, Any]:
    name, sign, values = text.partition("=")
    if not sign or not values:
        raise Unread(f"“{text}”应写成“字段代码=值、值”")
    return {"field": name, "in": values.split("、")}


def _wins(text: str, _: Cells) -> Mapping[str, Any]:
    ways = _list(text)
    return {"wins": ways[0] if len(ways) == 1 and ways[0] == "latest" else ways}


def _joined(spec: Mapping[str, Any], name: str) -> str | None:
    value = spec.get(name)
    return "、".join(value) if isinstance(value, list) else value


ITEM_COLUMNS = (
    _plain(CODE, "name", ("代码", "信息类代码")),
    _plain("信息项名称", "title", ("信息类名称", "信息类", "信息事项", "信息事项名称", "信息项", "事项名称", "目录名称", "名称"), 28),
    _plain("释义", "doc", ("说明", "信息项说明", "信息事项说明"), 40),
    Heading("类别", lambda spec: spec.get("category"), lambda text, _: {"category": text} if text in CATEGORIES else None, ("信息类别", "信息分类", "一级分类")),
    _worded("主体类别", "subject", SUBJECTS, ("主体类型", "信用主体"), ALSO_SUBJECTS),
    Heading("识别键", lambda spec: _joined(spec, "key"), lambda text, _: {"key": _list(text)}, ("主键",), 24),
    _worded("键的范围", "key_scope", KEY_SCOPES),
    _worded("报送频率", "frequency", FREQUENCIES, ("更新频率", "更新周期", "归集频率", "报送周期"), ALSO_FREQUENCIES),
    Heading("报送时限", due_text, _due, (), 24),
    _plain("计日字段", "dated_by"),
    _scope("归集起始日", "since"),
    _scope("变更日字段", "changed"),
    _scope("有效期字段", "valid_until"),
    Heading("有效状态", lambda spec: _one_of((spec.get("scope") or {}).get("valid_while")), lambda text, _: {"scope": {"valid_while": _field_in(text)}}),
    _worded("使用范围", "usage", USAGES, ("共享属性", "公开属性", "公开类型", "披露方式", "公示属性"), ALSO_USAGES, free=True),
    _worded("删除的含义", "delete", DELETES),
    Heading("以谁为准", lambda spec: _joined(spec, "wins"), _wins),
    _number("分区数", "partitions"),
    _plain("主体登记", "registers"),
    _plain("依据", "source", ("依据文件",), 40),
)


# ---- fields ----------------------------------------------------------------------------------------------------------


def _kind_of(spec: Mapping[str, Any]) -> tuple[bool, Any]:
    kind = spec["type"]
    return (False, kind) if not isinstance(kind, list) else (True, kind[1])


def _kind_text(spec: Mapping[str, Any]) -> str:
    _, plain = _kind_of(spec)
    return KINDS[plain["logicalType"] if isinstance(plain, dict) else plain]


def _size_text(spec: Mapping[str, Any]) -> str | None:
    _, plain = _kind_of(spec)
    if isinstance(plain, dict) and "precision" in plain:
        return f"{plain['precision']},{plain['scale']}"
    return str(spec["length"]) if "length" in spec else None


def _type(text: str, cells: Cells) -> Mapping[str, Any]:
    word = ALSO.get(text.upper(), text)
    kind = next((kind for kind, title in KINDS.items() if title == word), None)
    if kind is None:
        raise Unread(f"“{text}”应为{'、'.join(KINDS.values())}之一")
    size = cells.get("长度", "")
    plain: Any = {"string": "string", "long": "long", "date": {"type": "int", "logicalType": "date"}, "timestamp-millis": {"type": "long", "logicalType": kind}}.get(kind)
    if kind == "decimal-text":
        found = re.fullmatch(r"(\d+)[,，.](\d+)", size) or re.fullmatch(r"(\d+)()", size)
        if not found:
            raise Unread(f"数值型的长度“{size}”应写成“总位数,小数位数”，如 18,2")
        plain = {"type": "string", "logicalType": kind, "precision": int(found[1]), "scale": int(found[2] or 0)}
    length = {"length": int(size)} if kind == "string" and size.isdigit() else {}
    if kind == "string" and size and not length:
        raise Unread(f"长度“{size}”不是整数")
    return length | ({"type": plain} if yes(cells.get("必填", "")) else {"type": ["null", plain], "default": None})


def _rule_text(rule: Any) -> str:
    return rule if isinstance(rule, str) else f"{rule['rule']}({rule['field']})"


def _rules(text: str, _: Cells) -> Mapping[str, Any]:
    found: list[Any] = []
    for part in _list(text):
        pieces = re.fullmatch(r"(\w+)(?:[(（](\w+)[)）])?", part)
        if not pieces:
            raise Unread(f"规则“{part}”应写成名称，或“名称(字段代码)”")
        found.append({"rule": pieces[1], "field": pieces[2]} if pieces[2] else pieces[1])
    return {"rules": found}


def _when_text(spec: Mapping[str, Any]) -> str | None:
    when = spec.get("when")
    if not when:
        return None
    return f"主体={SUBJECTS[when['subject']]}" if "subject" in when else _one_of(when)


def _when(text: str, _: Cells) -> Mapping[str, Any]:
    name, sign, values = text.partition("=")
    if not sign or not values:
        raise Unread(f"“{text}”应写成“字段代码=值、值”或“主体=自然人”")
    if name == "主体":
        subject = {word: value for value, word in SUBJECTS.items()}.get(values)
        if subject is None:
            raise Unread(f"“{values}”不是主体类别")
        return {"when": {"subject": subject}}
    return {"when": _field_in(text)}


def _blank_text(spec: Mapping[str, Any]) -> str | None:
    blank = spec.get("blank")
    return "、".join(f"{SUBJECTS[subject]}={value}" for subject, value in blank.items()) if isinstance(blank, dict) else blank


def _blank(text: str, _: Cells) -> Mapping[str, Any]:
    if "=" not in text:
        return {"blank": text}
    words = {word: value for value, word in SUBJECTS.items()}
    said = dict(part.split("=", 1) for part in _list(text) if "=" in part)
    if not set(said) <= set(words):
        raise Unread(f"“{text}”应写成一个代码，或“法人和其他组织=代码、自然人=代码”")
    return {"blank": {words[word]: value for word, value in said.items()}}


FIELD_COLUMNS = (
    _plain(CODE, "", ("信息类代码",)),
    _plain("字段代码", "name", ("数据项代码", "字段名", "英文名称", "代码")),
    _plain("字段名称", "title", ("数据项名称", "数据项", "中文名称", "指标项", "指标项名称", "信息要素", "要素名称", "数据元名称", "名称"), 24),
    Heading("类型", _kind_text, _type, ("数据类型", "字段类型")),
    Heading("长度", _size_text, lambda _text, _cells: None, ("数据长度", "字段长度")),
    Heading("必填", lambda spec: "否" if _kind_of(spec)[0] else "是", lambda _text, _cells: None, ("是否必填", "必填项")),
    _number("最短", "min_length"),
    _plain("写法", "pattern", ("正则",)),
    _plain("代码集", "codes", ("代码表",)),
    _switch("可多选", "many"),
    Heading("空白时按", _blank_text, _blank),
    Heading("规则", lambda spec: "、".join(map(_rule_text, spec.get("rules", ()))) or None, _rules, ("校验规则",), 24),
    _plain("分组", "group"),
    Heading("有条件必填", _when_text, _when, (), 24),
    _worded("隐私", "privacy", PRIVACY),
    _switch("只随更新变动", "volatile"),
    _switch("可检索", "searchable"),
    _switch("曾用值", "former"),
    _plain("示例", "example", ("样例",), 24),
    _plain("说明", "help", ("备注", "填报说明"), 48),
    _plain("依据", "source"),
)
