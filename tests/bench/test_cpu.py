"""Processor time is counted with the children a process has, living and buried."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cpu import Meter, peak

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
BURN = "import time\nwhile time.process_time() < 0.2: pass\n"


TOLD = "print(1, flush=True)\ninput()\n"  # says that it is done, and stays
WORKERS = {
    "itself": BURN + TOLD,
    "a buried child": f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}])\n{TOLD}",
    "a living child": f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN + TOLD!r}])\n",
}


def child(words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("words", WORKERS.values(), ids=WORKERS)
def test_what_a_process_and_its_children_spend_is_counted(words: str) -> None:
    with child("input()\n" + words) as process:
        meter = Meter({"child": process.pid})
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline()
        spent = meter.spent()["child"]
        process.stdin.close()
    assert spent > 0.15


def test_this_process_is_counted_without_its_children() -> None:
    meter = Meter({"own": os.getpid()})
    subprocess.run([sys.executable, "-c", BURN], check=True)
    assert meter.spent()["own"] < 0.15


def test_a_process_that_has_ended_costs_nothing_and_has_no_memory() -> None:
    with child("") as process:
        process.wait()
    assert Meter({"gone": process.pid}).spent() == {"gone": 0.0}
    assert peak(process.pid) is None


def test_the_largest_memory_is_remembered() -> None:
    found = peak(os.getpid())
    assert found is not None
    assert found > 5
