"""What the judge writes, as wire bytes: acceptances in columns, rejections, states and receipts as records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from schemas import codec, envelope, identity, reason, rejection, topics
from schemas.catalog import Item
from schemas.sayings import NEW, RETRACT, WITHDRAW
from streams import state as states
from streams.decide import REJECTED, Acceptance, Decided
from streams.examine import Bench, Examined, Messages, Submitted, envelope_of_poison, examine, unreadable
from streams.receipts import ECHOED, Tallies

ENVELOPE = [each["name"] for each in envelope.ENVELOPE]
ENDING = (WITHDRAW, RETRACT)  # what they say of a record is its key, nothing more
# A promoted record is its saying's; what caused it stays the event's.
_OF_EVENT = ("_batch", "_line", "_received_at", "_operation")
IdOf = Callable[[str, Mapping[str, Any]], int]
# (partition, offset) of submitted records → the messages.
ReadBack = Callable[[Sequence[tuple[int, int]]], Sequence[Submitted]]


@dataclass
class Outputs:
    """Wire bytes by topic: (partition or None, key, value). ``states`` are also what goes to disk after the commit: (item, partition) → key → value."""

    messages: dict[str, list[tuple[int | None, bytes, bytes]]] = field(default_factory=dict)
    states: dict[tuple[str, int], dict[bytes, bytes]] = field(default_factory=dict)

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
        self._accept(batch, decided, now, outputs)
        tallies = Tallies(self.bench.item.code)
        self._reject(batch, decided, now, outputs)
        self._count(batch, decided, tallies)
        self._reject_poison(batch, tallies, now, outputs)
        self._keep_first(batch, decided, outputs)
        self._keep(decided, outputs)
        receipts = list(tallies.receipts(now))
        values = codec.encode(
            envelope.RECEIPT, self.id_of(topics.subject(topics.RECEIPTS), envelope.RECEIPT), (each for _, each in receipts)
        )
        for (_, receipt), value in zip(receipts, values, strict=True):
            outputs.add(topics.RECEIPTS, None, receipt["batch"].encode(), value)

    def _count(self, batch: Examined, decided: Decided, tallies: Tallies) -> None:
        judged = pl.DataFrame({"partition": batch.partitions, "offset": batch.offsets, "size": batch.sizes, "outcome": decided.outcomes})
        counted = pl.concat([batch.said.select("_batch", "_source", "_department", "_way", "_received_at"), judged], how="horizontal")
        rows = [n for n, outcome in enumerate(decided.outcomes) if outcome in ECHOED]
        said = batch.said[rows].select("_batch", "_line", "_row", "_ref", "_operation").iter_rows()
        echoes = [
            (
                (group, batch.partitions[n]),
                {
                    "line": line, "outcome": decided.outcomes[n], "key": batch.keys[n], "row": row, "ref": ref, "operation": operation,
                    "stands": decided.stands[n], "fingerprint": None if operation in ENDING else batch.fingerprints[n],
                },
            )
            for n, (group, line, row, ref, operation) in zip(rows, said, strict=True)
        ]  # fmt: skip
        tallies.add(counted, echoes)

    def _keep_first(self, batch: Examined, decided: Decided, outputs: Outputs) -> None:
        """The states of first words, in columns."""
        rows = decided.first
        if not rows:
            return
        code = self.bench.item.code
        topic = topics.state(code)
        versions = [decided.stands[n] or 0 for n in rows]
        table = states.first_words(batch.said[rows], [batch.fingerprints[n] for n in rows], [batch.offsets[n] for n in rows], versions)
        values = codec.encode_frame(envelope.STATE, self.id_of(topics.subject(topic), envelope.STATE), table)
        written, kept = outputs.messages.setdefault(topic, []), outputs.states
        for n, value in zip(rows, values, strict=True):
            key, partition = batch.wire_keys[n], batch.partitions[n]
            written.append((partition, key, value))
            kept.setdefault((code, partition), {})[key] = value

    def _keep(self, decided: Decided, outputs: Outputs) -> None:
        topic = topics.state(self.bench.item.code)
        records = [states.record(state) for _, state in decided.states.values()]
        values = codec.encode_states(self.id_of(topics.subject(topic), envelope.STATE), records) if records else []
        for (key, (partition, _)), value in zip(decided.states.items(), values, strict=True):
            outputs.add(topic, partition, key.encode(), value)
            outputs.states.setdefault((self.bench.item.code, partition), {})[key.encode()] = value

    def _accept(self, batch: Examined, decided: Decided, now: datetime, outputs: Outputs) -> None:
        """Every version that came to be, in the order of the batch."""
        changed = {each.row: each for each in decided.accepted}
        rows = sorted([*decided.first, *changed])
        if not rows:
            return
        topic = topics.accepted(self.bench.item.code)
        schema = envelope.acceptance(self.bench.item)
        frame = self._frame(batch, decided, changed, rows, now)
        values = codec.encode_frame(schema, self.id_of(topics.subject(topic), schema), frame)
        outputs.messages.setdefault(topic, []).extend(
            (batch.partitions[n], batch.wire_keys[n], value) for n, value in zip(rows, values, strict=True)
        )

    def _frame(self, batch: Examined, decided: Decided, changed: Mapping[int, Acceptance], rows: list[int], now: datetime) -> pl.DataFrame:
        """The accepted rows as they go out; what ``changed`` does not name is a first word."""
        several = [(n, changed.get(n)) for n in rows]
        judged = pl.DataFrame(
            {
                "_key": [batch.keys[n] for n in rows],
                "_version": [each.version if each else decided.stands[n] for n, each in several],
                "_fingerprint": [each.fingerprint if each else batch.fingerprints[n] for n, each in several],
                "_change": [each.change if each else NEW for _, each in several],
                "_warnings": pl.Series([reason.dumps(batch.warnings[n]) if n in batch.warnings else None for n in rows], dtype=pl.String),
                "_judged_at": pl.repeat(now, len(rows), dtype=pl.Datetime("ms", "UTC"), eager=True),
            }
        )
        frame = pl.concat([batch.said.select(ENVELOPE)[rows], judged, batch.typed[rows]], how="horizontal")
        promoted = [(place, each) for place, (_, each) in enumerate(several) if each and each.promoted is not None]
        return self._promoted(batch, frame, promoted, now) if promoted else frame

    def _promoted(self, batch: Examined, frame: pl.DataFrame, promoted: Sequence[tuple[int, Acceptance]], now: datetime) -> pl.DataFrame:
        """Puts the promoted sayings' own words in the place of the events that promoted them."""
        wanted = [(batch.partitions[each.row], each.promoted.offset) for _, each in promoted if each.promoted is not None]
        found = examine(self.bench, Messages.of(self.read_back(wanted)), now)
        if len(found.offsets) != len(wanted):
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

    def _reject(self, batch: Examined, decided: Decided, now: datetime, outputs: Outputs) -> None:
        rows = [n for n, outcome in enumerate(decided.outcomes) if outcome == REJECTED]
        if not rows:
            return
        names = [each.name for each in self.bench.item.fields]
        fields = batch.said.select(names)[rows]
        fingerprints = identity.verbatim_fingerprints(self.bench.item, fields)
        judged = {
            "_item": pl.repeat(self.bench.item.code, len(rows), eager=True), "_key": pl.Series([batch.keys[n] for n in rows]), "_fingerprint": fingerprints,
            "_judged_at": pl.repeat(now, len(rows), dtype=pl.Datetime("ms", "UTC"), eager=True), "_by": pl.repeat("judge", len(rows), eager=True),
        }  # fmt: skip
        about = batch.said.select(ENVELOPE)[rows].with_columns(**judged)
        reasons = [[each.record() for each in batch.errors[n] + batch.warnings.get(n, [])] for n in rows]
        topic = topics.rejected(self.bench.item.code)
        values = rejection.encode(self.id_of(topics.subject(topic), envelope.REJECTION), about, fields, reasons)
        outputs.messages.setdefault(topic, []).extend((batch.partitions[n], batch.wire_keys[n], value) for n, value in zip(rows, values, strict=True))

    def _reject_poison(self, batch: Examined, tallies: Tallies, now: datetime, outputs: Outputs) -> None:
        item = self.bench.item
        records, partitions, counted = [], [], []
        for place, why in sorted(batch.poison.items()):
            message = batch.messages.whole(place)
            said = envelope_of_poison(self.bench, topics.submitted(item.code), message)
            records.append(
                {
                    **said, "_item": item.code, "_key": _key_of(item, said, message), "_fingerprint": identity.verbatim_fingerprint({}), "_judged_at": now,
                    "_by": "judge", "fields": {}, "reasons": [unreadable(why).record()], "raw": message.value,
                }
            )  # fmt: skip
            partitions.append(message.partition)
            about = {name: said[name] for name in ("_batch", "_source", "_department", "_way", "_received_at")}
            counted.append(about | {"partition": message.partition, "offset": message.offset, "size": len(message.value or b""), "outcome": REJECTED})
        if counted:
            tallies.add(pl.DataFrame(counted))
        self._send_rejections(records, partitions, outputs)

    def _send_rejections(self, records: list[dict[str, Any]], partitions: Sequence[int], outputs: Outputs) -> None:
        topic = topics.rejected(self.bench.item.code)
        values = codec.encode(envelope.REJECTION, self.id_of(topics.subject(topic), envelope.REJECTION), records) if records else []
        for each, partition, value in zip(records, partitions, values, strict=True):
            outputs.add(topic, partition, each["_key"].encode(), value)


def _key_of(item: Item, said: Mapping[str, Any], message: Submitted) -> str:
    try:
        if message.key:
            return message.key.decode()
    except UnicodeDecodeError:
        pass
    return identity.fallback_key(item, said["_source"], None, said["_line"], said["_batch"])


__all__ = ["IdOf", "Outputs", "ReadBack", "Writer"]
