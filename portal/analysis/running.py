"""A statement of an analyst, run under his limits, and what went wrong in Chinese, with the line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from loaders.answer import Answer, jsonable
from loaders.errors import LimitReached, Unavailable, WarehouseError
from loaders.limits import ANALYST
from loaders.warehouse import Warehouse
from portal.analysis import statement
from portal.analysis.statement import Fault, NotAllowed
from portal.analysis.views import View
from schemas import reason

# ClickHouse's own numbers of what people get wrong.
WORDS: Mapping[int, str] = {
    6: "值的写法不对，不能转换", 38: "日期的写法不对", 41: "时间的写法不对", 42: "函数的参数个数不对", 43: "参数的类型不对",
    46: "没有这个函数", 47: "没有这个字段", 53: "类型不一致，不能比较", 60: "没有这个视图",
    62: "语法错误", 70: "不能转换成这种类型", 72: "数字的写法不对",
    153: "除数为零",
    158: "读取的行数超过限制", 159: f"超过 {ANALYST.seconds} 秒", 160: "估计要运行太久", 179: "同一个名称用了两次",
    184: "聚合函数里不能再用聚合函数", 207: "字段名不明确，请加上视图的名称",
    215: "字段不在 GROUP BY 里，也没有聚合", 241: "所用内存超过限制",
    306: "嵌套太深", 307: "读取的数据量超过限制", 386: "几种类型没有共同的类型",
    396: f"结果超过 {ANALYST.rows:,} 行",
}  # fmt: skip
REMEDY = "请加上 LIMIT，或者缩小时间、部门的范围。"
_QUOTED = re.compile(r"[`'“]([^`'”]+)[`'”]")
_CALLED = re.compile(r"[Ff]unction (\w+)")
_PART = re.compile(r"[\w一-鿿]+")


@dataclass(frozen=True)
class Ran:
    """What came of it: the answer as it may be shown, or what was wrong."""

    names: tuple[str, ...] = ()
    rows: tuple[tuple[str | int | float | None, ...], ...] = ()
    faults: tuple[Fault, ...] = ()


def run(warehouse: Warehouse, views: Mapping[str, View], text: str) -> Ran:
    """Raises Unavailable."""
    try:
        answer = warehouse.bounded(statement.runnable(text, views), ANALYST)
    except NotAllowed as fault:
        return Ran(faults=tuple(fault.faults))
    except Unavailable:
        raise
    except WarehouseError as fault:
        return Ran(faults=(told(fault, text),))
    return Ran(answer.names, tuple(_rows(answer)))


def told(fault: WarehouseError, text: str) -> Fault:
    """The server's words in Chinese; the line is that of the first thing it names which stands in the statement."""
    message = " ".join(str(fault).split())
    quoted = [part for found in _QUOTED.findall(message) for part in reversed(_PART.findall(found))] + _CALLED.findall(message)
    lines = ((name, statement.line_of(text, name)) for name in quoted)
    name, line = next(((name, line) for name, line in lines if line is not None), ("", None))
    said = WORDS.get(fault.code, "数据仓库不接受这条语句")
    return Fault(line, f"{said}{f'：“{name}”' if name else ''}。" + (REMEDY if isinstance(fault, LimitReached) else "" if fault.code in WORDS else f"（代码 {fault.code}）"))


def _rows(answer: Answer) -> list[tuple[str | int | float | None, ...]]:
    """Personal numbers are covered here, too, whatever a statement put together."""
    return [tuple(_cell(value) for value in row) for row in answer.rows()]


def _cell(value: object) -> str | int | float | None:
    if value is None or isinstance(value, int | float):
        return reason.staff(str(value), "none") if isinstance(value, int) and abs(value) >= 10**14 else value
    shown = f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(jsonable(value))
    return reason.staff(shown, "none")
