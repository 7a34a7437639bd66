"""What the public sees of one record, for every item of the catalogue."""

from datetime import date
from typing import Any

import pytest

from portal.public import record as records
from schemas import catalog, publication
from schemas.catalog import Item

CATALOG = catalog.load()
TODAY = date(2017, 9, 1)
NUMBER, NAME, CODE = "11010519491231002X", "欧阳张三丰", "91440300708461136T"
SEEDS = (NUMBER, "110105491231002", "110105 1949 1231 002X", "１１０１０５１９４９１２３１００２Ｘ", f"经查，{NUMBER}（本人）", "110105********002X")


def row(item: Item, **said: Any) -> dict[str, Any]:
    plain = {field.name: date(2017, 5, 10) if field.kind == "date" else None for field in item.fields}
    return plain | {"_key": "k", "_partition": 0, "_offset": 7, "_department": "zjj"} | said


def told(item: Item, said: dict[str, Any]) -> str:
    found = records.record(item, said, publication.terms(item, TODAY))
    return " ".join([found.subject, found.what, found.number, *(text for _, text in found.facts)])


@pytest.mark.parametrize("item", CATALOG.values(), ids=lambda item: item.code)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_personal_number_in_any_text_field_is_not_readable(item: Item, seed: str) -> None:
    seeded = {field.name: seed for field in item.fields if field.kind in ("string", "decimal-text", "long")}
    shown = told(item, row(item, **seeded)).translate({0xFF10 + digit: 0x30 + digit for digit in range(10)})
    for part in ("110105", "1949", "491231", "1231", "002"):
        assert part not in shown.replace(f"{item.code}-0-7", "").replace("2017-05-10", "")


@pytest.mark.parametrize("item", CATALOG.values(), ids=lambda item: item.code)
def test_no_person_is_named(item: Item) -> None:
    persons = {field.name: NAME for field in item.fields if field.privacy == "person_name"}
    assert NAME not in told(item, row(item, **persons))


def test_a_natural_person_is_named_nowhere_in_his_record_and_his_codes_are_left_out() -> None:
    said = row(CATALOG["xzcf"], CF_XDR_MC="张三丰", CF_SY="张三丰无证经营", CF_XDR_SFZ=NUMBER, CF_XDR_SWDJ=f"{NUMBER}01", CF_WSH="济罚〔2017〕1号", CF_CFMC="无证经营")
    found = records.record(CATALOG["xzcf"], said, publication.terms(CATALOG["xzcf"], TODAY))
    assert (found.person, found.subject, found.what) == (True, "自然人", "济罚〔2017〕1号，无证经营")
    assert dict(found.facts)["处罚事由"] == "***无证经营"
    assert "税务登记号" not in dict(found.facts)


@pytest.mark.parametrize(("said", "person"), [
    ({"CF_XDR_MC": "济南泉城化工有限公司"}, False), ({"CF_XDR_MC": "张三"}, True), ({"CF_XDR_MC": "张三", "CF_XDR_SHXYM": CODE}, False),
    ({"CF_XDR_MC": "张三", "CF_XDR_SHXYM": NUMBER}, True), ({"CF_XDR_MC": "张三", "CF_XDR_SWDJ": f"{NUMBER}01"}, True), ({"CF_XDR_MC": "张三", "CF_FR": "张三", "CF_XDR_SHXYM": CODE}, True),
])  # fmt: skip
def test_who_is_a_person(said: dict[str, str], person: bool) -> None:
    assert records.about_person(CATALOG["xzcf"], row(CATALOG["xzcf"], **said)) is person


def test_an_organisation_keeps_its_code_and_is_told_in_words() -> None:
    said = row(CATALOG["xzcf"], CF_XDR_MC="济南泉城化工有限公司", CF_XDR_SHXYM=CODE, CF_ZT="2", CF_SXYZCD="1", SJC=date(2017, 5, 12))
    found = records.record(CATALOG["xzcf"], said, publication.terms(CATALOG["xzcf"], TODAY))
    facts = dict(found.facts)
    assert (facts["统一社会信用代码"], facts["失信严重程度"], found.disputed, found.subject) == (CODE, "一般", True, "济南泉城化工有限公司")
    assert "数据更新时间戳" not in facts
    permit = row(CATALOG["xzxk"], XK_XDR="济南泉城化工有限公司", XK_JZQ=date(2099, 12, 31))
    assert dict(records.record(CATALOG["xzxk"], permit, publication.terms(CATALOG["xzxk"], TODAY)).facts)["许可截止期"] == "长期"


def test_a_traders_home_and_his_name_that_was_once_his_shops_are_nobodys_business() -> None:
    said = row(CATALOG["gtgsh"], ZHMC="济南市历下区泉水小吃店", JYZZS="济南市槐荫区经七路8号", CYMC="张三丰；历下区老张小吃店")
    shown = told(CATALOG["gtgsh"], said)
    assert "经七路" not in shown
    assert "***；历下区老张小吃店" in shown
