"""`guiji connectors provide` before it asks a server, and the sheet that a department is handed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors import commands
from connectors.access import Access
from connectors.front import source_file
from connectors.front.place import KINDS, Front
from connectors.front.sheet import sheet
from schemas import catalog

ITEM = catalog.load()["xzxk"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sources").mkdir()
    monkeypatch.setenv("GUIJI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GUIJI_SOURCES", str(tmp_path / "sources"))
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(commands.group, ["provide", *arguments])
    return answer.exit_code, " ".join((answer.output + str(answer.exception or "")).replace("│", " ").split())


def test_all_that_is_wrong_with_a_demand_is_told_at_once() -> None:
    code, told = run("nobody", "nothing", "--kind", "oracle")
    assert code == 2
    assert all(words in told for words in ("no department 'nobody'", "no item 'nothing'", "kind 'oracle'"))


def test_without_a_server_the_statements_are_printed_as_for_an_empty_one_and_nothing_is_written(home: Path) -> None:
    code, told = run("zjj", "xzxk", "--print")
    assert code == 0
    assert "as for an empty server" in told
    assert 'CREATE DATABASE "zjj_front"' in told
    assert "'********'" in told
    assert list((home / "sources").iterdir()) == []
    assert not (home / "home" / "secrets.env").exists()


def test_without_a_server_nothing_is_made_and_the_next_step_is_told(home: Path) -> None:
    code, told = run("zjj", "xzxk", "--kind", "mariadb")
    assert code == 1
    assert "guiji up --server mariadb" in told
    assert list((home / "sources").iterdir()) == []


def test_the_file_alone_names_what_is_to_be_put_into_the_secrets(home: Path) -> None:
    code, told = run("zjj", "xzxk", "--file-only")
    assert code == 0
    assert all(name in told for name in ("ZJJ_FRONT_PASSWORD", "ZJJ_FRONT_CDC_PASSWORD", "ZJJ_FRONT_HZ_PASSWORD", "GUIJI_FRONT_POSTGRES_HOST", "GUIJI_FRONT_POSTGRES_PORT"))
    assert (home / "sources" / "zjj_front.yaml").exists()


def test_a_source_file_of_the_other_kind_stops_it_before_anything_is_made(home: Path) -> None:
    file = home / "sources" / "zjj_front.yaml"
    file.write_text(source_file.written(Front("zjj", "mariadb", [ITEM]), "某局", None), "utf-8")
    code, told = run("zjj", "xzxk")
    assert code == 1
    assert "is another one" in told


@pytest.mark.parametrize("kind", KINDS)
def test_the_sheet_tells_everything_but_the_password(kind: str) -> None:
    told = sheet(Front("zjj", kind, [ITEM]), "市城乡建设委", Access(kind, "10.1.2.3", 5432, "", "root", "administrators-word"))
    for words in ("10.1.2.3", "5432", "zjj_front", "ZJJ_FRONT_PASSWORD", "xzxk_hz", "xzxk_hzd", "INSERT INTO", "GJ_CZ", "已撤回", "不在归集范围"):
        assert words in told
    assert "administrators-word" not in told
    assert "root" not in told
    assert ("TRUNCATE" in told) == (kind == "mariadb")
