"""What is published when something dies: every row once, in order, counted by the chunk committed with it."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.ahead import LITTLE
from producers.journal import Journal
from producers.publisher import CHUNK_ROWS, Piece, publish
from producers.spool import Cargo, Header, Spool


class Broker:
    """Keeps what was committed. It dies before or after the commit of the numbered transactions."""

    def __init__(self, before: Sequence[int] = (), after: Sequence[int] = ()) -> None:
        self.rows: list[bytes] = []
        self.chunks: list[dict[str, Any]] = []
        self.transactions = 0
        self._before, self._after = set(before), set(after)

    def publish(self, pieces: Sequence[Piece]) -> list[dict[str, Any]]:
        self.transactions += 1
        if self.transactions in self._before:
            raise ConnectionError
        chunks = [piece.chunk(0) for piece in pieces]
        self.rows += [cargo.value for piece in pieces for cargo in piece.cargo]
        self.chunks += chunks
        if self.transactions in self._after:
            raise ConnectionError
        return chunks


def header(batch: str, digest: str = "d") -> Header:
    return Header(batch, "swj/excel", "swj", "excel", "xzxk", digest, 1, None, None, None)


def cargo(batch: str, count: int) -> Iterator[Cargo]:
    return (Cargo(line, b"k", f"{batch}:{line}".encode()) for line in range(1, count + 1))


def drain(folder: Path, broker: Broker) -> None:
    """Processes come and go until nothing waits; each reads the committed chunks first, as `catch_up` does. One in two has lost its index."""
    for attempt in range(100):
        journal = Journal(folder / f"journal{attempt % 2}.db")
        journal.note(broker.chunks)
        try:
            publish(Spool(folder), journal, broker, Event())
        except ConnectionError:
            continue
        return
    raise AssertionError("never done")


@given(
    st.lists(st.sampled_from([1, 2, 700, CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS + 3]), min_size=1, max_size=5),
    st.sets(st.integers(1, 8)),
    st.sets(st.integers(1, 8)),
)
@settings(max_examples=25, deadline=None)
def test_every_row_is_committed_once_and_in_order_whatever_dies(sizes: list[int], before: set[int], after: set[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, size in enumerate(sizes):
            Spool(folder).write(header(f"HZ{number}"), cargo(f"HZ{number}", size))
        broker = Broker(sorted(before), sorted(after))
        drain(folder, broker)
        assert broker.rows == [f"HZ{number}:{line}".encode() for number, size in enumerate(sizes) for line in range(1, size + 1)]
        assert Spool(folder).pending() == []
        for number, size in enumerate(sizes):
            chunks = [chunk for chunk in broker.chunks if chunk["batch"] == f"HZ{number}"]
            assert [chunk["chunk"] for chunk in chunks] == list(range(len(chunks)))
            assert sum(chunk["rows"] for chunk in chunks) == size == chunks[0]["total"]
            assert [chunk["last"] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
            assert [chunk["first_line"] for chunk in chunks] == [1 + sum(c["rows"] for c in chunks[:place]) for place in range(len(chunks))]


def test_small_submissions_share_a_transaction_and_large_ones_are_cut(tmp_path: Path) -> None:
    spool, broker = Spool(tmp_path), Broker()
    for number in range(20):
        spool.write(header(f"HZ{number:02d}"), cargo("x", 10))
    publish(spool, Journal(tmp_path / "j.db"), broker, Event())
    assert (broker.transactions, len(broker.chunks)) == (1, 20)
    spool.write(header("HZBIG"), cargo("x", 2 * CHUNK_ROWS + 1))
    publish(spool, Journal(tmp_path / "j.db"), broker, Event())
    assert broker.transactions == 4
    assert max(chunk["rows"] for chunk in broker.chunks) == CHUNK_ROWS


def test_where_too_much_waits_to_be_judged_a_large_submission_waits_and_its_source_behind_it_and_others_pass(tmp_path: Path) -> None:
    spool, journal, broker, full = Spool(tmp_path), Journal(tmp_path / "j.db"), Broker(), [False, True]
    spool.write(header("HZBIG"), cargo("big", 2 * CHUNK_ROWS))
    spool.write(header("HZAFTER"), cargo("after", 1))
    spool.write(replace(header("HZOTHER"), source="gsj/form"), cargo("other", 1))
    spool.write(replace(header("HZELSE"), source="gsj/excel", item="xzcf"), cargo("else", LITTLE + 1))
    assert publish(spool, journal, broker, Event(), lambda item: item == "xzxk" and full.pop(0)) == CHUNK_ROWS + 1 + LITTLE + 1
    assert {row.partition(b":")[0] for row in broker.rows} == {b"big", b"other", b"else"}
    assert [bale.batch for bale in spool.pending()] == ["HZBIG", "HZAFTER"]
    publish(spool, journal, broker, Event())
    assert broker.rows[-CHUNK_ROWS - 1 :] == [f"big:{line}".encode() for line in range(CHUNK_ROWS + 1, 2 * CHUNK_ROWS + 1)] + [b"after:1"]
    assert spool.pending() == []


def test_a_receipt_used_elsewhere_for_another_body_is_set_aside_not_mixed(tmp_path: Path) -> None:
    spool, journal, broker = Spool(tmp_path), Journal(tmp_path / "j.db"), Broker()
    spool.write(header("HZA", "one"), cargo("x", 3))
    publish(spool, journal, broker, Event())
    spool.write(header("HZA", "two"), cargo("y", 3))
    publish(spool, journal, broker, Event())
    assert broker.rows == [b"x:1", b"x:2", b"x:3"]
    assert len(list(tmp_path.glob("*.conflict"))) == 1


def test_told_to_stop_it_leaves_the_rest(tmp_path: Path) -> None:
    spool, stop = Spool(tmp_path), Event()
    spool.write(header("HZA"), cargo("x", 3))
    stop.set()
    assert publish(spool, Journal(tmp_path / "j.db"), Broker(), stop) == 0
    assert len(spool.pending()) == 1


@pytest.mark.parametrize("count", [1, 5])
def test_a_chunk_tells_where_it_came_from(tmp_path: Path, count: int) -> None:
    spool, broker = Spool(tmp_path), Broker()
    spool.write(header("HZA"), cargo("x", count))
    publish(spool, Journal(tmp_path / "j.db"), broker, Event())
    (chunk,) = broker.chunks
    assert {name: chunk[name] for name in ("batch", "source", "department", "way", "item", "digest", "rows", "events", "splits")} == {
        "batch": "HZA", "source": "swj/excel", "department": "swj", "way": "excel", "item": "xzxk", "digest": "d", "rows": count, "events": 0, "splits": 0,
    }  # fmt: skip
