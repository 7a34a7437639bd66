"""What every line of a log is: JSON where that is set, with its process, and without a personal number whatever put one there."""

import json
import os
import subprocess
import sys
from typing import Any

LINES = """
import logging, threading
import structlog
from infra import log
log.configure("judge")
LOG = structlog.get_logger("x")
THREAD = threading.Thread(target=lambda: logging.getLogger("guiji.loader").info("in a thread"))
THREAD.start()
THREAD.join()
LOG.info("taken", receipt="0123456789abcdef", rows=3, offset=13912345678, whys=["证件370102198001010011不对", {"电话": "13853112345"}])
logging.getLogger("guiji.loader").info("unloadable: %s", "370102198001010011")
logging.getLogger("somebody.else").info("not told")
try:
    raise ValueError("cannot parse 370102198001010011")
except ValueError:
    LOG.exception("gave up")
"""


def logged(**environment: str) -> str:
    done = subprocess.run([sys.executable, "-c", LINES], capture_output=True, text=True, check=True, env=os.environ | environment, cwd=str(__file__).rpartition("/tests/")[0])
    return done.stderr


def test_lines_are_json_with_process_level_time_and_ids() -> None:
    lines: list[dict[str, Any]] = [json.loads(line) for line in logged(GUIJI_LOG="json").splitlines()]
    assert [line["event"].partition(":")[0] for line in lines] == ["in a thread", "taken", "unloadable", "gave up"]
    assert {line["process"] for line in lines} == {"judge"}
    assert [line["level"] for line in lines] == ["info", "info", "info", "error"]
    assert all(line["timestamp"] for line in lines)
    assert (lines[1]["receipt"], lines[1]["rows"], lines[1]["offset"]) == ("0123456789abcdef", 3, 13912345678)


def test_personal_numbers_are_taken_out_of_values_messages_and_tracebacks() -> None:
    for form in ("json", "text"):
        told = logged(GUIJI_LOG=form)
        assert "withheld" in told
        assert "370102198001010011" not in told
        assert "13853112345" not in told


def test_text_is_no_json() -> None:
    assert not logged(GUIJI_LOG="text").startswith("{")
