"""What README and docs tell people to type exists: every `guiji` command and every make target."""

import re
from pathlib import Path

import pytest
import typer

import guiji

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = typer.main.get_command(guiji.app)


def told(text: str) -> set[tuple[str, ...]]:
    """The commands in backticks: the words after guiji or guiji.py up to an option or an argument."""
    found = set()
    for words in re.findall(r"`(?:\.venv/bin/python )?guiji(?:\.py)? ([a-z][a-z /-]*)", text):
        first = words.split()[0]
        found |= {(each, *words.split()[1:2]) if each in ("items", "connectors", "token", "user") else (each,) for each in first.split("/")}
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_told_exists(page: Path) -> None:
    for words in told(page.read_text(encoding="utf-8")):
        group = COMMAND.commands.get(words[0])
        assert group is not None, words
        if len(words) > 1:
            assert words[1] in group.commands, words


def test_every_make_target_that_is_told_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)) <= targets, page.name


def test_commands_are_really_found_in_the_readme() -> None:
    assert {("throughput",), ("submit",), ("connectors", "prepare"), ("status",)} <= told(PAGES[0].read_text(encoding="utf-8"))
