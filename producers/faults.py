"""Faults of one record that show while it is read, before any rule: they travel with it in `_faults` and the judge rejects it with them
among its other reasons.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.reason import Reason, masked

Fault = Mapping[str, Any]


def _fault(rule: str, message: str, remedy: str, place: tuple[str, str] | None = None, value: str | None = None) -> Fault:
    code, title = place or (None, None)
    return Reason(rule, "error", code, title, masked(value, "none"), message, remedy).record()


def two_rows_of_one_key(places: Sequence[str]) -> Fault:
    told = "、".join(places[:10]) + ("等" if len(places) > 10 else "")
    return _fault("R-FILE-01", f"同一文件里有同一条记录的不同内容（{told}），无法判断以哪一行为准。", "请只保留正确的一行后重新报送。")


def error_cell(place: tuple[str, str], shown: str) -> Fault:
    return _fault("R-FILE-02", f"“{place[1]}”的单元格是错误值 {shown}。", "请改正公式，或直接填写内容。", place, shown)


def formula_without_result(place: tuple[str, str]) -> Fault:
    return _fault(
        "R-FILE-03",
        f"“{place[1]}”的单元格是公式，但文件里没有计算结果。",
        "请用 Excel 或 WPS 打开并保存，或把公式改为数值后重新报送。",
        place,
    )


def cells_beyond_header(cells: Sequence[str], width: int) -> Fault:
    return _fault(
        "R-FILE-04",
        f"本行比表头的 {width} 列多出 {len(cells)} 个有内容的单元格。",
        "请检查是否有多余的分隔符（内容含逗号时应加英文双引号）。",
    )


def unknown_word(word: str) -> Fault:
    place = ("_operation", "操作")
    return _fault("R-FILE-05", f"“操作”列填的“{word[:20]}”不认识。", "请留空（报送或修改），或填 删除、撤销、以本次为准。", place, word)


def unknown_field(name: str, nearest: Sequence[str]) -> Fault:
    near = f"是否指 {'、'.join(nearest)}？" if nearest else ""
    return _fault(
        "R-API-01", f"本目录没有字段“{name[:60]}”。{near}", "请按 /api/v1/items/{item}/schema 的字段代码报送。", (name[:60], name[:60])
    )


def not_scalar(place: tuple[str, str], kind: str) -> Fault:
    return _fault("R-API-02", f"“{place[1]}”是{kind}，应为字符串、数字或 null。", "请把该字段的值写成字符串。", place)


def not_a_record(kind: str) -> Fault:
    return _fault("R-API-03", f"这一条是{kind}，不是 JSON 对象。", '每条记录应写成 {"fields": {"字段代码": "值"}}。')


def unknown_operation(said: str) -> Fault:
    return _fault(
        "R-API-04", f"operation“{said[:20]}”不认识。", "请用 upsert、withdraw 或 assert，或不写（即 upsert）。", ("operation", "操作"), said
    )


def doubled_name(place: tuple[str, str]) -> Fault:
    return _fault("R-API-05", f"“{place[1]}”在一条记录里出现了不止一次。", "请只保留一个。", place)


def broken_characters(place: tuple[str, str]) -> Fault:
    return _fault("R-API-06", f"“{place[1]}”含有无法表示的字符（不成对的 Unicode 代理项）。", "请改正该字段的编码。", place)


def bad_reference() -> Fault:
    return _fault("R-API-07", "ref 应为不超过 200 个字符的字符串。", "请改正 ref。", ("ref", "ref"))


def monstrous(limit: int, kept: int) -> Fault:
    return _fault("R-DOOR-01", f"本条记录的内容超过 {limit} 个字符，各字段只保留了前 {kept} 个字符。", "请缩短内容后重新报送。")
