"""Load for the chaos run: by the API with idempotency keys, repeated until answered, and by a tapped database. Each remembers what it said, whoever dies meanwhile."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from schemas.catalog import load
from tests.end_to_end.conftest import Pipeline
from tests.end_to_end.test_fourth_item import changed

ITEM = "xzxk"
ROWS, KEYS, PAUSE = 20, 400, 0.4
BAD_CODE = "91440300708461136A"
EXAMPLE = load()[ITEM].example


@dataclass
class Sent:
    """What was acknowledged. ``standing``: key field → content that must stand at the end; ``lines``: (receipt, line) of every record."""

    lines: list[tuple[str, int]] = field(default_factory=list)
    wrong: set[tuple[str, int]] = field(default_factory=set)
    standing: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    repeated: int = 0
    days: int = 0
    faults: list[str] = field(default_factory=list)


def request(dice: random.Random, number: int) -> list[dict[str, Any]]:
    """News, changes and repeats over some hundred keys; one in twenty is wrong. A key at most once in a request."""
    found = []
    for n in dice.sample(range(KEYS), ROWS):
        fields = {"XK_WSH": f"济建许〔2017〕c{n}号", "XK_NR": f"内容{dice.choice((number, number % 7))}"}
        found.append(EXAMPLE | fields | ({"XK_XDR_SHXYM": BAD_CODE} if dice.random() < 0.05 else {}))
    return found


class Api(threading.Thread):
    """One client that sends request after request, each until it is answered."""

    def __init__(self, pipeline: Pipeline, token: str, seed: int, sent: Sent, stop: threading.Event) -> None:
        super().__init__(name="api", daemon=True)
        self._pipeline, self._token, self._sent, self._stopped = pipeline, token, sent, stop
        self._dice, self._name = random.Random(f"{seed}/api"), f"chaos{seed}"

    def run(self) -> None:
        number = 0
        while not self._stopped.wait(PAUSE):
            self._send(number)
            number += 1

    def _send(self, number: int) -> None:
        """Every fourth request is sent once more after its answer, as clumsy clients do."""
        records = request(self._dice, number)
        receipt = self._answered(number, records)
        if number % 4 == 0 and self._answered(number, records) != receipt:
            self._sent.faults.append(f"request {number} has two receipts")
        self._sent.requests += 1
        for line, record in enumerate(records, start=1):
            self._sent.lines.append((receipt, line))
            if record["XK_XDR_SHXYM"] == BAD_CODE:
                self._sent.wrong.add((receipt, line))
            else:
                self._sent.standing[record["XK_WSH"]] = record["XK_NR"]

    def _answered(self, number: int, records: list[dict[str, Any]]) -> str:
        """The receipt, however often it has to be asked; also after the run was told to stop, or nobody would know whether it was taken."""
        while True:
            try:
                answer = self._pipeline.post(self._token, ITEM, records, key=f"{self._name}-{number}")
                if answer.status_code in (200, 202):
                    return str(answer.json()["receipt"])
                said = answer.text
            except httpx.HTTPError as fault:
                said = str(fault)
            self._sent.repeated += 1
            if self._sent.repeated > 10_000:
                raise AssertionError(said)
            threading.Event().wait(0.3)


class Clerk(threading.Thread):
    """Somebody who works in the tapped database: new rows, changes, deletions, keys that swap."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], pause: float, sent: Sent, stop: threading.Event) -> None:
        super().__init__(name="clerk", daemon=True)
        self._connect, self._pause, self._sent, self._stopped = connect, pause, sent, stop

    def run(self) -> None:
        with self._connect() as home:
            while not self._stopped.wait(self._pause):
                self._sent.days += 1
                changed(home, self._sent.days)
