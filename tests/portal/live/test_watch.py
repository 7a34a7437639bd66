"""Asked once for all, and never more streams than may be."""

import threading
from contextlib import ExitStack

import pytest

from infra.settings import Settings
from portal.live import watch as watching
from portal.live.watch import FRESH_SECONDS, MOST_EACH, Watch
from producers.refusal import Refusal
from tests.portal.live.site import figures


def test_everybody_gets_the_same_answer_for_two_seconds() -> None:
    clock = [0.0]
    with figures() as told:
        watch = Watch(Settings(live_port=told.port), clock=lambda: clock[0])
        assert [watch.said(), watch.said()] == [{"now": "", "newest": None, "sources": []}] * 2
        assert told.asked == 1
        clock[0] += FRESH_SECONDS
        watch.said()
        assert told.asked == 2
    clock[0] += FRESH_SECONDS
    assert watch.said() is None


def test_an_account_has_so_many_streams_and_all_together_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(Settings())
    with ExitStack() as places:
        for _ in range(MOST_EACH):
            places.enter_context(watch.place(1))
        with pytest.raises(Refusal) as refused, watch.place(1):
            pass
        assert refused.value.code == "busy"
        monkeypatch.setattr(watching, "MOST", MOST_EACH + 1)
        places.enter_context(watch.place(2))
        with pytest.raises(Refusal), watch.place(3):
            pass
    assert watch.open == 0
    watch.room(1)


def test_while_one_asks_the_others_are_told_what_was_said_last(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, asking, go = [0.0], threading.Event(), threading.Event()
    watch = Watch(Settings(), clock=lambda: clock[0])
    monkeypatch.setattr(watch, "_ask", lambda: {"sources": []})
    before = watch.said()

    def slow() -> dict[str, list[str]]:
        asking.set()
        assert go.wait(20)
        return {"sources": ["new"]}

    monkeypatch.setattr(watch, "_ask", slow)
    clock[0] += FRESH_SECONDS
    thread = threading.Thread(target=watch.said)
    thread.start()
    assert asking.wait(20)
    assert watch.said() is before, "no thread of the site waits for it"
    go.set()
    thread.join()
    assert watch.said() == {"sources": ["new"]}
