"""The interface as a department's programmer meets it: the example clients, a SOAP library and a fuzzer against the running pipeline."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import schemathesis
import zeep
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from zeep.transports import Transport

from schemas.catalog import load

pytestmark = pytest.mark.servers
CATALOG = load()
CLIENTS = Path(__file__).parents[2] / "docs" / "clients"
BAD_CODE = "91440300708461136A"
REQUEST_LINE = 32 << 10  # bytes of an address; the server ends the connection of one that is much longer
NOBODY = "gj_000000000000_" + "x" * 43


def licence(number: str, **said: Any) -> dict[str, Any]:
    return CATALOG["xzxk"].example | {"XK_WSH": f"济建许〔2017〕{number}号"} | said


def _absent(reason: str) -> None:
    pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


def curl(_folder: Path) -> list[str]:
    if shutil.which("curl") is None:
        _absent("there is no curl on the PATH (Debian: apt-get install curl)")
    return ["sh", str(CLIENTS / "submit.sh")]


def python(_folder: Path) -> list[str]:
    return [sys.executable, "-I", str(CLIENTS / "submit.py")]


def java(folder: Path) -> list[str]:
    """Compiled as Java 8; skipped where there is no JDK: the JRE of the stack has no compiler."""
    javac = shutil.which("javac")
    if javac is None:
        _absent("there is no javac on the PATH (Debian: apt-get install default-jdk-headless)")
    subprocess.run([str(javac), "--release", "8", "-Xlint:-options", "-Werror", "-encoding", "UTF-8", "-d", str(folder), str(CLIENTS / "Submit.java")], check=True)
    return [shutil.which("java") or "java", "-cp", str(folder), "Submit"]


@pytest.mark.parametrize("client", [curl, python, java])
def test_an_example_client_submits_waits_and_tells_what_is_wrong(pipeline, tmp_path: Path, client: Callable[[Path], list[str]]) -> None:
    command, name = client(tmp_path), client.__name__
    good, mixed, lines = tmp_path / "good.json", tmp_path / "mixed.json", tmp_path / "lines.jsonl"
    good.write_text(json.dumps({"ref": "1", "fields": licence(f"{name}1")}, ensure_ascii=False), encoding="utf-8")
    records = [{"ref": "2", "fields": licence(f"{name}2")}, {"ref": "坏的", "fields": licence(f"{name}3", XK_XDR_SHXYM=BAD_CODE)}]
    mixed.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    lines.write_text("\n".join(json.dumps({"fields": licence(f"{name}{n}")}, ensure_ascii=False) for n in range(4, 1_010)), encoding="utf-8")

    def run(file: Path, token: str, code: int) -> str:
        env = {**os.environ, "GUIJI_TOKEN": token}
        done = subprocess.run([*command, pipeline.settings.serve_url, "xzxk", str(file)], env=env, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    token = pipeline.token("zjj", name)
    assert "成功" in run(good, token, 0)
    told = run(mixed, token, 1)
    assert "部分成功" in told
    assert "坏的" in told
    assert "校验码" in told
    first, again = run(lines, token, 0), run(lines, token, 0)
    assert first.splitlines()[0] == again.splitlines()[0]
    assert "令牌" in run(good, NOBODY, 2)
    (sent,) = pipeline.query("SELECT count() AS rows, max(_line) AS longest FROM xzxk FINAL WHERE _source = {source:String}", source=f"zjj/{name}")
    assert sent == {"rows": 1_008, "longest": 1_006}


def service(pipeline: Any, token: str) -> zeep.Client:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    return zeep.Client(f"{pipeline.settings.serve_url}/soap/v1?wsdl", transport=Transport(session=session))


def soap_record(ref: str, said: dict[str, Any]) -> dict[str, Any]:
    return {"ref": ref, "field": [{"name": name, "_value_1": value} for name, value in said.items() if value is not None]}


def test_a_soap_library_submits_waits_and_asks_again(pipeline) -> None:
    client = service(pipeline, pipeline.token("zjj", "soap"))
    told = client.service.items()
    assert {item.item for item in told.item} == {"xzxk", "xzcf"}
    records = [soap_record("甲", licence("s1")), soap_record("乙", licence("s2", XK_XDR_SHXYM=BAD_CODE))]
    found = client.service.submit(item="xzxk", key="s", wait=20, records={"record": records})
    assert (found.status, found.total, found.repeated) == ("部分成功", 2, False)
    assert [(record.ref, record.outcome) for record in found.record] == [("甲", "accepted"), ("乙", "rejected")]
    assert [reason.rule for reason in found.record[1].reason] == ["R-USCC-03"]
    assert client.service.submit(item="xzxk", key="s", records={"record": records}).repeated
    page = client.service.receipt(receipt=found.receipt, limit=1)
    assert ([record.ref for record in page.record], page.next) == (["甲"], 0)
    with pytest.raises(zeep.exceptions.Fault, match="没有目录") as caught:
        client.service.submit(item="nothing", records={"record": records})
    assert caught.value.code == "soap:Client"
    with pytest.raises(zeep.exceptions.Fault, match="令牌"):
        service(pipeline, NOBODY).service.items()


def test_what_stands_is_listed_for_its_department_with_personal_numbers_covered(pipeline) -> None:
    token, number = pipeline.token("zjj", "own"), "37010219900307851X"
    said = licence("own1", XK_NR=f"持证人 {number}")
    receipt = pipeline.post(token, "xzxk", [{"ref": "R-1", "fields": said}], wait=20).json()["receipt"]
    pipeline.settled(token, receipt)

    def standing(token: str) -> list[dict[str, Any]]:
        address, found = "/api/v1/items/xzxk/standing?limit=500", list[dict[str, Any]]()
        while address:
            page = requests.get(pipeline.settings.serve_url + address, headers={"Authorization": f"Bearer {token}"}, timeout=30).json()
            found, address = found + page["records"], page["next"]
        return found

    (mine,) = [each for each in standing(token) if each["receipt"] == receipt]
    assert (mine["ref"], mine["way"], mine["source"], mine["fields"]["XK_WSH"]) == ("R-1", "api", "zjj/own", said["XK_WSH"])
    assert number not in json.dumps(mine)
    assert "持证人 370102" in mine["fields"]["XK_NR"]
    assert standing(pipeline.token("swj", "own")) == []


def test_no_request_that_the_description_allows_or_forbids_breaks_the_server(pipeline) -> None:
    """A bounded search from a fixed seed: every operation, requests in order and out of it."""
    token = pipeline.token("zjj", "fuzz")
    pipeline.post(token, "xzxk", [{"fields": licence("fuzz")}], wait=20)
    described = schemathesis.openapi.from_url(f"{pipeline.settings.serve_url}/api/openapi.json")
    seen = set[tuple[str, int]]()
    for result in described.get_all_operations():
        operation = result.ok()
        for mode in GenerationMode:
            _search(operation, mode, token, seen)
    assert {path for path, _ in seen} >= {operation.ok().label for operation in described.get_all_operations()}
    assert {status for _, status in seen} >= {200, 202, 401, 404, 422}
    assert [each for each in seen if each[1] >= 500] == []


def _search(operation: Any, mode: GenerationMode, token: str, seen: set[tuple[str, int]]) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=10, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
    def search(case: Any) -> None:
        if isinstance(wait := (case.query or {}).get("wait"), int | float) and wait > 0.2:
            case.query["wait"] = min(wait, 0.2) if wait <= 20 else wait
        if len(urlencode(case.query or {})) > REQUEST_LINE:
            return
        for known in (None, "xzxk") if "item" in (case.path_parameters or {}) else (None,):
            case.path_parameters |= {"item": known} if known else {}
            answer = case.call(headers={"Authorization": f"Bearer {token}"}, timeout=30)
            seen.add((operation.label, answer.status_code))
            assert answer.status_code < 500, case.as_curl_command()
            assert answer.status_code < 400 or set(answer.json()) == {"error"}, answer.text

    search()
