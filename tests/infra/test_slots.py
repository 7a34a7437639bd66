"""Slots: a number for each process of a kind, free again the moment its holder dies."""

import subprocess
import sys

from infra.settings import Settings
from infra.slots import slot


def test_a_slot_is_given_back_at_death(settings: Settings) -> None:
    with slot(settings.slots, "judge") as first, slot(settings.slots, "judge") as second:
        assert (first, second) == ("judge-0", "judge-1")
    holder = subprocess.Popen(
        [sys.executable, "-c", f"from pathlib import Path; from infra.slots import slot\nwith slot(Path({str(settings.slots)!r}), 'judge') as n: print(n, flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == "judge-0\n"
    with slot(settings.slots, "judge") as other:
        assert other == "judge-1"
    holder.kill()
    holder.wait()
    holder.stdout.close()
    holder.stdin.close()
    with slot(settings.slots, "judge") as again:
        assert again == "judge-0"
