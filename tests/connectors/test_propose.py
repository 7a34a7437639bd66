"""Proposals: columns by name, comment, initials and type; what is doubtful says so; the drafted file is read back as it is meant."""

import pytest
import yaml

from connectors import draft, propose
from connectors.facts import Column, TableFacts
from schemas import catalog, sources_check

CATALOG = catalog.load()
ITEM = CATALOG["xzxk"]
DATABASE = {"kind": "postgres", "host": "10.0.0.1", "port": "5432", "name": "zjj", "user": "guiji", "password": "${env:ZJJ_WORD}"}


def table(name: str, comment: str, *columns: tuple[str, str, str]) -> TableFacts:
    made = {column: Column(column, kind, comment=said) for column, kind, said in columns}
    return TableFacts(name, "table", made, ("id",), 1, 1, comment)


PERMIT = table(
    "public.permit", "行政许可", ("id", "bigint", ""), ("wsh", "text", "行政许可决定书文号"), ("xmmc", "varchar(200)", ""), ("splb", "text", "审批类别（代码）"), ("nr", "text", "准予许可的内容"),
    ("xk_xdr", "text", ""), ("jdrq", "date", "许可决定日期"), ("no", "text", "许可机关"), ("zt", "text", "当前状态"), ("gxsj", "timestamp without time zone", "更新时间"), ("photo", "bytea", "备注"),
)  # fmt: skip


def test_columns_are_found_by_name_comment_and_initials_and_by_type() -> None:
    found = propose.matches(PERMIT, ITEM)
    assert {code: found[code].column for code in ("XK_WSH", "XK_XMMC", "XK_SPLB", "XK_XDR", "XK_JDRQ", "XK_XZJG", "XK_ZT")} == {
        "XK_WSH": "wsh", "XK_XMMC": "xmmc", "XK_SPLB": "splb", "XK_XDR": "xk_xdr", "XK_JDRQ": "jdrq", "XK_XZJG": "no", "XK_ZT": "zt",
    }  # fmt: skip
    assert (found["XK_XDR"].doubtful, found["XK_XDR"].why, found["XK_XMMC"].why) == (False, "列名", "拼音首字母")
    assert found["XK_XMMC"].doubtful
    assert found["BZ"].doubtful, "a picture is hardly a remark"
    assert list(found) == [field.name for field in ITEM.fields if field.name in found]


def test_two_columns_that_may_be_meant_are_both_told() -> None:
    twice = table("t", "", ("a", "text", "项目名称"), ("b", "text", "项目名称"))
    assert propose.matches(twice, ITEM)["XK_XMMC"] == propose.Match("a", 0.98, "列注释", ("b",))


def test_a_table_is_the_item_that_it_serves_best_or_none() -> None:
    owed = [CATALOG["xzcf"], ITEM]
    assert (propose.proposal(PERMIT, owed) or pytest.fail("nothing")).item.code == "xzxk"
    assert propose.proposal(table("log", "", ("id", "bigint", ""), ("line", "text", "")), owed) is None
    assert (propose.proposal(table("log", "", ("id", "bigint", "")), [ITEM]) or pytest.fail("nothing")).matches == {}


def test_the_draft_is_read_back_as_it_is_meant_and_lacks_what_it_says() -> None:
    proposal = propose.proposal(PERMIT, [CATALOG["xzcf"], ITEM])
    assert proposal is not None
    text = draft.draft("zjj_new", "zjj", DATABASE, [proposal], {"public.log"})
    spec = yaml.safe_load(text)
    assert spec["database"] == DATABASE
    assert spec["tables"]["public.permit"]["columns"]["XK_XZJG"] == "no", "not the truth value"
    assert spec["tables"]["public.permit"]["source_time"] == "gxsj"
    faults = list(sources_check.check(spec, CATALOG, {"zjj"}))
    lacking = [field.name for field in ITEM.fields if field.required and field.name not in proposal.matches]
    assert lacking
    assert sorted(problem.split()[2] for _, problem in faults) == sorted(lacking)
    assert text.count("# 待定 ") == len(lacking)
    assert all(f"待定 {name} {ITEM.by_name[name].title}（必填）" in text for name in lacking)
    assert "未采用的表：public.log" in text
    assert "ZJJ_WORD=…" in text
    assert "待核：按拼音首字母" in text


@pytest.mark.parametrize("name", ["no", "01", "列", "a-b", "permit", "1e3", "~", "null", "x.y", "a: b"])
def test_a_name_is_the_same_after_yaml(name: str) -> None:
    assert yaml.safe_load(f"k: {draft.scalar(name)}") == {"k": name}
    assert yaml.safe_load(f"{{k: {draft.scalar(name)}}}") == {"k": name}
