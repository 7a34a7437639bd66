"""Rules: columns and scalar twins agree on anything; check digits agree with an oracle; every reason says what and what to do."""

import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from schemas.catalog import load
from schemas.reason import hidden, masked, public
from schemas.rules import Context, check, check_one
from schemas.rules.identifiers import ORG_WEIGHTS, USCC_ALPHABET, org_check, regno_check, ric_check, uscc_check

CATALOG = load()
TODAY = date(2017, 10, 20)
CONTEXT = Context(TODAY)
XZXK = CATALOG["xzxk"]


def judged(item: str = "xzxk", **said: str | None) -> list[str]:
    found = check_one(CATALOG[item], CATALOG[item].example | said, CONTEXT)
    return [reason.rule for reason in found.errors + found.warnings]


ODD = st.sampled_from(
    ["", " ", "\u00a0", "无", "/", "空", "其他", "其他-备案", "普通", "罚款；警告", "罚款、没收违法所得、没收非法财物", "2017-06-01", "2017/6/1", "2099/12/31", "20300101", "2017年13月1日",
     "43101", "1.23456789012346E+17", "９１４４０３００７０８４６１１３６Ｔ", "91440300708461136T", "91440300708461136A", "91350203M0001QAY9B", "11010519491231002X", "110105194912310021",
     "110105490230002", "G12345678", "110108000000016", "110108000000017", "370100", "999999", "济南泉城建筑有限公司", "张三", "0", "9", "1E100", "1E-100", "x" * 300, "2014-01-01"]
)  # fmt: skip
VALUE = st.none() | ODD | st.text(max_size=12)


@pytest.mark.parametrize("item", [CATALOG[code] for code in ("xzxk", "xzcf", "zyzg")], ids=lambda item: item.code)  # every item: tests/contract/test_items.py
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_columns_and_one_by_one_give_the_same(item, data) -> None:
    row = st.fixed_dictionaries({field.name: st.just(field.example) | VALUE for field in item.fields})
    said = data.draw(st.lists(row, min_size=1, max_size=8))
    only = data.draw(st.lists(st.booleans(), min_size=len(said), max_size=len(said)))
    frame = pl.DataFrame(said, schema=dict.fromkeys(said[0], pl.String))
    many = check(item, frame, CONTEXT, pl.Series(only))
    for place, (record, key_only) in enumerate(zip(said, only, strict=True)):
        one = check_one(item, record, CONTEXT, key_only=key_only)
        assert many.errors.get(place, []) == one.errors
        assert many.warnings.get(place, []) == one.warnings
        assert many.typed.row(place, named=True) == one.typed
        assert many.excluded[place] == one.excluded


@given(st.text(alphabet=USCC_ALPHABET, min_size=17, max_size=17))
def test_the_check_character_of_a_credit_code_agrees_with_the_oracle(body: str) -> None:
    assert uscc_check(body) == uscc.calc_check_digit(body)


@given(st.from_regex(r"110105(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}", fullmatch=True))
def test_the_check_character_of_an_identity_number_agrees_with_the_oracle(body: str) -> None:
    assert ric_check(body) == ric.calc_check_digit(body + "0")
    assert judged("zyzg", SFZH=body + ric_check(body)) == []


