"""What analysts see of the warehouse: each view by its name, with the columns it shows and how each is made of the table's. Whatever a statement of theirs reads, it reads through one of these.

No view has what was said verbatim, a source's own row ids, or who uploaded. Personal numbers keep their first six digits, whatever field they stand in and however they are grouped: everything that
may be one is covered (a number is not checked here, so that some long numbers that are none are covered, too); names of persons keep their first character.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loaders import table
from loaders.parameters import literal
from portal.column_words import COLUMNS, TABLES
from schemas.catalog import Catalog, Field, Item

_D = "[0-9０-９]"
_GAP = r"[\s.·—-]{0,2}"
_PLACE = "(?:[1１][1-9１-９]|[2-7２-７][0-9０-９]|[8８][0-3０-３])"
_MONTH, _DAY = "(?:[0０][1-9１-９]|[1１][0-2０-２])", "(?:[0０][1-9１-９]|[12１２][0-9０-９]|[3３][01０１])"


def _spaced(pattern: str) -> str:
    """The classes of a pattern, each with a gap before the next: people write numbers in groups."""
    return pattern.replace("][", f"]{_GAP}[")


def _digits(number: int) -> str:
    return _GAP.join([_D] * number)


_HEAD = f"({_spaced(_PLACE)}{_GAP}{_digits(4)}){_GAP}"
_TAIL = f"{_GAP}{_spaced(_MONTH)}{_GAP}{_spaced(_DAY)}{_GAP}{_digits(3)}"
# Excel's notation and numbers people starred themselves first, then the long form, then the short.
COVERS = (
    (r"[0-9]\.?[0-9]{1,2}[0-9]{6,}[eE]\+?[0-9]{2}", "***"), ("[0-9０-９]{3,}[*＊]{4,}[0-9０-９]*[XxＸｘ]?", "***"),
    (f"{_HEAD}{_digits(4)}{_TAIL}{_GAP}[0-9０-９XxＸｘ]", r"\1***"), (f"{_HEAD}{_digits(2)}{_TAIL}", r"\1***"),
)  # fmt: skip
HIDDEN_OF_ENVELOPE = {"_row", "_ref", "_position", "_origin", "_key", "_fingerprint", "_warnings", "_batch"}
IDENTITY = ("_record", "识别键的摘要：同一条记录的各个版本相同", "toString(sipHash64(_key))")


@dataclass(frozen=True)
class Column:
    """A column as it is called, what it means, and the expression that makes it."""

    name: str
    about: str
    expression: str
    kind: str


@dataclass(frozen=True)
class View:
    """A view: `source` is what stands behind FROM, read with `where`."""

    name: str
    title: str
    source: str
    where: str
    columns: tuple[Column, ...]

    @property
    def sql(self) -> str:
        """The statement that stands for it."""
        shown = ", ".join(f"{each.expression} AS `{each.name}`" for each in self.columns)
        return f"SELECT {shown} FROM {self.source}" + (f" WHERE {self.where}" if self.where else "")


def views(catalog: Catalog) -> dict[str, View]:
    """All of them: of every item what stands and every version, then what came, what was refused, and the links to subjects."""
    return {each.name: each for each in _views(catalog)}


def _views(catalog: Catalog) -> Iterator[View]:
    for item in catalog.values():
        columns = tuple(_of_item(item))
        yield View(item.code, f"{item.title}：现行记录", f"`{item.code}` FINAL", "_withdrawn = 0", columns)
        yield View(f"{item.code}_history", f"{item.title}：全部版本", f"`{item.code}_history` FINAL", "", columns)
    for declared, names in FIXED.items():
        columns = tuple(Column(each.name, COLUMNS[each.name], f"`{each.name}`", each.kind) for each in declared.columns if each.name in names)
        key = "_key" if declared is table.REJECTED else "key"
        own = (Column(IDENTITY[0], IDENTITY[1], IDENTITY[2].replace("_key", key), table.TEXT),) if declared in KEYED else ()
        yield View(declared.name, TABLES[declared.name], f"`{declared.name}` FINAL", "", (*own, *columns))


FIXED: Mapping[table.Table, set[str]] = {
    table.RECEIPTS: {"source", "department", "way", "item", "accepted", "duplicate", "superseded", "rejected", "excluded", "received_from", "received_to", "judged_at"},
    table.REJECTED: {"_source", "_department", "_way", "_item", "_line", "_operation", "_received_at", "_judged_at", "rules", "reason_fields"},
    table.ECHOES: {"source", "department", "way", "item", "line", "outcome", "operation", "received_to", "judged_at"},
    table.BATCHES: {"source", "department", "way", "item", "chunk", "rows", "received_at", "published_at", "events", "outside", "housekeeping", "unreadable", "splits"},
    table.LINKS: {"item", "department", "person", "standing", "subject", "register", "by", "place"},
}
KEYED = (table.REJECTED, table.ECHOES, table.LINKS)


def _of_item(item: Item) -> Iterator[Column]:
    yield Column(*IDENTITY[:2], IDENTITY[2], table.TEXT)
    own = item.by_name
    for each in table.current(item).columns:
        if each.name in own:
            yield Column(each.name, _about(own[each.name]), covered(own[each.name]), each.kind)
        elif each.name not in HIDDEN_OF_ENVELOPE and each not in table.PLACE:
            yield Column(each.name, COLUMNS[each.name], f"`{each.name}`", each.kind)


def _about(field: Field) -> str:
    hidden = {"person_number": "（遮蔽）", "person_name": "（只显示姓）"}.get(field.privacy, "")
    return f"{field.title}{hidden}" + (f"：{field.help}" if field.help else "")


def covered(field: Field) -> str:
    """The expression of a field's value as analysts see it."""
    name = f"`{field.name}`"
    if field.kind not in ("string", "decimal-text"):
        return name
    if field.privacy == "person_number":
        return f"if(isNull({name}), NULL, concat(substring(assumeNotNull({name}), 1, if(length(assumeNotNull({name})) > 10, 6, 0)), '***'))"
    if field.privacy == "person_name":
        return f"if(isNull({name}), NULL, concat(substringUTF8(assumeNotNull({name}), 1, 1), '**'))"
    return cover(name)


def cover(expression: str) -> str:
    """The expression of a text without personal numbers."""
    for pattern, instead in COVERS:
        expression = f"replaceRegexpAll({expression}, {literal(pattern, 'String')}, {literal(instead, 'String')})"
    return expression
