"""How long what has come waits for more: a batch costs much whatever is in it, and nobody likes to wait."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linger:
    """``seconds`` while there are few; ``longest`` as soon as there are ``many``: then more are at hand, and the batch is worth waiting for."""

    seconds: float = 0.2
    many: int = 500
    longest: float = 0.8

    def of(self, rows: int) -> float:
        """Seconds that the first of so many rows waits."""
        return self.longest if rows >= self.many else self.seconds
