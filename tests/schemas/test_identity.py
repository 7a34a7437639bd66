"""Keys and fingerprints: the same by record and by column, the same for ever (the vectors), unlike for unlike records, and without a personal number in them."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas import identity
from schemas.catalog import load

CATALOG = load()
VECTORS = json.loads(Path(__file__).with_name("identity_vectors.json").read_text(encoding="utf-8"))
SECRET = VECTORS["secret"].encode()
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
SAID = st.one_of(
    st.none(), TEXT, st.sampled_from(["", " ", "　", "ＡＢＣ－１", "济建许〔2017〕1号", "2017/1/2", "２０１７年1月2日", "20170229", "007", "11010519491231002X", "11010519491231002ｘ", "ŉ", "ß"])
)
ITEMS = pytest.mark.parametrize("item", CATALOG.values(), ids=lambda item: item.code)
MOMENTS = st.integers(-(10**12), 4 * 10**12).map(lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
TYPED = {"string": (TEXT, pl.String), "decimal-text": (TEXT, pl.String), "long": (st.integers(-(2**63), 2**63 - 1), pl.Int64)}
TYPED |= {"date": (st.dates(date(1000, 1, 1), date(2999, 1, 1)), pl.Date), "timestamp-millis": (MOMENTS, pl.Datetime("ms", "UTC"))}


def texts(item):
    return st.fixed_dictionaries({field.name: SAID for field in item.fields})


def typed(item):
    return st.fixed_dictionaries({field.name: st.none() | TYPED[field.kind][0] for field in item.fields})


def text_frame(item, records):
    return pl.DataFrame(records, schema={field.name: pl.String for field in item.fields})


def typed_frame(item, records):
    return pl.DataFrame(records, schema={field.name: TYPED[field.kind][1] for field in item.fields})


@pytest.mark.parametrize("vector", VECTORS["keys"], ids=lambda vector: vector["why"])
def test_key_vectors(vector) -> None:
    assert identity.key(CATALOG[vector["item"]], vector["department"], vector["fields"], SECRET) == vector["key"]


@pytest.mark.parametrize("vector", VECTORS["fingerprints"], ids=lambda vector: vector["why"])
def test_fingerprint_vectors(vector) -> None:
    item = CATALOG[vector["item"]]
    record = {name: date.fromisoformat(value) if item.by_name[name].kind == "date" else value for name, value in vector["typed"].items()}
    assert identity.fingerprint(item, record) == vector["fingerprint"]
    assert identity.fingerprints(item, typed_frame(item, [record])).to_list() == [vector["fingerprint"]]


@ITEMS
@settings(max_examples=6, deadline=None)  # times 63 items
@given(data=st.data())
def test_columns_give_the_keys_of_records(item, data) -> None:
    records = data.draw(st.lists(texts(item), max_size=4))
    frame = text_frame(item, records)
    one_by_one = [identity.key(item, "zjj", record, SECRET) for record in records]
    assert identity.keys(item, "zjj", frame, SECRET) == one_by_one
    assert identity.keys(item, ["zjj"] * len(records), frame, SECRET) == one_by_one
    assert identity.verbatim_fingerprints(item, frame).to_list() == [identity.verbatim_fingerprint(record) for record in records]


@ITEMS
@settings(max_examples=6, deadline=None)  # times 63 items
@given(data=st.data())
def test_columns_give_the_fingerprints_of_records(item, data) -> None:
    records = data.draw(st.lists(typed(item), max_size=4))
    assert identity.fingerprints(item, typed_frame(item, records)).to_list() == [identity.fingerprint(item, record) for record in records]


@ITEMS
@settings(max_examples=8, deadline=None)  # times 63 items
@given(data=st.data())
def test_only_equal_contents_have_equal_fingerprints(item, data) -> None:
    one, other = data.draw(typed(item)), data.draw(typed(item))
    lasting = [field.name for field in item.fields if not field.volatile]
    same = all(one[name] == other[name] for name in lasting)
    assert (identity.fingerprint(item, one) == identity.fingerprint(item, other)) == same


@given(st.lists(TEXT, min_size=3, max_size=3), st.integers(0, 2), st.sampled_from(["\x1e", "\x1f", "XK_XDR\x1f1\x1f"]))
def test_text_cannot_move_between_fields_unseen(values, cut, separator) -> None:
    item, names = CATALOG["xzxk"], ("XK_NR", "XK_WSH", "XK_XDR")
    one = dict(zip(names, values, strict=True))
    moved = one | {names[cut]: values[cut] + separator}
    assert identity.fingerprint(item, one) != identity.fingerprint(item, moved)


@ITEMS
def test_a_null_field_and_a_volatile_one_leave_no_trace(item) -> None:
    record = {field.name: {"date": date(2017, 9, 1), "long": 1}.get(field.kind, field.example or "x") for field in item.fields}
    optional = next(field.name for field in item.fields if not field.required and not field.volatile)
    without = {name: value for name, value in record.items() if name != optional}
    assert identity.fingerprint(item, without) == identity.fingerprint(item, record | {optional: None}) != identity.fingerprint(item, record)
    assert identity.fingerprint(item, record) == identity.fingerprint(item, record | {"SJC": date(2018, 1, 1)})
    frame = typed_frame(item, [record])
    assert identity.fingerprints(item, frame.drop(optional)).to_list() == [identity.fingerprint(item, without)]


def test_a_time_counts_by_its_moment() -> None:
    moment = datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
    assert identity._said(moment) == identity._said(moment.replace(tzinfo=None)) == identity._said(moment + timedelta(microseconds=900)) == "-1"
    for unit in ("ms", "us"):
        frame = pl.DataFrame({"T": [moment]}, schema={"T": pl.Datetime(unit, "UTC")})
        assert identity._hashes(frame, ["T"]).item() == identity._hash(identity._piece("T", "-1"))


@ITEMS
@settings(max_examples=8, deadline=None)  # times 63 items
@given(data=st.data())
def test_folding_a_key_value_twice_changes_nothing_and_keys_tell_values_apart(item, data) -> None:
    field = next(item.by_name[name] for name in item.key if item.by_name[name].privacy != "person_number")
    once = identity.canonical(field, data.draw(TEXT), SECRET)
    assume(once is not None and not once.startswith("hmac:"))
    assert identity.canonical(field, once, SECRET) == once
    record = dict.fromkeys(item.key, "甲")
    changed = identity.key(item, "zjj", record | {field.name: once}, SECRET)
    assert json.loads(changed)[2 + item.key.index(field.name)] == once


@given(st.integers(0, 9999), st.dates(date(1900, 1, 1), date(2017, 9, 1)), st.integers(0, 999), st.sampled_from(["{}", "个人{}", "{}号", " {} ", "372{}", "{}（张三）"]))
def test_no_personal_number_stands_in_a_key(place, born, serial, around) -> None:
    body = f"37{place:04}{born:%Y%m%d}{serial:03}"
    number = body + "10X98765432"[sum(weight * int(digit) for weight, digit in zip(identity._WEIGHTS, body, strict=True)) % 11]
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in number)
    record = {"XK_WSH": "空", "XK_XMMC": "登记", "XK_XDR": around.format(number)}
    key = identity.key(CATALOG["xzxk"], "gsj", record, SECRET)
    assert key is not None
    assert body not in key
    assert "hmac:" in key
    assert key == identity.key(CATALOG["xzxk"], "gsj", record | {"XK_XDR": around.format(wide)}, SECRET)
    assert key != identity.key(CATALOG["xzxk"], "gsj", record, b"another secret")


def test_keys_of_departments_stay_apart_where_the_scope_says_so() -> None:
    xzxk, zyzg = CATALOG["xzxk"], CATALOG["zyzg"]
    assert identity.key(xzxk, "a", xzxk.example, SECRET) != identity.key(xzxk, "b", xzxk.example, SECRET)
    assert identity.key(zyzg, "a", zyzg.example, SECRET) == identity.key(zyzg, "b", zyzg.example, SECRET)
    frame = text_frame(xzxk, [xzxk.example, xzxk.example])
    assert identity.keys(xzxk, ["a", "b"], frame, SECRET) == [identity.key(xzxk, name, xzxk.example, SECRET) for name in "ab"]


def test_an_incomplete_record_is_named_by_its_row_or_its_line() -> None:
    item = CATALOG["xzxk"]
    assert identity.keys(item, "zjj", text_frame(item, [item.example]).drop("XK_WSH"), SECRET) == [None]
    assert identity.fallback_key(item, "zjj_pg.permit", '["12"]', 3, "b") == '["?","xzxk","zjj_pg.permit","[\\"12\\"]"]'
    assert identity.fallback_key(item, "swj/excel", None, 3, "HZ1") == identity.incomplete(item, "swj/excel", "3@HZ1") == '["?","xzxk","swj/excel","3@HZ1"]'


def test_a_receipt_number_is_made_of_both_parts() -> None:
    assert identity.batch("swj/excel", "k") == VECTORS["batch"]["receipt"]
    assert len({identity.batch("a", "bc"), identity.batch("ab", "c"), identity.batch("a", "bd")}) == 3


@pytest.mark.parametrize(
    ("kind", "said", "stands"),
    [
        ("date", "２０１７年1月2日", "2017-01-02"),
        ("date", "20170102", "2017-01-02"),
        ("date", "2017/1/2 00:00:00", "2017-01-02"),
        ("date", "2017-02-30", "2017-02-30"),
        ("long", "００7", "7"),
        ("long", "-0", "0"),
        ("long", "1o", "1O"),
        ("string", "\u200b济\u00a0南\ufeff", "济 南"),
        ("string", "\u200b\u3000", None),
    ],
)
def test_a_key_value_has_one_form(kind, said, stands) -> None:
    field = replace(CATALOG["xzxk"].by_name["XK_WSH"], kind=kind)
    assert identity.canonical(field, said, SECRET) == stands
