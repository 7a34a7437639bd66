"""What one department asks of the warehouse for 我的工作: what arrived by any way, what was rejected, repeated or superseded, its own records. Every question names the department.

Read-only; raises what `Warehouse.query` raises.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import Any

from loaders import statements
from loaders.reconcile import canonical
from loaders.warehouse import Warehouse
from schemas import identity
from schemas.catalog import Item

Row = Mapping[str, Any]
NOBODY = {"?": ""}  # `transform` wants one at least
KEYS = 1_000  # one search finds at most
_OPEN = "open_rejects"
_CLOSED = "(SELECT * FROM rejected FINAL WHERE (_item, _partition, _offset) NOT IN (SELECT _item, _partition, _offset FROM open_rejects))"
_BY_ARRIVAL = "ORDER BY _received_at DESC, _batch, _line LIMIT {skip:UInt64}, {limit:UInt64}"
_ECHO = "batch, line, way, source, outcome, key, row, ref, operation, stands, received_to AS at"
_COUNT = "count() AS n"


@dataclass(frozen=True)
class Rejects:
    """Which rejected records; what is blank restricts nothing. `closed`: those answered since, instead of those open. `numbers`: 回执行号 (`batch#line`), None for all.
    `fresh`: the state by mark of what is declared and not loaded yet.
    """

    item: str = ""
    way: str = ""
    rule: str = ""
    batch: str = ""
    state: str = ""
    closed: bool = False
    numbers: Sequence[str] | None = None
    fresh: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Echoes:
    """Which repeated and superseded records; what is blank restricts nothing."""

    outcome: str = ""
    way: str = ""
    batch: str = ""


@dataclass(frozen=True)
class Own:
    """The questions of one department."""

    warehouse: Warehouse
    department: str

    def arrivals(self, starts: Mapping[str, str], lately: str) -> Sequence[Row]:
        """Per item, way and source: last, said, judged, lately, each outcome `_now`, `_before`. `starts`: when each item's period began, `lately`: since when is lately (local)."""
        begun = starts or NOBODY
        return self._ask(statements.text("own_arrivals"), {"items": list(begun), "starts": list(begun.values()), "lately": lately})

    def proofs(self) -> dict[str, Row]:
        """By source of a tapped table when it was compared last (`at`) and the verdict (`found`); one that never was is missing."""
        return {row["source"]: row for row in self._ask(statements.text("own_proofs"), {})}

    def decided(self, item: Item, month: str) -> int:
        """How many of the item's records that were decided in the month (2017-09) stand."""
        return self._number(Template(statements.text("own_decided")).substitute(item=item.code, decided=item.dated_by), {"month": month})

    def rejects(self, which: Rejects, skip: int, limit: int) -> Sequence[Row]:
        """A page of them, newest first; reasons and fields as structures; `mark` is what a declaration on it is `of`, `state`, `about`, `by`, `declared_at` and `version` what was declared last."""
        rows = self._ask(_rejects(which, "*", _BY_ARRIVAL), {**_which(which), "skip": skip, "limit": limit})
        return [{**row, "reasons": json.loads(row["reasons"]), "fields": json.loads(row["fields"]), "about": json.loads(row["about"] or "{}")} for row in rows]

    def count_rejects(self, which: Rejects) -> int:
        """How many there are."""
        return self._number(_rejects(which, _COUNT, ""), _which(which))

    def answered(self, reject: Row) -> Row | None:
        """What closed a rejected record first: batch, line, at; None while it is open."""
        asked = {"item": reject["_item"], "partition": int(reject["_partition"]), "offset": int(reject["_offset"])}
        return next(iter(self.warehouse.query(statements.text("own_answered"), asked).dicts()), None)

    def echoes(self, item: Item, which: Echoes, skip: int, limit: int) -> tuple[Sequence[Row], int]:
        """A page of the item's repeated and superseded records, newest first, and how many there are."""
        asked = {"item": item.code, **vars(which)}
        sql = Template(statements.text("own_echoes"))
        total = self._number(sql.substitute(what=_COUNT, order=""), asked)
        page = sql.substitute(what=_ECHO, order="ORDER BY at DESC, batch, line LIMIT {skip:UInt64}, {limit:UInt64}")
        return self._ask(page, {**asked, "skip": skip, "limit": limit}), total

    def stands(self, item: Item, keys: Sequence[str]) -> dict[str, Row]:
        """By key what stands or stood last, whoever said it: version, department, source, way, batch, line, at, withdrawn. What is another department's is not to be shown but that it is."""
        rows = self.warehouse.query(statements.of_item("own_stands", item), {"keys": list(keys)}).dicts() if keys else []
        return {row["key"]: row for row in rows}

    def keys(self, item: Item, said: str, secret: bytes) -> list[str]:
        """The keys a person may mean by ``said``: a 回执行号 (``batch#line``), or the value of a key field, written as in any way. Empty when it is blank."""
        batch, _, line = said.rpartition("#")
        asked = {"item": item.code, "batch": batch, "line": int(line) if line.isdecimal() and len(line) < 18 else -1, "limit": KEYS}
        statement = statements.of_item("own_keys", item)
        parts = {"", *identity.parts(item, said, secret)} if said else set()
        found = {row["key"] for part in parts for row in self._ask(statement, {**asked, "part": part and f",{part}"})}
        return sorted(found)[:KEYS]

    def records(self, item: Item, keys: Sequence[str] | None, skip: int, limit: int) -> tuple[list[Row], int]:
        """A page of the department's records of an item, newest arrival first, fields as text; of these keys only, unless None; and how many there are."""
        names = [each.name for each in item.fields]
        about = "_key, _withdrawn, _way, _source, _batch, _line, _received_at"
        asked, sql = {"some": int(keys is not None), "keys": list(keys or ())}, Template(statements.text("own_records"))
        total = self._number(sql.substitute(item=item.code, what=_COUNT, order=""), asked)
        page = sql.substitute(item=item.code, what=", ".join([about, *(f"`{name}`" for name in names)]), order="ORDER BY _received_at DESC, _key LIMIT {skip:UInt64}, {limit:UInt64}")
        rows = self._ask(page, {**asked, "skip": skip, "limit": limit})
        return [{**row, **{name: canonical(row[name]) for name in names}} for row in rows], total

    def _ask(self, sql: str, parameters: Mapping[str, Any]) -> Sequence[Row]:
        return self.warehouse.query(sql, {**parameters, "department": self.department}).dicts()

    def _number(self, sql: str, parameters: Mapping[str, Any]) -> int:
        return int(self.warehouse.query(sql, {**parameters, "department": self.department}).value())


def _rejects(which: Rejects, what: str, order: str) -> str:
    return Template(statements.text("own_rejects")).substitute(what=what, rejects=_CLOSED if which.closed else _OPEN, order=order)


def _which(which: Rejects) -> dict[str, Any]:
    fresh = which.fresh or NOBODY
    return {
        "item": which.item, "way": which.way, "rule": which.rule, "batch": which.batch, "state": which.state,
        "some": int(which.numbers is not None), "numbers": list(which.numbers or ()), "marks": list(fresh), "states": list(fresh.values()),
    }  # fmt: skip
