"""The sample departments' own machines: their databases as they stand, and the changes their clerks make there later."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pymysql

from connectors import prepare
from demo.departments import Load
from demo.records import Record
from infra.settings import Settings
from schemas.catalog import Catalog
from schemas.sources import Source, Table

DRAFT = "0"  # what the status column says of rows that are not to be reported


@dataclass(frozen=True)
class Site:
    """One department's database. `connect(database)` opens it as its administrator; None is the server's own."""

    source: Source
    catalog: Catalog
    port: int
    password: str

    def connect(self, database: str | None = None) -> Any:
        if self.source.database.kind == "postgres":
            return psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", password=self.password, dbname=database or "postgres", autocommit=True)
        return pymysql.connect(host="127.0.0.1", port=self.port, user="root", password=self.password, database=database, charset="utf8mb4", autocommit=True)

    def build(self, loads: Sequence[Load], tapping: str) -> bool:
        """Make and fill the database, and the role by which it is tapped; false when it is there already."""
        name = self.source.database.name
        with self.connect() as server, server.cursor() as cursor:
            if self._exists(cursor, name):
                return False
            cursor.execute(f"CREATE DATABASE {name}" + ("" if self.source.database.kind == "postgres" else " CHARACTER SET utf8mb4"))
        with self.connect(name) as home, home.cursor() as cursor:
            for load in loads:
                table = self.source.tables[load.table]
                cursor.execute(self._create(table))
                rows = [(each.fields, True) for each in load.said] + [(record, False) for record in load.outside]
                self.insert(cursor, table, rows)
            for statement in prepare.statements(self.source, tapping):
                cursor.execute(statement)
        return True

    def _exists(self, cursor: Any, name: str) -> bool:
        table, column = ("pg_database", "datname") if self.source.database.kind == "postgres" else ("information_schema.schemata", "schema_name")
        cursor.execute(f"SELECT 1 FROM {table} WHERE {column} = %s", (name,))
        return cursor.fetchone() is not None

    def _create(self, table: Table) -> str:
        postgres = self.source.database.kind == "postgres"
        kinds = self.catalog[table.item].by_name
        columns = [f"{column} {'date' if kinds[name].kind == 'date' else 'text'}" for name, column in table.columns.items()]
        key = "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY" if postgres else "id bigint AUTO_INCREMENT PRIMARY KEY"
        extra = [f"{table.filter.column} varchar(8) NOT NULL"] if table.filter else []
        extra += [f"{table.source_time} {'timestamptz' if postgres else 'datetime(3)'} NOT NULL"] if table.source_time else []
        return f"CREATE TABLE {self._name(table)} ({', '.join([key, *columns, *extra])})"

    def _name(self, table: Table) -> str:
        return table.name if self.source.database.kind == "postgres" else table.short

    def insert(self, cursor: Any, table: Table, rows: Iterable[tuple[Record, bool]]) -> None:
        """Rows as the department keeps them: its column names, its codes, its status; false = a draft that is not to be reported."""
        columns = [*table.columns.values(), *([table.filter.column] if table.filter else []), *([table.source_time] if table.source_time else [])]
        marks = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {self._name(table)} ({', '.join(columns)}) VALUES ({marks})"
        cursor.executemany(sql, [self._row(table, record, reported=reported) for record, reported in rows])

    def _row(self, table: Table, record: Record, *, reported: bool) -> list[str | None]:
        values = [self._own_code(table, name, record.get(name)) for name in table.columns]
        if table.filter:
            values.append(table.filter.values[0] if reported else DRAFT)
        if table.source_time:
            values.append(f"{str(record['SJC'])[:10]} 08:30:00")
        return values

    @staticmethod
    def _own_code(table: Table, name: str, value: str | None) -> str | None:
        own = {theirs: code for code, theirs in table.codes.get(name, {}).items()}
        return own.get(value, value) if value is not None else None

    def change(self, table_name: str, where: Mapping[str, str], to: Mapping[str, str | None] | None) -> Callable[[], int]:
        """A clerk's UPDATE, or DELETE where `to` is None, of the rows whose fields are so; call it to do it: how many rows."""
        table = self.source.tables[table_name]
        conditions = " AND ".join(f"{table.columns[name]} = %s" for name in where)
        values: list[str | None] = list(where.values())
        if to is None:
            sql = f"DELETE FROM {self._name(table)} WHERE {conditions}"
        else:
            sets = ", ".join(f"{table.columns[name]} = %s" for name in to)
            sql = f"UPDATE {self._name(table)} SET {sets} WHERE {conditions}"
            values = [self._own_code(table, name, value) for name, value in to.items()] + values

        def do() -> int:
            with self.connect(self.source.database.name) as home, home.cursor() as cursor:
                cursor.execute(sql, values)
                return int(cursor.rowcount)

        return do


def sites(settings: Settings, catalog: Catalog, sources: Mapping[str, Source], ports: Mapping[str, int]) -> dict[str, Site]:
    """The sites by source, for the database servers that run (`ports`: server → port)."""
    found = {}
    for name, source in sources.items():
        server = source.database.kind
        if server in ports:
            found[name] = Site(source, catalog, ports[server], settings.secrets()[f"GUIJI_{server.upper()}_PASSWORD"])
    return found
