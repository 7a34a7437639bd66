"""What should be better is told by file and place, and never keeps anything from starting."""

import copy
from pathlib import Path

import pytest

from schemas import lint
from schemas.catalog import Catalog, load, read
from schemas.codes import DIRECTORY
from schemas.departments import ASSIGNMENTS

CATALOG = load()


def told(change, tmp_path: Path) -> list[str]:
    spec = copy.deepcopy(dict(CATALOG["xzxk"].spec))
    change(spec, {field["name"]: field for field in spec["fields"]})
    nobody = tmp_path / "assignments.csv"
    nobody.write_text("department,item,from,to,confirmed_on\n", encoding="utf-8")
    (tmp_path / "codes").mkdir(exist_ok=True)
    return [str(note) for note in lint.notes(Catalog([read(spec)]), tmp_path / "codes", nobody)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda spec, _: spec.update(doc=""), "xzxk.avsc: doc: says nothing"),
        (lambda _, fields: fields["XK_NR"].pop("help"), "xzxk.avsc: XK_NR: has no help"),
        (lambda _, fields: fields["XK_NR"].pop("example"), "xzxk.avsc: XK_NR: is required and has no example"),
        (lambda _, fields: fields["XK_NR"].pop("length"), "xzxk.avsc: XK_NR: has no length"),
        (lambda _, fields: fields["SJC"].pop("volatile"), "xzxk.avsc: fields: no field is volatile"),
    ],
)
def test_each_thing_is_told_with_its_place(change, words: str, tmp_path: Path) -> None:
    (note,) = told(change, tmp_path)
    assert note.startswith(words)


def test_what_stands_is_fine_but_for_shared_code_sets_in_waiting() -> None:
    assert {note.file for note in lint.notes(CATALOG)} <= {f"codes/{name}.csv" for name in ("gb", "qylx", "xl", "ztlx")}


def test_a_code_set_nobody_uses_and_a_line_of_an_item_that_is_gone_are_told(tmp_path: Path) -> None:
    assert told(lambda _spec, _fields: None, tmp_path) == []
    one = Catalog([CATALOG["xzxk"]])
    notes = [str(note) for note in lint.notes(one, DIRECTORY, ASSIGNMENTS)]
    assert "codes/hy.csv: no item uses this code set" in notes
    assert any(note.startswith("assignments.csv: line ") and "there is no item 'ajns'" in note for note in notes)
