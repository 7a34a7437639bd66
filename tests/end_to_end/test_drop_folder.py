"""A drop folder beside the whole pipeline: CSV and XML in both encodings go in through the door, the process is killed in between, and what became of each row lies beside them."""

import csv
import hashlib
import io
import subprocess
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from schemas.catalog import load
from tests.end_to_end.conftest import GUIJI, ROOT
from tests.waiting import eventually

pytestmark = pytest.mark.servers


def rows(catalogue: Path, start: int) -> list[dict[str, str]]:
    example = {name: value or "" for name, value in load(catalogue)["xzxk"].example.items()}
    return [example | {"XK_WSH": f"济建许〔2017〕{start + number}号"} | ({"XK_XDR_SHXYM": "123"} if number == 1 else {}) for number in range(3)]


def table(found: list[dict[str, str]]) -> str:
    return "\n".join(",".join(f'"{value}"' for value in line) for line in [list(found[0]), *(list(row.values()) for row in found)])


def xml(found: list[dict[str, str]]) -> str:
    records = ("".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items()) for row in found)
    return '<?xml version="1.0" encoding="GB18030"?>\n<records>' + "".join(f"<record>{record}</record>" for record in records) + "</records>"


def put(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    (folder / f"{name}.ok").write_text(f"rows=3\nsha256={hashlib.sha256(content).hexdigest()}\n")


def answers(folder: Path, name: str) -> list[tuple[str, str]]:
    """Outcome and rules of each row; none while there is no answer."""
    path = folder / "out" / f"{name}.hz.csv"
    lines = list(csv.reader(io.StringIO(path.read_text("utf-8-sig")))) if path.exists() else []
    return [(outcome, rules) for _, _, outcome, rules, _ in lines[1:]]


def start(pipeline: Any, root: Path) -> None:
    with (pipeline.home / "logs" / "drop.log").open("ab") as log:
        command = [*GUIJI, "drop", str(root)]
        pipeline.processes["drop"] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=pipeline.env, cwd=ROOT, start_new_session=True)


def test_dropped_files_are_answered_row_by_row_though_the_process_is_killed(pipeline: Any, tmp_path: Path) -> None:
    folder, catalogue = tmp_path / "drop" / "swj" / "xzxk", pipeline.settings.catalogue
    folder.mkdir(parents=True)
    start(pipeline, tmp_path / "drop")
    good = ("已入库", "")
    put(folder, "一.csv", table(rows(catalogue, 1)).encode("gb18030"))
    eventually(lambda: answers(folder, "一.csv"), 90, told=lambda: [path.name for path in folder.rglob("*")])
    assert answers(folder, "一.csv") == [good, ("退回", "R-USCC-01"), good]
    pipeline.kill("drop")
    put(folder, "二.xml", xml(rows(catalogue, 10)).encode("gb18030"))
    put(folder, "三.csv", table(rows(catalogue, 1)).encode("gb18030"))  # the first one's content
    start(pipeline, tmp_path / "drop")
    eventually(lambda: answers(folder, "二.xml") and answers(folder, "三.csv"), 90, told=lambda: [path.name for path in folder.rglob("*")])
    assert answers(folder, "二.xml") == answers(folder, "三.csv") == answers(folder, "一.csv")
    assert len({path.name.partition(".")[0] for path in (folder / "done").iterdir()}) == 2, "the repeated file has the old receipt"
    found = {row["source"]: row for row in pipeline.json("throughput")}
    assert (found["swj/folder"]["received"], found["swj/folder"]["rejected"]) == (6, 2)
