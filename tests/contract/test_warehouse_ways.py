"""Which warehouse one gets, and how the rows of a topic are forgotten."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from infra.settings import Settings
from loaders import embedded, rows, topics
from loaders.errors import Unavailable
from loaders.loading import Loading, Misfit
from loaders.native import Native
from loaders.remote import Remote
from loaders.warehouse import Warehouse, connect, own
from schemas import catalog as catalogues
from tests.waiting import eventually

CATALOG = catalogues.load()
NOW = datetime(2017, 9, 1, tzinfo=UTC)


def test_a_server_is_taken_where_one_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, clickhouse_url="clickhouse://user:p%40ss@127.0.0.1:19000/other")
    assert isinstance(connect(settings), Native)
    assert isinstance(own(settings), Native)
    assert connect(settings).database == "other"


def test_the_engine_is_read_in_its_own_process_and_asked_for_from_others(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, serve_port=1)
    assert isinstance(connect(settings), Remote)
    mine = own(settings)
    assert connect(settings) is mine
    assert own(settings) is mine
    embedded.release(settings.clickhouse_path)
    other = connect(settings)
    assert isinstance(other, Remote)
    with pytest.raises(Unavailable, match="guiji serve"):
        other.query("SELECT 1")


def test_a_topics_rows_are_forgotten_and_its_neighbours_stay(warehouse: Warehouse) -> None:
    first, second = list(CATALOG)[:2]
    streams = rows.streams(CATALOG)
    for code in (first, second):
        stream = streams[f"credit.{code}.rejected"]
        loading = Loading(warehouse, stream)
        loading.load(stream.make(_rejections(code), rows.Places(pa.array([0, 0], pa.int64()), pa.array([3, 4], pa.int64()), NOW)), NOW)
        loading.record([Misfit(0, 5, "why", "raw")], NOW)
    topics.remember(warehouse, {f"credit.{code}.rejected": "id" for code in (first, second)}, NOW)
    topics.forget(warehouse, streams[f"credit.{first}.rejected"])
    _settled(warehouse)
    assert warehouse.query("SELECT DISTINCT _item FROM rejected").rows() == [(second,)]
    assert topics.known(warehouse) == {f"credit.{second}.rejected": "id"}
    assert warehouse.query("SELECT topic FROM unloadable").rows() == [(f"credit.{second}.rejected",)]


def _settled(warehouse: Warehouse) -> None:
    """Deletions run in the background, one after another: a part is done when no mutation waits."""
    eventually(lambda: warehouse.query("SELECT count() FROM system.mutations WHERE is_done = 0").value() == 0)


def _rejections(code: str) -> pa.Table:
    names = {"_source": "s", "_department": "d", "_way": "api", "_batch": "b", "_operation": "upsert", "_catalogue": "c", "_key": "k", "_fingerprint": "f", "_by": "judge"}
    row = {
        **names, **dict.fromkeys(("_row", "_ref", "_position", "_origin", "_source_time")), "_line": 1, "_item": code, "_received_at": NOW, "_judged_at": NOW,
        "fields": [], "reasons": [], "raw": None,
    }  # fmt: skip
    return pa.Table.from_pylist([row, row])
