"""Case 14: the state on disk lost, corrupt, or older than the offsets. Case 14c: offsets moved back, forward, or gone after eight days without a worker; a topic made anew.

Damaged files have no protection of their own to switch off: they are thrown away and built anew, like lost ones.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra import kafka
from schemas import topics
from schemas.registry import Registry
from streams import recovery
from streams.judge import Judge, Refused, Tools
from tests.failures import ledger
from tests.failures.ledger import DOUBLED, LOST
from tests.failures.unprotected import without
from tests.failures.watch import judged
from tests.streams.judging import Court, said
from tests.threads import running
from tests.waiting import eventually

pytestmark = pytest.mark.servers
FIRST, MORE = 60, 30


def said_in(court: Court, batch: str, numbers: range) -> list[dict[str, Any]]:
    """The same number says the same of the same key in every batch."""
    found = [said(court.item, n, _batch=batch) for n in numbers]
    court.send(found)
    return found


@contextmanager
def judging(court: Court) -> Iterator[Judge]:
    name = f"judge-{court.item.code}"
    with without("short"), Registry(court.settings.registry) as registry:
        judge = Judge(Tools(court.settings, court.catalog, registry, name, group=name))
        with running(judge.run):
            yield judge


def refuses(court: Court, remedy: str) -> None:
    """A judge that starts now says what an operator has to do."""
    name, stop = f"judge-{court.item.code}", threading.Event()
    late = threading.Timer(60, stop.set)
    late.start()
    with without("short"), Registry(court.settings.registry) as registry, pytest.raises(Refused, match=remedy):
        Judge(Tools(court.settings, court.catalog, registry, name, group=name)).run(stop)
    late.cancel()


def judge_all(court: Court, count: int) -> None:
    with judging(court):
        eventually(lambda: sum(court.outcomes().values()) >= count)


def copied_back(folder: Path, copy: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(copy, folder)


def flipped(folder: Path, _copy: Path) -> None:
    for path in [path for path in folder.iterdir() if path.suffix in (".sst", ".log")]:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 3] + bytes(each ^ 0xFF for each in content[len(content) // 3 : len(content) // 2]) + content[len(content) // 2 :])


DAMAGES: dict[str, Callable[[Path, Path], None]] = {"lost": lambda folder, _copy: shutil.rmtree(folder), "older": copied_back, "corrupt": flipped}


@pytest.mark.parametrize(("damage", "protected"), [("lost", True), ("older", True), ("older", False), ("corrupt", True)])
def test_case_14_the_answers_are_the_same_as_before(court: Court, tmp_path: Path, seed: int, damage: str, protected: bool) -> None:
    """Without catching up with the state topic what was said before is news."""
    folder = court.settings.state / f"{court.item.code}-0"
    sent = said_in(court, "HZ1", range(FIRST))
    judge_all(court, FIRST)
    shutil.copytree(folder, tmp_path / "copy")
    sent += said_in(court, "HZ2", range(FIRST, FIRST + MORE))
    judge_all(court, len(sent))
    DAMAGES[damage](folder, tmp_path / "copy")
    news = [(each["_key"], each["_fingerprint"]) for each in court.accepted()]
    assert len(news) == len(sent)
    again = said_in(court, "HZ3", range(FIRST + MORE))
    with without("" if protected else "catching up"):
        judge_all(court, len(sent) + len(again))
    ledger.holds(judged(court, sent + again), seed)
    ledger.verdict(ledger.places("news", news, [(each["_key"], each["_fingerprint"]) for each in court.accepted()]), DOUBLED, seed, protected=protected)


def moved(court: Court, offset: int) -> None:
    recovery._move(court.settings, f"judge-{court.item.code}", topics.submitted(court.item.code), [offset])


@pytest.mark.parametrize(("offset", "kind"), [(3, DOUBLED), (FIRST + 1 + MORE // 2, LOST)], ids=["back", "forward"])
@pytest.mark.parametrize("protected", [True, False])
def test_case_14c_offsets_that_were_moved_are_refused_and_the_remedy_mends_it(court: Court, seed: int, offset: int, kind: str, protected: bool) -> None:
    """Where the group's offset is believed, moved back it judges twice, moved forward it passes records over."""
    sent = said_in(court, "HZ1", range(FIRST))
    judge_all(court, FIRST)
    sent += said_in(court, "HZ2", range(FIRST, FIRST + MORE))
    moved(court, offset)
    if protected:
        refuses(court, "--resume-from-state")
        recovery.resume_from_state(court.settings, court.item, f"judge-{court.item.code}")
        judge_all(court, len(sent))
    else:
        with without("mark"), judging(court):
            last = {ledger.identity(sent[-1])}
            eventually(lambda: last <= {ledger.identity(each) for each in court.accepted()})
    ledger.verdict(judged(court, sent), kind, seed, protected=protected)


@pytest.mark.parametrize("protected", [True, False])
def test_case_14c_a_worker_that_comes_back_after_its_offsets_expired_goes_on(court: Court, seed: int, protected: bool) -> None:
    """The state says how far it was; believing the group alone it would begin at the end, or judge everything again."""
    sent = said_in(court, "HZ1", range(FIRST))
    judge_all(court, FIRST)
    group, client = f"judge-{court.item.code}", kafka.admin(court.settings)
    moved(court, FIRST)  # waits until the group has no members
    client.delete_consumer_groups([group])[group].result()
    sent += said_in(court, "HZ2", range(FIRST, FIRST + MORE))
    with without("" if protected else "mark"), judging(court) as judge:
        eventually(lambda: len(judge.seats))
        last = said_in(court, "HZ3", range(FIRST + MORE, FIRST + MORE + 5))
        eventually(lambda: any(each["_batch"] == "HZ3" for each in court.accepted()))
        eventually(lambda: ledger.identity(last[-1]) in {ledger.identity(each) for each in court.accepted()})
    ledger.verdict(judged(court, sent + last), LOST, seed, protected=protected)


@pytest.mark.parametrize("protected", [True, False])
def test_case_14c_a_topic_made_anew_is_refused_and_judged_in_a_new_generation(court: Court, seed: int, protected: bool) -> None:
    """Taken for the old one, its first records lie below the group's offset and are passed over."""
    name = topics.submitted(court.item.code)
    old = said_in(court, "HZ1", range(20))
    judge_all(court, len(old))
    client = kafka.admin(court.settings)
    client.delete_topics([name])[name].result()
    eventually(lambda: name not in kafka.partitions(court.settings))
    eventually(lambda: bool(kafka.ensure(court.settings, [each for each in topics.of(court.catalog) if each.name == name])))
    if not protected:
        moved(court, len(old))  # deleting the topic took it away; a restored group has it
    new = said_in(court, "HZ2", range(20, 20 + MORE))
    if protected:
        refuses(court, "--new-generation")
        recovery.new_generation(court.settings, court.item, f"judge-{court.item.code}")
        judge_all(court, len(old) + len(new))
    else:
        with without("mark"), judging(court):
            eventually(lambda: ledger.identity(new[-1]) in {ledger.identity(each) for each in court.accepted()})
    ledger.verdict(judged(court, old + new), LOST, seed, protected=protected)
