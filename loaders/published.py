"""What the public query asks of the warehouse: rows of records, never what may be shown of them. Indexes (subject_names, links) propose keys; the current row decides.

Raises what `Warehouse.query` raises.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from string import Template
from typing import Any

from loaders import statements
from loaders.subject_match import KINDS, parts
from loaders.warehouse import Warehouse
from schemas import normalize, publication
from schemas.catalog import Catalog, Item

Row = Mapping[str, Any]
KEYS = 1_000  # asked for at once
MOST = 2_000  # records of one subject
_PAGE = "ORDER BY ${decided} DESC, _key LIMIT {skip:UInt64}, {limit:UInt64}"


@dataclass(frozen=True)
class Subject:
    """A subject by its register's current row. `matched`: the value that was asked for; `former`: the row no longer carries it."""

    item: Item
    row: Row
    matched: str = ""
    former: bool = False

    @property
    def code(self) -> str:
        return parts(self.item).values(self.row)["code"]

    @property
    def name(self) -> str:
        named = parts(self.item).now.get("name", "")
        return str(self.row.get(named) or "")

    @property
    def id(self) -> str:
        """As links name it: the 18-digit code, else the register's key."""
        return self.code or str(self.row["_key"])


@dataclass(frozen=True)
class Wanted:
    """Which of an item's published records; what is blank restricts nothing. `withheld` are keys whose publication the platform ended; dates are ISO text, the last one included."""

    today: date
    withheld: Sequence[str] = ()
    department: str = ""
    since: str = ""
    to: str = ""


@dataclass(frozen=True)
class Published:
    """Asks one warehouse about one catalogue."""

    house: Warehouse
    catalog: Catalog

    def by_value(self, said: str) -> list[Subject]:
        """Subjects that carry, or once carried, this code or exact name; those in force first."""
        value = normalize.code(said) or ""
        rows = self.house.query(statements.text("subject_claims"), {"values": [value]}).dicts() if value else []
        return self._subjects(rows)

    def by_part(self, said: str, limit: int) -> list[Subject]:
        """Subjects a name of which holds this text, the shortest names first; at most `limit` names are looked at."""
        text = normalize.code(said) or ""
        rows = self.house.query(statements.text("public_names"), {"text": text, "limit": limit}).dicts() if text else []
        return self._subjects(rows)

    def subject(self, said: str) -> list[Subject]:
        """The registers' current rows on a subject, by its id."""
        if not said.startswith("["):
            return [each for each in self.by_value(said) if each.id == said]
        return [Subject(item, row) for item in self.catalog.values() if item.registers and said.startswith(f'["{item.code}"') for row in self.rows(item, [said])]

    def records(self, subject: str) -> dict[str, list[Row]]:
        """Per item the standing records on a subject; one whose current row no longer says what linked it is left out."""
        return self._linked(self.house.query(statements.text("public_links"), {"subject": subject, "limit": MOST}).dicts())

    def unregistered(self, said: str) -> dict[str, list[Row]]:
        """Per item the standing records on organisations that no register knows, by a code or the exact name they bear."""
        value = normalize.code(said) or ""
        found = self.house.query(statements.text("public_unlinked"), {"value": value, "limit": MOST}).dicts() if value else []
        return self._linked([{**row, "by": next(kind for kind in KINDS.values() if row[kind] == value)} for row in found])

    def numbered(self, item: Item, partition: int, offset: int) -> Row | None:
        """The current row of the record a version of which stands there; None: none, or withdrawn."""
        keys = self.house.query(statements.of_item("public_number", item), {"partition": partition, "offset": offset}).rows()
        return next(iter(self.rows(item, [str(key) for (key,) in keys])), None)

    def rows(self, item: Item, keys: Iterable[str]) -> list[Row]:
        """The current rows that stand."""
        wanted, found = sorted(set(keys)), list[Row]()
        for start in range(0, len(wanted), KEYS):
            part = wanted[start : start + KEYS]
            found += self.house.query(statements.of_item("public_rows", item), {"low": part[0], "high": part[-1], "keys": part}).dicts()
        return found

    def page(self, item: Item, wanted: Wanted, skip: int, limit: int) -> Sequence[Row]:
        """A page of the item's records that are published, newest decision first."""
        return self.house.query(_listed(item, wanted, "*", _PAGE), {**_asked(item, wanted), "skip": skip, "limit": limit}).dicts()

    def count(self, item: Item, wanted: Wanted) -> int:
        """How many there are."""
        return int(self.house.query(_listed(item, wanted, "count() AS total", ""), _asked(item, wanted)).value())

    def _subjects(self, claims: Sequence[Row]) -> list[Subject]:
        found: dict[tuple[str, str], Subject] = {}
        registers = [item for item in self.catalog.values() if item.registers]
        for item in registers:
            asked = {str(row["key"]): row for row in claims if row["item"] == item.code}
            for row in self.rows(item, asked) if asked else ():
                claim = asked[str(row["_key"])]
                former = parts(item).values(row)[claim["kind"]] != claim["value"]
                found[item.code, str(row["_key"])] = Subject(item, row, str(claim["value"]), former)
        return sorted(found.values(), key=lambda each: (each.former, len(each.name), each.name, each.id))

    def _linked(self, links: Sequence[Row]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for item in self.catalog.values():
            mine = {str(link["key"]): link for link in links if link["item"] == item.code}
            rows = self.rows(item, mine) if mine else []
            kept = [row for row in rows if _still(item, row, mine[str(row["_key"])])]
            if kept:
                found[item.code] = kept
        return found


def _still(item: Item, row: Row, link: Row) -> bool:
    """Whether the current row says what the link rests on."""
    kind = str(link["by"]).removeprefix("former_")
    return bool(kind) and parts(item).values(row)[kind] == link[kind]


def _text(name: str | None) -> str:
    return f"ifNull(toString(`{name}`), '')" if name else "''"


def _listed(item: Item, wanted: Wanted, what: str, order: str) -> str:
    rule = publication.terms(item, wanted.today)
    fields = {
        "usage": _text(item.usage) if item.usage in item.by_name else f"'{item.usage}'", "until": _text(rule.until), "decided": _text(item.dated_by),
        "severity": _text(rule.by), "state": _text(next(iter(rule.hidden), None)),
    }  # fmt: skip
    return Template(statements.text("public_list")).substitute(fields, item=item.code, what=what, order=Template(order).substitute(fields))


def _asked(item: Item, wanted: Wanted) -> dict[str, Any]:
    rule = publication.terms(item, wanted.today)
    by_code = {code: publication.earliest(wanted.today, months).isoformat() for code, months in rule.months.items()} or {"?": ""}  # `transform` wants one at least
    return {
        "today": wanted.today.isoformat(), "hidden": [value for values in rule.hidden.values() for value in values], "withheld": list(wanted.withheld),
        "severities": list(by_code), "earliest": list(by_code.values()), "otherwise": "" if rule.default is None else publication.earliest(wanted.today, rule.default).isoformat(),
        "department": wanted.department, "since": wanted.since, "to": wanted.to, "persons": int(item.usage in item.by_name), "item": item.code,
    }  # fmt: skip
