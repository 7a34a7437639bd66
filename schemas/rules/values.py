"""Rules on one value: length, pattern, code sets, types, dates, placeholders, names."""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from schemas.reason import masked
from schemas.rules.finding import Field, Finding, Frame, Row, Rule
from schemas.rules.identifiers import IDENTIFIERS, mangled, rewritten

Parameters = Mapping[str, Any]
PLACEHOLDERS = {"无", "暂无", "没有", "不详", "未知", "/", "\\", "-", "--", "—", "——", "0", "00", "000", "0000", "NULL", "null", "None", "N/A", "n/a", "*", "**", "***", "?", "？", ".", "1", "111"}
DATED = frozenset({"date", "timestamp-millis"})
EXCEL = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]{2}")  # how Excel shows a long number; a text of another kind may hold an E
PHONE = r"\+?[0-9()（）\- ]{7,20}(?:转[0-9]+)?"
OTHER = re.compile(r"其他[-—－:：(（].*[^)）\s].*")
SHAPES = {"date": "日期", "timestamp-millis": "时间", "long": "整数", "decimal-text": "规定范围内的数"}
SHAPE_RULES = {"date": "R-DATE-01", "timestamp-millis": "R-DATE-01", "long": "R-NUM-01", "decimal-text": "R-NUM-02"}
SHAPE_REMEDIES = {
    "date": "请写成 2017-06-01 或 2017/6/1。", "timestamp-millis": "请写成 2017-06-01 08:30:00。", "long": "请只填整数，不带单位。",
}  # fmt: skip


def _shown(field: Field, value: str) -> str:
    """A value inside a sentence: short, and without a personal number."""
    told = masked(value, field.privacy) or ""
    return told if len(told) <= 20 else told[:19] + "…"


def _lost(field: Field, value: str) -> bool:
    """Whether Excel rewrote the value, which is told once and hides what follows from it: another length, another shape."""
    if any(rule.name in IDENTIFIERS for rule in field.rules):
        return mangled(value)
    return EXCEL.fullmatch(value) is not None


