"""A small pipeline's metrics against its receipts and tables, after a kill and a repeat; and the personal numbers of its records, which stand in no log and no metric."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from infra import metrics
from portal import database
from portal.accounts import sessions
from portal.accounts.roles import Role
from portal.accounts.sessions import Origin
from portal.accounts.tables import Account
from portal.frame import cookies
from schemas.catalog import load
from streams.live import windows
from tests.waiting import eventually

pytestmark = pytest.mark.servers
CATALOG = load()
BAD_CODE = "91440300708461136A"
# By the rules of GB 11643: a sound one, one whose last digit is wrong, one that stands where a name should; a mobile number in a remark.
NUMBERS = ("370102198001010015", "370102198001010011", "370102197502280035", "13853112345")


def scraped(pipeline) -> dict[str, dict[tuple[str, ...], float]]:
    """Metric → its labels' values in order → value, of all processes together."""
    told = httpx.get(f"{pipeline.settings.serve_url}/metrics", headers={"Authorization": f"Bearer {pipeline.settings.serve_token}"}, timeout=10)
    assert told.status_code == 200
    labels = {metric.name: metric.labels for metric in metrics.METRICS}
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(told.text):
        for sample in family.samples:
            assert set(sample.labels) == {*labels[sample.name], "process"}
            place = tuple(sample.labels[name] for name in labels[sample.name])
            mine = found.setdefault(sample.name, {})
            mine[place] = mine.get(place, 0) + sample.value
    return found


def said(n: int) -> dict[str, Any]:
    """Every tenth is wrong, every seventh repeats the one before; personal numbers stand where they belong and where they do not."""
    person = {"XK_XDR": "王小明", "XK_XDR_SHXYM": None, "XK_XDR_SFZ": NUMBERS[n % 2]} if n % 5 == 0 else {}
    wrong = {"XK_XDR_SHXYM": BAD_CODE, "XK_JDRQ": NUMBERS[2], "DFBM": NUMBERS[3]} if n % 10 == 1 else {}
    return {"ref": f"r{n}", "fields": CATALOG["xzxk"].example | {"XK_WSH": f"济建许〔2017〕me{n - (n % 7 == 6)}号", "BZ": f"电话{NUMBERS[3]}"} | person | wrong}


def figures(pipeline) -> dict[tuple[str, ...], Counter[str]]:
    """What the tables say, of the source under test."""
    rows = pipeline.query("SELECT item, sum(accepted) AS accepted_, sum(duplicate) AS duplicate_, sum(superseded) AS superseded_, sum(rejected) AS rejected_, sum(excluded) AS excluded_ "
                          "FROM receipts FINAL WHERE source = 'zjj/metrics' GROUP BY item")  # fmt: skip
    return {("zjj", "zjj/metrics", "api", row.pop("item")): Counter({name.rstrip("_"): int(value) for name, value in row.items()}) for row in rows}


def judged(pipeline) -> dict[tuple[str, ...], Counter[str]]:
    found: dict[tuple[str, ...], Counter[str]] = {}
    for labels, value in scraped(pipeline).get("guiji_judged_records_total", {}).items():
        if labels[1] == "zjj/metrics":
            found.setdefault(labels[:4], Counter())[labels[4]] = int(value)
    return found


def live(pipeline) -> dict[tuple[str, ...], Counter[str]]:
    """What `guiji live` says of the source under test, all days together."""
    try:
        found = httpx.get(f"http://127.0.0.1:{pipeline.settings.live_port}/live", timeout=5).json()["sources"]
    except (httpx.HTTPError, ValueError):
        return {}
    mine: dict[tuple[str, ...], Counter[str]] = {}
    for each in found:
        if each["source"] == "zjj/metrics":
            counts = Counter({name: sum(window[name] for window in each["windows"]["day"]) for name in windows.OUTCOMES})
            mine[each["department"], each["source"], each["way"], each["item"]] = counts
    return mine


def on_the_page(pipeline) -> int:
    """What 实时归集 shows one of the source's department for the last 24 hours."""
    now = datetime.now(UTC)
    portal = database.connect(pipeline.settings.portal_db)
    with portal.begin() as session:
        person = session.scalar(select(Account).where(Account.username == "viewer"))
        if person is None:
            about = {"username": "viewer", "name": "观", "role": Role.OFFICER, "department": "zjj", "password": "x", "must_change": False, "created_at": now, "last_login_from": ""}
            person = Account(**about)
            session.add(person)
            session.flush()
        secret = sessions.start(session, person, Origin("password", "127.0.0.1", "test"), now)
    portal.kw["bind"].dispose()
    text = httpx.get(f"{pipeline.settings.serve_url}/live", cookies={cookies.SESSION: secret}, timeout=10).text
    shown = re.search(r"<code>zjj/metrics</code>.*?data-title=\"近 24 小时\"[^>]*>([0-9,]+)<", text, re.DOTALL)
    return int(shown[1].replace(",", "")) if shown else 0


