"""The judge's work on one record, for frameworks that go record by record: Avro by fastavro, the rules' scalar twins, the same model of sayings.
What a framework adds is its own: topics, state, delivery.

Less than the judge does: no receipts, no reading back of promoted records, no check of what it restores. What is left out speaks for the peer.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.cpu import Meter, peak
from schemas import catalog, codec, envelope, identity, rules, sayings
from schemas.sayings import NOTHING, Event
from streams import state


@dataclass(frozen=True)
class Job:
    """What a peer is told on its command line, as JSON: where the broker is, what to read, the item's file, how many records, where its files may lie, the name of its group and topics,
    and the pids of servers whose processor time is counted."""

    broker: str
    topic: str
    item: str
    records: int
    folder: str
    name: str
    servers: Mapping[str, int]

    @classmethod
    def of(cls, words: list[str]) -> "Job":
        return cls(**json.loads(words[0]))


@dataclass(frozen=True)
class Outcome:
    """Where to write what under which key, and the key's state as JSON-able values when it changed."""

    topic: str
    key: str
    value: bytes
    state: dict[str, Any] | None


class RecordJudge:
    """The judge of the item of a file. Schema ids on the wire are taken as they come: a peer needs no registry."""

    def __init__(self, item: str) -> None:
        (self.item,) = catalog.load(Path(item)).values()
        self._context = rules.Context(datetime.now(UTC).date())
        self._submission, self._acceptance = envelope.submission(self.item), envelope.acceptance(self.item)
        self._offset = 0

    def read(self, value: bytes) -> tuple[str, dict[str, Any]]:
        """A record's key and its content."""
        said = codec.decode_one(value, lambda _number: self._submission, self._submission)
        return identity.key(self.item, said["_department"], said, b"s" * 32) or "?", said

    def judge(self, key: str, said: Mapping[str, Any], known: Mapping[str, Any] | None) -> Outcome | None:
        """What becomes of it; None for a repeat."""
        self._offset += 1
        now = datetime.now(UTC)
        checked = rules.check_one(self.item, said, self._context)
        names = [field.name for field in self.item.fields]
        if checked.errors or checked.excluded or key == "?":
            fields = {name: said[name] for name in names}
            rejected = {
                **{each["name"]: said[each["name"]] for each in envelope.ENVELOPE}, "_item": self.item.code, "_key": key, "_judged_at": now, "_by": "judge", "fields": fields, "raw": None,
                "_fingerprint": identity.verbatim_fingerprint(fields), "reasons": [each.record() for each in checked.errors + checked.warnings],
            }  # fmt: skip
            return Outcome("rejected", key, codec.encode(envelope.REJECTION, 1, [rejected])[0], None)
        print_ = identity.fingerprint(self.item, checked.typed)
        moment = said["_source_time"]
        event = Event(
            said["_source"], said["_row"], said["_way"], said["_operation"], print_, said["_position"], self._offset, int(moment.timestamp() * 1000) if moment else None, self._offset
        )
        verdict = sayings.judge(_state(known), event, self.item.wins)
        if verdict.change is None:
            return None
        judged = {"_key": key, "_version": self._offset, "_fingerprint": print_, "_change": verdict.change, "_warnings": None, "_judged_at": now}
        (value,) = codec.encode(self._acceptance, 1, [{**said, **judged, **checked.typed}])
        return Outcome("accepted", key, value, state.record(verdict.state))


def _state(known: Mapping[str, Any] | None) -> sayings.State:
    return NOTHING if known is None else state.of_record(known)


class Pace:
    """Counts records and says how fast they were, leaving out the first tenth (warming up)."""

    def __init__(self, job: Job) -> None:
        self._job, self._first, self._done = job, max(job.records // 10, 1), 0
        self._meter: Meter | None = None

    def count(self, number: int = 1) -> bool:
        """Whether all are done."""
        self._done += number
        if self._meter is None and self._done >= self._first:
            self._meter, self._first = Meter({"framework": os.getpid(), **self._job.servers}), self._done
        return self._done >= self._job.records

    def tell(self, configuration: Mapping[str, Any]) -> None:
        """Says it on standard output, with how the framework was configured."""
        out, meter, done = sys.__stdout__, self._meter, self._done - self._first  # Faust takes sys.stdout for its log
        assert out is not None
        assert meter is not None
        told = {"records": done, "seconds": meter.seconds, "cpu_us": meter.per(done), "memory_mb": peak(os.getpid()), "configuration": configuration}
        out.write(json.dumps(told) + "\n")
        out.flush()
