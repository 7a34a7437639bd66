"""How long a small source waits while another source's load is judged: from writing a record to its acceptance being readable, in an item of its own and in the item that is loaded.

The load is written as the door and the map write: as long as not too much of it waits to be judged (infra.ahead).
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from bench import capturing, lanes
from bench.ground import Ground
from bench.lanes import ITEM, SERIAL, Lane
from bench.measure import PATIENCE, PAUSE, BenchFault, Place, alive, running
from infra import kafka, wait
from infra.ahead import Ahead
from schemas import codec, envelope, topics
from schemas.catalog import Item
from schemas.registry import Registry

EVERY = 0.2  # seconds between two records of the small source
LEAST = 10  # records it says at least
SMALL = f"{ITEM}_small"
CHUNK = 5_000  # rows of a transaction of the door


def measure(ground: Ground) -> None:
    """One load; the small source speaks from the judge's first commit until the load is judged. Each record goes to both items."""
    records = capturing.records(ground)
    lane = ground.lane("fresh", SMALL)
    stage = lane.stage("judge")
    ground.teller.doing(f"freshness of a small source beside a load of {ground.profile.load:,} records")
    speaker = Speaker(lane)
    load = threading.Thread(target=_load, args=(lane, stage.group, lanes.varied(lane, records, ground.profile.load)))
    load.start()
    with running(stage) as process, speaker.listening():
        place = Place(lane.settings, stage.group, stage.topic)

        def at() -> int:
            alive(stage, process)
            return place()

        wait.until(at, PATIENCE, every=PAUSE)
        _speak(speaker, at, load)
    own, same = speaker.waited(speaker.own), speaker.waited(speaker.same)
    ground.book.figure("small_source_freshness_p99_s", own["p99"])
    ground.book.figure("small_source_freshness_same_item_p99_s", same["p99"])
    ground.book.notes["small_source_freshness_s"] = {"own_item": own, "same_item": same, "load": ground.profile.load, "every_s": EVERY}
    ground.teller.step()


class Speaker:
    """The small source. ``said``: when each record was written; ``own``, ``same``: when its acceptance could be read, by item, in the same order (one partition each)."""

    def __init__(self, lane: Lane) -> None:
        self._settings, self._items = lane.settings, (lane.catalog[SMALL], lane.item)
        self._producer: Producer = kafka.producer(lane.settings)
        self._places = list[int]()  # in the loaded item
        self.said, self.own, self.same = list[float](), list[float](), list[float]()
        with Registry(lane.settings.registry) as registry:
            self._ids = [registry.id(topics.subject(topics.submitted(item.code)), envelope.submission(item)) for item in self._items]

    def say(self) -> None:
        """One record, to both items."""
        self.said.append(time.monotonic())
        for item, number in zip(self._items, self._ids, strict=True):
            (value,) = codec.encode(envelope.submission(item), number, [_record(item, len(self.said))])
            self._producer.produce(topics.submitted(item.code), value, on_delivery=self._placed)
        self._producer.flush()

    def _placed(self, _fault: object, message: Message) -> None:
        if message.topic() == topics.submitted(self._items[1].code):
            self._places.append(int(message.offset() or 0))

    def judged(self, place: int) -> None:
        """The judge has committed the loaded item up to there: those below it can be read now."""
        while len(self.same) < len(self._places) and place > self._places[len(self.same)]:
            self.same.append(time.monotonic())

    def silent(self) -> bool:
        """Whether all that was said is accepted."""
        return len(self.own) == len(self.same) == len(self.said)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """A reader of committed acceptances, in a thread of its own."""
        stop = threading.Event()
        reader = kafka.consumer(self._settings, "bench-fresh")
        reader.assign([TopicPartition(topics.accepted(SMALL), 0, 0)])
        thread = threading.Thread(target=self._listen, args=(reader, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            reader.close()

    def _listen(self, reader: Consumer, stop: threading.Event) -> None:
        while not stop.is_set():
            self.own += [time.monotonic() for _ in reader.consume(100, 0.02)]

    def waited(self, seen: list[float]) -> dict[str, float]:
        """Seconds: half of the records waited at most p50, 99 of 100 at most p99."""
        waits = sorted(there - then for then, there in zip(self.said, seen, strict=True))
        return {"p50": lanes.quantile(waits, 0.5), "p99": lanes.quantile(waits, 0.99), "max": waits[-1], "samples": len(waits)}


def _load(lane: Lane, group: str, rows: Iterable[lanes.Row]) -> None:
    gauge = Ahead(lane.settings, group)
    left = iter(rows)
    while block := list(islice(left, CHUNK)):
        wait.until(lambda: not gauge.full(lane.submitted, lane.item.partitions), PATIENCE, every=PAUSE)
        lanes.submit(lane, block)


def _speak(speaker: Speaker, at: Callable[[], int], load: threading.Thread) -> None:
    def once() -> int:
        place = at()
        speaker.judged(place)
        speaker.say()
        return place

    def rest() -> bool:
        speaker.judged(at())
        return speaker.silent()

    wait.until(once, PATIENCE, every=EVERY, holds=lambda place: not load.is_alive() and len(speaker.said) >= LEAST)
    if not wait.until(rest, PATIENCE, every=PAUSE):
        raise BenchFault(f"of {len(speaker.said)} records of the small source {len(speaker.own)} and {len(speaker.same)} were accepted")


def _record(item: Item, line: int) -> dict[str, object]:
    about = dict.fromkeys(("_row", "_ref", "_position", "_source_time", "_origin", "_faults"))
    known = {"_source": "swj/api", "_department": "swj", "_way": "api", "_batch": "bench", "_line": line, "_operation": "upsert", "_catalogue": "bench"}
    return about | known | {"_received_at": datetime.now(UTC)} | item.example | {SERIAL: f"许可〔2017〕{line}号"}
