"""What is wrong with a question is told all at once; who may ask what."""

import pytest

from portal.accounts.roles import Role
from portal.government import asking
from portal.government.asking import Draft
from tests.portal.government.site import CODE, NUMBER, OLD, PROOF, WHY


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert set(asking.faults(Draft("organisation"), Role.OFFICER)) == {"said", "matter", "case_number"}
    assert set(asking.faults(Draft("person", files=[("a.pdf", b"MZ")]), Role.OFFICER)) == {"number", "person", "matter", "case_number", "files"}
    assert set(asking.faults(Draft("x", **WHY), Role.OFFICER)) == {"kind"}
    assert asking.faults(Draft(said=CODE, **WHY), Role.OFFICER) == asking.faults(Draft("person", number=NUMBER, person="张三丰", files=PROOF, **WHY), Role.OFFICER) == {}


@pytest.mark.parametrize("number", ["", NUMBER[:17], NUMBER[:17] + "1", "11010519491231", "E12345678", f"{NUMBER}0", "张三丰"])
def test_a_person_is_asked_for_by_the_whole_number_only(number: str) -> None:
    assert "完整" in asking.faults(Draft("person", number=number, person="张三丰", **WHY), Role.OFFICER)["number"]


@pytest.mark.parametrize("number", [NUMBER, NUMBER.lower(), OLD, f" {NUMBER[:6]} {NUMBER[6:]}", "１１０１０５１９４９１２３１００２Ｘ"])
def test_a_whole_number_is_taken_however_it_is_typed_and_kept_by_six_and_one(number: str) -> None:
    draft = Draft("person", number=number, person="张三丰", **WHY)
    assert asking.faults(draft, Role.OFFICER) == {}
    assert draft.asked.startswith("张三丰 110105*")
    assert not any(part in draft.asked for part in ("1949", "1231", "4912"))


@pytest.mark.parametrize(("said", "words"), [("", "请填写"), ("甲", "请填写"), ("……", "请填写"), (NUMBER, "身份证号"), (OLD, "身份证号"), ("9.137E+17", "已被 Excel 改写"), ("甲" * 201, "请填写")])
def test_a_company_is_no_blank_no_person_and_no_number_that_excel_rewrote(said: str, words: str) -> None:
    assert words in asking.company(said)


def test_an_analyst_asks_for_no_person_and_brings_no_authorisation() -> None:
    assert "不查询自然人" in asking.faults(Draft("person", number=NUMBER, person="张三丰", **WHY), Role.ANALYST)["kind"]
    assert "不办理授权查询" in asking.faults(Draft(said=CODE, files=PROOF, **WHY), Role.ANALYST)["files"]
    assert asking.faults(Draft(said=CODE, **WHY), Role.ANALYST) == {}


def test_what_needs_an_authorisation_is_asked_for_with_one_only() -> None:
    assert set(Draft().usages) == {"0", "1"}
    assert set(Draft(files=PROOF).usages) == {"0", "1", "2"}
