"""One partition of a topic as a file: every committed record up to an offset, with its offset, time, key, value and headers. Avro containers, so that other programs can read them."""

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro

from infra import kafka
from infra.settings import Settings

_BYTES = ["null", "bytes"]
_HEADER = {"type": "record", "name": "header", "fields": [{"name": "name", "type": "string"}, {"name": "value", "type": _BYTES}]}
RECORD = fastavro.parse_schema(
    {
        "type": "record",
        "name": "record",
        "fields": [
            {"name": "offset", "type": "long"},
            {"name": "timestamp", "type": "long"},
            {"name": "key", "type": _BYTES},
            {"name": "value", "type": _BYTES},
            {"name": "headers", "type": {"type": "array", "items": _HEADER}},
        ],
    }
)
Record = dict[str, Any]


def save(settings: Settings, topic: str, partition: int, end: int, path: Path) -> int:
    """Write every committed record below ``end``; how many. Raises KafkaException."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0

    def counted() -> Iterator[Record]:
        nonlocal count
        for count, record in enumerate(_records(settings, topic, partition, end), 1):  # noqa: B007 -- told afterwards
            yield record

    with path.open("wb") as file:
        fastavro.writer(file, RECORD, counted(), codec="deflate", sync_interval=1 << 20)
    return count


def load(path: Path) -> Iterator[Record]:
    """The records of such a file, in their order."""
    with path.open("rb") as file:
        found: Iterator[Any] = fastavro.reader(file)
        yield from found


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _records(settings: Settings, topic: str, partition: int, end: int) -> Iterator[Record]:
    if not end:
        return
    for message in itertools.takewhile(lambda message: (message.offset() or 0) < end, kafka.read_to_end(settings, topic, partition)):
        headers = [{"name": name, "value": value.encode() if isinstance(value, str) else value} for name, value in _pairs(message.headers())]
        yield {"offset": message.offset(), "timestamp": message.timestamp()[1], "key": message.key(), "value": message.value(), "headers": headers}


def _pairs(headers: Any) -> list[tuple[str, Any]]:
    return list(headers or ())
