"""What was started again, when, why and how often: `<home>/state/restarts.jsonl`, which `apply` and the watcher write and `status` shows. The back-off is read from it: it outlives the process."""

import fcntl
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.settings import Settings

FIRST, LONGEST = 5.0, 60.0  # seconds between two restarts: twice as long each time
CALM = 900.0  # seconds without a restart after which the next failure counts as a new one
KEPT = 1_000


@dataclass(frozen=True)
class Restart:
    """One restart. ``at``: epoch seconds; ``tasks``: what had failed (`connector`, `0`, …); ``attempt``: the how-manieth since it last ran in peace."""

    at: float
    connector: str
    tasks: tuple[str, ...]
    reason: str
    attempt: int = 1
    by: str = "apply"

    def __str__(self) -> str:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.at))
        return f"{when} task {', '.join(self.tasks)}, attempt {self.attempt} (by {self.by}): {self.reason}"


def attempts(past: Sequence[Restart], now: float) -> int:
    """How often one connector was started again in its present trouble; ``past`` in order of time."""
    return past[-1].attempt if past and now - past[-1].at <= CALM else 0


def due(past: Sequence[Restart], now: float) -> float:
    """Seconds until it may be started again, 0 = now."""
    tried = attempts(past, now)
    return 0.0 if tried == 0 else max(0.0, past[-1].at + min(FIRST * 2.0 ** (tried - 1), LONGEST) - now)


def of(past: Iterable[Restart], connector: str) -> list[Restart]:
    return [each for each in past if each.connector == connector]


def read(settings: Settings) -> list[Restart]:
    """What is remembered, oldest first."""
    try:
        lines = _file(settings).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [Restart(**{**spec, "tasks": tuple(spec["tasks"])}) for spec in map(json.loads, lines)]


def note(settings: Settings, restart: Restart) -> None:
    """Remember one more; of the oldest only so many are kept."""
    file = _file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = [*read(settings), restart][-KEPT:]
        draft = file.with_suffix(".draft")
        draft.write_text("".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in kept), encoding="utf-8")
        draft.replace(file)


def _file(settings: Settings) -> Path:
    return settings.state / "restarts.jsonl"
