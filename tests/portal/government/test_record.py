"""What staff see of one record, for every item: personal numbers by first 6 and last 1 at most, names and everything else whole; how far it may be used; its mark."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.government import record as records
from portal.government.record import Marks
from schemas.catalog import Item
from tests.portal.desk import CATALOG
from tests.portal.government.site import CODE, NUMBER

TODAY = date(2017, 9, 1)
SEEDS = (NUMBER, "110105491231002", "110105 1949 1231 002X", "１１０１０５１９４９１２３１００２Ｘ", f"经查，{NUMBER}（本人）", f"{NUMBER}01", "110105********002X")
NONE = Marks()
HALF = {0xFF10 + digit: 0x30 + digit for digit in range(10)}


def row(item: Item, **said: Any) -> dict[str, Any]:
    plain = {field.name: date(2017, 5, 10) if field.kind == "date" else None for field in item.fields}
    about = {"_key": "k", "_version": 7, "_partition": 0, "_offset": 7, "_department": "zjj", "_way": "excel", "_received_at": datetime(2017, 5, 11, tzinfo=UTC)}
    return plain | about | said


@pytest.mark.parametrize("item", CATALOG().values(), ids=lambda item: item.code)
@pytest.mark.parametrize("seed", SEEDS)
def test_of_a_personal_number_in_any_text_field_at_most_the_first_six_and_the_last_are_readable(item: Item, seed: str) -> None:
    seeded = {field.name: seed for field in item.fields if field.kind in ("string", "decimal-text", "long")}
    found = records.record(item, row(item, **seeded), TODAY)
    for text in (found.subject, found.what, *(fact.text for fact in found.facts)):
        plain = text.translate(HALF)
        assert not any(part in plain for part in ("1949", "491231", "1231", "002")), plain
    assert any("*" in fact.text for fact in found.facts)


def test_names_codes_and_words_stay() -> None:
    said = {"CF_XDR_MC": "济南泉城化工有限公司", "CF_XDR_SHXYM": CODE, "CF_FR": "李四", "CF_XDR_SFZ": NUMBER, "CF_SYFW": "1", "CF_ZT": "0", "CF_WSH": "济环罚字〔2017〕1号"}
    found = records.record(CATALOG()["xzcf"], row(CATALOG()["xzcf"], **said), TODAY)
    facts = {fact.name: fact.text for fact in found.facts}
    assert (facts["CF_FR"], facts["CF_XDR_SHXYM"], facts["CF_XDR_SFZ"]) == ("李四", CODE, "110105***********X")
    assert (found.subject, found.what, found.way, found.decided, found.usage) == ("济南泉城化工有限公司", "济环罚字〔2017〕1号", "数据报送", date(2017, 5, 10), "1")
    assert facts["CF_ZT"] != "0"  # in words


@pytest.mark.parametrize(("item", "said", "usage"), [
    ("xzcf", {"CF_XDR_MC": "某某有限公司", "CF_SYFW": "0"}, "0"), ("xzcf", {"CF_XDR_MC": "某某有限公司", "CF_SYFW": None}, "0"), ("xzcf", {"CF_XDR_MC": "张三", "CF_SYFW": None}, "2"),
    ("xzcf", {"CF_XDR_MC": "张三", "CF_SYFW": "1"}, "1"), ("xzcf", {"CF_XDR_MC": "某某有限公司", "CF_SYFW": "2"}, "2"), ("sxbzx", {"MC": "某某有限公司"}, "0"),
    ("sxbzx", {"MC": "张三", "ZJHM": NUMBER}, "2"), ("ddmf", {"XM": "张三"}, "0"), ("lszy", {"XM": "张三"}, "2"), ("ktzp", {"CPR": "张三"}, "2"), ("ktzp", {"CPR": "某某有限公司"}, "1"),
])  # fmt: skip
def test_a_blank_scope_is_public_for_organisations_in_the_double_publication_only_and_persons_go_by_authorisation(item: str, said: dict[str, Any], usage: str) -> None:
    assert records.usage(CATALOG()[item], row(CATALOG()[item], **said)) == usage


def test_the_mark_says_how_its_publication_stands() -> None:
    item = CATALOG()["xzcf"]

    def mark(marks: Marks = NONE, **said: Any) -> str:
        return records.record(item, row(item, CF_XDR_MC="某某有限公司", **{"CF_SYFW": "0", "CF_ZT": "0", "CF_GSJZQ": None, **said}), TODAY, marks).mark

    assert mark() == "公示中"
    assert mark(CF_ZT="2") == mark(Marks(disputed={"k"})) == "异议处理中"
    assert mark(Marks(withheld={"k"}, disputed={"k"})) == "已停止公示"
    assert mark(CF_SYFW="1") == mark(CF_SYFW="2") == "不公示"
    assert mark(CF_GSJZQ=date(2017, 8, 31)) == mark(CF_ZT="1") == "公示期满"
