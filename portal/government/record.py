"""What staff entitled to a record see of it: all that is filled, personal numbers by first 6 and last 1 in whatever field they stand; how far it may be used, how its publication stands. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loaders.subject_match import parts
from portal.entry.showing import WAYS
from portal.public.query import DOUBLE
from portal.public.record import about_person, worded
from schemas import publication, reason
from schemas.catalog import Item
from schemas.rules import rows as row_rules

OPEN, SHARED, BY_AUTHORISATION = "0", "1", "2"
USAGES = {OPEN: "公示", SHARED: "政府部门共享", BY_AUTHORISATION: "仅可授权查询"}
PUBLISHED, DISPUTED, ENDED, EXPIRED, NOT_PUBLISHED = "公示中", "异议处理中", "已停止公示", "公示期满", "不公示"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """A field that is filled: its code, title and text."""

    name: str
    title: str
    text: str


@dataclass(frozen=True)
class Record:
    """A standing record. `number` names it and says nothing; `key` and `version` never leave the platform; `way` in words; `mark`: how it stands with its publication today."""

    item: Item
    key: str
    version: int
    number: str
    department: str
    way: str
    decided: date | None
    received: datetime | None
    usage: str
    mark: str
    subject: str
    what: str
    facts: Sequence[Fact]


@dataclass(frozen=True)
class Marks:
    """An item's keys that the platform withholds from the public, and those in dispute."""

    withheld: Collection[str] = ()
    disputed: Collection[str] = ()


def record(item: Item, row: Row, today: date, marks: Marks = Marks()) -> Record:
    """The staff's view of a row that stands."""
    facts = [Fact(field.name, field.title, text) for field in item.fields if (text := worded(field, row.get(field.name), reason.staff))]
    about = {*parts(item).now.values(), row_rules.name_field(item), "PRIPID"}
    what = "，".join(fact.text for fact in facts if fact.name in item.key and fact.name not in about)
    received = row.get("_received_at")
    return Record(
        item, str(row["_key"]), int(row["_version"]), f"{item.code}-{row['_partition']}-{row['_offset']}", str(row["_department"]), WAYS.get(str(row["_way"]), str(row["_way"])),
        publication.day(row.get(item.dated_by)), received if isinstance(received, datetime) else None, usage(item, row), _mark(item, row, today, marks), named(item, row), what, facts,
    )  # fmt: skip


def usage(item: Item, row: Row) -> str:
    """How far the record may be used. Blank is public for organisations in 双公示 alone; a person's is by authorisation unless the record itself, or an item on persons only, says otherwise."""
    person = about_person(item, row)
    if item.usage in item.by_name:
        return publication.scope(item, row) or (OPEN if item.code in DOUBLE and not person else BY_AUTHORISATION)
    return BY_AUTHORISATION if person and item.subject != "person" else item.usage


def named(item: Item, row: Row) -> str:
    """Whom the record is about, by name."""
    name = row_rules.name_field(item)
    return reason.staff(str(row.get(name) or ""), "none") if name else ""


def _mark(item: Item, row: Row, today: date, marks: Marks) -> str:
    rule = publication.terms(item, today)
    if row["_key"] in marks.withheld:
        return ENDED
    if row["_key"] in marks.disputed or any(row.get(name) in values for name, values in rule.disputed.items()):
        return DISPUTED
    if usage(item, row) != OPEN:
        return NOT_PUBLISHED
    return PUBLISHED if publication.published(item, row, today, rule) else EXPIRED
