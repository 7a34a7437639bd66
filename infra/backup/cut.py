"""A backup: a folder that holds everything up to one instant, and from which a new home is made.

The instant is made by the gate: for the moment in which files are copied and the ends of all topics noted, no transaction is open. What is written afterwards is no part of it, and what is part of it
is read from the topics at leisure while everything runs on. The warehouse is not copied: it is a function of the topics.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import IsolationLevel

from infra import gate, kafka, lag, stack, wait
from infra.backup import files, records, topics
from infra.backup.topics import Saved
from infra.settings import Settings

FORM = 1
MANIFEST = "manifest.json"
REBUILT = ("loader", "live")  # groups whose tables are made again from the beginning
Report = Callable[[str], None]
Subjects = Callable[[Settings], Mapping[str, int]]


class BackupFault(Exception):
    """It cannot be made or restored; the message says why."""


@dataclass(frozen=True)
class After:
    """What a restore needs from others. ``subjects``: the newest id of each subject of the registry; ``adopt``: tell the states that their topics are these now."""

    subjects: Subjects
    adopt: Callable[[Settings], object]


def save(settings: Settings, folder: Path, subjects: Subjects, report: Report) -> Mapping[str, Any]:
    """Make the backup; its manifest. Raises BackupFault, gate.Busy, kafka.Unavailable, KafkaException, and what the registry raises."""
    if folder.exists() and any(folder.iterdir()):
        raise BackupFault(f"{folder} is not empty: give a folder that is not there yet.")
    if not settings.portal_db.startswith("sqlite:"):
        report("The portal's database is a server's: it is not in this backup. Dump it with pg_dump right now.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    there = kafka.partitions(settings)
    names = topics.kept(list(there))
    places = [(name, number) for name in names for number in range(there[name])]
    began = time.monotonic()
    with gate.closed(settings):
        copied = files.save(settings, folder)  # before the ends are noted: what these files call sent is below them
        ends = _ends(settings, places)
        stands = topics.groups(settings, places)
        at = datetime.now(UTC)
    report(f"The cut was made at {at:%Y-%m-%d %H:%M:%S} UTC; writers waited {time.monotonic() - began:.1f} s. Reading {len(places)} partitions ...")
    saved = topics.save(settings, folder, ends)
    about = {
        "form": FORM, "at": at.isoformat(), "cluster": kafka.cluster_id(settings), "partitions": {name: there[name] for name in names}, "configs": topics.configs(settings, names),
        "files": {name: records.digest(folder / "home" / name) for name in copied}, "saved": [asdict(one) for one in saved], "groups": stands, "subjects": dict(subjects(settings)),
        "left_out": dict(files.LEFT_OUT),
    }  # fmt: skip
    draft = folder / f"{MANIFEST}.draft"
    draft.write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.rename(folder / MANIFEST)
    return about


def _ends(settings: Settings, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """The offset after the last readable record of each partition. A commit is acknowledged before its markers stand everywhere: in the topics of those who pass the gate they are awaited."""
    readable: dict[tuple[str, int], tuple[int, int]] = {}

    def torn() -> list[str]:
        nonlocal readable
        readable, there = lag.ends(settings, places), lag.ends(settings, places, IsolationLevel.READ_UNCOMMITTED)
        return [topic for (topic, number), (_, end) in there.items() if topic.startswith("credit.") and readable[topic, number][1] < end]

    if open_ := wait.until(torn, gate.PATIENCE, holds=lambda topics: not topics):
        raise gate.Busy(f"Transactions in {', '.join(open_[:5])} do not end: does a process of another machine write? Stop map, judge and serve there for a moment.")
    return {place: end for place, (_, end) in readable.items()}


def read(folder: Path) -> Mapping[str, Any]:
    """The manifest of a whole and unchanged backup. Raises BackupFault with everything that is wrong."""
    try:
        about: Mapping[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as fault:
        raise BackupFault(f"{folder} holds no whole backup: there is no {MANIFEST} that can be read. It is written last; make the backup again.") from fault
    if about["form"] != FORM:
        raise BackupFault(f"{folder} has form {about['form']}, this guiji reads form {FORM}.")
    digests = {f"home/{name}": value for name, value in about["files"].items()} | {one["file"]: one["sha256"] for one in about["saved"]}
    wrong = [name for name, value in digests.items() if not (folder / name).exists() or records.digest(folder / name) != value]
    if wrong:
        raise BackupFault(f"These files of {folder} are missing or changed: {', '.join(wrong[:10])}. Take another copy.")
    return about


def restore(folder: Path, home: Path, after: After, report: Report) -> None:
    """Make a new home from a backup: its broker and registry run afterwards. Raises BackupFault, StackFault, FetchFault, Displaced, KafkaException."""
    about = read(folder)
    if home.exists() and any(home.iterdir()):
        raise BackupFault(f"{home} is not empty: a backup is restored into a new home.")
    if _settings(home).kafka:
        raise BackupFault("GUIJI_KAFKA is set: a backup is restored into the local stack of the new home. Unset GUIJI_KAFKA, GUIJI_REGISTRY and GUIJI_CONNECT first.")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.restore(folder, home)
    stack.up(_settings(home), ("kafka",), report)
    settings = _settings(home)
    saved, wanted = [Saved(**one) for one in about["saved"]], about["configs"]
    compacted = frozenset(name for name, own in wanted.items() if "compact" in own.get("cleanup.policy", ""))
    topics.make(settings, about["partitions"], wanted)
    report(f"Writing {sum(one.count for one in saved):,} records into {len(about['partitions'])} topics ...")
    topics.restore(settings, folder, saved, compacted)
    topics.settle(settings, wanted)
    stack.up(settings, ("kafka", "registry"), report)
    _same_subjects(about["subjects"], after.subjects(settings))
    kept = {name: [each for each in mine if each["topic"] not in compacted] for name, mine in about["groups"].items() if name not in REBUILT}
    topics.place(settings, {name: mine for name, mine in kept.items() if mine})
    after.adopt(settings)


def _settings(home: Path) -> Settings:
    return Settings(_env_file=home / "env", home=home)


def _same_subjects(before: Mapping[str, int], now: Mapping[str, int]) -> None:
    wrong = [f"{subject} was {number}, is {now.get(subject)}" for subject, number in before.items() if now.get(subject) != number]
    if wrong:
        raise BackupFault(f"The registry has other schema ids than it had, and records name theirs: {'; '.join(wrong[:10])}.")
