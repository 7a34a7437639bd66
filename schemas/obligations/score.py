"""How a circular scores departments: the dated rules of `schemas/score.yaml`, read whole or refused with every fault, and the score itself. Pure but for reading the file.

A figure gives all its points at ``full`` or better, none at ``none`` or worse, in proportion between. The score is what was given of 100, over the figures that have a value.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from schemas.obligations.figures import Rate

FILE = Path(__file__).parents[1] / "score.yaml"
FIGURES = {"collected": "归集率", "timely": "及时率", "first_try": "一次合规率", "valid": "合规率", "late": "超时率", "missed": "漏报率", "complete": "完整率"}
TEXTS, NUMBERS, LIMITS = ("number", "issuer", "reporter"), {"answer_days": (1, 60), "least": (0, 100)}, ("none", "full", "problem")
KEYS = ("from", *TEXTS, *NUMBERS, "figures")
WHOLE = 100


class ScoreFault(Exception):
    """The file is wrong; ``faults`` lists all that is, each with its place."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Weight:
    """What a figure is worth. Where ``full`` is below ``none``, less is better."""

    weight: int
    none: Fraction
    full: Fraction
    problem: Fraction

    def share(self, rate: Rate) -> Fraction:
        """How much of the weight is given, 0 to 1; the rate must have a value."""
        reached = (Fraction(rate.part, rate.whole) - self.none) / (self.full - self.none)
        return min(Fraction(1), max(Fraction(0), reached))

    def is_problem(self, rate: Rate) -> bool:
        value = Fraction(rate.part, rate.whole) if rate.whole else self.problem
        return value < self.problem if self.full > self.none else value > self.problem


@dataclass(frozen=True)
class Rules:
    """One version of the file; ``said`` is it as plain data, from which `of` makes it again."""

    begins: date
    number: str
    issuer: str
    reporter: str
    answer_days: int
    least: int
    figures: Mapping[str, Weight]
    said: Mapping[str, Any]

    @property
    def version(self) -> str:
        """12 hexadecimal digits over all that it says."""
        return hashlib.sha256(json.dumps(self.said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]

    def score(self, rates: Mapping[str, Rate]) -> Fraction | None:
        """0 to 100; None where what has a value weighs less than ``least``."""
        counted = {name: weight for name, weight in self.figures.items() if rates[name].whole}
        whole = sum(weight.weight for weight in counted.values())
        if not whole or whole < self.least:
            return None
        return WHOLE * sum((weight.weight * weight.share(rates[name]) for name, weight in counted.items()), Fraction(0)) / whole


def load(path: Path = FILE) -> list[Rules]:
    """All versions, oldest first. Raises ScoreFault."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise ScoreFault([f"{path.name}: cannot be read: {fault}"]) from fault
    versions = said.get("versions") if isinstance(said, dict) else None
    if not isinstance(versions, list) or not versions:
        raise ScoreFault([f"{path.name}: versions must be a list with a version at least"])
    faults = [f"{path.name}: version {at}: {fault}" for at, each in enumerate(versions, 1) for fault in _wrong(each)]
    begins = [each["from"] for each in versions if isinstance(each, dict) and type(each.get("from")) is date]
    faults += [f"{path.name}: two versions begin on {day}" for day in sorted({each for each in begins if begins.count(each) > 1})]
    if faults:
        raise ScoreFault(faults)
    return sorted((of(_plain(each)) for each in versions), key=lambda each: each.begins)


def on(day: date, path: Path = FILE) -> Rules:
    """The version in force on a day. Raises ScoreFault, also where none had begun."""
    begun = [each for each in load(path) if each.begins <= day]
    if not begun:
        raise ScoreFault([f"{path.name}: no version had begun on {day}"])
    return begun[-1]


def of(said: Mapping[str, Any]) -> Rules:
    """A version out of what `Rules.said` holds."""
    figures = {name: Weight(each["weight"], Fraction(each["none"]), Fraction(each["full"]), Fraction(each["problem"])) for name, each in said["figures"].items()}
    return Rules(date.fromisoformat(said["from"]), said["number"], said["issuer"], said["reporter"], said["answer_days"], said["least"], figures, said)


def ranks(scores: Mapping[str, str]) -> dict[str, int]:
    """By department the rank of its score, a decimal as it is shown; the same score has the same rank, and the next one is as many below."""
    values = {name: Fraction(text) for name, text in scores.items()}
    return {name: 1 + sum(other > value for other in values.values()) for name, value in values.items()}


def shown(score: Fraction) -> str:
    """Two digits, half up."""
    hundredths = int(score * 100 + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _plain(version: Mapping[str, Any]) -> dict[str, Any]:
    figures = {name: {"weight": each["weight"]} | {limit: str(each[limit]) for limit in LIMITS} for name, each in version["figures"].items()}
    return {**version, "from": version["from"].isoformat(), "figures": figures}


def _wrong(version: Any) -> Iterator[str]:
    if not isinstance(version, dict):
        yield f"must be a list of settings, not {version!r}"
        return
    yield from (f"{name} is missing" for name in KEYS if name not in version)
    yield from (f"{name} is not known" for name in version if name not in KEYS)
    if "from" in version and type(version["from"]) is not date:
        yield f"from {version['from']!r} must be a day as 2017-10-01"
    yield from (f"{name} must be a text" for name in TEXTS if name in version and not (isinstance(version[name], str) and version[name].strip()))
    for name, (least, most) in NUMBERS.items():
        if name in version and not (type(version[name]) is int and least <= version[name] <= most):
            yield f"{name} {version[name]!r} must be a whole number from {least} to {most}"
    if "figures" in version:
        yield from _figures_wrong(version["figures"])


def _figures_wrong(figures: Any) -> Sequence[str]:
    if not isinstance(figures, dict):
        return ["figures must name each figure with its weight"]
    found = [f"figures: {name} is missing" for name in FIGURES if name not in figures] + [f"figures: {name} is no figure" for name in figures if name not in FIGURES]
    found += [f"figures: {name}: {fault}" for name, each in figures.items() for fault in _weight_wrong(each)]
    weights = [each["weight"] for each in figures.values() if isinstance(each, dict) and type(each.get("weight")) is int]
    return found or [f"figures: the weights add up to {sum(weights)}, not to {WHOLE}"] * (sum(weights) != WHOLE)


def _weight_wrong(said: Any) -> Iterator[str]:
    if not isinstance(said, dict):
        yield "must have weight, none, full and problem"
        return
    yield from (f"{name} is missing" for name in ("weight", *LIMITS) if name not in said)
    yield from (f"{name} is not known" for name in said if name not in ("weight", *LIMITS))
    if "weight" in said and not (type(said["weight"]) is int and 0 <= said["weight"] <= WHOLE):
        yield f"weight {said['weight']!r} must be a whole number from 0 to {WHOLE}"
    wrong = [name for name in LIMITS if name in said and not (type(said[name]) in (int, float) and 0 <= said[name] <= 1)]
    yield from (f"{name} {said[name]!r} must be a number from 0 to 1" for name in wrong)
    if not wrong and said.get("none") == said.get("full") is not None:
        yield "none and full must differ"
