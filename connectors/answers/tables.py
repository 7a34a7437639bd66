"""The receipt tables in a front-end database, as the answering account writes them: a row's answer only ever replaces an older one, so that repeats change nothing."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from connectors import prepare_binlog, prepare_postgres
from connectors.answers.loads import Load
from connectors.answers.said import Answer
from connectors.front.session import Session
from schemas.front_receipts import (
    COUNTS,
    FIRST,
    LAST,
    LOAD,
    LOADS,
    LONGEST_KEY,
    MESSAGES,
    NUMBER,
    OUTCOME,
    READ,
    ROWS,
    RULES,
    TOLD,
    VERSION,
)
from schemas.front_table import ID
from schemas.sources import Table
from schemas.words import WITHDRAWN

KEPT_DAYS = 90  # receipts of rows that were taken back
SWEPT = 10_000  # rows at once
_OF_ROW = (ID, OUTCOME, RULES, MESSAGES, NUMBER, TOLD, VERSION)
_OF_LOAD = (LOAD, FIRST, LAST, READ, *COUNTS.values(), TOLD, VERSION)


class Tables:
    """Of one source. ``zone``: of times in a database that keeps none. A row whose key is longer than LONGEST_KEY has no receipt."""

    def __init__(self, session: Session, kind: str, zone: tzinfo) -> None:
        self._session, self._zone, self._postgres = session, zone, kind == "postgres"
        self._quoted = prepare_postgres.quoted if self._postgres else prepare_binlog.quoted

    def write(self, table: Table, answers: Sequence[Answer], loads: Sequence[Load]) -> None:
        """Answers, one a row, and loads."""
        if answers:
            rows = [(each.row, each.outcome, each.rules, each.messages, each.number, self._moment(each.told), each.version) for each in answers if len(each.row) <= LONGEST_KEY]
            self._session.each(self._newer(self._name(table, ROWS), _OF_ROW), rows)
        if loads:
            counted = [(each.number, self._moment(each.first), self._moment(each.last), each.read, *each.counts.values(), self._moment(each.told), each.version) for each in loads]
            self._session.each(self._newer(self._name(table, LOADS), _OF_LOAD), counted)

    def newest(self, table: Table) -> Load | None:
        """The load that was counted last."""
        columns = ", ".join(map(self._quoted, _OF_LOAD))
        found = self._session.run(f"SELECT {columns} FROM {self._name(table, LOADS)} ORDER BY {self._quoted(LOAD)} DESC LIMIT 1")
        if not found:
            return None
        number, first, last, _, *counts, told, version = found[0]
        return Load(number, self._aware(first), self._aware(last), dict(zip(COUNTS, counts, strict=True)), self._aware(told), version)

    def sweep(self, table: Table, before: datetime) -> None:
        """Forget some receipts of rows that were taken back before that time."""
        name, key, gone = self._name(table, ROWS), self._quoted(ID), f"{self._quoted(OUTCOME)} = %s AND {self._quoted(TOLD)} < %s"
        statement = f"DELETE FROM {name} WHERE {key} IN (SELECT {key} FROM {name} WHERE {gone} LIMIT {SWEPT})" if self._postgres else f"DELETE FROM {name} WHERE {gone} LIMIT {SWEPT}"
        self._session.run(statement, (WITHDRAWN, self._moment(before)))

    def _name(self, table: Table, ending: str) -> str:
        return self._quoted(*prepare_postgres.place(table.name + ending)) if self._postgres else self._quoted(table.short + ending)

    def _newer(self, name: str, columns: Sequence[str]) -> str:
        """Inserts a row, or replaces the one of the same key (the first column) where that is older (the last one)."""
        listed, places = ", ".join(map(self._quoted, columns)), ", ".join(["%s"] * len(columns))
        key, *rest = map(self._quoted, columns)
        insert = f"INSERT INTO {name} ({listed}) VALUES ({places})"
        if self._postgres:
            taken = ", ".join(f"{column} = EXCLUDED.{column}" for column in rest)
            return f"{insert} ON CONFLICT ({key}) DO UPDATE SET {taken} WHERE {name}.{rest[-1]} < EXCLUDED.{rest[-1]}"
        # From left to right: the version changes last.
        return f"{insert} ON DUPLICATE KEY UPDATE " + ", ".join(f"{column} = IF(VALUES({rest[-1]}) > {rest[-1]}, VALUES({column}), {column})" for column in rest)

    def _moment(self, moment: datetime) -> Any:
        return moment if self._postgres else moment.astimezone(self._zone).replace(tzinfo=None)

    def _aware(self, moment: datetime) -> datetime:
        return moment if self._postgres else moment.replace(tzinfo=self._zone)
