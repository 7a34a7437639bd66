"""The table of what can be tapped: the docs show the code's, and every kind of a source file is in it."""

from itertools import pairwise
from pathlib import Path

import pytest

from connectors import support
from schemas.sources_form import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "connectors.md"


def test_the_docs_show_it() -> None:
    assert support.markdown() in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "number", "state"),
    [
        ("postgres", (18, 4), support.TESTED), ("postgres", (14, 0), support.UNTESTED), ("postgres", (9, 6), support.PUSH), ("mariadb", (10, 11, 19), support.TESTED),
        ("mariadb", (11, 8), support.UNTESTED), ("mariadb", (10, 4), support.PUSH), ("mysql", (8, 4), support.UNTESTED), ("mysql", (5, 7), support.PUSH), ("oracle", (19,), support.UNTESTED),
    ],
)  # fmt: skip
def test_a_version_is_what_its_line_says(kind: str, number: tuple[int, ...], state: str) -> None:
    found = support.known(kind, number)
    assert found is not None
    assert found.state == state


def test_a_version_nobody_knows_is_none_and_lines_of_one_kind_do_not_overlap() -> None:
    assert support.known("postgres", (99,)) is None
    for kind in KINDS:
        lines = sorted((each.since, each.until) for each in support.SUPPORT if each.kind == kind)
        assert lines
        assert all(before[1] <= after[0] for before, after in pairwise(lines))


def test_what_never_ran_here_is_never_called_tested() -> None:
    assert {each.kind for each in support.SUPPORT if each.state == support.TESTED} == {"postgres", "mariadb"}
    assert {each.kind for each in support.SUPPORT if each.polled} == {"postgres", "mariadb"}
    assert all("not run" in each.note for each in support.SUPPORT if each.kind in ("sqlserver", "oracle"))
