"""The list of metrics, and what no value of it may do."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import metrics
from infra.metrics import Metric
from infra.personal import WITHHELD, withheld

ROOT = Path(__file__).parents[2]
UNIT = re.compile(r"(_total|_seconds|_bytes|_rows|_records|_batches|_parts|_topics|_rejects|_tasks|_well|_waiting|_day|_failed|_periods)$")


@pytest.fixture(autouse=True)
def _from_the_beginning() -> None:
    metrics.forget()


def values(metric: Metric) -> dict[tuple[str, ...], float]:
    (found,) = (family for family in metrics.families() if metrics.family(metric).name == family.name)
    return {tuple(sample.labels[name] for name in metric.labels): sample.value for sample in found.samples}


def test_every_metric_is_told_in_full_and_only_once() -> None:
    names = [metric.name for metric in metrics.METRICS]
    assert len(names) == len(set(names))
    for metric in metrics.METRICS:
        assert re.fullmatch(r"guiji_[a-z_]+", metric.name)
        assert UNIT.search(metric.name), metric.name
        assert (metric.kind == "counter") == metric.name.endswith("_total"), metric.name
        assert metric.help.endswith(".")
        assert metric.unit


def test_every_metric_is_measured_somewhere() -> None:
    """By the name its module has for it: `metrics.SAID.`."""
    here = {name for name, value in vars(metrics).items() if isinstance(value, Metric)}
    code = "".join(path.read_text() for folder in ("infra", "connectors", "producers", "streams", "loaders", "portal") for path in (ROOT / folder).rglob("*.py"))
    assert len(here) == len(metrics.METRICS)
    assert [name for name in here if not re.search(rf"metrics\.{name}\.(add|set|replace)\(", code)] == []


def test_docs_tell_every_metric() -> None:
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [metric.name for metric in metrics.METRICS if f"`{metric.name}`" not in told] == []
    assert set(re.findall(r"`(guiji_[a-z_]+)`", told)) <= {metric.name for metric in metrics.METRICS}


def test_values_are_added_set_and_replaced() -> None:
    metrics.TRANSACTIONS.add(1, "judge", "committed")
    metrics.TRANSACTIONS.add(2, "judge", "committed")
    metrics.DISK_FREE.set(5)
    metrics.PARTS.replace({("a",): 1, ("b",): 2})
    metrics.PARTS.replace({("b",): 3})
    assert (values(metrics.TRANSACTIONS), values(metrics.DISK_FREE), values(metrics.PARTS)) == ({("judge", "committed"): 3}, {(): 5}, {("b",): 3})
    with pytest.raises(ValueError, match="labels"):
        metrics.DISK_FREE.set(1, "one too many")


def test_there_is_an_end_to_the_labels_of_one_metric() -> None:
    metrics.PARTS.replace({(f"t{n}",): 1 for n in range(metrics.MOST + 10)})
    found = values(metrics.PARTS)
    assert len(found) == metrics.MOST + 1
    assert found[(metrics.OTHER,)] == 10
    for n in range(metrics.MOST + 10):
        metrics.TRANSACTION_RECORDS.add(1, f"w{n}")
    assert values(metrics.TRANSACTION_RECORDS)[(metrics.OTHER,)] == 10


NUMBERS = st.one_of(
    st.from_regex(r"[1-9][0-9]{16}[0-9Xx]", fullmatch=True), st.from_regex(r"[1-9][0-9]{14}", fullmatch=True), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
)


@given(NUMBERS, st.sampled_from(("", "证件", "swj/", "(", "：", "-")), st.sampled_from(("", "号", ",", ")", "/x")))
def test_no_label_holds_a_personal_number(number: str, before: str, after: str) -> None:
    metrics.TRANSACTION_RECORDS.add(1, f"{before}{number}{after}")
    assert all(number not in label for (label,) in values(metrics.TRANSACTION_RECORDS))


@pytest.mark.parametrize("sound", ["credit.xzxk.submitted", "1500000000000", "0123456789ab", "a13912345678b", "91440300708461136T", "cdc.zjj#00000012", "2017-09-01T01:02:03.456000Z"])
def test_what_is_no_personal_number_stays(sound: str) -> None:
    assert withheld(sound) == sound


def test_what_is_taken_out_is_told() -> None:
    assert withheld("身份证370102198001010011，电话13853112345") == f"身份证{WITHHELD}，电话{WITHHELD}"
