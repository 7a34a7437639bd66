"""What must hold in the end, and the tables that show it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from demo.acts import Latency
from demo.departments import Load, Truth
from infra.settings import Settings
from infra.show import table
from loaders import figures, reconcile
from loaders.warehouse import Warehouse
from schemas.catalog import Catalog

OUTCOMES = ("accepted", "duplicate", "superseded", "rejected", "excluded")


def sources(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Each source's account: received as said, and the five outcomes."""
    names = ("source", "department", "way", "item", "received", *OUTCOMES, "judged", "loaded")
    return [{name: row[name] for name in names} for row in figures.sources(warehouse)]


def unbalanced(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Sources whose records are not all accounted for."""
    problems = []
    for row in rows:
        total = sum(row[name] for name in OUTCOMES)
        if not row["received"] == row["judged"] == row["loaded"] == total:
            problems.append(f"{row['source']}: received {row['received']}, judged {row['judged']}, loaded {row['loaded']}, sum of outcomes {total}")
    return problems


def unexpected(rows: Sequence[Mapping[str, Any]], loads: Sequence[Load]) -> list[str]:
    """Sources whose outcomes at the end of the first load are not what their records were made for."""
    found = {row["source"]: row for row in rows}
    problems = []
    for load in loads:
        wanted = Counter(each.outcome for each in load.said)
        row = found.get(load.source)
        told = {name: row[name] if row else 0 for name in OUTCOMES}
        if told != {name: wanted[name] for name in OUTCOMES}:
            problems.append(f"{load.source}: {told}, expected {dict(wanted)}")
    return problems


def wrong_reasons(warehouse: Warehouse, loads: Sequence[Load], fixed: str) -> list[str]:
    """Open rejects whose rules are not the ones their mistakes were made for. One `R-USCC-03` of source `fixed` was put right by another way."""
    wanted = Counter((load.source, each.rules) for load in loads for each in load.said if each.outcome == "rejected")
    wanted[(fixed, ("R-USCC-03",))] -= 1
    for source, rules in wanted:
        if rules == ("R-FILE-01",):  # two contradicting rows of one record are one open question
            wanted[(source, rules)] //= 2
    found = Counter((row["_source"], tuple(row["rules"])) for row in figures.rejects(warehouse, figures.Rejects(limit=100_000)))
    missing, extra = +wanted - found, found - +wanted
    return [f"{source}: {count} rejects with {rules} are missing" for (source, rules), count in missing.items()] + [
        f"{source}: {count} rejects with {rules} too many" for (source, rules), count in extra.items()
    ]


def truth(warehouse: Warehouse, catalog: Catalog, known: Truth) -> tuple[dict[str, int], list[str]]:
    """The current tables against what the generator knows, record by record."""
    total, problems = Counter(missing=0, extra=0, different=0), []
    for code, expected in known.stands.items():
        item = catalog[code]
        defaults = {field.name: field.blank for field in item.fields if field.blank is not None}
        report = reconcile.check(warehouse, item, {key: defaults | {n: v for n, v in record.items() if v is not None} for key, record in expected.items()})
        total.update(report.counts())
        problems += [f"{code}: {report.counts()}; first: {(*report.missing, *report.extra, *report.different)[0]}"] if not report.clean else []
    return dict(total), problems


def items(warehouse: Warehouse, catalog: Catalog) -> dict[str, dict[str, Any]]:
    """What stands of each item and how many rejects are open."""
    open_ = Counter(row["_item"] for row in figures.rejects(warehouse, figures.Rejects(limit=100_000)))
    return {
        code: {"title": item.title, "standing": int(warehouse.query(f"SELECT count() AS n FROM `{code}` FINAL WHERE _withdrawn = 0").value()), "open_rejects": open_[code]}
        for code, item in catalog.items()
    }


def by_reason(warehouse: Warehouse) -> list[dict[str, Any]]:
    """How many rejections, and how many still open, by rule; and where."""
    found: dict[str, dict[str, Any]] = {}
    for row in figures.reasons(warehouse):
        entry = found.setdefault(row["rule"], {"rule": row["rule"], "rejections": 0, "open": 0, "sources": []})
        entry["rejections"] += int(row["rejections"])
        entry["open"] += int(row["open"])
        entry["sources"].append(row["source"])
    return [entry | {"sources": ", ".join(sorted(set(entry["sources"])))} for entry in sorted(found.values(), key=lambda entry: str(entry["rule"]))]


def write(path: Path, rows: Sequence[Mapping[str, Any]], held: Mapping[str, Any], right: Mapping[str, int], timed: Latency) -> None:
    """The summary as JSON."""
    names = ("source", "department", "way", "received", *OUTCOMES)
    content = {
        "sources": [{name: row[name] for name in names} for row in rows],
        "items": held,
        "truth": right,
        "latency_seconds": {"p50": timed.p50, "p99": timed.p99},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def live(settings: Settings) -> dict[str, int]:
    """What the live figures count, per source and way, over the days they keep."""
    try:
        found = httpx.get(f"http://127.0.0.1:{settings.live_port}/live", timeout=5).json()
    except (httpx.HTTPError, ValueError):
        return {}
    counts: Counter[str] = Counter()
    for each in found["sources"]:
        counts[f"{each['source']} {each['way']}"] += sum(window["received"] for window in each["windows"]["day"])
    return dict(counts)


def received(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The same, as the warehouse counts it."""
    found: Counter[str] = Counter()
    for row in rows:
        found[f"{row['source']} {row['way']}"] += row["received"]
    return dict(found)


def show(target: Console, title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """A table, where there is anything in it."""
    if rows:
        table(target, rows, title)
