"""A judge that holds ten million keys: its states are written straight into the state topic, as first words of as many records; then it restores them and judges 100,000 records that meet one each."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from bench import capturing, lanes
from bench.ground import Ground
from bench.lanes import Lane, Row
from bench.measure import BenchFault, watch
from schemas import codec, envelope, topics
from schemas.registry import Registry
from schemas.sayings import NEW
from streams.examine import Bench, Examined, Submitted, examine
from streams.examine import Messages as Columns
from streams.state import first_words

MET, MORE = 100_000, 1_000
FIGURES = ("judge_memory_mb_at_10_million_keys", "judge_restore_s_at_10_million_keys", "judge_restart_s_at_10_million_keys")


def measure(ground: Ground) -> None:
    """Twice: with nothing on disk, so that the state topic is read, and with the copy that leaves."""
    keys = ground.profile.keys
    if not keys:
        ground.book.leave("writing and restoring ten million keys takes minutes: full profile only", *FIGURES)
        return
    records = capturing.records(ground)
    lane = ground.lane("memory")
    ground.teller.doing(f"writing the states of {keys:,} keys")
    lanes.write(lane.settings, topics.state(lane.item.code), states(lane, records, keys))
    for name, count, figure in (("judge_restored", MET, FIGURES[1]), ("judge_restarted", MORE, FIGURES[2])):
        ground.teller.doing(f"{name} with {keys:,} keys")
        lanes.submit(lane, records[:count])
        work = watch(lane.stage("judge"), ground.beside())
        if name == "judge_restored":
            ground.note(name, work)
            ground.book.figure(FIGURES[0], work.memory_mb or 0.0)
        ground.book.figure(figure, work.start_s or 0.0)
    _check(lane)
    ground.book.notes["keys_held"] = keys
    ground.teller.step()


def _check(lane: Lane) -> None:
    """Raises BenchFault when what was judged met no state: then the states were not those of these records."""
    block = next(lanes.messages(lane.settings, lane.accepted))
    with Registry(lane.settings.registry) as registry:
        changes = codec.decode_frame([message.value() for message in block], registry.schema, envelope.acceptance(lane.item)).frame["_change"]
    if changes.eq(NEW).any():
        raise BenchFault(f"of {len(changes)} accepted records {changes.eq(NEW).sum()} met no state")


def states(lane: Lane, records: list[Row], count: int) -> Iterator[Row]:
    """So many keys with a state each: the records' own, then others that sort elsewhere, all as if somebody had said something else before."""
    with Registry(lane.settings.registry) as registry:
        number = registry.id(topics.subject(topics.state(lane.item.code)), envelope.STATE)
        blocks = [_examined(lane, registry, block) for block in lanes.blocks(records)]
    yield from islice((row for turn in range(count // len(records) + 1) for block in blocks for row in _states(block, number, turn)), count)


def _states(block: Examined, number: int, turn: int) -> Iterator[Row]:
    prints = [each[turn % 31 + 1 :] + each[: turn % 31 + 1] for each in block.fingerprints]
    values = codec.encode_frame(envelope.STATE, number, first_words(block.said, prints, [0] * len(prints), [1] * len(prints)))
    mark = f'","{turn}' if turn else '","'
    yield from ((key.replace('","', mark, 2).encode(), value) for key, value in zip(block.keys, values, strict=True))


def _examined(lane: Lane, registry: Registry, block: list[Row]) -> Examined:
    """As the judge sees them."""
    bench = Bench(lane.item, registry.schema, lane.settings.key_secret, lane.settings.timezone, lane.catalog.version, {0: 1})
    messages = Columns.of([Submitted(0, offset, key, value, 0) for offset, (key, value) in enumerate(block)])
    return examine(bench, messages, datetime.now(UTC))
