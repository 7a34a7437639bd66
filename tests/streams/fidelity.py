"""What arrives of each kind of value, as data (`fidelity_<kind>.json`, one entry a column type), the statements that make it, the table of docs/fidelity.md.

An entry: name of its table, the column's type, the item's field it is mapped to, and its values: SQL literal (null: the column is left out), text after a snapshot, text from the stream, what the
judge makes of it (the typed value or the rules it breaks).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from schemas.catalog import Item
from schemas.rules import Context, check_one

HERE = Path(__file__).parent
WAITS = "(waits)"  # the table is held
BEFORE = {
    "postgres": ["CREATE TYPE mood AS ENUM ('好', '坏')", "CREATE DOMAIN amount AS numeric(18,2)", "CREATE TYPE pair AS (a int, b text)"],
    "mariadb": [],
}


@dataclass(frozen=True)
class Value:
    """One value of one table."""

    table: str
    number: int
    column: str
    field: str
    literal: str | None
    snapshot: str | None
    stream: str | None
    verdict: str

    def insert(self, phase: str) -> str:
        """As the department's program writes it; the record's key tells table, phase and place."""
        names, values = (("bh, v", f", {self.literal}") if self.literal is not None else ("bh", ""))
        return f"INSERT INTO {self.table} ({names}) VALUES ('{self.key(phase)}'{values})"

    def key(self, phase: str) -> str:
        return f"{self.table}/{phase}/{self.number}"


def values(kind: str) -> list[Value]:
    """Every value of that kind of database."""
    entries = json.loads((HERE / f"fidelity_{kind}.json").read_text(encoding="utf-8"))
    return [Value(each["table"], number, each["column"], each["field"], *value) for each in entries for number, value in enumerate(each["values"])]


def tables(kind: str) -> dict[str, tuple[str, str]]:
    """Column type and field by table."""
    return {value.table: (value.column, value.field) for value in values(kind)}


def shown(text: str | None) -> str | None:
    """A long text in short."""
    return text if text is None or len(text) < 100 else f"{text[0]} × {len(text)}" if set(text) == {text[0]} else f"{text[:20]}… ({len(text)})"


def judged(item: Item, field: str, text: str | None) -> str:
    """What the judge makes of it alone."""
    said: dict[str, str | None] = {each.name: None for each in item.fields} | {"BH": "BH-1", "RQ": "2017-01-01", field: text}
    found = check_one(item, said, Context(date(2017, 9, 1)))
    typed = found.typed[field]
    return ", ".join(reason.rule for reason in found.errors) or ("null" if typed is None else str(shown(str(typed))))


def document(kind: str) -> Iterator[str]:
    """The lines of the table in the documentation."""
    yield "| column | value | arrives | the judge |"
    yield "|---|---|---|---|"
    for value in values(kind):
        arrives = _cell(value.snapshot) if value.snapshot == value.stream else f"snapshot {_cell(value.snapshot)}, stream {_cell(value.stream)}"
        yield f"| {_plain(value.column)} | {_cell(value.literal)} | {arrives} | {_plain(value.verdict)} |"


def _cell(text: Any) -> str:
    return "null" if text is None else text if text == WAITS else f"`{_plain(text)}`"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\t", "⇥").replace("\n", "⏎").replace("\0", "␀").replace("`", "'")
