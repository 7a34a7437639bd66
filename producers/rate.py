"""How often one client may call: a token bucket each."""

from collections.abc import Callable
from threading import Lock

from producers.refusal import Refusal

MOST = 10_000  # clients remembered; those whose bucket is full again are forgotten first


class Rate:
    """Up to `burst` calls at once and `per_second` on the long run for each client; the clock is in seconds and never goes back."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float]) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def spend(self, client: str) -> None:
        """One call of `client`. Raises Refusal `too_fast` when its bucket is empty."""
        with self._lock:
            now = self._clock()
            if len(self._buckets) >= MOST:
                self._forget(now)
            left, seen = self._buckets.get(client, (self._burst, now))
            left = min(self._burst, left + (now - seen) * self._per_second)
            self._buckets[client] = (max(left - 1, 0.0), now) if left >= 1 else (left, now)
        if left < 1:
            raise Refusal("too_fast", "请求太频繁。", f"请稍后重试，并把多条记录合在一次请求里（每秒不超过 {self._per_second:g} 次）。")

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again: their clients begin afresh, as they would anyway."""
        self._buckets = {client: (left, seen) for client, (left, seen) in self._buckets.items() if left + (now - seen) * self._per_second < self._burst}
