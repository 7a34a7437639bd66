"""What the judge writes, as wire bytes: acceptances in columns, rejections, states and receipts as records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from schemas import codec, envelope, identity, reason, topics
from schemas.catalog import Item
from streams import state as states
from streams.decide import REJECTED, Acceptance, Decided
from streams.examine import Bench, Examined, Submitted, envelope_of_poison, examine, unreadable
from streams.receipts import ECHOED, Tallies

ENVELOPE = [each["name"] for each in envelope.ENVELOPE]
# A promoted record is its saying's; what caused it stays the event's.
_OF_EVENT = ("_batch", "_line", "_received_at", "_operation")
IdOf = Callable[[str, Mapping[str, Any]], int]
# (partition, offset) of submitted records → the messages.
ReadBack = Callable[[Sequence[tuple[int, int]]], Sequence[Submitted]]


@dataclass
class Outputs:
    """Wire bytes by topic: (partition or None, key, value). ``states`` are also what goes to disk after the commit: (item, partition) → (key, value)."""

    messages: dict[str, list[tuple[int | None, bytes, bytes]]] = field(default_factory=dict)
    states: dict[tuple[str, int], list[tuple[bytes, bytes]]] = field(default_factory=dict)

    def add(self, topic: str, partition: int | None, key: bytes, value: bytes) -> None:
        self.messages.setdefault(topic, []).append((partition, key, value))


@dataclass(frozen=True)
class Writer:
    """Writes one item's outputs. ``id_of(subject, schema)`` asks the registry, ``read_back`` the `submitted` topic."""

    bench: Bench
    id_of: IdOf
    read_back: ReadBack

    def write(self, batch: Examined, decided: Decided, now: datetime, outputs: Outputs) -> None:
        """Everything that follows from a judged batch."""
        self._accept(batch, decided.accepted, now, outputs)
        tallies = Tallies(self.bench.item.code)
        said = batch.said.select(ENVELOPE).to_dicts()
        self._reject(batch, decided, said, now, outputs)
        self._reject_poison(batch, tallies, now, outputs)
        self._count(batch, decided, said, tallies)
        self._keep(decided, outputs)
        receipts = list(tallies.receipts(now))
        values = codec.encode(
            envelope.RECEIPT, self.id_of(topics.subject(topics.RECEIPTS), envelope.RECEIPT), (each for _, each in receipts)
        )
        for (_, receipt), value in zip(receipts, values, strict=True):
            outputs.add(topics.RECEIPTS, None, receipt["batch"].encode(), value)

    def _count(self, batch: Examined, decided: Decided, said: list[dict[str, Any]], tallies: Tallies) -> None:
        for n, outcome in enumerate(decided.outcomes):
            message = batch.messages[batch.places[n]]
            echo = (batch.keys[n], decided.stands[n]) if outcome in ECHOED else None
            tallies.count(said[n], (message.partition, message.offset), outcome, echo)

    def _keep(self, decided: Decided, outputs: Outputs) -> None:
        topic = topics.state(self.bench.item.code)
        records = [states.record(state) for _, state in decided.states.values()]
        values = codec.encode_states(self.id_of(topics.subject(topic), envelope.STATE), records) if records else []
        for (key, (partition, _)), value in zip(decided.states.items(), values, strict=True):
            outputs.add(topic, partition, key.encode(), value)
            outputs.states.setdefault((self.bench.item.code, partition), []).append((key.encode(), value))

    def _accept(self, batch: Examined, accepted: Sequence[Acceptance], now: datetime, outputs: Outputs) -> None:
        if not accepted:
            return
        item, topic = self.bench.item, topics.accepted(self.bench.item.code)
        schema = envelope.acceptance(item)
        frame = self._frame(batch, accepted, now)
        values = codec.encode_frame(schema, self.id_of(topics.subject(topic), schema), frame)
        for each, value in zip(accepted, values, strict=True):
            outputs.add(topic, batch.messages[batch.places[each.row]].partition, batch.keys[each.row].encode(), value)

    def _frame(self, batch: Examined, accepted: Sequence[Acceptance], now: datetime) -> pl.DataFrame:
        """The accepted rows as they go out."""
        rows = [each.row for each in accepted]
        said = batch.said.select(ENVELOPE)[rows]
        content = batch.typed[rows]
        judged = pl.DataFrame(
            {
                "_key": [batch.keys[row] for row in rows],
                "_version": [each.version for each in accepted],
                "_fingerprint": [each.fingerprint for each in accepted],
                "_change": [each.change for each in accepted],
                "_warnings": pl.Series(
                    [reason.dumps(batch.warnings[row]) if row in batch.warnings else None for row in rows], dtype=pl.String
                ),
                "_judged_at": pl.Series([now] * len(rows), dtype=pl.Datetime("ms", "UTC")),
            }
        )
        frame = pl.concat([said, judged, content], how="horizontal")
        promoted = [(place, each) for place, each in enumerate(accepted) if each.promoted is not None]
        return self._promoted(batch, frame, promoted, now) if promoted else frame

    def _promoted(self, batch: Examined, frame: pl.DataFrame, promoted: Sequence[tuple[int, Acceptance]], now: datetime) -> pl.DataFrame:
        """Puts the promoted sayings' own words in the place of the events that promoted them."""
        wanted = [
            (batch.messages[batch.places[each.row]].partition, each.promoted.offset) for _, each in promoted if each.promoted is not None
        ]
        found = examine(self.bench, self.read_back(wanted), now)
        if len(found.places) != len(wanted):
            raise LookupError(f"a promoted record of {self.bench.item.code} cannot be read back from {wanted}: {found.poison}")
        own = [name for name in ENVELOPE if name not in _OF_EVENT]
        places = [place for place, _ in promoted]
        cause = frame[places].drop([*own, "_warnings", *(column.name for column in found.typed)])
        warnings = [reason.dumps(found.warnings[n]) if n in found.warnings else None for n in range(len(wanted))]
        told = pl.DataFrame({"_warnings": pl.Series(warnings, dtype=pl.String)})
        new = pl.concat([found.said.select(own), told, cause, found.typed], how="horizontal").select(frame.columns)
        rest = frame.with_row_index("_n").filter(~pl.col("_n").is_in(places))
        index = pl.DataFrame({"_n": pl.Series(places, dtype=rest["_n"].dtype)})
        return pl.concat([rest, pl.concat([index, new], how="horizontal")]).sort("_n").drop("_n")

    def _reject(self, batch: Examined, decided: Decided, said: list[dict[str, Any]], now: datetime, outputs: Outputs) -> None:
        rows = [n for n, outcome in enumerate(decided.outcomes) if outcome == REJECTED]
        if not rows:
            return
        names = [each.name for each in self.bench.item.fields]
        fields = batch.said.select(names)[rows]
        fingerprints = identity.verbatim_fingerprints(self.bench.item, fields).to_list()
        records = [
            {
                **said[n], "_item": self.bench.item.code, "_key": batch.keys[n], "_fingerprint": print_, "_judged_at": now, "_by": "judge",
                "fields": verbatim, "reasons": [each.record() for each in batch.errors[n] + batch.warnings.get(n, [])], "raw": None,
            }
            for n, verbatim, print_ in zip(rows, fields.to_dicts(), fingerprints, strict=True)
        ]  # fmt: skip
        self._send_rejections(records, [batch.messages[batch.places[n]] for n in rows], outputs)

    def _reject_poison(self, batch: Examined, tallies: Tallies, now: datetime, outputs: Outputs) -> None:
        item = self.bench.item
        records, messages = [], []
        for place, why in sorted(batch.poison.items()):
            message = batch.messages[place]
            said = envelope_of_poison(self.bench, topics.submitted(item.code), message)
            records.append(
                {
                    **said, "_item": item.code, "_key": _key_of(item, said, message), "_fingerprint": identity.verbatim_fingerprint({}), "_judged_at": now,
                    "_by": "judge", "fields": {}, "reasons": [unreadable(why).record()], "raw": message.value,
                }
            )  # fmt: skip
            messages.append(message)
            tallies.count(said, (message.partition, message.offset), REJECTED)
        self._send_rejections(records, messages, outputs)

    def _send_rejections(self, records: list[dict[str, Any]], messages: Sequence[Submitted], outputs: Outputs) -> None:
        topic = topics.rejected(self.bench.item.code)
        values = codec.encode(envelope.REJECTION, self.id_of(topics.subject(topic), envelope.REJECTION), records) if records else []
        for each, message, value in zip(records, messages, values, strict=True):
            outputs.add(topic, message.partition, each["_key"].encode(), value)


def _key_of(item: Item, said: Mapping[str, Any], message: Submitted) -> str:
    try:
        if message.key:
            return message.key.decode()
    except UnicodeDecodeError:
        pass
    return identity.fallback_key(item, said["_source"], None, said["_line"], said["_batch"])


__all__ = ["IdOf", "Outputs", "ReadBack", "Writer"]
