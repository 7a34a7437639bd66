"""The receipt tables in a front-end database, as the answering account reads and writes them."""

from collections.abc import Collection, Sequence
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
    """Of one source. ``zone``: of times in a database that keeps none."""

    def __init__(self, session: Session, kind: str, zone: tzinfo) -> None:
        self._session, self._zone, self._postgres = session, zone, kind == "postgres"
        self._quoted = prepare_postgres.quoted if self._postgres else prepare_binlog.quoted

    def write(self, table: Table, answers: Sequence[Answer], loads: Sequence[Load]) -> None:
        """Put answers, one a row, and loads in the place of what stands there."""
        if answers:
            rows = [(each.row, each.outcome, each.rules, each.messages, each.number, self._moment(each.told), each.version) for each in answers]
            self._session.each(self._replacing(self._name(table, ROWS), _OF_ROW), rows)
        if loads:
            counted = [(each.number, self._moment(each.first), self._moment(each.last), each.read, *each.counts.values(), self._moment(each.told), each.version) for each in loads]
            self._session.each(self._replacing(self._name(table, LOADS), _OF_LOAD), counted)

    def stored(self, table: Table, rows: Collection[str]) -> dict[str, Answer]:
        """The answers of these rows, locked until the transaction ends."""
        if not rows:
            return {}
        places = ", ".join(["%s"] * len(rows))
        found = self._session.run(f"SELECT {self._columns(_OF_ROW)} FROM {self._name(table, ROWS)} WHERE {self._quoted(ID)} IN ({places}) FOR UPDATE", list(rows))
        answers = (Answer(str(row), version, outcome, rules, messages, number, self._aware(told)) for row, outcome, rules, messages, number, told, version in found)
        return {answer.row: answer for answer in answers}

    def newest(self, table: Table) -> Load | None:
        """The load that was counted last."""
        found = self._session.run(f"SELECT {self._columns(_OF_LOAD)} FROM {self._name(table, LOADS)} ORDER BY {self._quoted(LOAD)} DESC LIMIT 1")
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

    def _columns(self, names: Sequence[str]) -> str:
        return ", ".join(map(self._quoted, names))

    def _replacing(self, name: str, columns: Sequence[str]) -> str:
        """Inserts a row, or takes the place of the one with the same key (the first column)."""
        key, *rest = map(self._quoted, columns)
        insert = f"INSERT INTO {name} ({self._columns(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
        if self._postgres:
            return f"{insert} ON CONFLICT ({key}) DO UPDATE SET " + ", ".join(f"{column} = EXCLUDED.{column}" for column in rest)
        return f"{insert} ON DUPLICATE KEY UPDATE " + ", ".join(f"{column} = VALUES({column})" for column in rest)

    def _moment(self, moment: datetime) -> Any:
        return moment if self._postgres else moment.astimezone(self._zone).replace(tzinfo=None)

    def _aware(self, moment: datetime) -> datetime:
        return moment if self._postgres else moment.replace(tzinfo=self._zone)
