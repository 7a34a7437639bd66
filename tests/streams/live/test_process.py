"""Live figures on a real broker: committed receipts only, each once, whatever dies."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra import kafka
from infra.settings import Settings
from loaders import embedded, figures
from loaders.sink import prepare
from schemas import codec, envelope, registry, topics
from schemas.catalog import load
from streams.live import process, waits, windows
from streams.live.windows import OUTCOMES
from tests.loaders.site import found, loading, sink_of
from tests.waiting import eventually

pytestmark = pytest.mark.servers
GUIJI = [sys.executable, str(Path(__file__).parents[3] / "guiji.py")]
NOW = datetime.now(UTC).replace(microsecond=0)
MINE = {"live/a", "live/b"}


class Figures:
    """`guiji live` as a process; others' receipts stand in the same topic."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.log = settings, settings.logs / "live.log"
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("GUIJI_")} | {"GUIJI_HOME": str(settings.home)}
        self.process = None
        catalog = load()
        kafka.ensure(settings, topics.of(catalog))
        with registry.Registry(settings.registry) as schemas:
            self.schema_id = schemas.register(catalog)[topics.subject(topics.RECEIPTS)]

    process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*GUIJI, "live"], env=self.env, stdout=log, stderr=log, start_new_session=True)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        os.killpg(self.process.pid, number)
        code = self.process.wait(30)
        self.process = None
        return code

    def shown(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = httpx.get(f"http://127.0.0.1:{self.settings.live_port}/live", timeout=2).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return found

    def held(self) -> set[str]:
        """Keys of the windows as the compacted topic has them."""
        found = {json.loads(message.key()): message.value() for message in kafka.read_to_end(self.settings, topics.LIVE_WINDOWS)}
        return {key for key, value in found.items() if value is not None}

    def totals(self, width: str = "day", of: Collection[str] = MINE) -> dict[str, int]:
        return {each["source"]: sum(window["received"] for window in each["windows"][width]) for each in self.shown().get("sources", []) if each["source"] in of}

    def window(self, source: str, width: str) -> dict[str, Any]:
        """The newest window of a source's one item."""
        (found,) = [each for each in self.shown()["sources"] if each["source"] == source]
        newest: dict[str, Any] = found["windows"][width][0]
        return newest

    def until(self, wanted: dict[str, int], seconds: float = 60.0, of: Collection[str] = MINE) -> None:
        eventually(lambda: self.totals(of=of) == wanted, seconds, told=lambda: f"{self.totals(of=of)} instead of {wanted}\n{self.log.read_text()[-3000:]}")

    def say(self, source: str, counts: list[int], *, abort: bool = False, waited: Sequence[float] = ()) -> None:
        """One transaction of one receipt per count."""
        producer = kafka.producer(self.settings, "live-test")
        producer.init_transactions(30)
        producer.begin_transaction()
        for value in codec.encode(envelope.RECEIPT, self.schema_id, [receipt(source, count, waited=wait) for count, wait in zip(counts, waited or [1.5] * len(counts), strict=True)]):
            producer.produce(topics.RECEIPTS, value, "b")
        producer.flush(30)
        if abort:
            producer.abort_transaction(30)
        else:
            producer.commit_transaction(30)


def receipt(source: str, accepted: int, at: datetime = NOW, waited: float = 1.5) -> dict[str, Any]:
    return {
        "batch": "b", "source": source, "department": "zjj", "way": "api", "item": "xzxk", "partition": 0, "bytes": 100, "first_offset": 0, "last_offset": 1, "echoes": [], "by": "judge",
        "received_from": at - timedelta(seconds=waited), "received_to": at, "judged_at": at,
    } | dict.fromkeys(OUTCOMES, 0) | {"accepted": accepted, "rejected": 1}  # fmt: skip


@pytest.fixture
def live(stack: Any) -> Iterator[Figures]:
    figures = Figures(stack.settings)
    try:
        yield figures
    finally:
        if figures.process is not None:
            figures.stop(signal.SIGKILL)


def test_committed_receipts_are_counted_once_through_deaths_and_restarts(live: Figures) -> None:
    live.start()
    live.say("live/a", [5, 7])
    live.say("live/a", [1000], abort=True)
    live.say("live/b", [3])
    expected = {"live/b": 4, "live/a": 14}
    live.until(expected)
    assert live.totals("minute") == live.totals("hour") == expected
    first = next(each for each in live.shown()["sources"] if each["source"] == "live/a")
    assert (first["department"], first["way"], first["windows"]["day"][0]["accepted"], first["windows"]["day"][0]["rejected"]) == ("zjj", "api", 12, 2)
    assert {name: live.window("live/a", "hour")[name] for name in ("bytes", "p50")} == {"bytes": 200, "p50": 1.722}
    live.say("live/a", [1])
    live.stop(signal.SIGKILL)  # perhaps between the windows and the reader's place
    live.say("live/b", [9])
    live.start()
    live.until({"live/b": 14, "live/a": 16})
    assert live.stop() == 0
    live.start()
    live.say("live/a", [2000], abort=True)
    live.say("live/b", [1])
    live.until({"live/b": 16, "live/a": 16})


def test_the_warehouse_says_the_same(live: Figures, tmp_path: Path) -> None:
    """Of the same receipts: counts and bytes to the last one, waits within the width of a bucket."""
    site = found(live.settings, tmp_path / "avro", "livetest")
    live.start()
    live.say("live/same", [3, 10, 1], waited=[0.3, 4.0, 60.0])
    live.say("live/same", [500], abort=True)
    live.say("live/same", [7], waited=[9.0])
    live.until({"live/same": 25}, of={"live/same"})
    own = embedded.own(tmp_path / "clickhouse")
    try:
        prepare(own, site.catalog)
        with loading(sink_of(site, own)):
            mine = "SELECT sum(accepted + rejected) FROM receipts FINAL WHERE source = 'live/same'"
            eventually(lambda: int(own.query(mine).value()) == 25)
        (row,) = [each for each in figures.throughput(own, NOW - timedelta(hours=1), NOW + timedelta(hours=1)) if each["source"] == "live/same"]
    finally:
        embedded.release(tmp_path / "clickhouse")
    window = live.window("live/same", "hour")
    assert {name: row[name] for name in ("received", *OUTCOMES, "bytes")} == {name: window[name] for name in ("received", *OUTCOMES, "bytes")}
    assert row["hour"] == window["from"][:19].replace("T", " ")
    assert (row["bytes"], row["p50"], row["p99"]) == (400, pytest.approx(4.0), pytest.approx(60.0))
    for name in windows.QUANTILES:
        assert row[name] <= window[name] <= row[name] * waits.RATIO


def test_while_the_registry_is_away_a_receipt_waits_and_is_not_passed_over() -> None:
    asked = list[int]()

    def schema_of(number: int) -> codec.Schema:
        asked.append(number)
        if len(asked) < 3:
            raise registry.Unavailable("away")
        return envelope.RECEIPT

    (value,) = codec.encode(envelope.RECEIPT, 7, [receipt("a", 4)])
    reading = process.read(value, schema_of, 1, rest=0)
    for _ in range(2):
        reading.send(None)
    with pytest.raises(StopIteration) as done:
        reading.send(None)
    assert (done.value.value["accepted"], asked) == (4, [7, 7, 7])
    with pytest.raises(StopIteration) as poison:
        process.read(b"x", schema_of, 1).send(None)
    assert poison.value.value is None


def test_windows_too_old_to_be_kept_go_and_the_figures_go_on(live: Figures) -> None:
    old = next(iter(windows.keys(receipt("live/old", 1, NOW - timedelta(days=40)))))
    producer = kafka.producer(live.settings)
    producer.produce(topics.LIVE_WINDOWS, json.dumps({"offset": 0, "received": 1, **dict.fromkeys(OUTCOMES, 0)}), json.dumps(old))
    producer.flush(30)
    live.start()
    live.say("live/new", [2])
    eventually(lambda: old not in live.held(), told=lambda: live.log.read_text()[-3000:])
    live.say("live/new", [5])
    live.until({"live/new": 9}, of={"live/new"})
    assert live.process is not None
    assert live.process.poll() is None
    assert "live/old" not in {each["source"] for each in live.shown()["sources"]}
