"""Connectors begin to run, and stop; what Connect says of that is waited for. It calls a task running before that has asked its database anything: so it is looked at until it shows that it reads."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from connectors import restarts, watch
from connectors.config import Place
from connectors.connect import Connect, Status, Unavailable
from connectors.fault import Fault
from infra import wait
from infra.settings import Settings

PATIENCE = 60.0
STEADY = 10.0  # seconds in which a task that cannot read has failed
ATTEMPTS = 3
Report = Callable[[str], None]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Site:
    """What carrying out a plan needs."""

    settings: Settings
    connect: Connect
    here: Place
    report: Report


def patient(ask: Callable[[], Answer], seconds: float = PATIENCE) -> Answer:
    """An answer of Connect; while it is busy or away, asked again."""
    return wait.patiently(ask, Unavailable, seconds)


def resume(connect: Connect, name: str) -> None:
    """Put a paused or stopped connector to work again; waits until it runs or fails (in between Connect may call it stopped once more)."""
    patient(lambda: connect.resume(name))
    until(connect, name, lambda found: found.running or found.failed)


def halt(connect: Connect, name: str) -> None:
    patient(lambda: connect.stop(name))
    until(connect, name, lambda found: found.state == "STOPPED" and not found.tasks)


def bring_up(site: Site, name: str) -> Fault | None:
    """Wait until it runs; what failed is started again, later each time, and that is noted. The reason when it does not run in the end."""
    for attempt in range(ATTEMPTS):
        found = until(site.connect, name, lambda found: found.running or found.failed)
        if found.running:
            return None
        if not found.failed:
            return Fault(name, f"is {found.state} ({', '.join(found.tasks) or 'no task'}) after {PATIENCE:.0f} s; look into Connect's log")
        if attempt < ATTEMPTS - 1:
            site.report(f"{name}: failed ({found.reason[:200]}), starting it again")
            time.sleep(2.0**attempt)  # a task that fails at once is given time, longer each time
            restarts.note(site.settings, watch.restart(found, restarts.of(restarts.read(site.settings), name), time.time(), "apply"))
            patient(lambda: site.connect.restart(name))
    return Fault(name, f"failed {ATTEMPTS} times: {found.reason}", found.trace or "")


def until(connect: Connect, name: str, holds: Callable[[Status], bool]) -> Status:
    """Its status as soon as that holds, at the latest after PATIENCE."""
    return wait.until(lambda: patient(lambda: connect.status(name)), PATIENCE, holds=holds)


def steady(site: Site, names: Iterable[str]) -> list[Fault]:
    """Look at connectors that run until they show that they read; whoever fails instead is started again, later each time, and looked at again. Those that do not run in the end."""
    looked_at, faults = set(names), list[Fault]()
    for _ in range(ATTEMPTS):
        fallen = _fallen(site.connect, looked_at)
        if not fallen:
            return faults
        found = {name: bring_up(site, name) for name in sorted(fallen)}
        faults += [fault for fault in found.values() if fault]
        looked_at = {name for name, fault in found.items() if fault is None}
    return [*faults, *(Fault(name, f"failed {ATTEMPTS} times, each time after it had begun to run: {fallen[name].reason}", fallen[name].trace or "") for name in sorted(looked_at))]


def _fallen(connect: Connect, names: Iterable[str]) -> dict[str, Status]:
    """Those that fail before their place has moved (by a row, a change, a heartbeat). One of which nothing is seen for STEADY seconds is busy with a snapshot, or its database is idle."""
    before = {name: patient(partial(connect.offsets, name)) for name in names}
    left, fallen = set(before), dict[str, Status]()

    def looked() -> bool:
        found = patient(connect.every)
        fallen.update({name: found[name][1] for name in left if name in found and found[name][1].failed})
        left.difference_update(fallen)
        left.difference_update({name for name in left if patient(partial(connect.offsets, name)) != before[name]})
        return not left

    wait.until(looked, STEADY, every=0.5)
    return fallen
