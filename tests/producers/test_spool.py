"""Acknowledged means durable, in order, and published by one process at a time."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from producers.refusal import Refusal
from producers.spool import Cargo, Header, Spool


def header(batch: str = "HZA") -> Header:
    return Header(batch, "swj/excel", "swj", "excel", "xzxk", "d", 1, None, "表.xlsx", None)


def cargo(count: int) -> Iterator[Cargo]:
    return (Cargo(line, b"k%d" % line, b"v" * 10) for line in range(1, count + 1))


def test_what_was_written_is_read_back_by_anybody(tmp_path: Path) -> None:
    Spool(tmp_path).write(header(), cargo(12_345))
    (bale,) = Spool(tmp_path).pending()
    assert (bale.batch, bale.rows) == ("HZA", 12_345)
    assert bale.header() == header()
    assert [row.line for row in bale.cargo(after=12_340)] == [12_341, 12_342, 12_343, 12_344, 12_345]
    assert os.stat(bale.path).st_mode & 0o077 == 0


def test_nothing_stays_behind_when_the_rows_break_off(tmp_path: Path) -> None:
    def broken() -> Iterator[Cargo]:
        yield from cargo(3)
        raise RuntimeError("reader died")

    spool = Spool(tmp_path)
    with pytest.raises(RuntimeError):
        spool.write(header(), broken())
    with pytest.raises(Refusal) as caught:
        spool.write(header(), iter(()))
    assert caught.value.code == "empty"
    assert spool.pending() == []
    assert not list(tmp_path.glob("*.tmp"))


def test_files_sort_by_the_order_of_acknowledgement_across_threads(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        bales = list(pool.map(lambda number: spool.write(header(f"HZ{number:03d}"), cargo(1)), range(64)))
    assert len({bale.order for bale in bales}) == 64
    assert [bale.path for bale in spool.pending()] == [bale.path for bale in sorted(bales, key=lambda bale: bale.order)]
    assert spool.find("HZ017") == bales[17]
    spool.drop(bales[17])
    assert spool.find("HZ017") is None


def test_a_full_spool_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path, files=2)
    for batch in ("HZA", "HZB"):
        spool.room()
        spool.write(header(batch), cargo(1))
    with pytest.raises(Refusal) as caught:
        spool.room()
    assert caught.value.code == "busy"
    with pytest.raises(Refusal):
        Spool(tmp_path, limit=10).room()


def test_one_process_publishes_and_its_death_lets_the_next_one_in(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    code = f"from producers.spool import Spool\nfrom pathlib import Path\nwith Spool(Path({str(tmp_path)!r})).publishing() as mine:\n print(mine, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with spool.publishing() as mine:
            assert not mine
        holder.kill()
        holder.wait()
    with spool.publishing() as mine:
        assert mine
