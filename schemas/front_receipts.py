"""Receipt tables (回执) beside a front-end table: `<table>_hz`, what became of each of its rows, and `<table>_hzd`, what became of each load. Written by `guiji connectors answer`, read by the
department's own programs. Neither is ever captured.

Run on real servers here: PostgreSQL and MariaDB.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.front_table import ID
from schemas.words import OUTCOMES, WITHDRAWN

ROWS, LOADS = "_hz", "_hzd"
OUTCOME, RULES, MESSAGES, NUMBER, TOLD, VERSION = "GJ_JG", "GJ_GZ", "GJ_YY", "GJ_HZH", "GJ_SJ", "GJ_BB"
LOAD, FIRST, LAST, READ = "GJ_PC", "GJ_KS", "GJ_JS", "GJ_DQ"
COUNTS: Mapping[str, str] = {"accepted": "GJ_RK", "duplicate": "GJ_CF", "superseded": "GJ_QD", "rejected": "GJ_TH", "excluded": "GJ_FW"}
LONGEST_KEY = 200


@dataclass(frozen=True)
class Dialect:
    """How a database spells these tables."""

    quote: str
    text: str
    moment: str
    end: str = ""


DIALECTS = {
    "postgres": Dialect('"', "text", "timestamp(3) with time zone"),
    "mysql": Dialect("`", "text", "datetime(3)", " DEFAULT CHARACTER SET utf8mb4"),
}
Column = tuple[str, str, str]  # name, type, meaning


def statements(table: str, database: str, key: str = "bigint") -> list[str]:
    """The statements that make both tables where they are not there yet, without their semicolons. ``key``: the type of the table's primary key. KeyError for an unknown database."""
    dialect = DIALECTS[database]
    return [*_made(dialect, table + ROWS, f"{table} 的回执：每行的处理结果", _of_rows(dialect, key)), *_made(dialect, table + LOADS, f"{table} 的回执：每批的处理结果", _of_loads(dialect))]


def columns(ending: str, database: str, key: str = "bigint") -> list[Column]:
    """The columns of one of the two tables, ``ending`` ROWS or LOADS."""
    dialect = DIALECTS["postgres" if database == "postgres" else "mysql"]
    return _of_rows(dialect, key) if ending == ROWS else _of_loads(dialect)


def _of_rows(dialect: Dialect, key: str) -> list[Column]:
    words = "、".join((*OUTCOMES.values(), WITHDRAWN))
    return [
        (ID, f"{key} NOT NULL PRIMARY KEY", "原表的主键"),
        (OUTCOME, "varchar(20) NOT NULL", f"结果：{words}"),
        (RULES, dialect.text, "规则代码，多个以分号隔开"),
        (MESSAGES, dialect.text, "原因和办法，一行一条"),
        (NUMBER, "varchar(120)", "回执号"),
        (TOLD, f"{dialect.moment} NOT NULL", "判定时间"),
        (VERSION, "bigint NOT NULL", "版本，平台用"),
    ]


def _of_loads(dialect: Dialect) -> list[Column]:
    counts = [(name, "bigint NOT NULL", f"{OUTCOMES[outcome]}条数") for outcome, name in COUNTS.items()]
    return [
        (LOAD, "bigint NOT NULL PRIMARY KEY", "批号"),
        (FIRST, f"{dialect.moment} NOT NULL", "第一条到达平台的时间"),
        (LAST, f"{dialect.moment} NOT NULL", "最后一条到达平台的时间"),
        (READ, "bigint NOT NULL", "读到的条数（新增、修改、删除各算一条）"),
        *counts,
        (TOLD, f"{dialect.moment} NOT NULL", "判定时间"),
        (VERSION, "bigint NOT NULL", "版本，平台用"),
    ]


def _made(dialect: Dialect, table: str, about: str, columns: list[Column]) -> Iterator[str]:
    mark = dialect.quote
    inline = dialect.quote == "`"
    lines = [f"{mark}{name}{mark} {kind}" + (f" COMMENT '{meaning}'" if inline else "") for name, kind, meaning in columns]
    yield f"CREATE TABLE IF NOT EXISTS {mark}{table}{mark} (\n  " + ",\n  ".join(lines) + f"\n){dialect.end}" + (f" COMMENT='{about}'" if inline else "")
    if not inline:
        yield f'COMMENT ON TABLE "{table}" IS \'{about}\''
        yield from (f'COMMENT ON COLUMN "{table}"."{name}" IS \'{meaning}\'' for name, _, meaning in columns)
