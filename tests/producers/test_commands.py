"""The catalogue office at the command line: begin an item, see what a change does, take a workbook, give one back."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guiji import app
from schemas.catalog import DIRECTORY, load

RUN = CliRunner()


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch) -> Path:
    folder = tmp_path / "avro"
    folder.mkdir()
    shutil.copy(DIRECTORY / "xzxk.avsc", folder)
    monkeypatch.setenv("GUIJI_CATALOGUE", str(folder))
    return folder


def run(*words: str) -> tuple[int, str]:
    done = RUN.invoke(app, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_a_new_item_is_sound_from_its_first_line_on(catalogue: Path) -> None:
    assert run("items", "new", "ceshi", "测试信息")[0] == 0
    assert set(load(catalogue)) == {"xzxk", "ceshi"}
    assert "2 items" in run("items", "check")[1]
    code, said = run("items", "new", "ceshi", "测试信息")
    assert code == 2
    assert "there already" in said
    assert run("items", "new", "Ce-shi", "测试")[0] == 2


def test_diff_says_what_changes_and_its_exit_code_whether_it_is_refused(catalogue: Path, tmp_path: Path) -> None:
    spec = json.loads((catalogue / "xzxk.avsc").read_text(encoding="utf-8"))
    old, new = tmp_path / "old" / "xzxk.avsc", catalogue / "xzxk.avsc"
    old.parent.mkdir()
    shutil.copy(new, old)
    assert run("items", "diff", str(old), str(new))[0] == 0
    spec["fields"].append({"name": "XIN", "title": "新字段", "type": ["null", "string"], "default": None})
    new.write_text(json.dumps(spec), encoding="utf-8")
    code, said = run("items", "diff", str(old), str(new), "--output", "json")
    assert code == 0
    assert "新增选填字段“新字段”" in said
    code, said = run("items", "diff", str(new), str(old), "--output", "json")
    assert code == 2
    assert "去掉字段“新字段”" in said
    assert run("items", "diff", str(tmp_path / "no"), str(new))[0] == 2


def test_a_workbook_goes_out_and_in_and_never_over_what_would_break(catalogue: Path, tmp_path: Path) -> None:
    book, into = tmp_path / "目录.xlsx", tmp_path / "in"
    assert run("items", "export", str(book))[0] == 0
    assert run("items", "import", str(book), "--into", str(into))[0] == 0
    assert load(into)["xzxk"] == load(catalogue)["xzxk"]
    narrow = json.loads((into / "xzxk.avsc").read_text(encoding="utf-8"))
    narrow["fields"].append({"name": "XIN", "title": "新字段", "type": ["null", "string"], "default": None})
    (into / "xzxk.avsc").write_text(json.dumps(narrow), encoding="utf-8")
    code, said = run("items", "import", str(book), "--into", str(into))
    assert code == 2
    assert "没有改写：去掉字段“新字段”" in said.replace("\n", "")
    assert "XIN" in load(into)["xzxk"].by_name
