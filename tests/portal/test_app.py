"""The serving process, started for real: ready, asked, refused a second time, stopped."""

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra import kafka
from infra.settings import Settings
from loaders import figures, warehouse
from loaders.errors import Unavailable
from portal import assets, database, tokens
from portal.accounts import people, sessions
from portal.accounts.people import Draft
from portal.accounts.roles import Role
from portal.accounts.sessions import Origin
from portal.frame import cookies
from portal.outcomes import Told
from portal.pages import documents
from producers.refusal import Refusal
from schemas import catalog as catalogue
from schemas import topics
from schemas.declared import WAYS
from schemas.registry import Registry
from tests.waiting import eventually

PROCESS = """
import sys
from pathlib import Path
from infra.settings import Settings
from portal.serve import serve
from schemas import catalog
home, broker, registry, port, cache = sys.argv[1:]
settings = Settings(home=Path(home), kafka=broker, registry=registry, serve_port=int(port), cache=Path(cache))
serve(settings, catalog.load())
"""
RECORD = {"ref": "A", "fields": {"XK_WSH": "一号", "XK_XMMC": "项目", "XK_XDR": "济南某公司"}}


@dataclass
class Served:
    """A running process and a client of it."""

    settings: Settings
    process: subprocess.Popen[bytes]
    client: httpx.Client


def start(settings: Settings, port: int = 0) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROCESS, str(settings.home), settings.kafka, settings.registry, str(port), str(settings.cache)]
    log = (settings.home.parent / "serve.log").open("ab")
    with log:
        return subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "PYTHONUNBUFFERED": "1"})


