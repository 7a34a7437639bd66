"""Which subject a record is about."""

import polars as pl
import pytest

from loaders.subject_match import LOCAL, OUTSIDE, UNKNOWN, claims, match, parts, proposals
from schemas.catalog import load, read

XZXK = load()["xzxk"]
CODE = "91370100MA3C0000XX"  # of this city; its check does not matter here
ORGCODE = CODE[8:17]


def register():
    def field(name: str, **more: object) -> dict[str, object]:
        return {"name": name, "title": name, "type": ["null", "string"], "default": None, **more}

    spec = {
        "type": "record", "namespace": "credit", "name": "reg",
        "catalogue": {"title": "登记", "category": "基本", "subject": "organisation", "key": ["ID"], "key_scope": "city", "frequency": "day", "dated_by": "RQ",
                      "usage": "0", "registers": "subjects", "source": "drafted"},
        "fields": [
            {"name": "ID", "title": "ID", "type": "string"}, field("MC", rules=["name"]), field("DM", rules=["uscc"]), field("ZCH", rules=["regno"]),
            field("CYM", rules=["name"], former=True), field("YZCH", rules=["regno"], former=True),
            {"name": "RQ", "title": "日期", "type": ["null", {"type": "int", "logicalType": "date"}], "default": None},
        ],
    }  # fmt: skip
    return read(spec)


def waiting(**said: str) -> pl.DataFrame:
    row = {"item": "xzxk", "key": "k", "code": "", "regno": "", "orgcode": "", "name": "", "person": 0} | said
    return pl.DataFrame([row])


def claimed(*rows: tuple[str, str, str, bool]) -> pl.DataFrame:
    return pl.DataFrame([{"kind": kind, "value": value, "subject": subject, "register": "reg", "former": former} for kind, value, subject, former in rows])


def linked(one: pl.DataFrame, *rows: tuple[str, str, str, bool]) -> tuple[str, str, str]:
    row = match(one, claimed(*rows) if rows else claimed(("name", "没有人", "x", False))).row(0, named=True)
    return row["subject"], row["by"], row["place"]


def test_an_item_names_its_subject_by_its_first_fields_with_the_rules() -> None:
    assert parts(XZXK).now == {"code": "XK_XDR_SHXYM", "orgcode": "XK_XDR_ZDM", "regno": "XK_XDR_GSDJ", "name": "XK_XDR"}
    assert not parts(load()["zyzg"]).any  # persons are in no register
    assert parts(register()).former == (("name", "CYM"), ("regno", "YZCH"))


def test_a_register_claims_what_it_carries_and_carried() -> None:
    frame = pl.DataFrame(
        [{"_key": "k", "_version": 3, "_partition": 0, "_offset": 7, "MC": "济南（泉城）公司", "DM": CODE, "ZCH": None, "CYM": "老名字；更老的 名字", "YZCH": "370100000000001"}]
    )
    found = claims(register(), frame)
    assert set(found.select("kind", "value").rows()) == {
        ("name", "济南(泉城)公司"), ("code", CODE), ("orgcode", ORGCODE), ("name", "老名字"), ("name", "更老的名字"), ("regno", "370100000000001"),
    }  # fmt: skip
    assert set(found["_offset"]) == {7}
    empty = claims(register(), frame.with_columns(pl.lit(None, pl.String).alias(name) for name in ("MC", "DM", "CYM", "YZCH")))
    assert empty.select("kind", "value", "_offset").rows() == [("", "", 7)]


def test_what_a_record_says_is_made_alike() -> None:
    said = dict.fromkeys(parts(XZXK).columns) | {"XK_XDR": "济南（泉城） 公司", "XK_XDR_ZDM": "12345678-9"}
    frame = pl.DataFrame([said | {"_key": "k", "_version": 1, "_department": "zjj", "_withdrawn": 0, "_partition": 0, "_offset": 0}], schema_overrides=dict.fromkeys(said, pl.String))
    row = proposals(XZXK, frame).row(0, named=True)
    assert (row["name"], row["orgcode"], row["code"], row["person"], row["standing"]) == ("济南(泉城)公司", "123456789", "", 0, 1)
    natural = frame.with_columns(pl.lit("张三").alias("XK_XDR"), pl.lit(None, pl.String).alias("XK_XDR_ZDM"))
    assert proposals(XZXK, natural)["person"].to_list() == [1]


@pytest.mark.parametrize(
    ("one", "rows", "expected"),
    [
        (waiting(code=CODE, name="甲"), [("code", CODE, CODE, False), ("name", "甲", "other", False)], (CODE, "code", LOCAL)),
        (waiting(regno="1", name="甲"), [("regno", "1", CODE, True)], (CODE, "former_regno", LOCAL)),
        (waiting(orgcode=ORGCODE), [("orgcode", ORGCODE, CODE, False)], (CODE, "orgcode", LOCAL)),
        (waiting(name="甲"), [("name", "甲", CODE, False), ("name", "甲", "old", True)], (CODE, "name", LOCAL)),
        (waiting(name="甲"), [("name", "甲", "a", False), ("name", "甲", "b", False), ("name", "甲", "c", True)], ("", "", UNKNOWN)),
        (waiting(code="91110108551385082Q", name="甲"), [], ("", "", OUTSIDE)),
        (waiting(code=CODE), [], ("", "", LOCAL)),
        (waiting(name="甲"), [("name", "甲", '["reg",null,"7"]', False)], ('["reg",null,"7"]', "name", UNKNOWN)),
        (waiting(name="张三", person=1), [("name", "张三", CODE, False)], ("", "", UNKNOWN)),
        (waiting(), [("name", "", CODE, False)], ("", "", UNKNOWN)),
    ],
)
def test_one_subject_or_none(one: pl.DataFrame, rows: list[tuple[str, str, str, bool]], expected: tuple[str, str, str]) -> None:
    assert linked(one, *rows) == expected


def test_nothing_waits_and_nothing_is_claimed() -> None:
    assert match(waiting().clear(), claimed(("name", "甲", "a", False))).height == 0


def test_every_register_of_the_catalogue_tells_the_names_and_numbers_it_gave_up() -> None:
    found = {item.code: set(parts(item).former) for item in load().values() if item.registers and any(field.former for field in item.fields)}
    assert found["qydj"] == found["gtgsh"] == found["nzhzs"] == {("name", "CYMC"), ("regno", "YZCH")}
    assert found["shzz"] == found["sydw"] == {("name", "CYMC")}
