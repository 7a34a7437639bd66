"""Wire bytes → columns for one topic's batch. What no schema reads becomes a misfit; a registry that does not answer is waited for, never taken for poison."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from infra.settings import Settings
from loaders.errors import Unavailable
from loaders.intake import Message
from loaders.loading import Misfit
from loaders.rows import Places, Stream
from schemas import codec
from schemas.registry import Registry
from schemas.registry import Unavailable as RegistryUnavailable

_SHOWN = 4096


class Decoder:
    """Reads batches with the registry's schemas, each id asked for once."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.registry
        self._registry: Registry | None = None

    def decode(self, stream: Stream, messages: Sequence[Message], now: datetime) -> tuple[pa.Table, Places, list[Misfit]]:
        """The readable records in the newest schema's columns, their places, and the others. Raises Unavailable when the registry does not answer."""
        found = codec.decode_frame([message.value() for message in messages], self._schema, stream.schema)
        partitions = pa.array([messages[at].partition() for at in found.places], pa.int64())
        offsets = pa.array([messages[at].offset() for at in found.places], pa.int64())
        return found.table, Places(partitions, offsets, now), [_misfit(messages[at], why) for at, why in sorted(found.poison.items())]

    def _schema(self, number: int) -> Mapping[str, Any]:
        try:
            if self._registry is None:
                self._registry = Registry(self._url)
            return self._registry.schema(number)
        except RegistryUnavailable as error:
            raise Unavailable(str(error)) from error


def _misfit(message: Message, why: str) -> Misfit:
    return Misfit(message.partition(), message.offset(), why, base64.b64encode((message.value() or b"")[:_SHOWN]).decode())