def explain_excel(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value = str(row.clean[field.name])
    return rewritten(field, value) if EXCEL.fullmatch(value) else None


def suspect_excel(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    return frame.clean[field.name].str.contains(f"^{EXCEL.pattern}$")


def explain_length(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value, limit = str(row.clean[field.name]), field.length or 0
    size = len(value)
    if not limit or size <= limit or _lost(field, value):
        return None
    return Finding("R-LEN-01", f"“{field.title}”有 {size} 个字符，最多 {limit} 个。", f"请缩短到 {limit} 个字符以内。")


def suspect_length(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    return frame.clean[field.name].str.len_chars() > (field.length or 1 << 30)


def explain_min_length(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value, limit = str(row.clean[field.name]), field.min_length or 0
    size = len(value)
    if size >= limit or _lost(field, value):
        return None
    return Finding("R-LEN-02", f"“{field.title}”只有 {size} 个字符，至少 {limit} 个。", "请填写完整。")


def suspect_min_length(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    return frame.clean[field.name].str.len_chars() < (field.min_length or 0)


def explain_pattern(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value = str(row.clean[field.name])
    if field.pattern is None or re.fullmatch(field.pattern, value) or _lost(field, value):
        return None
    return Finding("R-PAT-01", f"“{field.title}”的“{_shown(field, value)}”不合规定的写法。", f"请按要求填写：{field.help}" if field.help else "请按模板中的说明填写。")


def suspect_pattern(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    return ~frame.clean[field.name].str.contains(f"^(?:{field.pattern})$").fill_null(value=True)


def parts(value: str, codes: Mapping[str, str]) -> list[str]:
    """Several codes joined by ；or 、 (which may also stand inside a code: the longest code wins)."""
    found = []
    for piece in filter(None, re.split(r"[;；]", value)):
        while piece:
            known = max((code for code in codes if piece == code or piece.startswith(code + "、")), key=len, default=piece)
            found.append(known)
            piece = piece[len(known) + 1 :]
    return found


def explain_codes(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value, codes = str(row.clean[field.name]), field.code_set
    said = parts(value, codes) if field.many else [value]
    bare = [part for part in said if part == "其他" and "其他" in codes]
    if bare:
        return Finding("R-CODE-02", f"“{field.title}”选了“其他”而没有注明。", "请写成“其他-注明内容”。")
    unknown = [part for part in said if part not in codes and not ("其他" in codes and OTHER.fullmatch(part))]
    if not unknown:
        return None
    allowed = "、".join(f"{code}（{title}）" if code != title else code for code, title in list(codes.items())[:12])
    return Finding("R-CODE-01", f"“{field.title}”的“{_shown(field, unknown[0])}”不在代码集内。", f"请从以下选填：{allowed}{'等' if len(codes) > 12 else ''}。")


def suspect_codes(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    plain = [code for code in field.code_set if code != "其他"]
    return ~frame.clean[field.name].is_in(plain).fill_null(value=True)


def explain_shape(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value = str(row.clean[field.name])
    if row.typed[field.name] is not None:
        return None
    if mangled(value):
        return rewritten(field, value)
    what = SHAPES[field.kind]
    return Finding(SHAPE_RULES[field.kind], f"“{field.title}”的“{_shown(field, value)}”不是{what}。", SHAPE_REMEDIES.get(field.kind) or _size(field))


def _size(field: Field) -> str:
    """How a number must be written, by its field's precision and scale."""
    before, after = (field.precision or 0) - (field.scale or 0), field.scale or 0
    return f"请只填数字，不带单位，整数不超过 {before} 位" + (f"，小数不超过 {after} 位。" if after else "，不带小数。")


def suspect_shape(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    return frame.clean[field.name].is_not_null() & frame.typed[field.name].is_null()


def explain_not_future(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value = row.typed[field.name]
    if value is None or value <= row.today:
        return None
    return Finding("R-DATE-02", f"“{field.title}”{value} 晚于报送当天（{row.today}）。", "请核对年份和月份。")


def suspect_not_future(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    return frame.typed[field.name] > frame.today


def explain_not_before(row: Row, field: Field, parameters: Parameters) -> Finding | None:
    value, earlier = row.typed[field.name], row.typed[parameters["field"]]
    if value is None or earlier is None or value >= earlier:
        return None
    return Finding("R-DATE-03", f"“{field.title}”{value} 早于“{row.titles[parameters['field']]}”{earlier}。", "请核对两个日期。")


def suspect_not_before(frame: Frame, field: Field, parameters: Parameters) -> pl.Series:
    found: pl.Series = frame.typed[field.name] < frame.typed[parameters["field"]]
    return found


def explain_placeholder(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value = str(row.clean[field.name])
    if value not in PLACEHOLDERS:
        return None
    return Finding("R-PLH-01", f"“{field.title}”填的是“{value}”，等于没有填。", "请填写实际内容；文号确实没有的填“空”。")


def suspect_placeholder(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    return frame.clean[field.name].is_in(list(PLACEHOLDERS))


def explain_amount(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value = row.typed[field.name]
    if value is None or not str(value).startswith("-"):
        return None
    return Finding("R-NUM-03", f"“{field.title}”是负数。", "请核对金额。")


def suspect_amount(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    return frame.typed[field.name].cast(pl.String).str.starts_with("-")


def explain_phone(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value = str(row.clean[field.name])
    if re.fullmatch(PHONE, value):
        return None
    return Finding("R-TEL-01", f"“{field.title}”的“{_shown(field, value)}”不像电话号码。", "请填写区号和号码，或 11 位手机号。")


def suspect_phone(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    return ~frame.clean[field.name].str.contains(f"^(?:{PHONE})$").fill_null(value=True)


def explain_name(row: Row, field: Field, _parameters: Parameters) -> Finding | None:
    value = str(row.clean[field.name])
    if re.search(r"[^\W\d_]", value) and len(value) > 1:
        return None
    return Finding("R-NAME-01", f"“{field.title}”的“{_shown(field, value)}”不像名称。", "请填写全称。")


def suspect_name(frame: Frame, field: Field, _parameters: Parameters) -> pl.Series:
    # Two Chinese characters are enough; all else is looked at closely.
    return ~frame.clean[field.name].str.contains("[\u4e00-\u9fff].|.[\u4e00-\u9fff]").fill_null(value=True)


VALUES = {
    "excel": Rule(suspect_excel, explain_excel, "没有被 Excel 改写"),
    "length": Rule(suspect_length, explain_length, "不超过最大长度"),
    "min_length": Rule(suspect_min_length, explain_min_length, "不少于最短长度"),
    "pattern": Rule(suspect_pattern, explain_pattern, "合乎写法"),
    "codes": Rule(suspect_codes, explain_codes, "在代码集内"),
    "shape": Rule(suspect_shape, explain_shape, "合乎类型"),
    "placeholder": Rule(suspect_placeholder, explain_placeholder, "不用“无”等代替"),
    "not_future": Rule(suspect_not_future, explain_not_future, "不晚于报送当天", kinds=DATED),
    "not_before": Rule(suspect_not_before, explain_not_before, "不早于另一日期", frozenset({"field"}), DATED),
    "amount": Rule(suspect_amount, explain_amount, "不为负数", kinds=frozenset({"decimal-text", "long"})),
    "phone": Rule(suspect_phone, explain_phone, "电话写法"),
    "name": Rule(suspect_name, explain_name, "像名称"),
}