def test_check_digits_of_known_numbers() -> None:
    assert regno_check("11010800000001") == "6"
    assert org_check("55138508") == "2"
    assert len(ORG_WEIGHTS) == 8


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        ({}, []),
        ({"XK_WSH": None}, ["R-REQ-01"]),
        ({"XK_WSH": "空"}, []),
        ({"XK_XDR": "无"}, ["R-PLH-01", "R-NAME-01"]),
        ({"XK_XDR_SHXYM": "91440300708461136A"}, ["R-USCC-03"]),
        ({"XK_XDR_SHXYM": "91350203M0001QAY9B"}, []),
        ({"XK_XDR_SHXYM": "9144O300708461136T"}, ["R-USCC-02"]),
        ({"XK_XDR_SHXYM": "9144030070846113"}, ["R-USCC-01"]),
        ({"XK_XDR_SHXYM": "9.14403007084611E+17"}, ["R-XLS-01"]),
        ({"XK_WSH": "3.70100201705E+17"}, ["R-XLS-01"]),
        ({"XK_WSH": "济建许E+17"}, []),
        ({"XK_XDR_SHXYM": "９１４４０３００７０８４６１１３６ｔ"}, []),
        ({"XK_XDR_SHXYM": None}, ["R-REQ-02"]),
        ({"XK_XDR_SHXYM": None, "XK_XDR_ZDM": "55138508-2"}, []),
        ({"XK_XDR_SHXYM": None, "XK_XDR_ZDM": "551385081"}, ["R-ORG-02"]),
        ({"XK_XDR_SHXYM": None, "XK_XDR_GSDJ": "110108000000017"}, ["R-REG-02"]),
        ({"XK_XDR_SHXYM": None, "XK_XDR_GSDJ": "1101082000016"}, ["R-REG-01"]),
        ({"XK_XDR_SHXYM": None, "XK_XDR": "张三"}, ["R-REQ-03"]),
        ({"XK_XDR_SHXYM": None, "XK_XDR": "张三", "XK_XDR_SFZ": "11010519491231002X"}, []),
        ({"XK_XDR_SFZ": "110105194912310021"}, ["R-RIC-03"]),
        ({"XK_XDR_SFZ": "110105194902300021"}, ["R-RIC-02"]),
        ({"XK_XDR_SFZ": "110105490230002"}, ["R-RIC-01"]),
        ({"XK_SPLB": "备案"}, ["R-CODE-01"]),
        ({"XK_SPLB": "其他"}, ["R-CODE-02"]),
        ({"XK_SPLB": "其他-备案"}, []),
        ({"XK_JDRQ": "去年"}, ["R-DATE-01"]),
        ({"XK_JDRQ": "2017-10-21", "SJC": "2017-10-21"}, ["R-DATE-02"]),
        ({"XK_JZQ": "2017-05-31"}, ["R-DATE-03"]),
        ({"XK_JZQ": "2099/12/31"}, []),
        ({"XK_NR": "字" * 2049}, ["R-LEN-01"]),
        ({"XK_ZT": None}, []),
    ],
)
def test_a_mistake_has_its_reasons(said: dict[str, str | None], rules: list[str]) -> None:
    assert judged(**said) == rules


PATTERNS = sorted({field.pattern for item in CATALOG.values() for field in item.fields if field.pattern})


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_a_pattern_means_the_same_on_columns_as_on_one_value(pattern: str, data) -> None:
    values = data.draw(st.lists(st.from_regex(pattern, fullmatch=True) | st.text(max_size=8) | st.from_regex(pattern), min_size=1, max_size=6))
    columns = pl.Series(values, dtype=pl.String).str.contains(f"^(?:{pattern})$").to_list()
    assert columns == [re.fullmatch(pattern, value) is not None for value in values]


def test_all_reasons_of_a_record_come_at_once_with_a_remedy() -> None:
    found = check_one(XZXK, XZXK.example | {"XK_WSH": None, "XK_SPLB": "备案", "XK_XDR_SHXYM": "91440300708461136A"}, CONTEXT).errors
    assert [reason.rule for reason in found] == ["R-REQ-01", "R-CODE-01", "R-USCC-03"]
    assert all(reason.title and reason.message and reason.remedy for reason in found)
    assert "应为 T" in found[2].message


def test_several_kinds_of_penalty_are_one_value_however_joined() -> None:
    item, expected = CATALOG["xzcf"], "罚款；没收违法所得、没收非法财物"
    for said in ("罚款;没收违法所得、没收非法财物", "罚款、没收违法所得、没收非法财物"):
        assert check_one(item, item.example | {"CF_CFLB1": said}, CONTEXT).typed["CF_CFLB1"] == expected
    assert judged("xzcf", CF_CFLB1="罚款；鞭打") == ["R-CODE-01"]


@pytest.mark.parametrize(
    ("said", "excluded"),
    [
        ({"XK_JDRQ": "2014-12-31", "SJC": "2014-12-31"}, True),
        ({"XK_JDRQ": "2014-12-31", "SJC": "2015-01-01"}, False),
        ({"XK_JDRQ": "2014-12-31", "SJC": "2014-12-31", "XK_JZQ": "2099-12-31"}, False),
        ({"XK_JDRQ": "2015-01-01", "SJC": "2015-01-01"}, False),
    ],
)
def test_what_was_decided_and_last_changed_before_2015_is_outside(said: dict[str, str], excluded: bool) -> None:
    assert check_one(XZXK, XZXK.example | {"XK_JZQ": None} | said, CONTEXT).excluded is excluded


def test_a_withdrawal_is_asked_for_its_key_only() -> None:
    nothing_but_key = dict.fromkeys(XZXK.example) | {name: XZXK.example[name] for name in XZXK.key}
    assert check_one(XZXK, nothing_but_key, CONTEXT, key_only=True).errors == []
    assert [reason.rule for reason in check_one(XZXK, {}, CONTEXT, key_only=True).errors] == ["R-REQ-01"] * 3


def test_personal_numbers_are_masked_by_privacy_and_by_content() -> None:
    number = "11010519491231002X"
    assert hidden(number) == "110105***********X"
    assert masked(number, "person_number") == masked(number, "content") == hidden(number)
    assert masked(f"身份证{number}持有人", "none") == f"身份证{hidden(number)}持有人"
    assert masked("91440300708461136T", "none") == "91440300708461136T"
    assert number[:6] not in public(f"身份证{number}", "content")
    assert public(number, "person_number") == "***"


