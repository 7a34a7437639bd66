"""Server processes: started detached, remembered by pid *and* start time, so that a pid used again by a stranger is never taken for ours, and never killed."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.wait import until

STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Record:
    """What is remembered of a process that was started."""

    pid: int
    started: str  # the operating system's start time of that pid
    environment: str  # digest of what was passed by environment; another one asks for a restart


def _ps(pid: int, column: str) -> str:
    answer = subprocess.run(["ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def start_time(pid: int) -> str:
    """Start time of a living process in the operating system's own words; empty when there is none (or only its corpse)."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _ps(pid, "lstart")
    return "" if fields[0] == "Z" else fields[19]


def memory(pid: int) -> int:
    """Resident memory in MB."""
    status = Path(f"/proc/{pid}/status")
    try:
        lines = status.read_text().splitlines()
    except OSError:
        return int(_ps(pid, "rss") or 0) // 1024
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)


def read(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def alive(record: Record | None) -> bool:
    return record is not None and start_time(record.pid) == record.started != ""


def spawn(command: Sequence[str], log: Path, pid_file: Path, environment: Mapping[str, str], cwd: Path) -> Record:
    """Start a detached process, its output appended to its log."""
    for folder in (log.parent, pid_file.parent, cwd):
        folder.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=dict(environment), cwd=cwd, start_new_session=True
        )
    process.returncode = 0  # it outlives us on purpose: no warning when this object goes
    record = Record(process.pid, start_time(process.pid), "")
    save(pid_file, record)
    return record


def save(pid_file: Path, record: Record) -> None:
    draft = pid_file.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(record)))
    draft.rename(pid_file)


def stop(pid_file: Path, seconds: float = STOP_SECONDS, asking: signal.Signals = signal.SIGTERM) -> str:
    """Ask the process to end, then make it; `stopped`, `killed` or `not running`. A pid that is no longer ours is left alone."""
    record = read(pid_file)
    if record is None or not alive(record):
        pid_file.unlink(missing_ok=True)
        return "not running"
    outcome = "stopped"
    _signal(record.pid, asking)
    if not gone(record, seconds):
        _signal(record.pid, signal.SIGKILL)
        gone(record, seconds)
        outcome = "killed"
    pid_file.unlink(missing_ok=True)
    return outcome


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        os.kill(pid, number)


def gone(record: Record, seconds: float) -> bool:
    """Wait until the process has ended; False when it has not after so many seconds."""


    def ended() -> bool:
        reap(record.pid)
        return not alive(record)

    return until(ended, seconds, every=0.05)


def reap(pid: int) -> None:
    """Bury a child of ours that has ended: while its corpse has the number, PostgreSQL takes its own old lock file for a living one's."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log."""
    try:
        with log.open("rb") as handle:
            handle.seek(max(0, log.stat().st_size - 8192))
            return "\n".join(handle.read().decode(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return "(no log)"
