"""试报 of a table's rows: the judge's rules, every reason, nothing else."""

import json
from datetime import date

import polars as pl
import pytest

from connectors.sweep.said import Bench
from connectors.sweep.scan import NOWHERE, Page
from connectors.sweep.trial import Bad, tried
from schemas import sources
from schemas.catalog import load

CATALOG = load()
EXAMPLE = {name: value for name, value in CATALOG["xzxk"].example.items() if value is not None}
PERSON = "11010519491231002X"


@pytest.fixture(scope="module")
def bench() -> Bench:
    database = {"kind": "postgres", "host": "h", "port": "1", "name": "d", "user": "u", "password": "${env:P}"}
    table = {"item": "xzxk", "columns": {name: name.lower() for name in EXAMPLE}, "load": "status column", "status": {"column": "zt", "ready": ["1"], "withdrawn": ["0"]}}
    (found,) = sources.read({"source": "s", "department": "zjj", "database": database, "tables": {"t": table}}, CATALOG).tables.values()
    return Bench(CATALOG["xzxk"], found, "zjj", b"a secret", CATALOG.version, date(2017, 9, 1))


def page(bench: Bench, *rows: dict[str, str]) -> Page:
    said = [{name.lower(): value for name, value in EXAMPLE.items()} | {"zt": "1"} | row for row in rows]
    texts = pl.DataFrame({name: [each.get(name) for each in said] for name in bench.table.needed}, schema=dict.fromkeys(bench.table.needed, pl.String))
    return Page(pl.Series([json.dumps([str(n)]) for n in range(len(rows))]), texts, NOWHERE, None)


def test_every_row_is_of_one_kind_and_one_record_said_twice_is_told(bench: Bench) -> None:
    found = tried(bench, [page(bench, {}, {}, {"xk_wsh": "二号"}, {"zt": "0"}, {"zt": "2"}, {"xk_jdrq": "去年"})])
    assert found.counts == {"said": 3, "outside": 1, "waiting": 1, "rejected": 1}
    assert found.repeated == 1


def test_reasons_are_grouped_most_frequent_first_and_every_bad_row_told_whole(bench: Bench) -> None:
    bad = list[Bad]()
    pages = [page(bench, {"xk_jdrq": "去年"}, {"xk_jdrq": "前年", "xk_xdr_shxym": "123"}), page(bench, {"xk_jdrq": "明年", "xk_wsh": "三号"})]
    found = tried(bench, pages, bad)
    assert found.counts == {"rejected": 3}
    first = found.groups[0]
    assert (first.reason.field, first.count, first.first) == ("XK_JDRQ", 3, ['["0"]', '["1"]', '["0"]'])
    assert {reason.field for reason in bad[1].reasons} >= {"XK_JDRQ", "XK_XDR_SHXYM"}


def test_a_personal_number_is_shown_neither_as_a_value_nor_as_a_key(bench: Bench) -> None:
    made, bad = page(bench, {"xk_jdrq": PERSON}), list[Bad]()
    tried(bench, [Page(pl.Series([json.dumps([PERSON])]), made.texts, NOWHERE, None)], bad)
    assert bad
    assert PERSON not in repr(bad)
