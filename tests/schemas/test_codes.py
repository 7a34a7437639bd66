"""Code sets: sound files, all faults at once, days of validity, the catalogue's version."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import catalog, codes, codes_check
from schemas.catalog import Catalog, load
from schemas.codes import DIRECTORY, Entry, about, code_set, entries, histories, hull, missed, unbroken, versions
from schemas.faults import CatalogFault
from schemas.rules import Context, check, check_one

CATALOG = load()
XZXK = CATALOG["xzxk"]
CONTEXT = Context(date(2026, 1, 1))
DIVISIONS = entries("dfbm")
DAY = timedelta(days=1)
DAYS = st.dates(date(1978, 1, 1), date(2026, 1, 1))


def judged(code: str, day: str | None) -> list[tuple[str, str, str]]:
    """Warnings on a record with that place and day."""
    said = XZXK.example | {"DFBM": code, "XK_JDRQ": day, "XK_JZQ": None, "SJC": "2025-12-31"}
    return [(reason.rule, reason.message, reason.remedy) for reason in check_one(XZXK, said, CONTEXT).warnings]


def set_up(folder: Path, name: str, text: str | bytes) -> list[str]:
    """Faults of one code file."""
    (folder / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return [f"{fault.place}: {fault.problem}" for fault in codes_check.faults(folder)]


def test_every_file_is_sound_and_no_item_names_another_set() -> None:
    assert codes_check.faults() == []
    names = {each.name for each in versions()}
    assert {field.codes for item in CATALOG.values() for field in item.fields if field.codes} <= names
    assert {"zjlx", "bz", "xb", "mz", "xl", "qylx", "ztlx", "hy", "gb", "dfbm"} <= names


@pytest.mark.parametrize(
    ("name", "count", "some"),
    [
        ("mz", 56, {"01": "汉族", "56": "基诺族", "05": "维吾尔族"}),
        ("hy", 20, {"A": "农、林、牧、渔业", "T": "国际组织"}),
        ("xb", 4, {"0": "未知的性别", "1": "男性", "2": "女性", "9": "未说明的性别"}),
        ("gb", 249, {"CHN": "中国", "TWN": "中国台湾", "HKG": "中国香港", "MAC": "中国澳门"}),
        ("xl", 40, {"11": "博士研究生毕业", "31": "大学专科毕业", "90": "其他"}),
        ("bz", 152, {"CNY": "人民币", "EUR": "欧元"}),
    ],
)
def test_a_set_of_a_standard_is_whole(name: str, count: int, some: dict[str, str]) -> None:
    assert len(code_set(name)) == len(set(code_set(name).values())) == count
    assert some.items() <= code_set(name).items()
    assert about(name).standard.startswith("GB/T")


# Published counts at the end of the year: cities, districts, county-level cities, counties.
@pytest.mark.parametrize(("year", "counts"), [(2017, (17, 55, 26, 56)), (2020, (16, 58, 26, 52))])
def test_the_divisions_of_a_year_are_as_many_as_were_published(year: int, counts: tuple[int, int, int, int]) -> None:
    end = date(year, 12, 31)
    # In the year it ends, a code holds beside the one that replaces it: it is not counted any more.
    found = [entry for entry in DIVISIONS if entry.holds(end) and entry.until != end]
    counties = [entry.title for entry in found if entry.code[4:] not in ("00", "01")]
    cities = [entry for entry in found if entry.code.endswith("00") and entry.code != "370000"]
    assert (len(cities), *(sum(title.endswith(kind) for title in counties) for kind in "区市县")) == counts
    assert len(counties) == sum(counts[1:])


def test_every_place_of_2017_is_known_by_code_and_named_now() -> None:
    in_2017 = [entry for entry in DIVISIONS if entry.holds(date(2017, 6, 30))]
    assert len({entry.code for entry in in_2017}) == 173
    assert all(judged(entry.code, "2017-06-30") == [] for entry in in_2017)
    over = [entry for entry in in_2017 if entry.until]
    assert len(over) == 10
    assert all(entry.now in code_set("dfbm") and missed(histories("dfbm").get(str(entry.now), ()), date(2025, 1, 1)) is None for entry in over)


def test_a_code_used_after_its_time_is_told_with_the_present_one() -> None:
    told = [("R-CODE-03", "“地方编码”的 370181（章丘市）只用到 2016-12-31，而“许可决定日期”是 2017-01-01。", "请改填现行代码 370114（章丘区）。")]
    assert judged("370181", "2017-01-01") == told
    assert judged("370181", "2016-12-31") == judged("370114", "2016-01-01") == judged("370100", "2015-01-01") == []
    assert judged("370181", None) == []


def test_a_code_used_before_its_time_is_told() -> None:
    assert [(rule, "自 2016-01-01 起才启用" in message) for rule, message, _remedy in judged("370114", "2015-12-31")] == [("R-CODE-03", True)]


def test_a_code_of_another_province_is_not_in_the_set() -> None:
    found = check_one(XZXK, XZXK.example | {"DFBM": "110100"}, CONTEXT)
    assert [reason.rule for reason in found.errors] == ["R-CODE-01"]


@given(st.sampled_from([entry for entry in DIVISIONS if entry.since or entry.until]))
def test_a_code_holds_from_its_first_day_to_its_last(entry: Entry) -> None:
    history = histories("dfbm").get(entry.code, ())
    if entry.since:
        assert missed(history, entry.since) is None
        assert missed((entry,), entry.since - DAY) == entry
    if entry.until:
        assert missed(history, entry.until) is None
        assert missed((entry,), entry.until + DAY) == entry
        goes_on = any(other.since == entry.until + DAY for other in history)
        assert missed(history, entry.until + DAY) == (None if goes_on or not history else entry)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([*code_set("dfbm"), "999999"]), st.none() | DAYS), min_size=1, max_size=20))
@example([("370901", date(1990, 1, 1)), ("370901", date(2003, 1, 1)), ("371324", date(2014, 1, 1)), ("370181", date(2017, 1, 1))])
def test_columns_and_one_by_one_give_the_same(said: list[tuple[str, date | None]]) -> None:
    rows = [XZXK.example | {"DFBM": code, "XK_JDRQ": day and day.isoformat(), "XK_JZQ": None} for code, day in said]
    many = check(XZXK, pl.DataFrame(rows, schema=dict.fromkeys(XZXK.example, pl.String)), CONTEXT)
    for place, (row, (code, day)) in enumerate(zip(rows, said, strict=True)):
        one = check_one(XZXK, row, CONTEXT)
        assert many.warnings.get(place, []) == one.warnings
        told = any(reason.rule == "R-CODE-03" for reason in one.warnings)
        assert told == bool(day and missed(histories("dfbm").get(code, ()), day))


def test_of_several_codes_in_one_value_each_is_judged() -> None:
    several = replace(XZXK, fields=tuple(replace(field, many=True, length=99) if field.name == "DFBM" else field for field in XZXK.fields))
    said = XZXK.example | {"DFBM": "370100；370181", "XK_JDRQ": "2017-01-01"}
    many = check(several, pl.DataFrame([said] * 2, schema=dict.fromkeys(said, pl.String)), CONTEXT)
    assert [[reason.rule for reason in many.warnings[place]] for place in (0, 1)] == [["R-CODE-03"]] * 2


def test_a_code_that_came_back_has_two_histories() -> None:
    history = histories("dfbm")["370901"]
    assert not unbroken(history)
    assert unbroken(histories("dfbm")["370911"])
    assert hull(history) == (date(1983, 1, 1), None)
    assert [missed(history, date(year, 6, 1)) for year in (1984, 1990, 2010)] == [None, history[0], None]


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = "\ufeffcode,title,from,to,now\n1,一,2017-01-01,2016-01-01,\n1,壹,2015-01-01,,\n2,,2017-13-01,x,\n 3,三,,,\n,四,,,\n5,五,,2016-01-01,9\n6,六,,,1\na,七,,,\n8,八\n"
    assert set_up(tmp_path, "odd", text) == [
        "line 1: begins with a byte-order mark: save it as UTF-8 without one",
        "line 2: from 2017-01-01 is after to 2016-01-01",
        "line 3: code '1' is in line 2 already for the same days",
        "line 4: title is empty",
        "line 4: from: '2017-13-01' is not a day (2017-06-01)",
        "line 4: to: 'x' is not a day (2017-06-01)",
        "line 5: code: blanks around ' 3'",
        "line 5: no value can ever be ' 3': values are made '3'",
        "line 6: code is empty",
        "line 7: now: '9' is no code in force",
        "line 8: now: the code has no end (to)",
        "line 9: no value can ever be 'a': values are made 'A'",
        "line 10: has 2 columns, the header 5",
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("twice", "code,title\n1,一\n2,二\n1,壹\n", "line 4: code '1' is in line 2 already for the same days"),
        ("meet", "code,title,from,to\n1,一,,2016-01-01\n1,壹,2016-01-01,\n", "line 3: code '1' is in line 2 already for the same days"),
        ("header", "title,code\n1,一\n", "line 1: columns must be code,title and may be ['from', 'now', 'to'], not ['title', 'code']"),
        ("empty", "code,title\n", "line 1: holds no code"),
        ("Capital", "code,title\n1,一\n", "line 1: the file's name may hold lower-case letters, digits and _ only"),
        ("index", "name,title,standard,version,origin\nzz,x,,,me\n", "line 2: there is no code set 'zz'"),
        ("index", "name,title\n", "line 1: columns must be name,title,standard,version,origin, not ['name', 'title']"),
    ],
)
def test_a_fault_is_told_by_its_line(tmp_path: Path, name: str, text: str, told: str) -> None:
    assert set_up(tmp_path, name, text) == [told]


def test_a_file_that_is_not_text_is_a_fault(tmp_path: Path) -> None:
    assert set_up(tmp_path, "gbk", "code,title\n1,济南市\n".encode("gbk"))[0].startswith("line 1: is not UTF-8")
    assert set_up(tmp_path, "gbk", 'code,title\n1,一\n2,"二\n')[0].startswith("line 3: is not CSV")


def test_the_same_code_may_stand_for_several_periods_one_after_the_other(tmp_path: Path) -> None:
    assert set_up(tmp_path, "renamed", "code,title,from,to\n1,旧,,2015-12-31\n1,新,2016-01-01,\n") == []
    assert code_set("renamed", tmp_path) == {"1": "新"}


def test_the_catalogue_does_not_load_with_a_broken_code_set(tmp_path: Path) -> None:
    shutil.copytree(DIRECTORY, tmp_path / "codes")
    (tmp_path / "codes" / "zt.csv").write_text("code,title\n0,正常\n0,撤销\n1,\n", encoding="utf-8")
    with pytest.raises(CatalogFault) as caught:
        load(codes=tmp_path / "codes")
    assert [(fault.file, fault.place) for fault in caught.value.faults] == [("codes/zt.csv", "line 3"), ("codes/zt.csv", "line 4")]


def test_the_version_of_the_catalogue_covers_code_sets_and_severities(monkeypatch: pytest.MonkeyPatch) -> None:
    version = Catalog(list(CATALOG.values())).version
    assert version == CATALOG.version
    seen = {version}
    for name in ("zt", "uscc_exceptions"):
        changed = {name: (*entries(name), Entry("99", "新"))}
        monkeypatch.setattr(catalog, "entries", lambda asked, *where, changed=changed: changed.get(asked) or codes.entries(asked, *where))
        seen.add(Catalog(list(CATALOG.values())).version)
    monkeypatch.setattr(catalog, "entries", codes.entries)
    monkeypatch.setattr(catalog, "table", dict)
    seen.add(Catalog(list(CATALOG.values())).version)
    assert len(seen) == 4


def test_a_set_that_is_not_in_the_index_is_named_after_its_file(tmp_path: Path) -> None:
    set_up(tmp_path, "own", "code,title\n1,一\n")
    found = about("own", tmp_path)
    assert (found.title, found.standard, found.codes) == ("own", "", 1)
    assert [each.name for each in versions(tmp_path)] == ["own"]
    with pytest.raises(LookupError):
        about("index")


def test_a_set_is_read_once() -> None:
    assert code_set("dfbm") is code_set("dfbm")
    assert entries("dfbm") is entries("dfbm")
