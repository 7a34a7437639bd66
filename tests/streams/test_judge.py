"""The judge against a real broker and registry: every outcome with its receipt, and what it survives."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from schemas.registry import Registry
from streams.judge import Judge, Tools
from tests.streams.judging import Court, copied, opened, said

pytestmark = pytest.mark.servers


@pytest.fixture
def court(stack: Any, tmp_path: Path) -> Court:
    home = tmp_path / "home"
    return opened(stack.settings, home, copied(home / "avro", f"xzxk_{uuid4().hex[:8]}"))


class Running:
    """A judge in a thread."""

    def __init__(self, court: Court, registry: Registry, rows: int) -> None:
        code = court.item.code
        self.judge = Judge(Tools(court.settings, court.catalog, registry, f"judge-{code}", group=f"judge-{code}", rows=rows))
        self.stop = threading.Event()
        self.fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.judge.run(self.stop)
        except BaseException as fault:
            self.fault = fault

    def until(self, judged: int, seconds: float = 60) -> None:
        eventually(lambda: self.fault is not None or self.judge.judged >= judged, seconds)
        if self.fault is not None:
            raise self.fault

    def ended(self) -> BaseException | None:
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.fault


def eventually(what: Callable[[], bool], seconds: float = 60) -> None:
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it never came true"
        pause.wait(0.05)


@contextmanager
def judging(court: Court, rows: int = 20_000) -> Iterator[Running]:
    with Registry(court.settings.registry) as registry:
        running = Running(court, registry, rows)
        try:
            yield running
        finally:
            running.stop.set()
            running.ended()


def test_every_record_gets_one_outcome_and_its_receipt(court: Court) -> None:
    item = court.item
    court.send(
        [
            said(item, 1),
            said(item, 2),
            said(item, 3) | said(item, 1, _line=3),  # the same again
            said(item, 4, XK_WSH=None),
            said(item, 5, XK_XDR_SHXYM="91370100MA3C000000"),
            b"\x00\x00\x00\x00\x01junk",
            None,
            b"nonsense",
            said(item, 6, _operation="withdraw", **{name: said(item, 2)[name] for name in item.key}),
            said(item, 7, _operation="withdraw", XK_WSH="不认识"),
            said(item, 8, XK_JDRQ="2010-01-01", XK_YXQZ="2010-01-01", XK_YXQZI="2011-01-01"),
            said(item, 9, _operation="burn"),
        ]
    )
    with judging(court) as running:
        running.until(12)
    print([(r["_line"], [x["rule"] for x in r["reasons"]]) for r in court.rejected()], court.outcomes())
    assert [(each["_line"], each["_change"]) for each in court.accepted()] == [(1, "new"), (2, "new"), (6, "withdrawn")]
    assert sum(court.outcomes().values()) == 12