def test_metrics_are_receipts_and_tables_after_a_kill_and_a_repeat(pipeline) -> None:
    pipeline.start("live")
    token = pipeline.token("zjj", "metrics")
    records = [said(n) for n in range(70)]
    first = pipeline.post(token, "xzxk", records, key="m1").json()["receipt"]
    pipeline.settled(token, first)
    pipeline.kill("judge")
    pipeline.start("judge", GUIJI_KILL_AT="judge.produced:1")
    second = pipeline.post(token, "xzxk", [said(n) for n in range(100, 150)], key="m2").json()["receipt"]
    pipeline.died("judge")
    pipeline.kill("serve")
    pipeline.kill("live")
    pipeline.start("judge", "serve", "live")
    assert pipeline.post(token, "xzxk", records, key="m1").json()["receipt"] == first
    third = pipeline.post(token, "xzxk", records, key="m3").json()["receipt"]
    for receipt in (first, second, third):
        pipeline.settled(token, receipt)

    eventually(lambda: sum(sum(each.values()) for each in judged(pipeline).values()) == 190, told=lambda: judged(pipeline))
    assert judged(pipeline) == figures(pipeline)
    eventually(lambda: live(pipeline) == figures(pipeline), told=lambda: live(pipeline))
    eventually(lambda: on_the_page(pipeline) == sum(sum(each.values()) for each in figures(pipeline).values()), told=lambda: on_the_page(pipeline))
    eventually(lambda: scraped(pipeline)["guiji_lag_records"]["judge", "credit.xzxk.submitted"] <= 1, told=lambda: scraped(pipeline)["guiji_lag_records"])
    found, who = scraped(pipeline), ("zjj", "zjj/metrics", "api", "xzxk")
    assert found["guiji_said_records_total"][who] == found["guiji_loaded_records_total"][who] == 190
    assert found["guiji_lag_seconds"]["judge", "credit.xzxk.submitted"] < 600
    assert found["guiji_unbalanced_batches"][()] == 0
    open_ = Counter(rule for row in pipeline.query("SELECT rules FROM open_rejects WHERE _department = 'zjj' AND _item = 'xzxk'") for rule in row["rules"])
    assert {rule: int(value) for (department, item, rule), value in found["guiji_open_rejects"].items() if (department, item) == ("zjj", "xzxk") and value} == open_
    assert set(found["guiji_part_well"].values()) == {1.0}
    assert {path.stem for path in (pipeline.home / "metrics").glob("*.prom")} == {"judge-0", "serve-0", "live-0"}, "who comes after a dead one writes its file"
    eventually(lambda: sum(scraped(pipeline).get("guiji_owed_periods", {}).values()) > 0)
    assert {channel for (channel,) in found["guiji_reminders_waiting"]} == {"page", "email", "webhook"}
    assert found["guiji_transactions_total"]["judge", "committed"] >= 1
    assert found["guiji_inserted_batches_total"][()] >= 1
    assert not found.keys() - {metric.name for metric in metrics.METRICS}


def test_no_personal_number_stands_in_a_log_or_a_metric(pipeline) -> None:
    """After the run above; here besides what is refused at the door and by a client that does not know the interface."""
    token = pipeline.token("zjj", "nobody")
    for body in ({"fields": NUMBERS[0]}, [{"ref": NUMBERS[1], "fields": {"XK_WSH": 1, NUMBERS[0]: NUMBERS[1]}}], [said(5)] * 3):
        pipeline.post(token, "xzxk", body, wait=20)
    httpx.get(f"{pipeline.settings.serve_url}/public/company?q={NUMBERS[0]}", timeout=10)
    httpx.get(f"{pipeline.settings.serve_url}/nowhere/{NUMBERS[2]}", timeout=10)
    assert pipeline.query("SELECT count() AS n FROM xzxk_history WHERE XK_XDR_SFZ = {number:String}", number=NUMBERS[0])[0]["n"], "the numbers really went through"
    told = httpx.get(f"{pipeline.settings.serve_url}/metrics", headers={"Authorization": f"Bearer {pipeline.settings.serve_token}"}, timeout=10).text
    files = {path.name: path.read_text(errors="replace") for folder in ("logs", "metrics") for path in (pipeline.home / folder).iterdir()} | {"/metrics": told}
    assert {"serve.log", "judge.log", "serve-0.prom"} <= files.keys()
    assert [(name, number) for name, text in files.items() for number in NUMBERS if number in text] == []
    assert '"receipt": "' in files["serve.log"], "receipts stand in the log"


def test_metrics_want_the_token(pipeline) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}):
        assert httpx.get(f"{pipeline.settings.serve_url}/metrics", headers=headers, timeout=10).status_code == 401
