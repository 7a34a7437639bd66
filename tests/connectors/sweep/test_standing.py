"""What stands from one table, out of the judge's states."""

from typing import Any

from connectors.sweep.standing import Place, _take
from connectors.sweep.whole import Pair
from schemas import codec, envelope


def state(*sayings: tuple[str, str | None, str | None, int]) -> bytes:
    said: list[dict[str, Any]] = [
        {"source": source, "row": row, "way": "cdc", "fingerprint": fingerprint, "position": None, "offset": offset, "source_time": None, "asserted": False}
        for source, row, fingerprint, offset in sayings
    ]
    record = {"version": 1, "standing": -1, "retracted": False, "fingerprint": None, "sayings": said, "mark": None}
    return codec.encode_states(3, [record])[0]


def test_what_is_said_and_not_taken_back_counts_whoever_else_says_it_and_the_newest_state_of_a_key() -> None:
    found = dict[str, dict[Pair, Place]]()

    def take(*block: tuple[str, bytes | None]) -> dict[Pair, Place]:
        _take(found, block, 2, "s.t", lambda _number: envelope.STATE)
        return {pair: place for pairs in found.values() for pair, place in pairs.items()}

    first = take(("a", state(("other", "1", "f", 4), ("s.t", "1", "f", 7))), ("b", state(("s.t", "2", None, 8))), ("c", state(("other", "1", "f", 9))), ("\0002", b"a mark"))
    assert first == {("a", "1"): (2, 7)}
    assert take(("b", state(("s.t", "2", "f", 10), ("s.t", "3", "f", 11))), ("a", state(("s.t", "1", "f", 7))), ("a", None)) == {("b", "2"): (2, 10), ("b", "3"): (2, 11)}
