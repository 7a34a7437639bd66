"""A department's database server as its makers ship it: nobody has prepared it for anything, and it may be started again, which the session's may not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest

from connectors.access import Access
from connectors.check import check
from connectors.finding import LACKS, WARNS, Finding
from connectors.prepare import HIDDEN
from infra import database_servers
from infra import stack as local
from infra.settings import Settings
from schemas import catalog, sources

CATALOG = catalog.load()
WORD = "right-word-2"
ADMINISTRATOR = {"postgres": "postgres", "mariadb": "root"}
COLUMNS = "(id bigint PRIMARY KEY, no varchar(100), name varchar(100), content text, day date, changed {moment})"


@dataclass
class Bare:
    """``lines``: what stands in MariaDB's configuration file."""

    settings: Settings
    kind: str
    lines: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return local.port(self.settings, self.kind)

    def restart(self) -> None:
        local.down(self.settings, lambda _line: None)
        local.up(self.settings, (self.kind,), lambda _line: None)

    def run(self, *statements: str, database: str | None = "dep") -> Any:
        user, word = ADMINISTRATOR[self.kind], self.settings.secrets()[f"GUIJI_{self.kind.upper()}_PASSWORD"]
        if self.kind == "postgres":
            opened: Any = psycopg.connect(host="127.0.0.1", port=self.port, user=user, password=word, dbname=database or "postgres", autocommit=True)
        else:
            opened = pymysql.connect(host="127.0.0.1", port=self.port, user=user, password=word, database=database, charset="utf8mb4", autocommit=True)
        with opened, opened.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def source(self, **said: object) -> sources.Source:
        columns = {"XK_WSH": "no", "XK_XMMC": "name", "XK_NR": "content", "XK_JDRQ": "day"}
        table = {"item": "xzxk", "columns": columns, "constants": {"XK_XDR": "甲", "DFBM": "370100"}, "source_time": "changed"}
        database = {"kind": self.kind, "host": "127.0.0.1", "port": self.port, "name": "dep", "user": "tapping", "password": "${env:CONNECTORS_PASSWORD}"}
        return sources.read({"source": f"bare_{self.kind}", "department": "zjj", "database": database, "tables": {"permit": table | said}}, CATALOG)

    def check(self, user: str = "tapping", word: str = WORD, source: sources.Source | None = None) -> list[Finding]:
        source = source or self.source()
        return check(source, CATALOG, Access(self.kind, "127.0.0.1", self.port, "dep", user, word))

    def as_administrator(self) -> list[Finding]:
        return self.check(ADMINISTRATOR[self.kind], self.settings.secrets()[f"GUIJI_{self.kind.upper()}_PASSWORD"])

    def obey(self, found: Sequence[Finding]) -> None:
        """Run exactly what was printed, the password set, and start the server again where that was said."""
        for each in found:
            if each.file:
                self.lines += [f"--{line}" for line in each.statements]
            else:
                self.run(*(statement.replace(HIDDEN, WORD) for statement in each.statements))
        if any(each.restart for each in found):
            self.restart()


def wrong(found: Sequence[Finding]) -> dict[str, str]:
    """What lacks or is warned of, by place."""
    return {each.place: each.says for each in found if each.kind in (LACKS, WARNS)}


@contextmanager
def bare(kind: str, home: Path, patch: pytest.MonkeyPatch) -> Iterator[Bare]:
    settings, lines = Settings(home=home, free_disk_mb=1), list[str]()
    patch.setattr(database_servers, "POSTGRES", {})
    patch.setattr(database_servers, "MARIADB", lines)
    try:
        local.up(settings, (kind,), lambda _line: None)
        made = Bare(settings, kind, lines)
        made.run("CREATE DATABASE dep" + (" CHARACTER SET gbk" if kind == "mariadb" else ""), database=None)
        made.run(f"CREATE TABLE permit {COLUMNS.format(moment='timestamp' if kind == 'postgres' else 'datetime')}", "INSERT INTO permit VALUES (1, 'W1', '项目', '内容', '2017-01-02', '2017-01-02')")
        yield made
    finally:
        local.down(settings, lambda _line: None)
