"""The brake: a topic most of whose records cannot be read is held instead of being turned into thousands of rejects.

Something is wrong with the whole then (a schema, a writer, a registry), and one sentence tells its owner more. Other topics go on.
When the records really are to be rejected, an operator lets them through.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from infra import kafka
from infra.settings import Settings

LEAST = 100  # so many unreadable records, and ...
SHARE = 0.5  # ... more than this share of the newest
MEMORY = 2_000  # records of a topic that count; of older ones half, a quarter, ...
Place = tuple[int, int]  # partition, offset


class Brake:
    """Counts what a process reads, topic by topic. ``settings`` say where the operator's word stands."""

    def __init__(self, settings: Settings) -> None:
        self._passes = _passes(_file(settings))
        self._seen: dict[str, tuple[float, float]] = {}

    def press(self, topic: str, readable: int, unreadable: Sequence[Place]) -> str | None:
        """Tell what came of a topic; why it must be held, if so. Nothing of it may be written then."""
        let = self._passes.get(topic, {})
        bad = sum(offset >= let.get(str(partition), 0) for partition, offset in unreadable)
        total, wrong = self._seen.get(topic, (0.0, 0.0))
        total, wrong = total + readable + bad, wrong + bad
        if wrong >= LEAST and wrong > SHARE * total:
            self._seen.pop(topic, None)
            return f"{topic}: {wrong:.0f} of the last {total:.0f} records cannot be read; it is held, the others go on"
        self._seen[topic] = (total / 2, wrong / 2) if total > MEMORY else (total, wrong)
        return None


class NoTopic(Exception):
    """The operator named a topic that is not there."""


def let_through(settings: Settings, topic: str) -> int:
    """What stands in the topic now passes the brake from the next start on, however much of it cannot be read; how many offsets that are. Raises NoTopic, kafka.Unavailable."""
    partitions = kafka.partitions(settings).get(topic)
    if partitions is None:
        raise NoTopic(f"There is no topic {topic!r}. The held ones are named in the log, and by `guiji status`.")
    until = [kafka.watermarks(settings, topic, partition)[1] for partition in range(partitions)]
    remember(settings, topic, until)
    return sum(until)


def remember(settings: Settings, topic: str, until: Sequence[int]) -> None:
    """Everything below these offsets, one a partition, passes."""
    path = _file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(_passes(path) | {topic: {str(partition): offset for partition, offset in enumerate(until)}}))
    draft.rename(path)


def _file(settings: Settings) -> Path:
    return settings.state / "passes.json"


def _passes(path: Path) -> dict[str, dict[str, int]]:
    try:
        found: dict[str, dict[str, int]] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return found
