"""What is told of a table of which nothing is withdrawn: to the operator, and to its department. Pure."""

from connectors.sweep.due import Held
from connectors.sweep.whole import EMPTY
from schemas.sources import Table


def operator(table: Table, held: Held, shrink: int) -> str:
    """``shrink``: the brake's percentage."""
    what = f"it has {held.rows:,} rows, before {held.before:,}, and more than {shrink} % of its {'rows' if _fewer(held, shrink) else 'records'} are gone"
    what = "it is empty" if held.why == EMPTY else what
    release = f"guiji connectors release {table.source} --table {table.name} --why … --by …"
    return (
        f"{what}; {held.missing:,} withdrawals wait, inserts and changes go on, the other tables are not concerned. A load that is complete ends this by itself. "
        f"If the rows are rightly gone: `{release}`."
    )


def department(held: Held, shrink: int) -> str:
    """``shrink``: the brake's percentage."""
    fewer = f"表里只有 {held.rows} 行（之前 {held.before} 行），减少的超过 {shrink}%"
    others = f"表里有 {held.rows} 行，但以前报送的记录有超过 {shrink}% 不在其中"
    what = "表是空的" if held.why == EMPTY else fewer if _fewer(held, shrink) else others
    return (
        f"最近一次装载结束后，{what}，可能是装载没有完成或中途出错。表中缺少的 {held.missing} 条记录暂不撤销，仍按原来的内容保留；新增和修改照常归集。"
        "请检查装载程序并重新完整装载一次，装载完整后自动恢复；如果这些记录确实已经删除，请告知归集方放行。"
    )


def _fewer(held: Held, shrink: int) -> bool:
    return 100 * held.rows < (100 - shrink) * held.before
