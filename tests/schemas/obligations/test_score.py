"""How departments are scored: the file's faults all at once, points between none and all, ranks."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from schemas.obligations import score
from schemas.obligations.figures import Rate
from schemas.obligations.score import FIGURES, ScoreFault

RULES = score.on(date(2017, 11, 10))
RATES = st.fixed_dictionaries({name: st.builds(Rate, st.integers(0, 50), st.integers(0, 50)) for name in FIGURES})
NOTHING = dict.fromkeys(FIGURES, Rate(0, 0))


def written(folder: Path, **changes: Any) -> Path:
    """The file with its one version changed."""
    said = yaml.safe_load(score.FILE.read_text(encoding="utf-8"))
    said["versions"][0] |= changes
    (folder / "score.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return folder / "score.yaml"


@given(RATES)
def test_a_score_lies_between_nothing_and_a_hundred_and_is_the_same_again(rates: dict[str, Rate]) -> None:
    found = RULES.score(rates)
    assert found is None or 0 <= found <= 100
    assert found == RULES.score(rates) == score.of(RULES.said).score(rates)


@given(RATES, st.sampled_from(sorted(FIGURES)), st.integers(1, 30))
def test_a_better_figure_never_costs_points(rates: dict[str, Rate], name: str, more: int) -> None:
    whole = max(1, rates[name].whole)
    worse = rates | {name: Rate(min(rates[name].part, whole), whole - min(rates[name].part, whole))}
    lesser = name in ("late", "missed")
    part = max(0, worse[name].part - more) if lesser else min(whole, worse[name].part + more)
    better = worse | {name: Rate(part, whole - part)}
    before, after = RULES.score(worse), RULES.score(better)
    assert before is None or (after is not None and after >= before)


def test_points_by_hand() -> None:
    rates = {
        "collected": Rate(3, 1), "timely": Rate(19, 1), "first_try": Rate(1, 1), "valid": Rate(2, 0), "late": Rate(1, 3), "missed": Rate(0, 4), "complete": Rate(0, 0),
    }  # fmt: skip
    points = Fraction(25, 2) + 20 + 0 + 15 + Fraction(5, 2) + 15
    assert RULES.score(rates) == points * 100 / 90
    assert score.shown(points * 100 / 90) == "72.22"
    assert (score.shown(Fraction(1, 200)), score.shown(Fraction(100))) == ("0.01", "100.00")


def test_who_owes_nothing_is_not_ranked_and_who_delivers_nothing_is() -> None:
    assert RULES.score(NOTHING) is None
    assert RULES.score(NOTHING | {"complete": Rate(1, 0)}) is None  # weighs less than `least`
    assert RULES.score(NOTHING | {"late": Rate(0, 4), "missed": Rate(4, 0)}) == 25


def test_the_same_score_has_the_same_rank() -> None:
    assert score.ranks({"a": "90.00", "b": "95.50", "c": "90.00", "d": "9.00"}) == {"b": 1, "a": 2, "c": 2, "d": 4}


def test_the_version_in_force_on_the_day_counts(tmp_path: Path) -> None:
    said = yaml.safe_load(score.FILE.read_text(encoding="utf-8"))
    said["versions"].insert(0, said["versions"][0] | {"from": date(2018, 1, 1), "answer_days": 3})
    path = tmp_path / "score.yaml"
    path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    assert [score.on(day, path).answer_days for day in (date(2017, 12, 31), date(2018, 1, 1))] == [5, 3]
    assert len({each.version for each in score.load(path)}) == 2
    with pytest.raises(ScoreFault, match="no version had begun"):
        score.on(date(2017, 9, 30), path)


def test_every_fault_of_the_file_is_told_at_once(tmp_path: Path) -> None:
    figures = {name: {"weight": 10, "none": 0, "full": 1, "problem": 1} for name in FIGURES if name != "valid"}
    figures |= {"late": {"weight": "5", "none": 0.5, "full": 0.5, "problem": 2}, "open": {"weight": 1}, "missed": 7}
    with pytest.raises(ScoreFault) as caught:
        score.load(written(tmp_path, figures=figures, answer_days=0, least=1.5, issuer="", extra=1, **{"from": "soon"}))
    told = "\n".join(caught.value.faults)
    for fault in (
        "extra is not known", "from 'soon' must be a day", "issuer must be a text", "answer_days 0 must be a whole number", "least 1.5 must be", "valid is missing", "open is no figure",
        "open: none is missing", "late: weight '5' must be", "late: problem 2 must be", "missed: must have weight",
    ):  # fmt: skip
        assert fault in told, (fault, told)


def test_weights_that_do_not_add_up_and_files_that_are_none_are_refused(tmp_path: Path) -> None:
    said = yaml.safe_load(score.FILE.read_text(encoding="utf-8"))["versions"][0]["figures"]
    with pytest.raises(ScoreFault, match="add up to 101"):
        score.load(written(tmp_path, figures=said | {"late": said["late"] | {"weight": 6}}))
    with pytest.raises(ScoreFault, match="none and full must differ"):
        score.load(written(tmp_path, figures=said | {"late": said["late"] | {"none": 0}}))
    for text in ("versions: []", "- 1", "versions: [1]", "versions: {", ""):
        (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(ScoreFault):
            score.load(tmp_path / "bad.yaml")
    with pytest.raises(ScoreFault, match="cannot be read"):
        score.load(tmp_path / "none.yaml")


def test_a_figure_is_a_problem_below_its_limit_or_above_where_less_is_better() -> None:
    weights = RULES.figures
    assert weights["valid"].is_problem(Rate(94, 6))
    assert not weights["valid"].is_problem(Rate(95, 5))
    assert weights["late"].is_problem(Rate(1, 99))
    assert not weights["late"].is_problem(Rate(0, 4))
    assert not any(weight.is_problem(Rate(0, 0)) for weight in weights.values())
