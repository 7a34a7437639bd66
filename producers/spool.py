"""Submissions that are acknowledged but not yet published, one Avro container each under `<home>/spool`.

Guarantee: when `write` returns, the rows survive the death of every process (file and folder are synced, the name appears atomically),
and files sort by the order in which they were
acknowledged, across processes. A row holds the bytes that will go to Kafka, so publishing is copying.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import fastavro

from producers.refusal import Refusal

ROW = fastavro.parse_schema(
    {
        "type": "record",
        "name": "spooled",
        "fields": [{"name": "line", "type": "long"}, {"name": "key", "type": "bytes"}, {"name": "value", "type": "bytes"}],
    }
)
HEADER = "guiji.header"
BUCKETS = 256
WIDTH = 9


@dataclass(frozen=True)
class Cargo:
    """A row ready for Kafka: its line in the submission, key and value bytes."""

    line: int
    key: bytes
    value: bytes


@dataclass(frozen=True)
class Header:
    """What stands in front of a spooled submission's rows. Times are milliseconds since 1970, UTC."""

    batch: str
    source: str
    department: str
    way: str
    item: str
    digest: str
    received_at: int
    idempotency_key: str | None
    name: str | None
    by: str | None


@dataclass(frozen=True)
class Bale:
    """A spooled file: its place in the order of acknowledgement, its batch, its number of rows."""

    path: Path
    order: int
    batch: str
    rows: int

    @classmethod
    def of(cls, path: Path) -> "Bale":
        order, batch, rows = path.stem.split("-")
        return cls(path, int(order), batch, int(rows))

    def header(self) -> Header:
        with self.path.open("rb") as file:
            return _header(fastavro.reader(file))

    def cargo(self, after: int = 0) -> Iterator[Cargo]:
        """The rows in order, without the first `after`. The file may be deleted while this goes on."""
        with self.path.open("rb") as file:
            rows: Iterator[Any] = fastavro.reader(file)
            for number, row in enumerate(rows):
                if number >= after:
                    yield Cargo(**row)


class Spool:
    """The folder. Any number of processes may write; `publishing` lets in one at a time. `limit` is in bytes, `files` a number of
    submissions.
    """

    def __init__(self, folder: Path, limit: int = 2 << 30, files: int = 20_000) -> None:
        self.folder, self.limit, self.files = folder, limit, files
        (folder / "locks").mkdir(parents=True, exist_ok=True, mode=0o700)

    def pending(self) -> list[Bale]:
        """Everything acknowledged and not yet published, first acknowledged first."""
        return sorted((Bale.of(path) for path in self.folder.glob("*.avro")), key=lambda bale: bale.order)

    def find(self, batch: str) -> Bale | None:
        return next((Bale.of(path) for path in self.folder.glob(f"*-{batch}-*.avro")), None)

    def room(self) -> None:
        """Raises Refusal `busy` when more is waiting than the limits allow."""
        count = size = 0
        for entry in os.scandir(self.folder):
            if entry.name.endswith(".avro"):
                with contextlib.suppress(FileNotFoundError):  # published meanwhile
                    count, size = count + 1, size + entry.stat().st_size
        if count >= self.files or size >= self.limit:
            raise Refusal("busy", f"平台正忙：还有 {count} 批数据等待发布。", "请过几分钟再报送；本次数据没有被接收。")

    def write(self, header: Header, rows: Iterable[Cargo]) -> Bale:
        """Take the rows in; durable when this returns. Raises Refusal `empty` when there are none; nothing stays behind after any
        exception.
        """
        temporary = self.folder / f"{uuid4().hex}.tmp"
        try:
            count = _write(temporary, header, rows)
            if not count:
                raise Refusal("empty", "没有数据行。", "请填写数据后重新报送。")
            return self._acknowledge(temporary, header.batch, count)
        finally:
            temporary.unlink(missing_ok=True)

    def drop(self, bale: Bale) -> None:
        """Forget a published submission; again is a no-op."""
        bale.path.unlink(missing_ok=True)

    @contextmanager
    def claim(self, batch: str) -> Iterator[None]:
        """Alone with this batch among all threads and processes: two equal requests at once become one."""
        with _locked(self.folder / "locks" / f"{hash_of(batch):02x}"):
            yield

    @contextmanager
    def publishing(self) -> Iterator[bool]:
        """True inside for the one publisher of this folder, False when another process is it."""
        with (self.folder / "locks" / "publish").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def sweep(self) -> None:
        """Remove what unacknowledged writers left when they died: temporary files untouched for an hour."""
        for path in self.folder.glob("*.tmp"):
            if time.time() - path.stat().st_mtime > 3600:
                path.unlink(missing_ok=True)

    def _acknowledge(self, temporary: Path, batch: str, count: int) -> Bale:
        with _locked(self.folder / "locks" / "order") as file:
            order = max(int(file.read() or 0) + 1, time.time_ns())
            file.seek(0)
            file.write(b"%020d" % order)
            file.flush()
            path = self.folder / f"{order:020d}-{batch}-{count:0{WIDTH}d}.avro"
            temporary.rename(path)
            _sync_folder(self.folder)
        return Bale(path, order, batch, count)


def hash_of(batch: str) -> int:
    """A bucket for a batch, the same in every process."""
    return sum(batch.encode()) % BUCKETS


def _write(path: Path, header: Header, rows: Iterable[Cargo]) -> int:
    count = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal count
        for count, cargo in enumerate(rows, 1):  # noqa: B007
            yield {"line": cargo.line, "key": cargo.key, "value": cargo.value}

    metadata = {HEADER: json.dumps(asdict(header), ensure_ascii=False)}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        fastavro.writer(file, ROW, counted(), metadata=metadata, sync_interval=1 << 20)
        file.flush()
        os.fsync(file.fileno())
    return count


def _header(reader: Any) -> Header:
    return Header(**json.loads(reader.metadata[HEADER]))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