def person(prefix: str) -> str:
    body = f"{prefix}19491231002"
    return body + ric_check(body)


@pytest.mark.parametrize(("prefix", "rules"), [("370102", []), ("710000", []), ("830000", []), ("911156", []), ("990101", []), ("000101", ["R-RIC-04"]), ("380102", ["R-RIC-04"])])
def test_an_unknown_place_of_an_identity_number_is_a_warning(prefix: str, rules: list[str]) -> None:
    item = CATALOG["zyzg"]
    said = item.example | {"SFZH": person(prefix)}
    one, many = check_one(item, said, CONTEXT), check(item, pl.DataFrame(said, schema=dict.fromkeys(said, pl.String)), CONTEXT)
    assert ([reason.rule for reason in one.warnings], one.errors) == (rules, [])
    assert many.warnings.get(0, []) == one.warnings


@given(st.lists(st.from_regex(r"[0-9]{15}", fullmatch=True), min_size=1, max_size=20))
def test_registration_numbers_in_columns_are_suspected_only_when_wrong(numbers: list[str]) -> None:
    item = XZXK
    said = [item.example | {"XK_XDR_GSDJ": number[:14] + regno_check(number) if place % 2 else number} for place, number in enumerate(numbers)]
    many = check(item, pl.DataFrame(said, schema=dict.fromkeys(said[0], pl.String)), CONTEXT)
    for place, record in enumerate(said):
        assert many.errors.get(place, []) == check_one(item, record, CONTEXT).errors
        assert (place in many.errors) == (regno_check(record["XK_XDR_GSDJ"]) != record["XK_XDR_GSDJ"][14])


NUMBER = "11010519491231002X"


@pytest.mark.parametrize("value", [NUMBER, "１１０１０５１９４９１２３１００２Ｘ", "身份证号码：11010519491231002X，本人", "1.10105194912310E+17", f"张三{NUMBER}"])
@pytest.mark.parametrize("code", sorted(CATALOG))
def test_no_reason_shows_a_personal_number_whatever_field_it_was_put_into(code: str, value: str) -> None:
    item = CATALOG[code]
    found = check_one(item, dict.fromkeys(item.by_name, value), CONTEXT)
    said = " ".join(f"{reason.value} {reason.message} {reason.remedy}" for reason in found.errors + found.warnings)
    assert found.errors
    for piece in ("19491231", "１９４９１２３１", "0519491", "10105194"):
        assert piece not in said


def test_masks_keep_the_rest_of_a_text_as_it_was() -> None:
    assert masked("Ａ１１０１０５１９４９１２３１００２Ｘ，Ｂ", "none") == f"Ａ{hidden(NUMBER)}，Ｂ"
    assert masked("9.14403007084611E+17", "none") == "9.14…E+17"
    assert masked("许可2E+12", "none") == "许可2E+12"
    assert public(f"经查{NUMBER}", "none") == "经查***"


VALID_WHILE = [code for code in sorted(CATALOG) if "valid_while" in CATALOG[code].scope]


@pytest.mark.parametrize("code", VALID_WHILE)
def test_a_licence_without_a_last_day_is_collected_while_its_state_says_it_is_valid(code: str) -> None:
    item = CATALOG[code]
    old = item.example | {item.dated_by: "2009-01-01", item.scope["changed"]: "2009-01-01"}
    state = item.scope["valid_while"]
    for value in item.by_name[state["field"]].code_set:
        said = old | {state["field"]: value}
        one, many = check_one(item, said, CONTEXT), check(item, pl.DataFrame(said, schema=dict.fromkeys(said, pl.String)), CONTEXT)
        assert one.excluded == (value not in state["in"]) == many.excluded[0]


@pytest.mark.parametrize("code", ["xzxk", "xzcf"])
def test_a_blank_scope_of_use_is_public_for_organisations_and_by_authorisation_for_persons(code: str) -> None:
    item, prefix = CATALOG[code], code[2:].upper()
    blank = item.example | {f"{prefix}_SYFW": None}
    name = "XK_XDR" if code == "xzxk" else "CF_XDR_MC"
    person = blank | {f"{prefix}_XDR_SHXYM": None, name: "张三", f"{prefix}_XDR_SFZ": NUMBER, f"{prefix}_FR": None}
    found = check(item, pl.DataFrame([blank, person, person | {f"{prefix}_SYFW": "1"}], schema=dict.fromkeys(item.by_name, pl.String)), CONTEXT)
    assert found.errors == {}
    assert found.typed[f"{prefix}_SYFW"].to_list() == ["0", "2", "1"]
    assert check_one(item, person, CONTEXT).typed[f"{prefix}_SYFW"] == "2"
