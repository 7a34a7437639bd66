"""The states of one partition on this machine's disk: a cache of the state topic.

It may lag behind the topic, never lead: it is written after a commit, together with the offset in the state topic up to which it holds everything. What is unreadable is thrown away and built anew.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import polars as pl
import pyarrow as pa
import structlog
from rocksdict import Options, Rdict, WriteBatch

from schemas import codec
from schemas.codec import SchemaOf
from schemas.sayings import ASSERT, Saying, State

LOG = structlog.get_logger(__name__)
_APPLIED = b"\x00applied"
_SAYING = ("source", "row", "way", "fingerprint", "position", "offset", "source_time", "asserted")


class Broken(Exception):
    """The files cannot be read; they are to be thrown away."""


class Store:
    """Key text → state as it stands in the topic (wire bytes). ``identity`` names the state topic it is a copy of."""

    def __init__(self, path: Path, identity: str) -> None:
        self._path, self._identity = path, identity.encode()
        self._db = _opened(path)
        if self._known() != self._identity:
            self.clear()

    @property
    def applied(self) -> int:
        """Everything below this offset of the state topic is in here."""
        return int.from_bytes(self._read(_APPLIED)[:8] or b"\0")

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The wire bytes of each key's state. Raises Broken."""
        return _guarded(lambda: list(self._db[list(keys)])) if keys else []

    def write(self, states: Iterable[tuple[bytes, bytes | None]], applied: int) -> None:
        """Take over what was committed, all or nothing; no value = the key is gone."""
        batch = WriteBatch(raw_mode=True)
        for key, value in states:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(_APPLIED, applied.to_bytes(8) + self._identity)
        _guarded(lambda: self._db.write(batch))

    def clear(self) -> None:
        """Empty it."""
        self._db.close()
        shutil.rmtree(self._path, ignore_errors=True)
        self._db = _opened(self._path)
        self.write([], 0)

    def count(self) -> int:
        """How many keys are in here (reads them all)."""
        return sum(1 for key, _ in self._db.items() if not bytes(key).startswith(b"\0"))

    def close(self) -> None:
        self._db.close()

    def _known(self) -> bytes:
        """Whose copy the files are; nobody's when they open and cannot be read."""
        try:
            return self._read(_APPLIED)[8:]
        except Broken as fault:
            LOG.warning("the local state is damaged and is built anew", path=str(self._path), fault=str(fault))
            return b""

    def _read(self, key: bytes) -> bytes:
        return bytes(_guarded(lambda: self._db.get(key)) or b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ended: object) -> None:
        self.close()


def _guarded(work: Callable[[], Any]) -> Any:
    """RocksDB reports every fault as a bare Exception."""
    try:
        return work()
    except Exception as fault:  # rocksdict raises no narrower class
        raise Broken(str(fault)) from fault


def _opened(path: Path) -> Any:
    try:
        return _open(path)
    except Broken as fault:
        if "lock" in str(fault).lower():
            raise
        LOG.warning("the local state cannot be read and is built anew", path=str(path), fault=str(fault))
        shutil.rmtree(path, ignore_errors=True)
        return _open(path)


def _open(path: Path) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    options = Options(raw_mode=True)
    options.create_if_missing(True)  # noqa: FBT003
    options.set_write_buffer_size(32 << 20)
    return _guarded(lambda: Rdict(str(path), options))


def record(state: State) -> dict[str, Any]:
    """As it stands on the wire."""
    version, standing, retracted, fingerprint, sayings = state
    said = [dict(zip(_SAYING, saying, strict=True)) for saying in sayings]
    return {"version": version, "standing": standing, "retracted": retracted, "fingerprint": fingerprint, "sayings": said, "mark": None}


def first_words(said: pl.DataFrame, fingerprints: Sequence[str], offsets: Sequence[int], versions: Sequence[int]) -> pa.Table:
    """The states that first words make, in columns: one saying each, which stands. ``said``: the envelope of their records."""
    rows = said.height
    saying = pa.StructArray.from_arrays(
        [
            *(said[name].to_arrow().cast(pa.string()) for name in ("_source", "_row", "_way")), pa.array(fingerprints, pa.string()),
            said["_position"].to_arrow().cast(pa.string()), pa.array(offsets, pa.int64()), said["_source_time"].dt.epoch("ms").to_arrow(),
            (said["_operation"] == ASSERT).to_arrow(),
        ],
        list(_SAYING),
    )  # fmt: skip
    return pa.table(
        {
            "version": pa.array(versions, pa.int64()), "standing": pa.repeat(0, rows), "retracted": pa.repeat(pa.scalar(value=False), rows),
            "fingerprint": pa.array(fingerprints, pa.string()), "sayings": pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), saying),
        }
    )  # fmt: skip


def of_record(found: Mapping[str, Any]) -> State:
    sayings = tuple(Saying(**saying) for saying in found["sayings"])
    return State(found["version"], found["standing"], found["retracted"], found["fingerprint"], sayings)


def states(store: Store, keys: Sequence[str], schema_of: SchemaOf, ahead: Mapping[bytes, bytes]) -> dict[str, State]:
    """The states of those keys that have one; ``ahead`` has what is newer than the store's. Raises Broken."""
    sought = [key.encode() for key in keys]
    stored = zip(keys, sought, store.get(sought), strict=True)
    found = [(key, value) for key, wire, older in stored if (value := ahead.get(wire, older)) is not None]
    read = codec.decode_states([value for _, value in found], schema_of)
    if read.poison:
        raise Broken(f"{len(read.poison)} states do not decode: {next(iter(read.poison.values()))}")
    return {key: of_record(each) for (key, _), each in zip(found, read.records, strict=True)}


__all__ = ["Broken", "Store", "first_words", "of_record", "record", "states"]
