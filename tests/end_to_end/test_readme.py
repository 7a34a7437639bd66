"""What the README tells each kind of user to do, done as written: its page names every command and address tried here, and no other."""

import io
import re
from contextlib import closing
from pathlib import Path

import httpx
import openpyxl
import pytest

from schemas.catalog import load
from tests.end_to_end.people import Person
from tests.waiting import eventually

pytestmark = pytest.mark.servers
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
TABLE = README.split("## Who does what next")[1].split("\n## ")[0]
EXAMPLE = load()["xzxk"].example
TOLD = {
    "throughput", "rejects", "balance --all", "submit FILE --item xzxk --department zjj", "token new zjj my-system", "connectors check zjj_pg", "connectors prepare zjj_pg", "items check", "status",
    "user add NAME 姓名 --role centre", "user add NAME 姓名 --role office", "user add NAME 姓名 --role analyst",
}  # fmt: skip
ADDRESSES = {"/soap/v1?wsdl", "/templates/xzxk.xlsx", "POST /api/v1/items/xzxk/records", "/api/docs?item=xzxk", "/api/items/xzxk/openapi.json", "/status", "/circular", "/boards", "/analysis"}


def quoted() -> list[str]:
    """What stands between backticks in the table, without the name of the program."""
    return [re.sub(r"^(?:\.venv/bin/python )?guiji\.py |^… ", "", words) for words in re.findall(r"`([^`]+)`", TABLE)]


def test_the_readme_tells_just_what_is_tried_here() -> None:
    words = set(quoted())
    assert words >= TOLD | ADDRESSES
    rest = words - TOLD - ADDRESSES - {"guiji.py", ".venv/bin/python guiji.py"}
    assert all(each.startswith("make ") or (Path(__file__).parents[2] / each).exists() for each in rest), rest


def test_the_liaison_officer_fills_the_template_in_and_hands_it_over(pipeline, tmp_path: Path) -> None:
    answer = httpx.get(f"{pipeline.settings.serve_url}/templates/xzxk.xlsx", timeout=30)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    titles = {load()["xzxk"].by_name[name].title: value for name, value in (EXAMPLE | {"XK_WSH": "济建许〔2017〕自述1号"}).items()}
    top = next(row for row in sheet.iter_rows() if any(_title(cell.value) in titles for cell in row))
    empty = next(number for number in range(top[0].row + 1, 100) if all(cell.value is None for cell in sheet[number]))
    for cell in top:
        if _title(cell.value) in titles:
            sheet.cell(empty, cell.column, titles[_title(cell.value)])
    file = tmp_path / "许可.xlsx"
    book.save(file)
    said = pipeline.cli("submit", str(file), "--item", "xzxk", "--department", "zjj")
    assert "回执号 HZ" in said
    eventually(lambda: "zjj/excel" in pipeline.cli("throughput"))
    assert pipeline.json("rejects") == []
    assert pipeline.query("SELECT 1 AS one FROM xzxk FINAL WHERE XK_WSH = '济建许〔2017〕自述1号'")


def _title(value: object) -> str:
    return str(value or "").strip("* ")


def test_whoever_runs_the_portal_gets_the_first_account(pipeline) -> None:
    password = pipeline.cli("user", "add", "first", "张三", "--role", "centre").split()[-1]
    with httpx.Client(base_url=pipeline.settings.serve_url, follow_redirects=True, timeout=30) as browser:
        form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', browser.get("/login").text))
        answer = browser.post("/login", data=form | {"username": "first", "password": password}, headers={"Origin": pipeline.settings.serve_url})
    assert answer.status_code == 200
    assert answer.url.path == "/account/password"


@pytest.mark.parametrize(("role", "addresses"), [("office", ["/status", "/circular", "/boards"]), ("analyst", ["/boards", "/analysis"])])
def test_the_official_and_the_analyst_find_their_pages(pipeline, role: str, addresses: list[str]) -> None:
    person = Person(pipeline, f"the-{role}", role)
    with closing(person.client):
        for address in addresses:
            assert person.get(address).status_code == 200, address
            assert f'href="{address}"' in person.page, "the way there stands in the navigation"


def test_the_programmer_gets_a_token_and_posts_a_record(pipeline) -> None:
    token = pipeline.cli("token", "new", "zjj", "my-system").strip()
    answer = pipeline.post(token, "xzxk", [{"ref": "1", "fields": EXAMPLE | {"XK_WSH": "济建许〔2017〕自述2号", "XK_XDR_SHXYM": "1"}}], wait=20)
    assert answer.status_code == 200, answer.text
    assert [record["outcome"] for record in answer.json()["records"]] == ["rejected"]
    assert httpx.get(f"{pipeline.settings.serve_url}/api/docs?item=xzxk", timeout=30).status_code == 200
    described = httpx.get(f"{pipeline.settings.serve_url}/api/items/xzxk/openapi.json", timeout=30).json()
    assert "XK_WSH" in str(described)
    assert "definitions" in httpx.get(f"{pipeline.settings.serve_url}/soap/v1?wsdl", timeout=30).text


def test_the_curious_see_figures_rejects_and_the_balance(pipeline) -> None:
    eventually(lambda: "zjj/my-system" in pipeline.cli("throughput"))
    eventually(lambda: "R-USCC-01" in pipeline.cli("rejects"))
    eventually(lambda: not pipeline.json("balance"))
    assert "zjj/my-system" in pipeline.cli("balance", "--all")
    assert "rejected" in pipeline.cli("trace", "xzxk", "济建许〔2017〕自述2号")
    assert "Nothing is known" in pipeline.cli("trace", "xzxk", "没有这个号")


def test_the_catalogue_office_the_database_administrator_and_the_operator(pipeline) -> None:
    assert "no faults" in pipeline.cli("items", "check")
    pipeline.cli("connectors", "check", "zjj_pg", code=1)  # the database's address is set nowhere here; tests/connectors/test_check_servers asks real ones
    assert "CREATE PUBLICATION" in pipeline.cli("connectors", "prepare", "zjj_pg")
    assert "kafka" in pipeline.cli("status")
