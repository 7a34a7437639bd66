"""The loopback interface: who may ask, what they may ask, and what they are told when they may not."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from loaders import embedded, errors
from loaders.internal import admitted, local, router
from loaders.limits import Limits
from loaders.remote import Remote
from loaders.warehouse import Warehouse
from tests.loaders.packaged import free_port

TOKEN = "0123456789abcdef"


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    path = tmp_path_factory.mktemp("owner") / "clickhouse"
    warehouse = embedded.own(path, Limits(seconds=5, rows=100))
    warehouse.command("CREATE TABLE t (a Int64, b Nullable(String), d Date32, m DateTime64(3, 'Asia/Shanghai'), s Array(String)) ENGINE = MergeTree ORDER BY a")
    warehouse.command("INSERT INTO t VALUES (1, NULL, '2099-12-31', '2017-09-01 09:02:03.456', ['甲', 'b']), (2, '乙', '1949-10-01', '2017-09-01 00:00:00', [])")
    yield warehouse
    embedded.release(path)


@pytest.fixture(scope="module")
def served(owner: Warehouse) -> Iterator[str]:
    app = FastAPI()
    app.include_router(router(owner, TOKEN))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    started = threading.Event()
    original = server.startup

    async def startup(*args: Any, **kwargs: Any) -> None:
        await original(*args, **kwargs)
        started.set()

    server.startup = startup
    thread = threading.Thread(target=server.run)
    thread.start()
    assert started.wait(20)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def remote(served: str) -> Iterator[Remote]:
    client = Remote(served, lambda: TOKEN)
    yield client
    client.close()


def test_another_process_gets_the_owners_own_answer(owner: Warehouse, remote: Remote) -> None:
    for sql, parameters in (
        ("SELECT * FROM t ORDER BY a", {}),
        ("SELECT a, b FROM t WHERE d = {d:Date}", {"d": date(2099, 12, 31)}),
        ("SELECT count() AS n, max(b) AS last FROM t WHERE has({many:Array(String)}, b)", {"many": ["乙", "o'x"]}),
        ("SELECT a FROM t WHERE a > {a:Int64}", {"a": 10}),
    ):
        mine, theirs = owner.query(sql, parameters), remote.query(sql, parameters)
        assert (theirs.names, [list(map(_plain, row)) for row in theirs.rows()]) == (mine.names, [list(map(_plain, row)) for row in mine.rows()])
    assert remote.capability == owner.capability


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def test_refusals_keep_their_kind_over_the_wire(remote: Remote) -> None:
    with pytest.raises(errors.SchemaRefused, match="nosuch"):
        remote.query("SELECT nosuch FROM t")
    with pytest.raises(errors.LimitReached):
        remote.query("SELECT number FROM system.numbers LIMIT 1000")
    with pytest.raises(errors.WarehouseError):
        remote.query("DROP TABLE t")
    for write in (lambda: remote.command("DROP TABLE t"), lambda: remote.insert("t", pa.table({"a": [1]})), remote.prepare):
        with pytest.raises(errors.Fatal, match="alone writes"):
            write()
    assert remote.query("SELECT count() FROM t").value() == 2


def test_a_wrong_or_missing_token_is_refused_in_a_structured_body(served: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        reply = httpx.post(f"{served}/internal/query", json={"sql": "SELECT 1"}, headers=headers)
        assert reply.status_code == 401
        assert reply.json()["error"].keys() >= {"code", "message", "remedy", "details"}


def test_parameters_that_do_not_fit_are_told_as_such(served: str) -> None:
    reply = httpx.post(f"{served}/internal/query", json={"sql": "SELECT {a:String}", "parameters": {}}, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "ParameterFault")


def test_only_this_machine_may_ask(owner: Warehouse) -> None:
    app = FastAPI()
    app.include_router(router(owner, TOKEN))
    client = TestClient(app, client=("192.0.2.7", 50000))
    reply = client.post("/internal/query", json={"sql": "SELECT 1"}, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "loopback")


@pytest.mark.parametrize(("host", "is_local"), [("127.0.0.1", True), ("::1", True), ("127.8.9.1", True), ("10.0.0.1", False), ("testclient", False), ("", False)])
def test_loopback_addresses(host: str, is_local: bool) -> None:
    assert local(host) is is_local


def test_an_empty_token_admits_nobody() -> None:
    assert not admitted("Bearer ", "")
    assert not admitted("Bearer 密", TOKEN)
    assert admitted(f"Bearer {TOKEN}", TOKEN)


def test_nobody_at_home_says_what_to_start(tmp_path: Path) -> None:
    absent = Remote(f"http://127.0.0.1:{free_port()}", lambda: TOKEN)
    with pytest.raises(errors.Unavailable, match="guiji serve"):
        absent.query("SELECT 1")
    absent.close()
