"""results.json as tables: on the terminal at the end of a run, and as Markdown for docs/performance.md."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.goals import GOALS, Goal

Results = Mapping[str, Any]
Row = dict[str, str]
VERDICTS = {"goal": "goal met", "floor": "floor met", "no": "**not met**", "": "none set"}


def figures(results: Results) -> list[Row]:
    """Every figure with what was promised, in the order of `goals.py`."""
    told = results["profile"] == "full"
    return [_figure(GOALS[name], results["ratios"][name], told=told) for name in GOALS if name in results["ratios"]]


def rates(results: Results) -> list[Row]:
    """Every stage and peer with its spread and what a record costs by process."""
    return [_rate(name, found) for name, found in results["rates"].items()]


def waits(results: Results) -> list[Row]:
    """How long a small source waits while another's load is judged, and a commit until a query tells of it."""
    found = results["notes"].get("small_source_freshness_s", {}) | {"commit": results["notes"].get("commit_freshness_s")}
    told = {"own_item": "a small source, in an item of its own", "same_item": "a small source, in the item that is loaded", "commit": "a commit, at a steady pace"}
    items = [(words, found[name]) for name, words in told.items() if found.get(name)]
    return [{"who": words} | {name: _or(each[name], ".2f", " s") for name in ("p50", "p99", "max")} | {"records": str(each["samples"])} for words, each in items]


def left_out(results: Results) -> list[Row]:
    return [{"left out": name, "why": why} for name, why in results["left_out"].items()]


def markdown(results: Results) -> str:
    """All tables as docs/performance.md shows them."""
    machine, versions = results["machine"], ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    parts = [f"Profile `{results['profile']}`, {results['records']:,} records, {machine['cores']} cores, {machine['system']} {machine['machine']}. {versions}."]
    parts += ["\n".join(_table(rows)) for rows in (figures(results), rates(results), waits(results), left_out(results)) if rows]
    parts += [f"- {name}: " + ", ".join(f"`{option}` {value}" for option, value in options.items()) for name, options in results["peers"].items()]
    return "\n\n".join(parts) + "\n"


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| " + " | ".join(rows[0]) + " |"
    yield "|" + "---|" * len(rows[0])
    for row in rows:
        yield "| " + " | ".join(row.values()) + " |"


def _rate(name: str, found: Mapping[str, Any]) -> Row:
    memory, start = _or(found["memory_mb"], ",.0f", " MB"), _or(found["start_s"], ".1f", " s")
    return {"what": name, "records/s": _span(found, ",.0f"), "processor µs/record": _cpu(found["cpu_us"]), "memory, peak": memory, "start to first commit": start}


def _figure(goal: Goal, found: Mapping[str, Any], *, told: bool) -> Row:
    promised = f"{goal.floor:g}, {goal.goal:g}{goal.unit and ' '}{goal.unit}" if goal.floor is not None else ""
    verdict = VERDICTS[found["met"]] if told else "too few records to tell"
    return {"what": goal.what, "median (smallest to largest)": _span(found, ".0f" if goal.unit == "MB" else ".2f", goal.unit), "floor, goal": promised, "met": verdict}


def _span(found: Mapping[str, Any], form: str, unit: str = "") -> str:
    middle = format(found["median"], form) + (f" {unit}" if unit else "")
    return middle if found["runs"] == 1 else f"{middle} ({found['min']:{form}} to {found['max']:{form}})"


def _cpu(spent: Mapping[str, float]) -> str:
    return ", ".join(f"{process} {us:.1f}" for process, us in spent.items() if us >= 0.05)


def _or(value: float | None, form: str, unit: str) -> str:
    return "" if value is None else format(value, form) + unit
