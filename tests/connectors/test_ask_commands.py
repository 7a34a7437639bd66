"""`check` and `new` at the command line, where no database is needed to say no."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from connectors.access import Access, Unasked, of
from guiji import app
from schemas.sources import Database

RUN = CliRunner()
NEW = {"--department": "zjj", "--kind": "postgres", "--host": "h", "--port": "1", "--database": "d", "--user": "u", "--password-env": "P"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("GUIJI_SOURCES", str(tmp_path))
    monkeypatch.setenv("GUIJI_HOME", str(tmp_path / "home"))
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    done = RUN.invoke(app, ["connectors", *words])
    return done.exit_code, done.output


def declared(folder: Path, kind: str) -> None:
    required = {"XK_WSH": "a", "XK_XMMC": "b", "XK_SPLB": "c", "XK_NR": "d", "XK_XDR": "e", "XK_JDRQ": "f", "XK_XZJG": "g", "XK_ZT": "h", "DFBM": "i", "SJC": "j"}
    database = {"kind": kind, "host": "127.0.0.1", "port": 1, "name": "d", "user": "u", "password": "${env:NOBODY_SET_IT}"}
    (folder / "a.yaml").write_text(yaml.safe_dump({"source": "src", "department": "zjj", "database": database, "tables": {"t": {"item": "xzxk", "columns": required}}}), encoding="utf-8")


@pytest.mark.parametrize("kind", ["sqlserver", "oracle"])
def test_where_nothing_can_be_asked_it_says_so_and_prints_the_script(folder: Path, kind: str) -> None:
    declared(folder, kind)
    code, said = run("check", "src")
    assert code == 1
    assert "not run" in said
    assert "CREATE" in said
    assert "********" in said


def test_check_needs_a_source_that_is_there_and_whole_options(folder: Path) -> None:
    declared(folder, "postgres")
    assert run("check", "other")[0] == 2
    assert "belong together" in run("check", "src", "--as", "root")[1]
    assert "NOBODY_SET_IT is set nowhere" in str(RUN.invoke(app, ["connectors", "check", "src"]).exception)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"--kind": "oracle"}, "cannot be asked here"), ({"--department": "nobody"}, "departments.csv"), ({"--password-env": "word"}, "password-env"), ({"--name": "A B"}, "name"),
        ({"--table": "t"}, "its --item"), ({"--table": "t", "--item": "nothing"}, "no item"),
    ],
)  # fmt: skip
def test_new_says_what_is_wrong_before_it_asks(folder: Path, said: dict[str, str], words: str) -> None:
    code, told = run("new", *(word for pair in (NEW | said).items() for word in pair))
    assert code == 2
    assert words in " ".join(told.replace("│", " ").split())
    assert list(folder.glob("*.yaml")) == []


def test_a_database_that_is_not_there_is_not_asked(folder: Path, monkeypatch) -> None:
    monkeypatch.setenv("NOBODY_SET_IT", "geheim")
    for kind in ("postgres", "mariadb"):
        declared(folder, kind)
        found = RUN.invoke(app, ["connectors", "check", "src"]).exception
        assert type(found) is Unasked
        assert f"{kind} 127.0.0.1:1/d as u" in str(found)
        assert "geheim" not in str(found)


def test_an_access_knows_what_references_mean_and_shows_no_password() -> None:
    database = Database("postgres", "${env:H}", "${env:N}", "d", "u", "${env:P}")
    found = of(database, {"H": "127.0.0.1", "N": "5432", "P": "geheim"})
    assert found == Access("postgres", "127.0.0.1", 5432, "d", "u", "geheim")
    assert found.near
    assert "geheim" not in f"{found!r} {found}"
    with pytest.raises(Unasked, match="P is set nowhere"):
        of(database, {"H": "h", "N": "1"})
    with pytest.raises(Unasked, match="no number"):
        of(database, {"H": "h", "N": "x", "P": "p"})
