"""完整率: per field how many of an item's standing records have it filled, of those to which it applies.

A group of fields is one. A field with a condition applies where the condition holds, a group to organisations. Remarks and what the platform fills in do not count; placeholders are not filled.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from loaders import statements
from loaders.obligations import Asked, local
from loaders.parameters import literal
from loaders.warehouse import Warehouse
from schemas.catalog import Field, Item
from schemas.rules.rows import ORGANISATION, groups, name_field

PLACEHOLDERS = ["无", "/", "\\", "-", "—", "空", "无。", "暂无", "不详"]  # and zeros, three at least
ZEROS = "^0{3,}$"
NUMBER = "文号"  # where there is none, 空 is what the standard wants
REMARK = "备注"


def fields(warehouse: Warehouse, item: Item, asked: Asked) -> Sequence[dict[str, Any]]:
    """Per department and field: `field` (code, or the group's codes joined by +), `title`, `filled`, `applicable`. Fields that apply to no record are left out."""
    rows = warehouse.query(statement(item), {"until": local(asked.until), "department": asked.department}).dicts()
    return [{**row, "item": item.code, "title": title(item, row["field"])} for row in rows if row["applicable"]]


def statement(item: Item) -> str:
    """What `fields` asks."""
    return statements.of_item("completeness", item, fields=", ".join(dict(units(item)).values()))


def lacking(item: Item, field: str) -> str:
    """The records that lack what `fields` calls ``field``. Raises KeyError where it counts none of that name."""
    return statements.of_item("behind_lacking", item, one=dict(units(item))[field])


def title(item: Item, field: str) -> str:
    """What `fields` calls ``field``, in words."""
    return "、".join(item.by_name[name].title if name in item.by_name else name for name in field.split("+"))


def units(item: Item) -> Iterator[tuple[str, str]]:
    """What is counted, and the tuple that counts it."""
    for field in item.fields:
        if not field.group and counts(field):
            yield field.name, _tuple(field.name, _filled(field), _applies(item, field))
    for members in groups(item).values():
        names = [each.name for each in members]
        yield "+".join(names), _tuple("+".join(names), " OR ".join(_filled(item.by_name[name]) for name in names), _organisation(item))


def counts(field: Field) -> bool:
    """Whether a field is in the figure: no remark, and not what only moves with each update (SJC)."""
    return REMARK not in field.title and not field.volatile


def _tuple(code: str, filled: str, applies: str) -> str:
    return f"({literal(code, 'String')}, toInt64(({filled}) AND ({applies})), toInt64({applies}))"


def _filled(field: Field) -> str:
    if field.kind != "string" or field.codes:
        return f"isNotNull(`{field.name}`)"
    value = f"ifNull(`{field.name}`, '')"
    wrong = [each for each in PLACEHOLDERS if not (each == "空" and NUMBER in field.title)]
    return f"({value} != '' AND {value} NOT IN ({', '.join(literal(each, 'String') for each in wrong)}) AND NOT match({value}, {literal(ZEROS, 'String')}))"


def _applies(item: Item, field: Field) -> str:
    when = field.when or {}
    if "subject" in when:
        return _organisation(item) if when["subject"] == "organisation" else f"NOT ({_organisation(item)})"
    if "field" in when:
        return f"ifNull(`{when['field']}`, '') IN ({', '.join(literal(each, 'String') for each in when['in'])})"
    return "1 = 1"


def _organisation(item: Item) -> str:
    """As `schemas.rules` tells whom a record is about."""
    if item.subject != "any":
        return "1 = 1" if item.subject == "organisation" else "1 = 0"
    name = name_field(item)
    coded = [f"isNotNull(`{field.name}`)" for field in item.fields if field.group]
    named = [f"match(ifNull(`{name}`, ''), {literal(ORGANISATION, 'String')})"] if name else []
    return "(" + (" OR ".join([*coded, *named]) or "1 = 0") + ")"
