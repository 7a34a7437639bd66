"""The 39 departments of the plan and what they owe; broken files name every fault."""

from collections import Counter
from datetime import date

import pytest

from schemas import catalog, departments
from schemas.departments import DepartmentFault

CATALOG = catalog.load()
DEPARTMENTS = departments.load()


def test_the_plan_names_39_departments_in_three_batches() -> None:
    assert len(DEPARTMENTS) == 39
    assert Counter(department.batch for department in DEPARTMENTS.values()) == {1: 14, 2: 16, 3: 9}
    assert {code: DEPARTMENTS[code].short for code in ("zjj", "hbj", "swj", "gsj")} == {"zjj": "市城乡建设委", "hbj": "市环保局", "swj": "市城乡水务局", "gsj": "市工商局"}


def test_permits_and_penalties_are_owed_by_those_who_administer() -> None:
    owed = departments.assignments(DEPARTMENTS, CATALOG)
    for item in ("xzxk", "xzcf"):
        owing = {one.department for one in owed if one.item == item}
        kinds = {code: one.kind for code, one in DEPARTMENTS.items()}
        assert {code for code, kind in kinds.items() if kind in ("行政", "垂直")} <= owing
        assert not {code for code, kind in kinds.items() if kind in ("党群", "司法")} & owing
    assert {one.department for one in owed if one.item == "zyzg"} == {"rsj"}
    assert owed[0].start == date(2015, 1, 1)
    assert owed[0].holds(date(2017, 9, 1))
    assert not owed[0].holds(date(2014, 12, 31))


def faults(path, text, read):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DepartmentFault) as found:
        read(path)
    return found.value.faults


def test_every_fault_of_the_departments_is_named_at_once(tmp_path) -> None:
    text = "code,name,short,batch,kind\naa,甲,甲,1,行政\nAA,乙,乙,1,行政\naa,甲,丙,9,行政\nbb,,丁,2,公司\ncc,戊\n"
    found = faults(tmp_path / "d.csv", text, departments.load)
    for said in ("d.csv:3: code 'AA'", "d.csv:4: code 'aa' stands twice", "d.csv:4: name '甲' stands twice", "d.csv:4: batch '9'"):
        assert any(fault.startswith(said) for fault in found), said
    assert {"d.csv:5: name is missing", "d.csv:6: must have 5 columns"} <= set(found)
    assert any(fault.startswith("d.csv:5: kind '公司'") for fault in found)
    assert len(found) == 7


def test_every_fault_of_the_assignments_is_named_at_once(tmp_path) -> None:
    text = (
        "department,item,from,to,confirmed_on\nzjj,xzxk,2015-01-01,2016-01-01,\nzjj,xzxk,2016-01-01,,\nxx,xzxk,2015-01-01,,\n"
        "zjj,nope,2015-01-01,,\nzjj,xzcf,2015-13-01,,x\nzjj,xzcf,,,\nzjj,xzcf,2016-01-01,2015-01-01,\n"
    )
    found = faults(tmp_path / "a.csv", text, lambda path: departments.assignments(DEPARTMENTS, CATALOG, path))
    assert found == [
        "a.csv:3: overlaps an assignment above",
        "a.csv:4: there is no department 'xx'",
        "a.csv:6: from '2015-13-01' is no date",
        "a.csv:6: confirmed_on 'x' is no date",
        "a.csv:7: from is missing",
        "a.csv:8: to lies before from",
    ]


def test_a_line_of_an_item_that_is_gone_counts_for_nothing_and_is_named(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("department,item,from,to,confirmed_on\nzjj,xzxk,2015-01-01,,\nzjj,nope,2015-01-01,,\n", encoding="utf-8")
    assert [one.item for one in departments.assignments(DEPARTMENTS, CATALOG, path)] == ["xzxk"]
    assert departments.left_over(CATALOG, path) == ["a.csv:3: there is no item 'nope', the line counts for nothing"]
    assert departments.left_over(CATALOG) == []


@pytest.mark.parametrize("text", ["", "a,b\n", "name,code,short,batch,kind\n"])
def test_a_file_of_another_shape_is_refused(tmp_path, text) -> None:
    assert "the columns must be code,name,short,batch,kind" in faults(tmp_path / "d.csv", text, departments.load)[0]
    with pytest.raises(DepartmentFault, match="cannot be read"):
        departments.load(tmp_path / "none.csv")
