"""Every process is killed in the middle of its work, the broker too, and started again: the same final tables as if nothing had happened."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra import process
from infra import stack as local
from schemas.catalog import load
from tests.waiting import eventually

pytestmark = pytest.mark.servers
CATALOG = load()
BAD_CODE = "91440300708461136A"
REQUESTS, ROWS = 4, 1_500


def licences(request: int) -> list[dict[str, Any]]:
    """Of every 50 one is wrong, and one repeats the one before it."""
    example, found = CATALOG["xzxk"].example, []
    for n in range(ROWS):
        said = {"XK_WSH": f"济建许〔2017〕d{request}-{n - (n % 50 == 9)}号"} | ({"XK_XDR_SHXYM": BAD_CODE} if n % 50 == 7 else {})
        found.append({"ref": str(n), "fields": example | said})
    return found


@pytest.fixture
def anew(pipeline) -> Iterator[Any]:
    yield pipeline
    missing = [name for name in ("judge", "serve") if name not in pipeline.processes]
    if missing:
        pipeline.start(*missing)


def test_deaths_of_judge_serve_and_broker_change_nothing(anew) -> None:
    pipeline = anew
    token = pipeline.token("zjj", "deaths")
    receipts = [pipeline.post(token, "xzxk", licences(0), key="d0").json()["receipt"]]
    pipeline.kill("judge")
    pipeline.start("judge", GUIJI_KILL_AT="judge.produced:1")
    receipts.append(pipeline.post(token, "xzxk", licences(1), key="d1").json()["receipt"])
    pipeline.died("judge")
    pipeline.start("judge")
    receipts.append(pipeline.post(token, "xzxk", licences(2), key="d2").json()["receipt"])
    pipeline.kill("serve")
    pipeline.start("serve")
    receipts.append(pipeline.post(token, "xzxk", licences(3), key="d3").json()["receipt"])
    broker = process.read(pipeline.home / "pids" / "kafka.json")
    assert broker is not None
    process._signal(broker.pid, 9)
    assert process.gone(broker, 10)
    assert next(server.state for server in local.status(pipeline.settings) if server.name == "kafka") == "dead"
    pipeline.kill("judge")
    pipeline.start("judge")  # while there is no broker: it waits for one
    pipeline.up("kafka")
    again = [pipeline.post(token, "xzxk", licences(n), key=f"d{n}").json()["receipt"] for n in range(REQUESTS)]
    assert again == receipts
    assert pipeline.processes["judge"].poll() is None
    repeats = len([n for n in range(ROWS) if n % 50 == 9])
    wrong = len([n for n in range(ROWS) if n % 50 == 7])
    for receipt in receipts:
        counts = pipeline.settled(token, receipt, 180)["counts"]
        assert counts == {"accepted": ROWS - repeats - wrong, "duplicate": repeats, "superseded": 0, "rejected": wrong, "excluded": 0}
    standing = pipeline.query("SELECT count() AS n, uniqExact(_key) AS k FROM xzxk FINAL WHERE _withdrawn = 0 AND XK_WSH LIKE '%〕d%'")
    assert [(row["n"], row["k"]) for row in standing] == [(REQUESTS * (ROWS - repeats - wrong),) * 2]
    history = pipeline.query("SELECT count() AS n, uniqExact(_partition, _offset) AS places FROM xzxk_history WHERE XK_WSH LIKE '%〕d%'")
    assert [(row["n"], row["places"]) for row in history] == [(REQUESTS * (ROWS - repeats - wrong),) * 2]
    eventually(lambda: pipeline.json("balance") == [])
