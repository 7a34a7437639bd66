"""Rows that say that a load has ended: the newest that came into a marker's table, with the value that is named. Each topic is read once from its beginning, and then what is new."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra import kafka
from infra.settings import Settings
from schemas import codec
from schemas.codec import SchemaOf
from schemas.sources import Marker, Table
from schemas.text import column_name, from_debezium


@dataclass
class _Read:
    """``next``: the offset to go on at; ``newest``: when the newest message came that was looked at; ``came``: when the newest row came that says it."""

    next: int = 0
    newest: float = 0.0
    came: float = 0.0


class Markers:
    """Only rows that were inserted count, not those read in a snapshot."""

    def __init__(self, settings: Settings, schema_of: SchemaOf) -> None:
        self._settings, self._schema_of = settings, schema_of
        self._read: dict[Marker, _Read] = {}

    def newest(self, table: Table, newest: Mapping[str, float]) -> float:
        """When the newest row came that says that this table's load has ended, epoch seconds; 0: never. ``newest``: when each topic's newest message came.

        Raises KafkaException, registry.Unavailable."""
        assert table.reload is not None
        assert table.reload.marker is not None
        marker = table.reload.marker
        known = self._read.setdefault(marker, _Read())
        if newest.get(marker.topic, 0.0) > known.newest:
            for message in kafka.read_to_end(self._settings, marker.topic, start=max(known.next, kafka.watermarks(self._settings, marker.topic, 0)[0])):
                known.next, known.newest = int(message.offset() or 0) + 1, max(known.newest, message.timestamp()[1] / 1000)
                if _says(marker, message.value(), self._schema_of):
                    known.came = message.timestamp()[1] / 1000
        return known.came


def _says(marker: Marker, value: bytes | None, schema_of: SchemaOf) -> bool:
    if value is None:
        return False
    try:
        event = codec.decode_one(value, schema_of)
    except codec.Poison:
        return False
    row = event.get("after") if event.get("op") == "c" else None
    return row is not None and (marker.column is None or marker.value in [from_debezium(value) for name, value in row.items() if column_name(name) == marker.column])
