"""What was read is kept: a killed run goes on behind its last page, and a row whose texts are the same is not judged again."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sweep.ledger import SCHEMA, Run, folder, told
from connectors.sweep.said import Bench
from connectors.sweep.scan import Page
from infra.settings import Settings
from schemas import catalog, identity, sources

CATALOG = catalog.load()
COLUMNS = {"XK_WSH": "no", "XK_XMMC": "name", "XK_XDR": "holder", "XK_JDRQ": "day", "SJC": "day"}
CONSTANTS = {name: text for name, text in CATALOG["xzxk"].example.items() if text is not None and name not in {*COLUMNS, "XK_JZQ"}}
SPEC = {
    "source": "s",
    "department": "zjj",
    "database": {"kind": "postgres", "host": "h", "port": "1", "name": "d", "user": "u", "password": "${env:P}"},
    "tables": {
        "t": {
            "item": "xzxk",
            "columns": COLUMNS,
            "constants": CONSTANTS,
            "status": {"column": "status", "ready": ["1"], "withdrawn": ["9"]},
            "load": "status",
        }
    },
}
(TABLE,) = sources.read(SPEC, CATALOG).tables.values()
BENCH = Bench(CATALOG["xzxk"], TABLE, "zjj", b"secret", CATALOG.version, date(2017, 9, 1))
TEXTS = {"no": "W1", "name": "项目", "holder": "甲", "day": "2017-01-02", "status": "1"}


def page(rows: dict[str, dict[str, str | None]], *, ends: bool = True, place: int = 1) -> Page:
    frame = pl.DataFrame(list(rows.values()), schema=dict.fromkeys(sorted(TEXTS), pl.String))
    return Page(pl.Series("_row", list(rows), pl.String), frame, (0, place), None if ends else list(rows)[-1])


def row(**said: str | None) -> dict[str, str | None]:
    return TEXTS | said


def test_a_row_is_what_the_judge_makes_of_it() -> None:
    said = {"1": row(), "2": row(status="9"), "3": row(status="5"), "4": row(no=None), "5": row(day="2014-01-02"), "6": row(day="不是日期")}
    found = told(BENCH, page(said), pl.DataFrame(schema=SCHEMA))
    assert found["kind"].to_list() == ["said", "outside", "waiting", "rejected", "excluded", "rejected"]
    fields = {field: TEXTS[column] for field, column in COLUMNS.items()} | CONSTANTS
    assert found["key"][0] == identity.key(BENCH.item, "zjj", fields, b"secret")
    assert found["verbatim"].to_list()[:3] == [None] * 3
    assert found["verbatim"][3] == identity.verbatim_fingerprint(fields | {"XK_WSH": None})


ROWS = st.dictionaries(st.sampled_from("abcdef"), st.fixed_dictionaries({"no": st.sampled_from(["W1", "W2", None]), "status": st.sampled_from(["1", "5", "9"])}), max_size=6)


@given(ROWS, ROWS)
def test_with_what_was_known_before_the_same_is_told_as_without(before: dict[str, dict[str, str | None]], now: dict[str, dict[str, str | None]]) -> None:
    nothing = pl.DataFrame(schema=SCHEMA)
    known = told(BENCH, page({name: row(**said) for name, said in before.items()}), nothing).drop("fresh")
    second = page({name: row(**said) for name, said in now.items()})
    found, anew = told(BENCH, second, known), told(BENCH, second, nothing)
    assert found.drop("fresh").rows() == anew.drop("fresh").rows()
    assert found["fresh"].to_list() == [before.get(name) != said for name, said in now.items()]


@pytest.mark.parametrize("killed_after", [0, 1, 2])
def test_a_killed_run_goes_on_behind_its_last_page(killed_after: int, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    pages = [page({"1": row(), "2": row(no="W2")}, ends=False, place=7), page({"3": row(no="W3")}, ends=False, place=8), page({"4": row(no="W4")}, place=9)]
    whole = pl.concat([told(BENCH, each, pl.DataFrame(schema=SCHEMA)).drop("fresh") for each in pages])
    first = Run(settings, BENCH, 1.0, anew=False)
    for each in pages[:killed_after]:
        first.add(each)
    second = Run(settings, BENCH, 2.0, anew=False)
    assert (second.progress.after, second.progress.began) == ([None, "2", "3"][killed_after], 1.0 if killed_after else 2.0)
    for each in pages[killed_after:]:
        second.add(each)
    assert (second.rows().collect().rows(), second.progress.done, second.progress.place) == (whole.rows(), True, (0, 9))
    second.finish()
    third = Run(settings, BENCH, 3.0, anew=False)
    for each in pages:
        third.add(each)
    assert (third.progress.began, third.made, third.rows().collect().rows()) == (3.0, 0, whole.rows())


def test_another_mapping_or_anew_forgets_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first = Run(settings, BENCH, 1.0, anew=False)
    first.add(page({"1": row()}))
    first.finish()
    other = Bench(BENCH.item, TABLE, "zjj", b"another secret", CATALOG.version, BENCH.today)
    for bench, anew in ((other, False), (BENCH, True)):
        run = Run(settings, bench, 2.0, anew=anew)
        run.add(page({"1": row()}))
        assert run.made == 1
        run.finish()
    assert [path.name for path in folder(settings, TABLE).iterdir()] == [BENCH.digest]


def test_what_is_known_is_found_in_whatever_page_it_stood(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    rows = {str(number): row(no=f"W{number}") for number in range(10)}
    first = Run(settings, BENCH, 1.0, anew=False)
    for start in range(0, 10, 2):
        first.add(page({name: rows[name] for name in list(rows)[start : start + 2]}, ends=start == 8))
    first.finish()
    second = Run(settings, BENCH, 2.0, anew=False)
    second.add(page({name: rows[name] for name in reversed(rows)} | {"new": row()}))
    assert second.made == 1
    assert second.rows().collect()["row"].to_list() == [*reversed(rows), "new"]


def test_a_rows_hash_is_the_same_in_another_process() -> None:
    """Else nothing would be known on the next day."""
    program = "import json, sys; import polars as pl; print(pl.DataFrame(json.loads(sys.argv[1])).hash_rows(seed=1).to_list())"
    said = {"a": ["甲", None, ""], "row": ['["1"]', "", "x"]}
    found = {subprocess.run([sys.executable, "-c", program, json.dumps(said)], capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert found == {f"{pl.DataFrame(said).hash_rows(seed=1).to_list()}\n"}
