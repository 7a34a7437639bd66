"""Named points at which a process can be made to die, for tests of what it must survive: `GUIJI_KILL_AT=judge.produced:3` kills it at the third passing."""

import os
import signal
from collections import Counter

_PASSED: Counter[str] = Counter()


def point(name: str) -> None:
    """Die here (SIGKILL, nothing is cleaned up) if the environment says so."""
    wanted, _, times = os.environ.get("GUIJI_KILL_AT", "").partition(":")
    if wanted != name:
        return
    _PASSED[name] += 1
    if _PASSED[name] >= int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
