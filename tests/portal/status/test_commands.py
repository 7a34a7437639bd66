"""`guiji obligations`: the ledger of a month, out of the warehouse."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

import guiji
from infra.settings import get
from loaders import embedded, rows
from loaders.loading import Loading
from loaders.sink import prepare
from schemas.topics import DECLARATIONS
from tests.loaders.records import Records
from tests.portal.desk import CATALOG

RUN = CliRunner()
AT = datetime(2017, 10, 12, 2, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="module")
def _house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIJI_HOME", str(tmp_path_factory.mktemp("obligations") / "home"))
        warehouse = embedded.own(get().clickhouse_path)
        prepare(warehouse, CATALOG())
        kept = Records(warehouse, CATALOG())
        kept.put("xzxk", '["xzxk","zjj","1"]', XK_JDRQ=date(2017, 10, 10), _received_at=AT, _judged_at=AT + timedelta(seconds=1))
        ways = {"ways": {"excel": {"frequencies": ["month"], "remark": ""}}, "suggestion": ""}
        said = {"id": "0" * 32, "kind": "ways", "department": "zjj", "item": None, "version": 1, "about": json.dumps(ways), "by": "li", "declared_at": datetime(2017, 9, 5, tzinfo=UTC)}
        stream = rows.streams(CATALOG())[DECLARATIONS]
        places = rows.Places(pa.array([0], pa.int64()), pa.array([0], pa.int64()), AT)
        Loading(warehouse, stream).load(stream.make(pa.Table.from_pylist([said]), places), AT)
        yield
        embedded.release(get().clickhouse_path)


def asked(*words: str) -> list[dict[str, Any]]:
    answer = RUN.invoke(guiji.app, ["obligations", *words, "-o", "json"], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return found


def test_a_month_is_listed_with_what_met_each_period() -> None:
    (line,) = asked("2017-10", "--department", "zjj", "--item", "xzxk")
    assert line == {
        "department": "zjj", "item": "xzxk", "period": "2017-10", "from": "2017-10-01", "to": "2017-10-31", "due": "2017-11-09", "moved": 0, "provisional": "", "state": "已上报",
        "met_by": "records", "met_on": "2017-10-12", "records": 1, "ways": "excel", "confirmed": "yes",
    }  # fmt: skip
    assert {each["state"] for each in asked("2017-10", "--state", "漏报")} == {"漏报"}
    assert {each["department"] for each in asked("2017-10")} >= {"zjj", "gsj", "fgw"}


def test_a_past_day_is_listed_as_it_was() -> None:
    (line,) = asked("2017-10", "--department", "zjj", "--item", "xzxk", "--as-of", "2017-10-11")
    assert (line["state"], line["records"]) == ("未到期", 0)


def test_what_is_asked_wrongly_is_told() -> None:
    for words in (["2017-13"], ["2017-10", "--department", "none"], ["2017-10", "--item", "none"], ["2017-10", "--state", "late"], ["2017-10", "--as-of", "x"]):
        answer = RUN.invoke(guiji.app, ["obligations", *words])
        assert answer.exit_code == 2, words
        assert "must be" in answer.output or "there is no" in answer.output, answer.output


def test_the_table_names_the_month_and_the_moment(tmp_path: Path) -> None:
    answer = RUN.invoke(guiji.app, ["obligations", "2017-10", "--department", "zjj", "--as-of", "2017-11-15"])
    assert "2017-10, as of 2017-11-16 00:00" in answer.output
