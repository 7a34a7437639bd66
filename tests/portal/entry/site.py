"""A door that takes everything down and a warehouse with what tests put into it, for the pages of 数据录入."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from loaders.answer import Answer
from portal.entry.sheets import Sheet
from producers import form
from producers.submission import Receipt, Submission
from schemas import identity
from schemas.catalog import Item
from schemas.rules import Context, check_one
from tests.portal.desk import CATALOG, Browser, Desk

AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


LEGS = "AS said, sum(accepted_ + duplicate_"
NOTHING_JUDGED = {"said": 1, "judged": 0, "loaded": 0, "accepted": 0, "duplicate": 0, "superseded": 0, "rejected": 0, "excluded": 0}


@dataclass
class Taken:
    """A door. `sent` holds each submission once, as the real one keeps a repeated key."""

    trouble: str | None = None
    sent: dict[str, tuple[Submission, list[Any]]] = field(default_factory=dict)
    refusal: Exception | None = None

    def submit(self, submission: Submission) -> Receipt:
        if self.refusal:
            raise self.refusal
        batch = identity.batch(submission.source, submission.idempotency_key or "")
        repeated = batch in self.sent
        _, rows = self.sent.setdefault(batch, (submission, list(submission.rows)))
        return Receipt(batch, submission.source, submission.department, submission.item, len(rows), repeated=repeated)

    def find(self, batch: str) -> Receipt | None:
        found = self.sent.get(batch)
        return Receipt(batch, found[0].source, found[0].department, found[0].item, len(found[1])) if found else None

    def waiting(self) -> int:
        return 0

    @property
    def last(self) -> tuple[Submission, Any]:
        submission, rows = list(self.sent.values())[-1]
        return submission, rows[0]


@dataclass
class House:
    """A warehouse: which answer a statement gets is told by words in it; what it was asked is kept. `whose`: the one department that has anything, blank for all.

    `everybody`: words of statements for which a blank department asks of all.
    """

    answers: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=lambda: {LEGS: [NOTHING_JUDGED]})
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    whose: str = ""
    everybody: Sequence[str] = ()

    def bounded(self, sql: str, _limits: object) -> Answer:
        return self.query(sql)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        self.asked.append((sql, parameters or {}))
        rows = next((rows for words, rows in self.answers.items() if words in sql), ())
        department = (parameters or {}).get("department", self.whose)
        of_all = department == "" and any(words in sql for words in self.everybody)
        if self.whose and department != self.whose and not of_all:
            rows = [{"n": 0}] if "count() AS n" in sql else ()
        names = tuple(rows[0]) if rows else ("none",)
        return Answer(names, tuple([row[name] for row in rows] for name in names))


def record(item: Item, department: str, said: Mapping[str, str | None], secret: bytes, **more: Any) -> dict[str, Any]:
    """A row of the warehouse: a record that stands."""
    typed = check_one(item, said, Context(AT.date())).typed
    own = identity.key(item, department, said, secret)
    about = {
        "_key": own, "_department": department, "_source": f"{department}/form", "_fingerprint": identity.fingerprint(item, typed), "_withdrawn": 0, "_version": 7,
        "_change": "new", "_received_at": AT,
    }  # fmt: skip
    return about | dict(typed) | more


def judged(house: House, outcome: str, reasons: Sequence[Mapping[str, Any]] = ()) -> None:
    """The one record of every batch has this outcome."""
    house.answers[LEGS] = [{**NOTHING_JUDGED, "judged": 1, "loaded": 1, outcome: 1}]
    house.answers["SELECT line, ref, outcome"] = [{"line": 1, "ref": "r", "outcome": outcome, "key": "k", "reasons": json.dumps(list(reasons))}]


def stands(house: House, row: Mapping[str, Any], item: str) -> None:
    """The record is in the warehouse, entered once."""
    house.answers |= {
        "SELECT count() AS n": [{"n": 1}],
        "AS withdrawn": [{"key": row["_key"], "withdrawn": row["_withdrawn"], "source": row["_source"], "way": "form", "batch": "HZ1", "at": AT}],
        "SELECT at, what": [{"at": AT, "what": "new", "source": row["_source"], "way": "form", "batch": "HZ1", "line": 1, "operation": "assert", "version": 7, "detail": "[]"}],
        f"FROM `{item}_history` FINAL WHERE _key = {{key:String}} AND _department": [row],
        f"FROM `{item}` FINAL WHERE has": [row],
    }


def filled(item: Item, **more: str) -> dict[str, Any]:
    """The item's example as a browser sends it."""
    return {**form.filled(item, item.example), **more}


def open_form(browser: Browser, item: str = "xzxk") -> None:
    browser.get(f"/entry/new?item={item}")


def equipped(desk: Desk) -> tuple[Taken, House]:
    """The desk with both."""
    door, house = Taken(), House()
    desk.change(door=door, warehouse=house)
    return door, house


ITEM = CATALOG()["xzxk"]


def drawn_up(desk: Desk, path: str, *, centre: bool, said: Mapping[str, Any]) -> int:
    """A sheet in the state that the route is for: filled in by the centre where it is the centre that asks or that had to."""
    deciding = path.endswith(("/release", "/return"))
    with desk.database.begin() as database:
        made = Sheet(
            uid=uuid4().hex, ref="r", department="zjj", item=ITEM.code, fields=json.dumps(said), key="k", state="waiting" if deciding else "draft",
            on_behalf=deciding or centre, maker_id=0, maker="x", username="x", changed_at=desk.clock(), receipt="",
        )  # fmt: skip
        database.add(made)
        database.flush()
        return made.id
