"""Receipts in a department's own front-end database: the statements that its administrator runs so that `guiji connectors answer` may write there. A provided database has them already."""

from collections.abc import Iterator

from connectors import prepare_binlog, prepare_postgres
from schemas import front_receipts
from schemas.front_receipts import LOADS, LONGEST_KEY, ROWS
from schemas.sources import Receipts, Source, Table

HEAD = "-- 回执：在每张表旁边建两张表，写明每行、每批的处理结果；这个账号只写这两张表，口令自行设定。\n"
_KEY = f"varchar({LONGEST_KEY})"  # whatever the table's own is; of several columns it is a JSON array


def script(source: Source, password: str) -> str:
    """Nothing where the source file names no account for it."""
    if source.receipts is None:
        return ""
    on = _postgres if source.database.kind == "postgres" else _binlog
    return HEAD + "".join(f"{statement};\n" for statement in on(source, source.receipts, password))


def _postgres(source: Source, account: Receipts, password: str) -> Iterator[str]:
    yield prepare_postgres.role(account.user, password, replicates=False)
    yield prepare_postgres.connecting(source.database.name, account.user)
    for table in source.tables.values():
        schema = prepare_postgres.place(table.name)[0]
        yield prepare_postgres.using(schema, account.user)
        yield f"SET search_path TO {prepare_postgres.quoted(schema)}"
        yield from front_receipts.statements(table.short, "postgres", _KEY)
        names = ", ".join(prepare_postgres.quoted(schema, name) for name in _names(table))
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {names} TO {prepare_postgres.quoted(account.user)}"


def _binlog(source: Source, account: Receipts, password: str) -> Iterator[str]:
    who = prepare_binlog.account(account.user)
    yield from prepare_binlog.created(who, password)
    for table in source.tables.values():
        yield from front_receipts.statements(table.short, "mysql", _KEY)
        yield from (f"GRANT SELECT, INSERT, UPDATE, DELETE ON {prepare_binlog.quoted(source.database.name, name)} TO {who}" for name in _names(table))


def _names(table: Table) -> tuple[str, str]:
    return table.short + ROWS, table.short + LOADS
