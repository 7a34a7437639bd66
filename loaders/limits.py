"""How much a reader may use of the warehouse. Loading goes first: a heavy question ends with an error, never with a slow sink."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of memory, seconds, threads and rows of one query's answer."""

    memory: int = 2_000_000_000
    seconds: int = 30
    threads: int = 2
    rows: int = 1_000_000

    def settings(self) -> dict[str, Any]:
        """As ClickHouse's settings; ``readonly`` last, since nothing can be set after it."""
        return {
            "max_memory_usage": self.memory, "max_execution_time": self.seconds, "max_threads": self.threads,
            "max_result_rows": self.rows, "result_overflow_mode": "throw", "readonly": 1,
        }  # fmt: skip


READER = Limits()
ANALYST = Limits(memory=1_000_000_000, seconds=20, threads=1, rows=10_000)
