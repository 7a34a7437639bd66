"""Case 14d: random histories of two sources that say, change, delete, read themselves again and repeat their last events.

What is switched off is the model itself: the simpler rule, that a source repeating itself is never news, loses records on the same histories.
"""

from typing import Any

import pytest

from schemas.sayings import NOTHING, judge
from tests.failures import ledger
from tests.failures.ledger import LOST
from tests.schemas.test_sayings import event, history, simpler

HISTORIES = 6_000  # beside the 20,000 of tests/streams/test_sayings.py: other seeds, and the ledger's verdict


def lives(seed: int, rounds: int, protected: bool) -> tuple[list[int], list[int]]:
    """Histories at whose end some source still says something, and those of them where one of these sayings stands."""
    asserted, stands = [], []
    for number in range(seed, seed + rounds):
        state, last, standing, world = NOTHING, dict[str, Any](), None, None
        for offset, (world, said) in enumerate(history(number, ("a", "b"))):
            for n, (source, content, position) in enumerate(said):
                state = judge(state, event(source, content, position, 10 * offset + n), "latest").state
                standing = simpler(last, standing, source, content)
        assert world is not None
        live = {content for content in world.now.values() if content is not None}
        found = (state.fingerprint if state.standing >= 0 else None) if protected else standing
        asserted += [number] * bool(live)
        stands += [number] * (bool(live) and found in live)
    return asserted, stands


@pytest.mark.parametrize("protected", [True, False])
def test_case_14d_what_a_source_still_says_is_never_absent(seed: int, protected: bool) -> None:
    asserted, stands = lives(seed, HISTORIES if protected else HISTORIES // 3, protected)
    ledger.verdict(ledger.places("histories", asserted, stands), LOST, seed, protected=protected)
    assert protected or len(asserted) - len(stands) > len(asserted) // 10
