"""Front-end tables (前置机表) for departments that push into a machine of the platform: one table an item, in five dialects.

Every column of the item is wide text without a constraint: what a department delivers is to reach the judge, which explains what is wrong with it;
a typed column would refuse it, or cut it off in silence.
Run on real servers here: PostgreSQL and MariaDB. SQL Server, Oracle and 达梦 are written by their manuals and not run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from schemas.catalog import Field, Item

# Beside the item's own: a row's number, what is to be done, when it was written. Names of the platform begin with GJ_ (归集).
ID, OPERATION, WRITTEN = "GJ_ID", "GJ_CZ", "GJ_SJ"
TITLES = {ID: "行号，由数据库产生", OPERATION: "操作：空为新增或更正，填“删除”或“撤销”为撤回", WRITTEN: "写入时间，由数据库产生"}
# What the operation column may say; with anything else the row is not ready, and nothing is said of it.
READY, WITHDRAWN = ("", "新增", "更正"), ("删除", "撤销")
LONG = 1000  # characters from which Oracle needs a large object


@dataclass(frozen=True)
class Dialect:
    """How a database writes the table. ``run``: whether these statements have run on a real server in the tests."""

    title: str
    quote: str
    types: Callable[[Field], str]
    extra: tuple[str, str, str]
    comment: Callable[[str, str, str], str] | None = None
    end: str = ""
    also: str = ""
    run: bool = False


def _on_column(table: str, column: str, text: str) -> str:
    return f'COMMENT ON COLUMN "{table}"."{column}" IS {text}' if column else f'COMMENT ON TABLE "{table}" IS {text}'


def _property(table: str, column: str, text: str) -> str:
    place = f", N'COLUMN', N'{column}'" if column else ""
    return f"EXEC sp_addextendedproperty N'MS_Description', N{text}, N'SCHEMA', N'dbo', N'TABLE', N'{table}'{place}"


DIALECTS = {
    "postgres": Dialect(
        "PostgreSQL", '"', lambda _: "text", ("bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "text", "timestamp(3) with time zone NOT NULL DEFAULT now()"),
        _on_column, also='ALTER TABLE "{table}" REPLICA IDENTITY FULL', run=True,
    ),
    "mysql": Dialect(
        "MySQL / MariaDB", "`", lambda _: "text", ("bigint NOT NULL AUTO_INCREMENT PRIMARY KEY", "varchar(20)", "datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)"),
        end=" DEFAULT CHARACTER SET utf8mb4", run=True,
    ),
    "sqlserver": Dialect(
        "SQL Server", '"', lambda _: "nvarchar(max)", ("bigint IDENTITY(1,1) PRIMARY KEY", "nvarchar(20)", "datetime2(3) NOT NULL DEFAULT SYSUTCDATETIME()"), _property,
    ),
    "oracle": Dialect(
        "Oracle", '"', lambda field: "CLOB" if (field.length or 0) > LONG else "VARCHAR2(4000)",
        ("NUMBER(19) GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "VARCHAR2(20 CHAR)", "TIMESTAMP(3) WITH TIME ZONE DEFAULT SYSTIMESTAMP NOT NULL"), _on_column,
    ),
    "dm": Dialect(
        "达梦", '"', lambda field: "CLOB" if (field.length or 0) > LONG else "VARCHAR(4000)",
        ("BIGINT IDENTITY(1,1) PRIMARY KEY", "VARCHAR(20)", "TIMESTAMP(3) DEFAULT SYSTIMESTAMP NOT NULL"), _on_column,
    ),
}  # fmt: skip


def statements(item: Item, database: str) -> list[str]:
    """The statements that make the item's table, in order, without their semicolons. KeyError for an unknown database."""
    dialect, table = DIALECTS[database], item.code.upper() if database in ("oracle", "dm") else item.code
    mark = dialect.quote
    lines = [f"{mark}{name}{mark} {kind}{_inline(dialect, text)}" for name, kind, text in _columns(item, dialect)]
    tail = dialect.end + (f" COMMENT={_literal(_about(item))}" if dialect.comment is None else "")
    made = [f"CREATE TABLE {mark}{table}{mark} (\n  " + ",\n  ".join(lines) + f"\n){tail}"]
    if dialect.comment:
        made += [dialect.comment(table, name, _literal(text)) for name, text in (("", _about(item)), *((name, text) for name, _, text in _columns(item, dialect)))]
    return made + ([dialect.also.format(table=table)] if dialect.also else [])


def script(item: Item, database: str) -> str:
    """The same as a script for the administrator, which says whether it ever ran."""
    dialect = DIALECTS[database]
    state = "本脚本在真实的服务器上运行过" if dialect.run else "not run：本脚本按手册写成，没有在真实的服务器上运行过"
    return f"-- {item.title}（{item.code}）前置机表，{dialect.title}。{state}。\n" + ";\n".join(statements(item, database)) + ";\n"


def _columns(item: Item, dialect: Dialect) -> Iterator[tuple[str, str, str]]:
    first, operation, written = dialect.extra
    yield ID, first, TITLES[ID]
    for field in item.fields:
        yield field.name, dialect.types(field), _meaning(field)
    yield OPERATION, operation, TITLES[OPERATION]
    yield WRITTEN, written, TITLES[WRITTEN]


def _meaning(field: Field) -> str:
    return "；".join(filter(None, [("必填：" if field.required else "") + field.title, field.help]))[:500]


def _about(item: Item) -> str:
    return f"{item.title}：{item.doc}"[:500]


def _inline(dialect: Dialect, text: str) -> str:
    return f" COMMENT {_literal(text)}" if dialect.comment is None else ""


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "／").replace("'", "’").replace("\n", " ") + "'"
