"""What previews and the taking back of batches ask of both warehouses, against the same history kept as lists."""

import random
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from loaders import rows
from loaders.loading import Loading
from loaders.warehouse import Warehouse
from portal.knowledge import Warehoused
from producers.undo import Batch
from schemas import catalog as catalogues
from tests.producers.lived import EXCEL, ITEM, SOURCES, START, Life

CATALOG = catalogues.load()
OPERATIONS = {"cdc": ("upsert", "upsert", "withdraw"), "excel": ("upsert", "upsert", "assert", "retract"), "api": ("upsert", "withdraw", "assert")}


def lived(seed: int, length: int = 120) -> Life:
    dice, life = random.Random(seed), Life()
    for _ in range(length):
        source = dice.choice(SOURCES)
        life.say(source, dice.randrange(5), dice.randrange(3), dice.choice(OPERATIONS[source[2]]))
    return life


def fill(warehouse: Warehouse, life: Life) -> None:
    for name in ("rejected", "receipts", "echoes", "batches", ITEM.code, f"{ITEM.code}_history"):
        warehouse.command(f"TRUNCATE TABLE `{name}`")
    streams = rows.streams(CATALOG)
    _load(warehouse, streams[f"credit.{ITEM.code}.accepted"], [_accepted(each) for each in life.accepted])
    _load(warehouse, streams["credit.receipts"], [_receipt(life, each) for each in [*life.echoes, *life.accepted]])
    _load(warehouse, streams["credit.batches"], [_chunk(life, batch) for batch in life.batches])


def _load(warehouse: Warehouse, stream: rows.Stream, records: list[dict[str, Any]]) -> None:
    places = rows.Places(pa.array([0] * len(records), pa.int64()), pa.array(range(len(records)), pa.int64()), START)
    Loading(warehouse, stream).load(stream.make(pa.Table.from_pylist(records), places), START)


def _accepted(each: dict[str, Any]) -> dict[str, Any]:
    time = None if each["source_time"] is None else START + timedelta(milliseconds=each["source_time"] - round(START.timestamp() * 1000))
    return {
        "_source": each["source"], "_department": "swj", "_way": each["way"], "_batch": each["batch"], "_line": each["line"], "_row": each["row"], "_ref": None, "_position": None,
        "_operation": each["operation"], "_source_time": time, "_received_at": each["at"], "_catalogue": "c", "_origin": None, "_key": each["key"], "_version": each["number"],
        "_fingerprint": each["fingerprint"], "_change": each["change"], "_warnings": None, "_judged_at": each["at"], **each["fields"],
    }  # fmt: skip


def _receipt(life: Life, each: dict[str, Any]) -> dict[str, Any]:
    name, way = life.batches[each["batch"]]
    echoed = "outcome" in each
    echo = {**{key: each[key] for key in ("line", "key", "row", "operation", "fingerprint")}, "outcome": each.get("outcome"), "ref": None, "stands": each.get("stands")}
    counts = dict.fromkeys(("accepted", "duplicate", "superseded", "rejected", "excluded"), 0) | {each["outcome"] if echoed else "accepted": 1}
    return {
        "batch": each["batch"], "source": name, "department": "swj", "way": way, "item": ITEM.code, "partition": 0, "first_offset": 0, "last_offset": 1, **counts,
        "echoes": [echo] if echoed else [], "received_from": each["at"], "received_to": each["at"], "judged_at": each["at"], "by": "judge",
    }  # fmt: skip


def _chunk(life: Life, batch: str) -> dict[str, Any]:
    name, way = life.batches[batch]
    return {
        "batch": batch, "source": name, "department": "swj", "way": way, "item": ITEM.code, "chunk": 0, "first_line": 1, "rows": 1, "total": 1, "last": True, "digest": None,
        "idempotency_key": None, "name": "a.xlsx", "by": "张三", "received_at": START, "published_at": START,
        **dict.fromkeys(("events", "outside", "housekeeping", "unreadable", "splits"), 0),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_what_stands_and_who_said_what_last_is_what_was_lived(warehouse: Warehouse, seed: int) -> None:
    life = lived(seed)
    fill(warehouse, life)
    asked, keys = Warehoused(warehouse, CATALOG), [*life.states, '["xzxk","nobody"]']
    assert asked.stands(ITEM.code, keys) == life.stands(ITEM.code, keys)
    found, expected = asked.words(ITEM.code, keys), life.words(ITEM.code, keys)
    assert {key: sorted(words) for key, words in found.items()} == {key: sorted(words) for key, words in expected.items()}
    assert any(word.fingerprint is None for words in found.values() for word in words)
    assert asked.stands(ITEM.code, []) == {}


def test_what_a_batch_changed_is_told_with_what_was_before(warehouse: Warehouse) -> None:
    life = Life()
    for content in (0, 1, 1):
        life.say(EXCEL, 1, content, "upsert")
    fill(warehouse, life)
    asked = Warehoused(warehouse, CATALOG)
    assert asked.batch("B2") == Batch("B2", "swj/excel", "swj", "excel", ITEM.code)
    assert asked.batch("B9") is None
    (touched,) = asked.touched(Batch("B2", "swj/excel", "swj", "excel", ITEM.code))
    assert (touched.line, touched.now.batch, touched.now.fields["XK_NR"]) == (1, "B2", "内容1")
    assert touched.before is not None
    assert (touched.before.batch, touched.before.fields["XK_NR"], touched.before.withdrawn) == ("B1", "内容0", False)
