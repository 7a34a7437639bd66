"""What is remembered of polled tables, and what people are told of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from connectors import commands
from connectors.poll import notes, process, report
from connectors.poll.notes import Polled
from connectors.poll.table import Outcome
from infra import held
from infra.settings import Settings
from schemas import sources
from tests.connectors.poll.test_comparison import SPEC
from tests.connectors.test_check import CATALOG

SOURCE = sources.read(SPEC | {"every": "2m"}, CATALOG)
NAME = "public.permit"


def reported(polled: Polled | None, now: float) -> report.Report:
    return report.Report(SOURCE, {NAME: polled} if polled else {}, now)


def problems(polled: Polled | None, now: float) -> str:
    return " ".join(each.problem for each in reported(polled, now).dangers)


def test_a_poll_that_took_long_is_followed_by_as_long_a_rest() -> None:
    assert Polled().succeeded(SOURCE, Outcome(), 1000.0, 1010.0).next == 1120.0
    assert Polled().succeeded(SOURCE, Outcome(), 1000.0, 1300.0).next == 1600.0


def test_failures_are_waited_for_longer_each_time_at_most_as_long_as_between_polls_and_a_success_forgets_them() -> None:
    polled, pauses = Polled(at=900.0, rows=7), list[float]()
    for _ in range(6):
        polled = polled.failed(SOURCE, "why", 1000.0)
        pauses.append(polled.next - 1000.0)
    assert pauses == [10.0, 20.0, 40.0, 80.0, 120.0, 120.0]
    assert (polled.at, polled.rows, polled.failures) == (900.0, 7, 6)
    assert polled.succeeded(SOURCE, Outcome(rows=1), 2000.0, 2000.0).failures == 0


def test_what_waits_is_told_to_both_sides_until_it_is_over(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    kept = Polled(at=1.0, rows=2, missing=8, before=10)
    notes.write(settings, SOURCE, {NAME: kept, "public.gone": kept})
    assert notes.read(settings, SOURCE.name) == {NAME: kept}
    (line,), (told,) = held.lines(settings), held.messages(settings)
    assert "--let-through sp.permit" in line
    assert (told["department"], told["table"], "8 行暂不撤销" in told["message"]) == ("zjj", NAME, True)
    assert not reported(kept, 2.0).well
    notes.write(settings, SOURCE, {NAME: replace(kept, missing=0)})
    assert (held.lines(settings), held.messages(settings)) == ([], [])


def test_a_torn_note_is_none(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    (settings.state / "polled").mkdir(parents=True)
    for text in ('{"public', '{"public.permit": {"strange": 1}}'):
        (settings.state / "polled" / "sp.json").write_text(text)
        assert notes.read(settings, "sp") == {}


def test_status_says_what_is_not_well() -> None:
    assert "was never polled" in problems(None, 0.0)
    fine = Polled(at=1000.0, seconds=5.0, next=1120.0, rows=3, events={"u": 1})
    assert problems(fine, 1150.0) == ""
    assert "nothing polls it" in problems(fine, 1200.0)
    assert "failed 1 times since its last poll: no answer" in problems(fine.failed(SOURCE, "no answer", 1100.0), 1105.0)


def test_status_shows_the_last_poll_the_next_one_and_the_blind_spots() -> None:
    found = reported(Polled(at=1000.0, seconds=5.0, next=1120.0, rows=3, events={"u": 1, "d": 2}), 1010.0)
    (row,) = found.rows()
    assert (row["by"], row["state"], row["rows"], row["sent"], row["took"]) == ("comparison", "well", 3, "2 d, 1 u", "5.0 s")
    assert row["last poll"] < row["next"]
    (record,) = found.record()["tables"]
    assert (record["last_poll"], record["next"], record["fault"]) == (1000.0, 1120.0, "")
    assert row["blind spots"] == record["blind_spots"] != []
    assert reported(None, 0.0).rows()[0]["state"] == "never polled"


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GUIJI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GUIJI_SOURCES", str(tmp_path))
    constants = {field.name: "x" for field in CATALOG["xzxk"].fields if field.required and field.name != "XK_WSH"}
    table = {"item": "xzxk", "columns": {"XK_WSH": "no"}, "constants": constants}
    (tmp_path / "s.yaml").write_text(yaml.safe_dump(SPEC | {"tables": {NAME: table}}, allow_unicode=True))
    return Settings(home=tmp_path / "home")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["pause", "sp"], "it has no connector"),
        (["resume", "sp"], "it has no connector"),
        (["snapshot", "sp", "--stop"], "it has no connector"),
        (["skip", "sp", "--why", "x", "--by", "y"], "it has no connector"),
        (["poll", "--let-through", "sp.other"], "there is no polled table"),
    ],
)
def test_what_is_for_connectors_is_refused_of_polled_sources(declared: Settings, words: list[str], told: str) -> None:
    answer = CliRunner().invoke(commands.group, words)
    assert answer.exit_code == 2
    assert told in " ".join(answer.output.replace("│", " ").split())


def test_a_snapshot_of_a_polled_source_is_its_next_poll(declared: Settings) -> None:
    source = sources.load(declared.home.parent, CATALOG)["sp"]
    notes.write(declared, source, {NAME: Polled(at=1.0, next=9e9)})
    answer = CliRunner().invoke(commands.group, ["snapshot", "sp", "--table", "permit"])
    assert answer.exit_code == 0, answer.output
    assert notes.read(declared, "sp")[NAME].next == 0


def test_status_of_polled_sources_alone_asks_no_connect(declared: Settings) -> None:
    answer = CliRunner().invoke(commands.group, ["status", "-o", "json"])
    assert answer.exit_code == 2
    assert '"never polled"' not in answer.output
    assert '"capture": "poll"' in answer.output
    assert "deletes" not in answer.output
    shown = CliRunner().invoke(commands.group, ["status"])
    assert "never polled" in shown.output


@pytest.mark.parametrize(("noted", "code"), [([Polled(at=1.0)], 0), ([Polled(at=1.0), Polled(fault="no answer", missing=3)], 1), ([Polled(missing=3)], 2), ([], 0)])
def test_polling_once_ends_with_a_code_that_says_how_it_went(declared: Settings, monkeypatch: pytest.MonkeyPatch, noted: list[Polled], code: int) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(process, "once", lambda *_: noted)
    answer = CliRunner().invoke(commands.group, ["poll", "--once"])
    assert answer.exit_code == code
    assert ("no answer" in answer.output) is (code == 1)
    assert (f"{len(noted)} tables polled" if noted else "nothing was asked") in answer.output


def test_what_was_let_through_is_due_at_once_and_nothing_is_where_nothing_waits(declared: Settings) -> None:
    source = sources.load(declared.home.parent, CATALOG)["sp"]
    notes.write(declared, source, {NAME: Polled(at=1.0, rows=2, missing=8, before=10, next=9e9)})
    told = CliRunner().invoke(commands.group, ["poll", "--let-through", "sp.permit"]).output
    assert "8 missing rows of sp.permit" in told
    assert notes.read(declared, "sp")[NAME].next == 0
    notes.write(declared, source, {NAME: Polled(at=1.0)})
    assert "Nothing of sp.permit waits" in CliRunner().invoke(commands.group, ["poll", "--let-through", "sp.permit"]).output
