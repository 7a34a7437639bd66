"""The alert rules: Prometheus takes them, every name in them is a metric of the list with the labels it has, and every alert stands in the runbook."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import metrics

ROOT = Path(__file__).parents[2]
FILE = ROOT / "infra" / "alerts.yaml"
GROUPS = yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
LABELS = {metric.name: {*metric.labels, "process"} for metric in metrics.METRICS}
FUNCTIONS = {"absent", "time", "rate", "increase", "deriv", "predict_linear", "sum", "max", "count", "delta", "min_over_time"}
WORDS = FUNCTIONS | {"by", "on", "and", "or", "unless"}
TOKEN = re.compile(r'\s*(?:(?P<name>[a-z_]+)|(?P<number>\d+(?:\.\d+)?(?:e\d+)?)|(?P<text>"[^"]*")|(?P<span>\[\d+[smhd]\])|(?P<sign>=~|!=|==|>=|<=|[-+*/<>=(){},]))')


def tokens(expression: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each; ValueError where something is no PromQL that we use."""
    at = 0
    while at < len(expression.rstrip()):
        found = TOKEN.match(expression, at)
        if found is None:
            raise ValueError(f"{expression[at:]!r} is none of what is used here")
        yield str(found.lastgroup), found[found.lastgroup or 0]
        at = found.end()


def faults(expression: str) -> list[str]:
    """What is wrong with an expression: brackets, names that are no metric, labels that no metric in it has."""
    said, wrong, open_ = list(tokens(expression)), list[str](), list[str]()
    for kind, text in said:
        if kind == "sign" and text in "({":
            open_.append(text)
        elif kind == "sign" and text in ")}" and (not open_ or open_.pop() != {")": "(", "}": "{"}[text]):
            wrong.append(f"{text} closes nothing")
    wrong += [f"{text} is not closed" for text in open_]
    names = {text for kind, text in said if kind == "name"}
    used = {name for name in names if name.startswith("guiji_")}
    wrong += [f"{name} is no metric" for name in sorted(used - LABELS.keys())]
    known = {label for name in used & LABELS.keys() for label in LABELS[name]}
    wrong += [f"{name} is neither a word nor a label of {sorted(used)}" for name in sorted(names - used - WORDS - known)]
    return wrong if used else [*wrong, "it names no metric"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_is_whole_and_names_metrics_of_the_list(rule: dict[str, Any]) -> None:
    assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"[A-Z][A-Za-z]+", rule["alert"])
    assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m"))
    assert rule["labels"] in ({"severity": "page"}, {"severity": "ticket"})
    assert faults(rule["expr"]) == []
    used = set(re.findall(r"guiji_[a-z_]+", rule["expr"]))
    shown = set(re.findall(r"\$labels\.([a-z]+)", rule["annotations"]["summary"]))
    assert shown <= {label for name in used for label in LABELS[name]}


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("guiji_nothing > 1", "guiji_nothing is no metric"), ("sum(guiji_lag_records", "( is not closed"), ("guiji_lag_records) > 1", ") closes nothing"),
        ('guiji_lag_records{grup="judge"} > 1', "grup is neither"), ("summ(guiji_lag_records)", "summ is neither"), ("time() > 1", "it names no metric"),
    ],
)  # fmt: skip
def test_a_wrong_expression_is_found(expression: str, told: str) -> None:
    assert any(told in fault for fault in faults(expression))


def test_what_no_promql_has_is_found() -> None:
    with pytest.raises(ValueError, match="none of what"):
        list(tokens("guiji_lag_records ?? 1"))


def test_every_alert_has_its_entry_in_the_runbook_and_every_entry_its_alert() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^### ([A-Z][A-Za-z]+)\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL))
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    assert entries.keys() == set(names)
    for name, entry in entries.items():
        for part in ("**Means**", "**Look**", "**Do**", "**Do not**"):
            assert part in entry, f"{name}: {part}"


def test_what_an_operator_must_hear_of_has_an_alert() -> None:
    heard = set(re.findall(r"guiji_[a-z_]+", " ".join(rule["expr"] for rule in RULES)))
    for metric in (metrics.EXPECTED, metrics.UNBALANCED, metrics.LAG_SECONDS, metrics.NEWEST, metrics.HELD, metrics.LOADER_HOLDS, metrics.TASKS_FAILED, metrics.SLOT_LAG, metrics.DISK_FREE):
        assert metric.name in heard, metric.name


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_itself_takes_the_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", str(FILE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
