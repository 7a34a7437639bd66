"""Wire bytes → columns for one topic's batch. What no schema reads becomes a misfit; a registry that does not answer is asked again later, its silence never taken for poison."""

import base64
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from infra.settings import Settings
from loaders.intake import Message
from loaders.loading import Misfit
from loaders.rows import Places, Stream
from schemas import codec
from schemas.asking import Asking
from schemas.codec import Schema
from schemas.registry import Registry

_SHOWN = 4096


class Decoder:
    """Reads batches with the registry's schemas, each id asked for once."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.registry
        self._registry: Registry | None = None
        self._asking = Asking(self._asked)

    def decode(self, stream: Stream, messages: Sequence[Message], now: datetime) -> tuple[pa.Table, Places, list[Misfit]]:
        """The readable records in the newest schema's columns, their places, and the others. Raises registry.Unavailable while it does not answer what an unknown schema is."""
        found = codec.decode_frame([message.value() for message in messages], self._asking.schema, stream.schema)
        partitions = pa.array([messages[at].partition() for at in found.places], pa.int64())
        offsets = pa.array([messages[at].offset() for at in found.places], pa.int64())
        return found.table, Places(partitions, offsets, now), [_misfit(messages[at], why) for at, why in sorted(found.poison.items())]

    def close(self) -> None:
        self._asking.close()

    def _asked(self, number: int) -> Schema:
        """In the asking thread."""
        if self._registry is None:
            self._registry = Registry(self._url)
        return self._registry.schema(number)


def _misfit(message: Message, why: str) -> Misfit:
    return Misfit(message.partition(), message.offset(), why, base64.b64encode((message.value() or b"")[:_SHOWN]).decode())