@pytest.fixture(scope="module")
def served(stack: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    live, catalog = stack.settings, catalogue.load()
    with Registry(live.registry) as registry:
        registry.register(catalog)
    kafka.ensure(live, topics.of(catalog))
    home = tmp_path_factory.mktemp("serve") / "home"
    settings = Settings(home=home, kafka=live.kafka, registry=live.registry)
    process = start(settings)
    try:
        url = address(settings, process)
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            until_ready(client)
            yield Served(settings, process, client)
    finally:
        process.kill()
        process.wait()


def address(settings: Settings, process: subprocess.Popen[bytes]) -> str:
    """The port it chose and remembered, once it did."""
    for _ in range(600):
        if settings.env_file.exists():
            return f"http://127.0.0.1:{settings.env_file.read_text().strip().rpartition('=')[2]}"
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError((settings.home.parent / "serve.log").read_text())


def until_ready(client: httpx.Client) -> None:
    """The socket listens before the application answers, so that the first answer is awaited by the kernel; parts may need a moment."""
    answers = (client.get("/readyz") for _ in range(100))
    assert next(answer for answer in answers if answer.status_code == 200).json()["ready"]


@pytest.mark.servers
def test_it_is_ready_and_says_why_for_every_part(served: Served) -> None:
    told = served.client.get("/readyz").json()
    assert set(told["parts"]) == {"kafka", "door", "warehouse", "sink", "disk"}
    assert all(part["well"] and part["reason"] for part in told["parts"].values())
    assert served.client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.servers
def test_a_token_made_meanwhile_submits_and_asks(served: Served) -> None:
    portal = database.connect(served.settings.portal_db)
    with portal.begin() as session:
        token = tokens.create(session, "zjj", "oa", ["xzxk"])
    client, headers = served.client, {"Authorization": f"Bearer {token.text}", "Idempotency-Key": "once"}
    first = client.post("/api/v1/items/xzxk/records", json=[RECORD], headers=headers)
    again = client.post("/api/v1/items/xzxk/records", json=[RECORD], headers=headers)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["receipt"] == again.json()["receipt"]
    receipt = client.get(f"/api/v1/receipts/{first.json()['receipt']}", headers=headers)
    assert (receipt.status_code, receipt.json()["status"], receipt.json()["total"]) == (200, "待处理", 1)
    assert client.post("/api/v1/items/xzcf/records", json=[RECORD], headers=headers).status_code == 403
    with portal.begin() as session:
        tokens.revoke(session, token.prefix)
    assert client.post("/api/v1/items/xzxk/records", json=[RECORD], headers=headers).status_code == 401


@pytest.mark.servers
def test_what_a_page_declares_goes_through_kafka_into_the_warehouse(served: Served) -> None:
    portal, now = database.connect(served.settings.portal_db), datetime.now(UTC)
    with portal.begin() as session:
        account, _ = people.add(session, Draft("zhou", "周明", Role.OFFICER, "jyj"), {"jyj"}, now)
        account.must_change = False
        secret = sessions.start(session, account, Origin("password", "127.0.0.1", "Test"), now)
    headers = {"Cookie": f"{cookies.SESSION}={secret}", "Accept": "text/html"}
    form = {"_form": sessions.form_token(secret), "seen": "0", "ways": "form", "every.form": "week", "remark.form": "暂无系统"}
    assert served.client.post("/survey/annex2", data=form, headers=headers).status_code == 303
    assert "暂无系统" in served.client.get("/survey", headers=headers).text
    asked = warehouse.connect(Settings(home=served.settings.home, serve_port=served.client.base_url.port))
    (row,) = eventually(lambda: figures.declarations(asked, [WAYS], "jyj"))
    assert (row["version"], row["by"], row["about"]["ways"]) == (1, "zhou", {"form": {"frequencies": ["week"], "remark": "暂无系统"}})
    assert served.client.get("/survey/jyj/history", headers=headers).text.count("数据录入方式（一周一次）") == 1
    assert served.client.post("/survey/annex2", data=form, headers=headers).status_code == 409


@pytest.mark.servers
def test_pages_are_chinese_and_load_nothing_from_outside(served: Served) -> None:
    for path in ("/", "/api/docs"):
        page = served.client.get(path)
        assert page.status_code == 200
        assert "归集" in page.text
        assert "http://" not in page.text
        assert "https://" not in page.text
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    template = served.client.get("/templates/xzxk.xlsx")
    assert template.content.startswith(b"PK")
    assert served.client.get("/templates/nothing.xlsx").json()["error"]["code"] == "unknown_item"
    assert served.client.get("/api/assets/passwd").status_code == 404
    described = served.client.get("/api/items/xzxk/openapi.json").json()
    assert "/api/v1/items/xzxk/records" in described["paths"]
    assert served.client.get("/api/items/nothing/openapi.json").json()["error"]["code"] == "unknown_item"


@pytest.mark.servers
def test_the_query_interface_wants_its_token(served: Served) -> None:
    question = {"sql": "SELECT 1 AS one"}
    assert served.client.post("/internal/query", json=question).status_code == 401
    headers = {"Authorization": f"Bearer {served.settings.serve_token_path.read_text().strip()}"}
    assert served.client.post("/internal/query", json=question, headers=headers).status_code == 200


@pytest.mark.servers
def test_a_second_one_on_the_same_home_or_port_is_refused_with_the_reason(served: Served, tmp_path: Path) -> None:
    port, remembered = int(served.client.base_url.port or 0), served.settings.env_file.read_text()
    assert start(served.settings).wait(60) == 1
    assert served.settings.env_file.read_text() == remembered
    elsewhere = Settings(home=tmp_path / "home", kafka=served.settings.kafka, registry=served.settings.registry)
    assert start(elsewhere, port).wait(60) == 1
    assert f"port {port} is taken" in (tmp_path / "serve.log").read_text()
    assert served.client.get("/healthz").status_code == 200


@pytest.mark.servers
def test_asked_to_stop_it_ends_in_order(stack: Any, tmp_path: Path, served: Served) -> None:
    settings = Settings(home=tmp_path / "home", kafka=stack.settings.kafka, registry=stack.settings.registry)
    process = start(settings)
    with httpx.Client(base_url=address(settings, process), trust_env=False, timeout=30) as client:
        until_ready(client)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_what_became_of_a_batch_is_one_outcome_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = {"rule": "R-REQ-01"}
    rows = [
        {"line": 1, "ref": "A", "outcome": "accepted", "key": "k", "reasons": []},
        {"line": 2, "ref": None, "outcome": "accepted", "key": "k", "reasons": []},
        {"line": 2, "ref": None, "outcome": "rejected", "key": "k", "reasons": [reason]},
    ]
    page = figures.Page(said=2, judged=2, loaded=1, counts={"accepted": 1, "rejected": 1}, records=rows, next=2)
    monkeypatch.setattr(figures, "outcomes", lambda *_: page)
    found = Told(None, catalogue.load())("HZ", "xzxk", 0, 2)
    assert [(record.line, record.outcome, list(record.reasons)) for record in found.records] == [
        (1, "accepted", []),
        (2, "rejected", [reason]),
    ]
    assert (found.settled, found.next) == (1, 2)


def test_a_warehouse_that_does_not_answer_is_said_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise Unavailable("gone")

    monkeypatch.setattr(figures, "outcomes", away)
    with pytest.raises(Refusal) as caught:
        Told(None, catalogue.load())("HZ", "xzxk", 0, 2)
    assert caught.value.code == "unavailable"


def test_without_the_jar_there_are_no_assets_until_it_is_fetched(tmp_path: Path) -> None:
    assert assets.jar(tmp_path, "swagger-ui") is None
    assert assets.address(tmp_path, assets.HTMX) == ""
    with zipfile.ZipFile(tmp_path / "htmx.org-2.0.8.jar", "w") as archive:
        archive.writestr("META-INF/resources/webjars/htmx.org/2.0.8/dist/htmx.min.js", "x")
    assert assets.static(tmp_path, assets.HTMX) == b"x"
    assert assets.address(tmp_path, assets.HTMX).startswith("/static/htmx.min.js?v=")


def test_the_docs_page_asks_for_files_that_the_jar_has() -> None:
    found = assets.jar(Settings().cache, "swagger-ui")
    if found is None:
        pytest.skip("the WebJar was never fetched")
    assert all(assets.read(found, name) for name in documents.ASSETS)
    assert assets.read(found, "nothing.js") is None
