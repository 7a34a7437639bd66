"""Back-pressure: whoever writes submissions does not run far ahead of the judge.

A topic's records are judged in their order, so what one source wrote at once would stand before all that others say later. Upstream, in the spool and in the topics of tapped tables, every source
waits for itself alone: there a large one waits, while those who have little to say go on.
"""

import time

from confluent_kafka import KafkaException

from infra import kafka
from infra.settings import Settings

MOST = 50_000
LITTLE = 500  # records at once are always let through
EVERY = 0.5  # seconds between two questions about one topic


class Ahead:
    """How many records of submitted topics wait to be judged by ``group``; asked of the broker now and then. Not for several threads."""

    def __init__(self, settings: Settings, group: str, most: int = MOST) -> None:
        self._settings, self._most, self._group = settings, most, group
        self._known: dict[str, tuple[float, bool]] = {}

    def full(self, topic: str, partitions: int) -> bool:
        """Whether a large source of this topic should wait. Raises kafka.Unavailable."""
        asked, full = self._known.get(topic, (0.0, False))
        if time.monotonic() - asked >= EVERY:
            try:
                full = kafka.behind(self._settings, self._group, [(topic, number) for number in range(partitions)]) > self._most
            except KafkaException as fault:
                raise kafka.Unavailable(f"asking how far {topic} is judged: {fault}") from fault
            self._known[topic] = time.monotonic(), full
        return full


__all__ = ["EVERY", "LITTLE", "MOST", "Ahead"]
