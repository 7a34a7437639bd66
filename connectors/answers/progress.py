"""How far the answers of each source are: what `guiji connectors answer` has not written back yet, and since when that waits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connectors.answers.process import group, read
from infra import lag
from infra.lag import End
from infra.settings import Settings
from schemas.sources import Source

LATE = 600.0  # seconds


@dataclass(frozen=True)
class Progress:
    """``left``: messages that are not read yet, at most (a topic's own marks count); ``late``: seconds since the oldest of them was written; 0 where nothing waits."""

    left: int = 0
    late: float = 0.0

    def __str__(self) -> str:
        return f"{self.left} left, {self.late:.0f} s late" if self.left else "up to date"

    def dangers(self) -> Iterator[tuple[str, str]]:
        """What is not well, and what to do."""
        if self.late > LATE:
            late = f"its department's receipts are {self.late / 60:.0f} minutes late ({self.left} messages left)"
            yield late, "Does `guiji connectors answer` run? Its log says what the database answers; `guiji connectors check` asks."


def every(settings: Settings, sources: Iterable[Source], now: float) -> dict[str, Progress]:
    """Of those whose departments are answered, by name; ``now``: epoch seconds. Raises KafkaException, Unavailable."""
    answered = [source for source in sources if source.receipts]
    ends = dict.fromkeys(lag.last_records(settings, sorted({topic for source in answered for topic in read(source)}))) if answered else {}
    return {source.name: _of(settings, source, [end for end in ends if end.topic in read(source)], now) for source in answered}


def _of(settings: Settings, source: Source, ends: list[End], now: float) -> Progress:
    left = lag.short_of(settings, group(source), ends)
    starts = {place: start for place, (start, _) in lag.unread(settings, group(source), [(end.topic, end.partition) for end in left]).items()}
    ages = lag.oldest(settings, starts, now)
    return Progress(sum((end.offset or 0) - starts[end.topic, end.partition] for end in left), max(ages.values(), default=0.0))
