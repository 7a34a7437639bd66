"""An unknown schema is asked for beside the work: nobody waits longer than a moment, every failure is asked again, a known one is there at once."""

import threading
from collections.abc import Iterator

import pytest

from schemas.asking import Asking
from schemas.codec import Schema
from schemas.registry import NotFound, Unavailable
from tests.waiting import eventually


class Registry:
    """Answers when it is let, and counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.open = threading.Event()
        self.fault: Exception | None = None

    def schema(self, number: int) -> Schema:
        self.asked += 1
        self.open.wait(60)
        if self.fault is not None:
            raise self.fault
        return {"name": f"s{number}"}


@pytest.fixture
def registry() -> Iterator[Registry]:
    found = Registry()
    yield found
    found.open.set()


def test_a_silent_registry_is_asked_once_and_the_answer_taken_when_it_comes(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.asking.PATIENCE", 0.01)
    asking = Asking(registry.schema)
    for _ in range(3):
        with pytest.raises(Unavailable, match="schema 7"):
            asking.schema(7)
    assert registry.asked == 1
    registry.open.set()

    def answered() -> bool:
        try:
            return asking.schema(7) == {"name": "s7"}
        except Unavailable:
            return False

    eventually(answered)
    assert registry.asked == 1
    asking.close()


@pytest.mark.parametrize("fault", [NotFound("none"), Unavailable("away")])
def test_what_failed_is_asked_again(registry: Registry, fault: Exception) -> None:
    registry.open.set()
    registry.fault = fault
    asking = Asking(registry.schema)
    with pytest.raises(type(fault)):
        asking.schema(7)
    registry.fault = None
    assert asking.schema(7) == {"name": "s7"}
    asking.close()
