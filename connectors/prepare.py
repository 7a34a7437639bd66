"""What the owner of a front-end database runs once: a role with the least it needs, and whatever makes changes complete (full before images). SQL as text: the platform has no right to run it."""

from connectors import oracle, prepare_binlog, prepare_postgres, sqlserver
from connectors.answers import prepare as receipts
from connectors.config import slot
from schemas.sources import Source

HEAD = "-- 由前置机数据库的管理员执行一次；口令自行设定，与 Connect 的环境变量一致。\n"
_COMPUTED_WARNING = "表中有计算列（GENERATED）的，先运行 guiji connectors check：PostgreSQL 18 对发布时漏掉计算列的表拒绝更新和删除，check 会给出合适的语句。"
HIDDEN = "********"
NOT_RUN = {"sqlserver": sqlserver.REVIEW, "oracle": oracle.REVIEW}


def statements(source: Source, password: str) -> list[str]:
    """The statements, one each, in order; to be run as the database's administrator, in the database itself. May be repeated on MariaDB/MySQL; elsewhere after `undo`."""
    kind = source.database.kind
    if kind == "postgres":
        return prepare_postgres.statements(source, slot(source), password)
    return sqlserver.statements(source, password) if kind == "sqlserver" else oracle.statements(source, password) if kind == "oracle" else prepare_binlog.statements(source, password)


def script(source: Source, password: str = HIDDEN) -> str:
    """The same as a file to hand over."""
    warning = {**NOT_RUN, "postgres": _COMPUTED_WARNING}.get(source.database.kind)
    return HEAD + (f"-- {warning}\n" if warning else "") + "".join(f"{statement};\n" for statement in statements(source, password)) + receipts.script(source, password)


def undo(source: Source) -> list[str]:
    """What takes it all away again. A slot that nobody reads fills the owner's disk: drop it with the connector."""
    kind = source.database.kind
    if kind == "postgres":
        return prepare_postgres.undo(source, slot(source))
    return sqlserver.undo(source) if kind == "sqlserver" else oracle.undo(source) if kind == "oracle" else prepare_binlog.undo(source)
