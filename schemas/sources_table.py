"""What one table of a source file must look like: every mistake with its place."""

from collections.abc import Mapping
from typing import Any

from schemas import formats
from schemas.catalog import Catalog, Field, Item
from schemas.sources_form import (
    BYS,
    COLUMN,
    DELETES,
    DURATION,
    ENDS,
    FASTEST,
    FILTER,
    LOADS,
    MARKER,
    OF_TABLE,
    POLL,
    RELOAD,
    STATUS,
    TABLE,
    Found,
    named,
    one_of,
    shape,
    texts,
)


def table(place: str, spec: Any, catalog: Catalog) -> Found:
    """Every mistake of one table."""
    yield from shape(place, spec, OF_TABLE, "table")
    if not isinstance(spec, dict):
        return
    yield from one_of(f"{place}.delete", spec.get("delete"), DELETES)
    yield from _filter(f"{place}.filter", spec.get("filter"))
    yield from _load(place, spec)
    if "poll" in spec:
        yield from _poll(f"{place}.poll", spec["poll"])
    if isinstance(time := spec.get("source_time"), str):
        yield from named(f"{place}.source_time", time, COLUMN)
    item = catalog.get(spec["item"]) if isinstance(spec.get("item"), str) else None
    if item:
        yield from _fields(place, spec, item)
    elif isinstance(spec.get("item"), str):
        yield f"{place}.item", f"there is no item {spec['item']!r}"


def _fields(place: str, spec: Mapping[str, Any], item: Item) -> Found:
    parts = {name: spec[name] if isinstance(spec.get(name), dict) else {} for name in ("columns", "constants", "codes", "formats")}
    columns, constants = parts["columns"], parts["constants"]
    for name, part in parts.items():
        yield from ((f"{place}.{name}.{code}", f"item {item.code} has no field {code!r}") for code in part if code not in item.by_name)
    for code, column in columns.items():
        yield from named(f"{place}.columns.{code}", column, COLUMN)
    yield from ((f"{place}.constants.{code}", "must be a text: put it in quotes") for code, value in constants.items() if not isinstance(value, str))
    yield from ((f"{place}.constants.{code}", "is mapped to a column, too") for code in constants if code in columns)
    yield from ((place, f"required field {one.name} {one.title} is neither mapped nor constant") for one in item.fields if one.required and one.name not in {*columns, *constants})
    for code, translation in parts["codes"].items():
        if code in item.by_name:
            yield from _codes(f"{place}.codes.{code}", translation, item.by_name[code], mapped=code in columns)
    for code, form in parts["formats"].items():
        if code in item.by_name:
            yield from [(f"{place}.formats.{code}", "is the format of a field that is not mapped to a column")] * (code not in columns)
            yield from ((f"{place}.formats.{code}", problem) for problem in formats.faults(form, item.by_name[code].kind))


def _codes(place: str, translation: Any, one: Field, *, mapped: bool) -> Found:
    if not isinstance(translation, dict) or not translation:
        yield place, "must map the source's codes to values"
        return
    if not mapped:
        yield place, "translates a field that is not mapped to a column"
    targets = {*one.code_set, *one.code_set.values()}
    for said, target in translation.items():
        if not isinstance(said, str) or not isinstance(target, str):
            yield f"{place}.{said}", "both sides must be texts: put them in quotes"
        elif targets and target not in targets:
            yield f"{place}.{said}", f"{target!r} is not in code set {one.codes}"


def _filter(place: str, spec: Any) -> Found:
    if spec is None:
        return
    yield from shape(place, spec, FILTER, "filter")
    if isinstance(spec, dict):
        if isinstance(column := spec.get("column"), str):
            yield from named(f"{place}.column", column, COLUMN)
        yield from texts(f"{place}.in", spec.get("in"))


def _load(place: str, spec: Mapping[str, Any]) -> Found:
    """How the table is filled, and what that way needs."""
    load = spec.get("load", "changes")
    yield from one_of(f"{place}.load", load, LOADS)
    for way in ("status", "reload"):
        yield from [(f"{place}.{way}", f"is for load: {way}")] * (way in spec and load != way)
    if load == "status" and "status" not in spec:
        yield f"{place}.status", "is missing: which column says that a row is ready, and by which values"
    if "status" in spec:
        yield from _status(f"{place}.status", spec["status"])
        yield from [(f"{place}.filter", "stands beside status: both choose rows, say it in one of them")] * ("filter" in spec)
    if "reload" in spec:
        yield from _reload(f"{place}.reload", spec["reload"])


def _status(place: str, spec: Any) -> Found:
    yield from shape(place, spec, STATUS, "status")
    if not isinstance(spec, dict):
        return
    if isinstance(column := spec.get("column"), str):
        yield from named(f"{place}.column", column, COLUMN)
    ready, withdrawn = spec.get("ready"), spec.get("withdrawn", [])
    yield from texts(f"{place}.ready", ready)
    yield from texts(f"{place}.withdrawn", withdrawn, empty=True)
    if isinstance(ready, list) and isinstance(withdrawn, list) and (both := [str(value) for value in ready if value in withdrawn]):
        yield f"{place}.withdrawn", f"{', '.join(both)} cannot mean ready, too"


def _reload(place: str, spec: Any) -> Found:
    yield from shape(place, spec, RELOAD, "reload")
    if not isinstance(spec, dict):
        return
    ends = spec.get("ends", "quiet")
    yield from one_of(f"{place}.ends", ends, ENDS)
    for way in ENDS:
        yield from [(f"{place}.{way}", f"is for ends: {way}")] * (way in spec and ends != way)
    if ends == "marker" and "marker" not in spec:
        yield f"{place}.marker", "is missing: the table in which a row says that the load has ended"
    if isinstance(spec.get("quiet"), str):
        yield from named(f"{place}.quiet", spec["quiet"], DURATION)
    if isinstance(shrink := spec.get("shrink", 1), int) and not 1 <= shrink <= 100:
        yield f"{place}.shrink", "is a percentage: 1 to 100"
    if "marker" in spec:
        yield from _marker(f"{place}.marker", spec["marker"])


def _marker(place: str, spec: Any) -> Found:
    yield from shape(place, spec, MARKER, "marker")
    if isinstance(spec, dict):
        for name, pattern in (("table", TABLE), ("column", COLUMN)):
            if isinstance(spec.get(name), str):
                yield from named(f"{place}.{name}", spec[name], pattern)
        yield from [(place, "column and value belong together")] * (("column" in spec) != ("value" in spec))


def _poll(place: str, spec: Any) -> Found:
    yield from shape(place, spec, POLL, "poll")
    if not isinstance(spec, dict):
        return
    by = spec.get("by", "comparison")
    yield from one_of(f"{place}.by", by, BYS)
    for name, way in (("column", "column"), ("overlap", "column"), ("shrink", "comparison")):
        yield from [(f"{place}.{name}", f"is for by: {way}")] * (name in spec and by != way)
    if by == "column" and "column" not in spec:
        yield f"{place}.column", "is missing: the column that says when a row was changed last"
    for name, pattern in (("column", COLUMN), ("overlap", DURATION)):
        if isinstance(spec.get(name), str):
            yield from named(f"{place}.{name}", spec[name], pattern)
    for name, most in (("shrink", 100), ("rate", FASTEST)):
        if isinstance(number := spec.get(name, 1), int) and not 1 <= number <= most:
            yield f"{place}.{name}", f"must lie between 1 and {most}"
