"""`guiji circular`: from the draft to the correction on the command line, in the name of accounts."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import Result
from typer.testing import CliRunner

import guiji
from loaders import embedded
from loaders.sink import prepare
from portal import database
from portal.accounts import people
from portal.accounts.people import Draft
from portal.accounts.roles import Role
from portal.audit.journal import Entry
from portal.circular import office, papers, shelf
from portal.circular.office import Act
from schemas.obligations import calendar
from tests.loaders.records import Records
from tests.portal.circular.site import person
from tests.portal.desk import CATALOG

RUN = CliRunner()
AT = datetime(2017, 10, 12, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose warehouse holds one record, with an account of the centre and one of the office."""
    home = tmp_path_factory.mktemp("circular") / "home"
    warehouse = embedded.own(home / "clickhouse")
    prepare(warehouse, CATALOG())
    Records(warehouse, CATALOG()).put("xzxk", '["xzxk","zjj","1"]', XK_JDRQ=date(2017, 10, 10), _received_at=AT, _judged_at=AT + timedelta(seconds=1))
    with database.connect(f"sqlite:///{home}/portal.db").begin() as portal:
        for name, role in (("zhong", Role.CENTRE), ("ban", Role.OFFICE)):
            people.add(portal, Draft(name, f"张{name}", role), set(), AT)
    yield home
    embedded.release(home / "clickhouse")


@pytest.fixture(autouse=True)
def _home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIJI_HOME", str(home))


def run(*words: str, code: int = 0) -> Result:
    answer = RUN.invoke(guiji.app, ["circular", *words])
    assert answer.exit_code == code, (answer.output, answer.exception)
    return answer


def test_a_circular_goes_its_way_on_the_command_line(home: Path, tmp_path: Path) -> None:
    run("2017-10", code=2)
    assert "must lie between" in run("draft", "2017-10", "--by", "zhong", "--as-of", "2017-10-01", code=2).output
    assert "no account 'ban' of the role centre" in run("draft", "2017-10", "--by", "ban", code=2).output
    assert "is drafted" in run("draft", "2017-10", "--by", "zhong").output
    assert RUN.invoke(guiji.app, ["circular", "draft", "2017-10", "--by", "zhong"]).exit_code == 1
    rows = {row["部门"]: row for row in json.loads(run("2017-10", "-o", "json").stdout)}
    assert rows["市城乡建设委"]["报送条数"] == 1
    with database.connect(f"sqlite:///{home}/portal.db").begin() as portal:
        file = shelf.latest(portal, "2017-10")
        assert file
        act = Act(person(Role.CENTRE), AT, date(2017, 11, 13))
        office.consult(portal, file, calendar.known(calendar.load(), act.today), act)
        file = shelf.latest(portal, "2017-10")
        assert file
        office.object_(portal, file, {"item": "xzxk", "figure": "missed", "why": "多计一期"}, Act(person(Role.OFFICER, "zjj"), AT, date(2017, 11, 14)))
    assert json.loads(run("objections", "2017-10", "-o", "json").stdout)[0]["decision"] == "待裁定"
    run("decide", "2017-10", "3", "--by", "ban", "--why", "属实", code=2)
    assert RUN.invoke(guiji.app, ["circular", "issue", "2017-10", "--by", "ban"]).exit_code == 1  # an objection is not decided
    run("decide", "2017-10", "3", "--by", "ban", "--why", "属实", "--upheld", "0/4")
    assert "〕1号" in run("issue", "2017-10", "--by", "ban").output
    run("correct", "2017-10", "zjj", "xzxk", "late", "1/4", "--by", "zhong", "--why", "漏计")
    assert "〕2号" in run("issue", "2017-10", "--by", "ban", "--correction").output
    for words in (["one.docx"], ["one.xlsx"], ["two.docx", "--correction"], ["report.docx", "--report"], ["report.xlsx", "--report"]):
        run("export", "2017-10", str(tmp_path / words[0]), *words[1:])
        assert ZipFile(tmp_path / words[0]).testzip() is None
    run("export", "2017-10", str(tmp_path / "one.txt"), code=2)
    with database.connect(f"sqlite:///{home}/portal.db")() as portal:
        told = [(each.action, each.address) for each in portal.query(Entry)]
    assert {("起草通报", "命令行"), ("裁定对通报的异议", "命令行"), ("签发通报", "命令行"), ("更正已印发的通报", "命令行"), ("导出通报文件", "命令行")} <= set(told)


def test_without_libreoffice_a_pdf_is_refused_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers.shutil, "which", lambda _: None)
    answer = RUN.invoke(guiji.app, ["circular", "export", "2017-10", str(tmp_path / "one.pdf")])
    assert papers.ABSENT in str(answer.exception)
