"""What commands print."""

import io
import json
from typing import Any

import pytest
from rich.console import Console

from infra import show

ROWS: list[dict[str, Any]] = [
    {"source": "hbj_maria.penalty_of_a_long_name", "received": 1_234_567, "reasons": [{"rule": "R-REQ-01", "message": "没有填"}, {"rule": "R-LEN-01", "message": "太长"}]},
    {"source": "a", "received": None, "reasons": []},
]


def shown(rows: show.Rows, width: int, form: str = "table") -> str:
    target = Console(file=io.StringIO(), width=width)
    show.output(target, rows, form, empty="nothing yet", title="Sources")
    text: str = target.file.getvalue()
    return text


@pytest.mark.parametrize("width", [30, 200])
def test_nothing_is_cut_off_however_narrow(width: int) -> None:
    text = shown(ROWS, width)
    assert "…" not in text
    found = "".join(character for character in text if character.isalnum() or character in "_-")
    assert all(character in found for character in "没有填太长")
    if width == 200:
        assert "hbj_maria.penalty_of_a_long_name" in text
        assert "R-REQ-01 没有填" in text
        assert "—" in text


def test_nothing_is_said_as_that() -> None:
    assert shown([], 80).strip() == "nothing yet"


def test_a_program_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    shown(ROWS, 80, "json")
    assert json.loads(capsys.readouterr().out) == ROWS


def test_where_nobody_watches_lines_are_wide() -> None:
    assert show.console().width == show.WIDE  # pytest captures the output: no terminal
