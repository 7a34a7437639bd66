"""Declarations are the same on both kinds of warehouse: loaded once however often they were published, and read back as they were declared."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from loaders import figures
from loaders.loading import Loading
from loaders.rows import Places, streams
from loaders.warehouse import Warehouse
from schemas import catalog as catalogues
from schemas import codec
from schemas.declared import ASSIGNMENT, STOCK, WAYS
from schemas.topics import DECLARATIONS

STREAM = streams(catalogues.load())[DECLARATIONS]
NOW = datetime(2017, 9, 4, 1, 2, 3, tzinfo=UTC)
ABOUT = {"ways": {"cdc": {"frequencies": ["day"], "remark": "已有'前置机'\\"}}, "suggestion": ""}


def said(number: int, kind: str = WAYS, department: str = "zjj", item: str | None = None, version: int = 1) -> dict[str, Any]:
    about = json.dumps(ABOUT, ensure_ascii=False)
    return {"id": f"{number:032x}", "kind": kind, "department": department, "item": item, "version": version, "about": about, "by": "li", "declared_at": NOW + timedelta(days=number)}


def load(warehouse: Warehouse, records: list[dict[str, Any]], first: int = 0) -> int:
    frame = codec.decode_frame(codec.encode(STREAM.schema, 1, records), lambda _: STREAM.schema, STREAM.schema).table
    places = Places(pa.array([0] * len(records), pa.int64()), pa.array(range(first, first + len(records)), pa.int64()), NOW)
    return Loading(warehouse, STREAM).load(STREAM.make(frame, places), NOW)


def test_what_was_declared_is_read_back_by_kind_and_department_and_a_repeat_counts_once(warehouse: Warehouse) -> None:
    warehouse.command("TRUNCATE TABLE declarations")
    records = [said(1), said(2, version=2), said(3, ASSIGNMENT, item="xzxk"), said(4, STOCK, item="xzxk"), said(5, department="gtj")]
    load(warehouse, records)
    load(warehouse, records, first=5)  # published again: other offsets, the same ids
    found = figures.declarations(warehouse, [WAYS], "zjj")
    assert [(row["version"], row["by"], row["about"], row["item"], row["declared_at"]) for row in found] == [
        (1, "li", ABOUT, "", NOW + timedelta(days=1)), (2, "li", ABOUT, "", NOW + timedelta(days=2)),
    ]  # fmt: skip
    assert [(row["kind"], row["department"], row["item"]) for row in figures.declarations(warehouse, [STOCK, ASSIGNMENT, WAYS])] == [
        (ASSIGNMENT, "zjj", "xzxk"), (STOCK, "zjj", "xzxk"), (WAYS, "gtj", ""), (WAYS, "zjj", ""), (WAYS, "zjj", ""),
    ]  # fmt: skip
    assert figures.declarations(warehouse, [STOCK], "gtj") == []
