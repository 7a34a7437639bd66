"""The account of a failure test: what was sent against what stands. Pure; every check returns plain sentences of what is wrong, none when it holds."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any

LOST, DOUBLED, REFUSED, FOREIGN, ORDER, TORN = "lost", "twice", "refused though sound", "nobody sent", "out of order", "torn"
Record = Mapping[str, Any]
Id = tuple[str, int]  # batch and line
_ECHOED = ("duplicate", "superseded", "excluded")


def places(what: str, sent: Iterable[Hashable], found: Iterable[Hashable]) -> list[str]:
    """Everything that was sent is found once, and nothing else."""
    wanted, counted = set(sent), Counter(found)
    return [
        *_told(f"{what}: {LOST}", wanted - counted.keys(), len(wanted)),
        *_told(f"{what}: {DOUBLED}", {each for each, times in counted.items() if times > 1}, len(wanted)),
        *_told(f"{what}: {FOREIGN}", counted.keys() - wanted, len(wanted)),
    ]


def judged(sent: Iterable[Record], bad: Collection[Id], accepted: Sequence[Record], rejected: Sequence[Record], receipts: Sequence[Record]) -> list[str]:
    """One outcome for every record sent, rejections for the ``bad`` ones alone, versions that ascend, receipts that count what is there.

    What names no source (poison) is the caller's to count."""
    known = [each for each in rejected if each["_source"] != "?"]
    echoes = [(receipt["batch"], echo["line"]) for receipt in receipts for echo in receipt["echoes"] if receipt["source"] != "?"]
    refused = {identity(each) for each in known}
    outcomes = [*map(identity, accepted), *map(identity, known), *echoes]
    return [
        *places("outcomes", map(identity, sent), outcomes),
        *_told(REFUSED, refused - set(bad), len(refused)),
        *_told("accepted though bad", (set(bad) - refused) & set(outcomes), len(bad)),
        *ascending(accepted),
        *whole(receipts, accepted, known),
    ]


def ascending(accepted: Iterable[Record]) -> list[str]:
    """In the order of the log every key's versions grow."""
    last: dict[str, int] = {}
    wrong = []
    for each in accepted:
        if each["_version"] <= last.get(each["_key"], -1):
            wrong.append((each["_key"], each["_version"]))
        last[each["_key"]] = each["_version"]
    return _told(f"versions {ORDER}", wrong, len(last))


def whole(receipts: Iterable[Record], accepted: Iterable[Record], rejected: Iterable[Record]) -> list[str]:
    """A receipt never comes without the outcomes it counts, nor they without it."""
    counted, there = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for receipt in receipts:
        if receipt["source"] == "?":
            continue
        for outcome in ("accepted", "rejected", *_ECHOED):
            counted[receipt["batch"], outcome] += receipt[outcome]
        there.update((receipt["batch"], echo["outcome"]) for echo in receipt["echoes"])
    there.update((each["_batch"], "accepted") for each in accepted)
    there.update((each["_batch"], "rejected") for each in rejected)
    torn = {place: (counted[place], there[place]) for place in counted.keys() | there.keys() if counted[place] != there[place]}
    return [f"{TORN}: {batch} counts {said} {outcome} and {found} are there" for (batch, outcome), (said, found) in sorted(torn.items())]


def standing(expected: Mapping[str, Any], found: Iterable[tuple[str, Any]]) -> list[str]:
    """The current table by key: what should stand, once, and nothing else."""
    rows = list(found)
    wrong = {key for key, value in rows if key in expected and expected[key] != value}
    return [*places("current", expected, (key for key, _ in rows)), *_told("current: another version stands", wrong, len(expected))]


def watched(what: str, seen: Sequence[Hashable], committed: Iterable[Hashable]) -> list[str]:
    """What a second reader saw while it happened: everything committed, once, and nothing else."""
    final = list(committed)
    return [
        *_told(f"{what}: the reader saw {DOUBLED}", {each for each, times in Counter(seen).items() if times > 1}, len(final)),
        *_told(f"{what}: the reader saw what nobody committed", set(seen) - set(final), len(final)),
        *_told(f"{what}: the reader never saw", set(final) - set(seen), len(final)),
    ]


def identity(record: Record) -> Id:
    return record["_batch"], record["_line"]


def _told(what: str, which: Iterable[Any], of: int) -> list[str]:
    found = sorted(which, key=str)
    return [f"{what}: {len(found)} of {of}, the first {found[0]!r}"] if found else []


def holds(faults: Sequence[str], seed: int, told: str = "") -> None:
    """Fails with every fault and the seed that brought it about."""
    assert not faults, f"seed {seed}: " + "; ".join(faults) + f" {told}"


def breaks(faults: Sequence[str], kind: str, seed: int, told: str = "") -> None:
    """Without its protection this must go wrong, in this way: otherwise the test shows nothing."""
    assert any(kind in fault for fault in faults), f"seed {seed}: nothing is {kind!r} without the protection; found {list(faults)} {told}"


def verdict(faults: Sequence[str], kind: str, seed: int, *, protected: bool) -> None:
    """Holds with the protection, and breaks in this way without."""
    if protected:
        holds(faults, seed)
    else:
        breaks(faults, kind, seed)
