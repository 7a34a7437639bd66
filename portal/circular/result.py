"""What follows from a frozen text and from what was decided of it: lines, departments with score and rank, problems, the trend. Pure: the same in, the same out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.circular import frozen
from portal.circular.frozen import Frozen
from schemas.obligations import score
from schemas.obligations.figures import Rate
from schemas.obligations.score import FIGURES, Rules

OPEN = "open"  # 疑问率: what 合规率 leaves
TITLES = {**FIGURES, OPEN: "疑问率"}
AMENDABLE = tuple(FIGURES)  # what can be objected to and corrected
OLD_STATES = ("漏报", "超时")
Place = tuple[str, str, str]  # department, item, figure


@dataclass(frozen=True)
class Change:
    """A figure of one line that does not stand as it was frozen: ``was`` and ``now`` are part and whole."""

    department: str
    item: str
    figure: str
    was: Sequence[int]
    now: Sequence[int]
    why: str

    @property
    def place(self) -> Place:
        return self.department, self.item, self.figure

    @property
    def words(self) -> str:
        """As documents say it."""
        return f"{frozen.rate(self.was)}改为{frozen.rate(self.now)}"


@dataclass(frozen=True)
class Earlier:
    """An issued circular of an earlier month, as it stands: by department score and rank (None: not ranked)."""

    month: str
    document: str
    scores: Mapping[str, tuple[str, int] | None]


def result(text: Frozen, changes: Iterable[Change], earlier: Sequence[Earlier]) -> dict[str, Any]:
    """Plain data: `lines` `departments` `problems` `changes` `before`. Of two changes of one figure the later one counts. ``earlier``: the latest month first."""
    made = {each.place: each for each in changes}
    rules = score.of(text["score"])
    lines = [_line(line, made) for line in text["lines"]]
    return {
        "lines": lines, "departments": _departments(text, lines, rules, earlier), "problems": list(_problems(text, lines, rules)),
        "changes": [vars(each) | {"was": list(each.was), "now": list(each.now)} for each in made.values()],
        "before": [[each.month, each.document] for each in earlier],
    }  # fmt: skip


def changes(said: Mapping[str, Any]) -> list[Change]:
    """Those that a result holds."""
    return [Change(**each) for each in said["changes"]]


def figures(said: Mapping[str, Sequence[int]]) -> dict[str, Rate]:
    """The rates of a line or department, 疑问率 with them."""
    found = frozen.rates(said)
    return found | {OPEN: Rate(found["valid"].rest, found["valid"].part)}


def _line(line: Mapping[str, Any], made: Mapping[Place, Change]) -> dict[str, Any]:
    """The line's figures as they stand, and beside them those that were decided otherwise, as they were."""
    place = line["department"], line["item"]
    mine = {name: made[*place, name] for name in FIGURES if (*place, name) in made}
    stands = line["figures"] | {name: list(each.now) for name, each in mine.items()}
    kept = {name: line[name] for name in ("department", "item", "delivered", "remark")}
    return kept | {"figures": stands, "was": {name: line["figures"][name] for name in mine}}


def _departments(text: Frozen, lines: Sequence[Mapping[str, Any]], rules: Rules, earlier: Sequence[Earlier]) -> list[dict[str, Any]]:
    """In the order of their ranks, those without one last."""
    sums = defaultdict[str, dict[str, Rate]](lambda: dict.fromkeys(FIGURES, Rate(0, 0)))
    delivered = defaultdict[str, int](int)
    for line in lines:
        code, rates = line["department"], frozen.rates(line["figures"])
        sums[code] = {name: sums[code][name] + rates[name] for name in FIGURES}
        delivered[code] += line["delivered"]
    points = {code: rules.score(rates) for code, rates in sums.items()}
    scores = {code: score.shown(each) for code, each in points.items() if each is not None}
    ranks = score.ranks(scores)
    found = [
        {
            "department": code, "name": name, "short": short, "delivered": delivered[code], "score": scores.get(code), "rank": ranks.get(code),
            "figures": {figure: frozen.pair(rate) for figure, rate in sums[code].items()}, "trend": [list(each.scores.get(code) or (None, None)) for each in earlier],
        }
        for code, name, short in text["departments"] if code in sums
    ]  # fmt: skip
    return sorted(found, key=lambda each: each["rank"] or len(found) + 1)


def _problems(text: Frozen, lines: Sequence[Mapping[str, Any]], rules: Rules) -> Iterator[dict[str, Any]]:
    """Department by department: what was not declared or declared too low, missed and late periods, figures below what is asked, old rejects, an unfinished stock."""
    stock, blocks = {(each["department"], each["item"]): each for each in text["stock"]}, text["blocks"]
    for code, _, _ in text["departments"]:
        for line in (each for each in lines if each["department"] == code):
            found = [line["remark"]] if line["remark"] else []
            found += [_worse(name, line, rules) for name in FIGURES if rules.figures[name].is_problem(frozen.rate(line["figures"][name]))]
            aged = blocks.get(f"{code}/{line['item']}/{frozen.AGED}")
            found += [f"退回记录 {aged[0]} 条尚未改正"] if aged else []
            late = stock.get((code, line["item"]))
            found += [f"存量{late['state']}（申报 {late['stated']} 条，已归集 {late['arrived']} 条）"] if late and late["stated"] is not None and late["state"] in OLD_STATES else []
            if found:
                yield {"department": code, "item": line["item"], "words": found}


def _worse(name: str, line: Mapping[str, Any], rules: Rules) -> str:
    rate, weight = frozen.rate(line["figures"][name]), rules.figures[name]
    if name in ("late", "missed"):
        return f"{FIGURES[name][:-1]} {rate.part} 期（应报 {rate.whole} 期）"
    return f"{FIGURES[name]} {rate}，低于 {float(weight.problem):.0%}"

