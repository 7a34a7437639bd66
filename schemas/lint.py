"""What is not wrong with a catalogue and should be better before it is given out: told by `guiji items check`, never a reason not to start."""

from collections.abc import Iterator
from pathlib import Path

from schemas.catalog import OF_RULES, Catalog, Item
from schemas.codes import DIRECTORY, versions
from schemas.departments import ASSIGNMENTS, left_over
from schemas.faults import Fault


def notes(catalog: Catalog, codes: Path = DIRECTORY, assignments: Path = ASSIGNMENTS) -> list[Fault]:
    """Everything to be looked at, by file and place."""
    found = [Fault(f"{item.code}.avsc", place, said) for item in catalog.values() for place, said in _item(item)]
    used = {field.codes for item in catalog.values() for field in item.fields} | OF_RULES
    found += [Fault(f"codes/{about.name}.csv", "", "no item uses this code set") for about in versions(codes) if about.name not in used]
    for line in left_over(catalog, assignments):
        file, place, said = line.split(":", 2)
        found.append(Fault(file, f"line {place}", said.strip()))
    return sorted(found)


def _item(item: Item) -> Iterator[tuple[str, str]]:
    if not item.doc:
        yield "doc", "says nothing: what is one record of this item?"
    if not any(field.volatile for field in item.fields):
        yield "fields", "no field is volatile: a record sent again with another time of writing counts as changed"
    for field in item.fields:
        if not field.help:
            yield field.name, "has no help: the note on the template's column, the form and the page are empty"
        if field.required and field.example is None:
            yield field.name, "is required and has no example"
        if field.kind == "string" and not field.length:
            yield field.name, "has no length: neither department nor database knows how much may come"
