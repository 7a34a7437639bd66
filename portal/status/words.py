"""Ways, due dates and rules in words, as pages and documents say them."""

from schemas.catalog import Item
from schemas.declared import WAY_TITLES
from schemas.obligations.due import Due
from schemas.obligations.ledger import CONFIRMED

WAYS = {**WAY_TITLES, "file": "数据报送方式（文本文件）"}


def due(found: Due) -> str:
    """A due date in words: 2017-11-10（顺延 1 个工作日，暂定）."""
    more = [f"顺延 {found.moved} 个工作日"] * bool(found.moved) + ["暂定"] * found.provisional
    return found.day.isoformat() + (f"（{'，'.join(more)}）" if more else "")


def rule(item: Item) -> str:
    """When a record of an item is due, in words."""
    if "working_days" in item.due:
        return f"自“{item.by_name[item.due['after']].title}”的次日起 {item.due['working_days']} 个工作日内"
    return f"期满后 {item.due.get('days', 0)} 日内，遇休息日顺延"


def ways(codes: tuple[str, ...]) -> str:
    return "、".join(WAY_TITLES[each] for each in codes) or "未申报"


def confirmed(answer: str) -> str:
    return CONFIRMED[answer]
