"""The catalogue as a browsable site (`make docs`): its items, who owes them, their code sets, for officers, programmers and analysts. Made from the item files alone; opens from a folder."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from loaders import table
from portal.column_words import COLUMNS, TABLES
from producers import form
from producers.catalogue_columns import due_text
from schemas.catalog import Catalog, Field, Item
from schemas.codes import about, entries
from schemas.departments import Assignment, Department
from schemas.front_table import DIALECTS, script
from schemas.rules import RULES
from schemas.words import CATEGORIES, WORDS

ITEM_TABLE = "<信息项>"
COLUMN_KINDS = {
    table.TEXT: "文本", table.NAME: "文本（取值少）", table.DATE: "日期", table.MOMENT: "时间", table.CLOCK: "时间", table.INTEGER: "整数", table.FLAG: "0 或 1", table.TEXTS: "文本数组",
}  # fmt: skip
PAGES = Path(__file__).parent / "reference_pages"


def write(folder: Path, catalog: Catalog, departments: Mapping[str, Department], assignments: Sequence[Assignment]) -> int:
    """Writes the site into a folder; how many pages."""
    pages = dict(_pages(catalog, departments, assignments))
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return len(pages)


def _pages(catalog: Catalog, departments: Mapping[str, Department], assignments: Sequence[Assignment]) -> Iterator[tuple[str, str]]:
    site = Environment(loader=FileSystemLoader(PAGES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    site.globals |= {"version": catalog.version, "words": WORDS}
    owed = {code: [departments[each.department] for each in assignments if each.item == code] for code in catalog}
    owes = {code: [(catalog[each.item], each.start) for each in assignments if each.department == code] for code in departments}
    categories = [(category, [item for item in catalog.values() if item.category == category]) for category in CATEGORIES]
    categories = [(category, members) for category, members in categories if members]
    told = {"items": catalog, "departments": list(departments.values()), "assignments": assignments}
    yield "index.html", site.get_template("index.html").render(up="", categories=categories, owed=owed, **told)
    yield "departments.html", site.get_template("departments.html").render(up="", owes=owes, **told)
    yield "codes.html", site.get_template("codes.html").render(up="", code_sets=list(_code_sets(catalog)))
    yield "warehouse.html", site.get_template("warehouse.html").render(up="", tables=list(_tables(next(iter(catalog.values()), None))))
    for item in catalog.values():
        yield f"items/{item.code}.html", site.get_template("item.html").render(up="../", **_item(item), owed=owed[item.code])


def _item(item: Item) -> dict[str, Any]:
    said = {field.name: field.example for field in item.fields if field.example is not None}
    return {
        "item": item,
        "due": _due(item),
        "sizes": {field.name: _size(field) for field in item.fields},
        "rules": {field.name: _rules(item, field) for field in item.fields},
        "conditions": {field.name: form.needed(item, field) for field in item.fields},
        "sample": json.dumps([{"ref": "1", "fields": said}], ensure_ascii=False, indent=2),
        "scripts": [(dialect.title + ("" if dialect.run else "（not run）"), script(item, name)) for name, dialect in DIALECTS.items()],
    }


def _due(item: Item) -> str:
    after = item.due.get("after")
    if after:
        return f"自“{item.by_name[after].title}”起 {item.due['working_days']} 个工作日内"
    return due_text({"due": item.due}) or ""


def _size(field: Field) -> str:
    if field.precision is not None:
        return f"{field.precision},{field.scale}"
    least = f"{field.min_length}–" if field.min_length else ""
    return f"{least}{field.length}" if field.length else ""


def _rules(item: Item, field: Field) -> str:
    told = [f"不早于“{item.by_name[rule.parameters['field']].title}”" if rule.name == "not_before" else RULES[rule.name].title for rule in field.rules]
    if field.pattern:
        told.append(f"写法 {field.pattern}")
    if field.blank is not None:
        told.append(f"空白按 {field.blank}" + (f"，自然人按 {field.blank_person}" if field.blank_person != field.blank else ""))
    if field.volatile:
        told.append("只随更新变动，不计入内容")
    return "；".join(told)


def _tables(one: Item | None) -> Iterator[dict[str, Any]]:
    """The warehouse's tables; of an item's two only the platform's columns, from any item."""
    items = [(ITEM_TABLE, table.current(one)), (f"{ITEM_TABLE}_history", table.history(one))] if one else []
    for name, declared in (*items, *((each.name, each) for each in table.FIXED)):
        own = set(one.by_name) if one and name.startswith(ITEM_TABLE) else set()
        columns = [{"name": each.name, "kind": COLUMN_KINDS[each.kind], "nullable": each.nullable, "about": COLUMNS[each.name]} for each in declared.columns if each.name not in own]
        # The history has the same columns: listed once.
        yield {"name": name, "about": TABLES[name], "order": "，".join(declared.order), "columns": [] if name.endswith("_history") else columns}
    yield {"name": "open_rejects", "about": TABLES["open_rejects"], "order": "", "columns": []}


def _code_sets(catalog: Catalog) -> Iterator[dict[str, Any]]:
    used: dict[str, list[tuple[Item, Field]]] = {}
    for item in catalog.values():
        for field in item.fields:
            if field.codes:
                used.setdefault(field.codes, []).append((item, field))
    for name in sorted(used):
        said, lines = about(name), entries(name)
        # A set of one item alone is named by its field.
        title = said.title if said.title != name else f"{used[name][0][0].title}·{used[name][0][1].title}"
        dated = any(each.since or each.until for each in lines)
        yield {
            "name": name, "title": title, "standard": said.standard, "version": said.version, "content": said.content, "entries": lines, "dated": dated, "used": used[name],
        }  # fmt: skip
