"""What is said of a change of code sets, set by set and code by code."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guiji import app
from schemas.catalog import load
from schemas.changes import FREE, NOTICE, REFUSED
from schemas.code_changes import changes
from schemas.codes import DIRECTORY

OLD = "code,title,from,to,now\nA,甲,,,\nB,乙,2015-01-01,,\nC,丙,,2016-12-31,A\n"


@pytest.mark.parametrize(
    ("line", "other", "told"),
    [
        ("B,乙,2015-01-01,,\n", "", [("B", REFUSED, "去掉代码 B（乙）")]),
        ("A,甲,,,\n", "A,甲,,,\nD,丁,,,\n", [("D", FREE, "新代码 D（丁）")]),
        ("A,甲,,,\n", "A,甲等,,,\n", [("A", FREE, "名称由“甲”改为“甲等”")]),
        ("A,甲,,,\n", "A,甲,,2018-12-31,\n", [("A", NOTICE, "由 最初 至 今 改为 最初 至 2018-12-31")]),
        ("2016-12-31,A\n", "2016-12-31,B\n", [("C", FREE, "现行代码改为 B")]),
        ("A,甲,,,\nB,乙,2015-01-01,,\n", "B,乙,2015-01-01,,\nA,甲,,,\n", [("", FREE, "先后次序")]),
        ("A", "A", []),
    ],
)
def test_every_kind_of_change_is_told_with_its_verdict(line: str, other: str, told: list[tuple[str, str, str]], tmp_path: Path) -> None:
    for name, text in (("old", OLD), ("new", OLD.replace(line, other, 1))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "set.csv").write_text(text, encoding="utf-8")
    found = changes(tmp_path / "old", tmp_path / "new")
    assert [(each.item, each.place, each.verdict) for each in found] == [("codes/set", place, verdict) for place, verdict, _ in told]
    assert all(words in each.what for each, (_, _, words) in zip(found, told, strict=True))
    assert all(bool(each.way) == (each.verdict == REFUSED) for each in found)


def test_the_same_folder_is_no_change_and_sets_come_and_go(tmp_path: Path) -> None:
    assert changes(DIRECTORY, DIRECTORY) == []
    shutil.copytree(DIRECTORY, tmp_path / "codes")
    (tmp_path / "codes" / "hy.csv").unlink()
    (tmp_path / "codes" / "new.csv").write_text(OLD, encoding="utf-8")
    assert {(each.item, each.verdict) for each in changes(DIRECTORY, tmp_path / "codes")} == {("codes/new", FREE), ("codes/hy", NOTICE)}


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A whole folder of schemas of its own."""
    for name in ("avro", "codes"):
        shutil.copytree(DIRECTORY.parent / name, tmp_path / name)
    return tmp_path


def test_the_command_compares_whole_folders(schemas: Path) -> None:
    path = schemas / "codes" / "zt.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("3,其他", "4,其他"), encoding="utf-8")
    done = CliRunner().invoke(app, ["items", "diff", str(DIRECTORY.parent), str(schemas), "--output", "json"])
    assert done.exit_code == 2
    assert "去掉代码 3（其他）" in done.output
    assert "新代码 4（其他）" in done.output


def test_an_item_is_judged_by_the_code_sets_beside_it(schemas: Path) -> None:
    before = load(schemas / "avro", schemas / "codes").version
    (schemas / "codes" / "zt.csv").write_text("code,title\n0,正常\n7,别的\n", encoding="utf-8")
    shutil.move(schemas / "codes", schemas / "codes2")
    after = load(schemas / "avro", schemas / "codes2")
    assert list(after["xzxk"].by_name["XK_ZT"].code_set) == ["0", "7"]
    assert before != after.version
