"""Who writes passes, who cuts waits for those within and keeps the others out."""

import threading
from pathlib import Path

import pytest

from infra import gate
from infra.settings import Settings


def test_writers_pass_together(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with gate.passing(settings), gate.passing(settings):
        pass


def test_it_is_not_closed_while_somebody_is_within(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with gate.passing(settings), pytest.raises(gate.Busy, match="did not end"), gate.closed(settings, 0.0):
        pass
    with gate.closed(settings, 0.0):
        pass


def test_a_writer_waits_while_it_is_closed_and_passes_afterwards(tmp_path: Path) -> None:
    settings, passed, began = Settings(home=tmp_path), threading.Event(), threading.Event()

    def write() -> None:
        began.set()
        with gate.passing(settings):
            passed.set()

    with gate.closed(settings):
        thread = threading.Thread(target=write)
        thread.start()
        assert began.wait(10)
        assert not passed.wait(0.2)
    assert passed.wait(10)
    thread.join()


def test_two_cuts_at_once_are_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with gate.closed(settings, 0.0), pytest.raises(gate.Busy, match="another backup"), gate.closed(settings, 0.0):
        pass
