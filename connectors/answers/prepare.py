"""Receipts in a department's own front-end database: the statements that its administrator runs so that `guiji connectors answer` may write there. A provided database has them already."""

from collections.abc import Collection

from connectors import prepare_binlog, prepare_postgres
from schemas import front_receipts
from schemas.front_receipts import LOADS, LONGEST_KEY, ROWS
from schemas.sources import Source, Table, answering

HEAD = "-- 回执：在每张表旁边建两张表，写明每行、每批的处理结果；这个账号只写这两张表，口令自行设定。\n"
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_KEY = f"varchar({LONGEST_KEY})"  # whatever the table's own is; of several columns it is a JSON array


def script(source: Source, password: str) -> str:
    """Nothing where the source file names no account for it."""
    return HEAD + "".join(f"{statement};\n" for statement in statements(source, password)) if source.receipts else ""


def statements(source: Source, password: str) -> list[str]:
    """The account, then its tables. ValueError where the source file names none."""
    return [*_account(source, password), *(statement for table in source.tables.values() for statement in made(source, table))]


def _account(source: Source, password: str) -> list[str]:
    user = answering(source).user
    if source.database.kind == "postgres":
        return [prepare_postgres.role(user, password, replicates=False), prepare_postgres.connecting(source.database.name, user)]
    return prepare_binlog.created(prepare_binlog.account(user), password)


def made(source: Source, table: Table) -> list[str]:
    """Both receipt tables of a table, where they are not there yet, and what the account may do with them."""
    rights = [granted(source, table, ending) for ending in (ROWS, LOADS)]
    if source.database.kind != "postgres":
        return [*front_receipts.statements(table.short, "mysql", _KEY), *rights]
    schema = prepare_postgres.place(table.name)[0]
    beside = f"SET search_path TO {prepare_postgres.quoted(schema)}"
    return [prepare_postgres.using(schema, answering(source).user), beside, *front_receipts.statements(table.short, "postgres", _KEY), *rights]


def added(source: Source, table: Table, ending: str, names: Collection[str]) -> str:
    """Columns that one of them lacks. Rows that are there say nothing in them."""
    quote = prepare_postgres.quoted if source.database.kind == "postgres" else prepare_binlog.quoted
    kinds = {name: kind.removesuffix(" NOT NULL") for name, kind, _ in front_receipts.columns(ending, source.database.kind, _KEY)}
    return f"ALTER TABLE {place(source, table, ending)} " + ", ".join(f"ADD COLUMN {quote(name)} {kinds[name]}" for name in names)


def granted(source: Source, table: Table, ending: str) -> str:
    """What the account may do with one of them."""
    user = answering(source).user
    who = prepare_postgres.quoted(user) if source.database.kind == "postgres" else prepare_binlog.account(user)
    return f"GRANT {', '.join(RIGHTS)} ON {place(source, table, ending)} TO {who}"


def place(source: Source, table: Table, ending: str) -> str:
    """The name of a receipt table, in SQL."""
    if source.database.kind == "postgres":
        schema, name = prepare_postgres.place(table.name)
        return prepare_postgres.quoted(schema, name + ending)
    return prepare_binlog.quoted(source.database.name, table.short + ending)
