"""Case 7: what nobody can read, among what everybody can. Only the poison goes to the rejects; other records, items and sources go on."""

import json
import random
from collections import Counter
from typing import Any

import pytest

from schemas import codec, envelope, topics
from schemas.catalog import Catalog
from schemas.registry import Registry
from streams.buffers import Limits
from streams.judge import Judge, Tools
from tests.failures import ledger
from tests.failures.ledger import LOST
from tests.failures.unprotected import without
from tests.failures.watch import judged
from tests.streams.judging import Court, said
from tests.threads import running
from tests.waiting import eventually

pytestmark = pytest.mark.servers


def judge_of(court: Court, catalog: Catalog, registry: Registry) -> Judge:
    name = f"judge-{court.item.code}"
    return Judge(Tools(court.settings, catalog, registry, name, group=name, limits=Limits(rows=500)))


def poisons(court: Court, registry: Registry) -> list[bytes | None]:
    """One of each kind."""
    name = topics.submitted(court.item.code)
    schema = envelope.submission(court.item)
    good = codec.encode(schema, registry.id(topics.subject(name), schema), [said(court.item, 1)])[0]
    chunk = json.loads(json.dumps({**dict.fromkeys((each["name"] for each in envelope.CHUNK["fields"]), 0), "last": False}))
    chunk |= dict.fromkeys(("batch", "source", "department", "way", "item"), "x") | dict.fromkeys(("digest", "idempotency_key", "name", "by"))
    other = codec.encode(envelope.CHUNK, registry.id(topics.subject(topics.BATCHES), envelope.CHUNK), [chunk])[0]
    return [b"\x01" + good[1:], good[:-25], codec.header(2**31 - 1) + good[5:], b"", None, good[:5] + b"\xff" * (2 << 20), other]


@pytest.mark.parametrize(("share", "protected"), [(0.001, True), (0.001, False), (0.6, True)])
def test_case_7_only_the_poison_is_rejected_and_its_neighbours_go_on(courts: tuple[Court, Court, Catalog], seed: int, share: float, protected: bool) -> None:
    """Without reading a bad block record by record one cut body takes its whole block with it."""
    mine, neighbour, both = courts
    dice, sound = random.Random(seed), [said(mine.item, n, _batch=f"HZ{n % 3}") for n in range(1_000 if share < 0.5 else 100)]
    beside = [said(neighbour.item, n, _source=f"swj/{n % 2}") for n in range(200)]
    with Registry(mine.settings.registry) as registry:
        kinds = poisons(mine, registry)
        count = max(1, round(len(sound) * share / (1 - share)))
        poison = [kinds[1]] if count == 1 else [kinds[n % len(kinds)] for n in range(count)]
        stream: list[Any] = [*sound, *poison]
        dice.shuffle(stream)
        mine.send(stream)
        neighbour.send(beside)
        with without("" if protected else "one by one"), running(judge_of(mine, both, registry).run):
            eventually(lambda: sum(neighbour.outcomes().values()) >= len(beside))
            ledger.holds(judged(neighbour, beside), seed)
            if share < 0.5:
                eventually(lambda: sum(mine.outcomes().values()) >= len(stream))
                ledger.verdict(judged(mine, sound), LOST, seed, protected=protected)
            else:  # more than half of it is poison: it may be held, it may not be confused
                eventually(lambda: len(mine.rejected()) > 0)
    found = Counter(each["raw"] for each in mine.rejected())
    if protected:
        assert found <= Counter(poison)
        assert {each["_source"] for each in mine.rejected()} <= {"?"}
    if protected and share < 0.5:
        assert found == Counter(poison)


def test_case_7_a_value_of_two_megabytes_that_can_be_read_is_rejected_with_its_reason(court: Court, seed: int) -> None:
    """A text too long for its field is its owner's fault: rejected under its name, its neighbours accepted."""
    records = [said(court.item, 1), said(court.item, 2, XK_NR="长" * (700 << 10)), said(court.item, 3)]
    court.send(records)
    with Registry(court.settings.registry) as registry, running(judge_of(court, court.catalog, registry).run):
        eventually(lambda: sum(court.outcomes().values()) >= 3)
        ledger.holds(judged(court, records, {("HZ1", 2)}), seed)
    (reject,) = court.rejected()
    assert {reason["field"] for reason in reject["reasons"]} == {"XK_NR"}
