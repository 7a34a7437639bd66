"""What the connectors' commands refuse before anything is asked of a server."""

import pytest
from typer.testing import CliRunner

from connectors import commands


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["snapshot", "zjj_pg", "--pause", "--stop"], "exclude each other"),
        (["snapshot", "zjj_pg", "--table", "permit", "--resume"], "exclude each other"),
        (["snapshot", "zjj_pg", "--table", "nothing"], "has no table nothing"),
        (["snapshot", "nobody"], "there is no source"),
    ],
)
def test_contradictions_and_unknown_names_are_refused(arguments: list[str], words: str) -> None:
    answer = CliRunner().invoke(commands.group, arguments)
    assert answer.exit_code == 2
    assert words in " ".join(answer.output.replace("│", " ").split())
