"""`make bench`: the pipeline's rates on this machine, beside peers measured in the same run. Ratios count; absolutes belong to the machine and the hour.

One department's table of licences with the demo's mistakes goes Postgres → Debezium → map → judge → sink, each process alone while it is watched, then the peers.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from typing import Any

from rich.console import Console

from bench import peers
from bench.measure import PATIENCE, PAUSE, ROOT, SLACK, BenchFault, Work, watch
from connectors import plan
from demo.departments import Load, Speaker, say
from demo.sites import Site, sites
from infra import kafka, show, stack, wait
from infra.settings import Settings, get
from schemas import catalog as catalogues
from schemas import departments, registry, sources, topics
from schemas.catalog import Catalog

ITEM, SOURCE, TABLE = "xzxk", "zjj_pg", "public.permit"
PROFILES = {"full": 200_000, "small": 2_000}
RESULTS = ROOT / "bench" / "results.json"
PACKAGES = ("confluent-kafka", "faust-streaming", "polars", "pyarrow", "pyruhvro", "fastavro", "rocksdict", "chdb", "clickhouse-driver")
FRAMEWORK_RECORDS = 20_000  # enough for a framework of some thousand records a second
OUTPUTS = 2  # the judge writes an acceptance and a state for a record


def main() -> None:
    """Measure and print; writes bench/results.json."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--profile", choices=PROFILES, default="full")
    asked.add_argument("--results", type=Path, default=RESULTS)
    chosen = asked.parse_args()
    console = show.console()
    with tempfile.TemporaryDirectory(prefix="guiji-bench-") as folder:
        os.environ["GUIJI_HOME"] = folder
        settings = _stack(console)
        try:
            results = measure(settings, PROFILES[chosen.profile], console) | {"profile": chosen.profile}
        except BenchFault as fault:
            console.print(str(fault), style="red")
            sys.exit(1)
        finally:
            stack.down(settings, lambda _line: None)
    chosen.results.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    show.table(console, [{"ratio": name, "value": f"{value:.2f}"} for name, value in results["ratios"].items()], "Ratios")
    console.print(f"Written: {chosen.results}")


def _stack(console: Console) -> Settings:
    stack.up(get(), ["kafka", "registry", "postgres"], lambda line: console.print(line, style="dim"))
    return get()


def measure(settings: Settings, count: int, console: Console) -> dict[str, Any]:
    """Everything, once. Raises BenchFault when a process dies."""
    catalog = catalogues.load(settings.catalogue)
    kafka.ensure(settings, topics.of(catalog))
    with registry.Registry(settings.registry) as client:
        client.register(catalog)
    capture = _capture(settings, catalog, count, console)
    submitted, accepted = topics.submitted(ITEM), topics.accepted(ITEM)
    works = {"map": watch(settings, "map", "map", topics.captured(SOURCE, "permit"))}
    works["judge"] = watch(settings, "judge", "judge", submitted)
    works["sink"] = watch(settings, "load", "loader", accepted)
    show.table(console, [_row(name, work) for name, work in works.items()], f"{count} records of {ITEM}")
    beside = {
        "debezium_snapshot": capture, "pass_through": peers.pass_through(settings, submitted, OUTPUTS),
        "record_loop": peers.record_loop(settings, catalog[ITEM], min(count, 5_000)), "raw_insert": peers.raw_insert(settings, catalog, catalog[ITEM], settings.home / "raw"),
    } | _frameworks(settings, catalog, count, console)  # fmt: skip
    show.table(console, [{"peer": name, "records/s": round(rate)} for name, rate in beside.items()], "Peers")
    return _results(works, beside, count)


def _frameworks(settings: Settings, catalog: Catalog, count: int, console: Console) -> dict[str, float]:
    """The same judge as a Faust agent and in Quix Streams, on the first records of the same topic. Quix needs an environment of its own:
    the small profile, which only sees that all runs, leaves it out.
    """
    some = min(count, FRAMEWORK_RECORDS)
    found = {"faust_agent": peers.framework(settings, peers.PYTHON, "faust", catalog[ITEM], some)}
    if count < FRAMEWORK_RECORDS:
        console.print("Quix Streams is measured in the full profile only.", style="dim")
        return found
    console.print("an environment for Quix Streams (made once) ...", style="dim")
    python = peers.quix_environment(settings.cache / "bench-quix")
    return found | {"quix_streams": peers.framework(settings, python, "quix", catalog[ITEM], some)}


def _capture(settings: Settings, catalog: Catalog, count: int, console: Console) -> float:
    """Rows/s at which Debezium's snapshot writes the department's table into its topic."""
    source = sources.load(settings.sources, catalog, departments.load())[SOURCE]
    source = replace(source, tables={TABLE: source.tables[TABLE]})
    (site,) = sites(settings, catalog, {SOURCE: source}, {"postgres": stack.port(settings, "postgres")}).values()
    _build(site, settings, count)
    console.print(f"a table of {count} rows is made", style="dim")
    stack.up(settings, ["connect"], lambda line: console.print(line, style="dim"))
    plan.apply(get(), {SOURCE: source})
    topic = topics.captured(SOURCE, "permit")

    def captured() -> int:
        return kafka.watermarks(settings, topic, 0)[1] if topic in kafka.partitions(settings) else 0

    first = wait.until(captured, PATIENCE, every=PAUSE)
    began = time.monotonic()
    there = wait.until(captured, PATIENCE, every=PAUSE, holds=lambda place: place >= count - SLACK)
    if there < count - SLACK:
        raise BenchFault(f"Debezium captured {there} of {count} rows")
    return max(there - first, 1) / max(time.monotonic() - began, PAUSE)


def _build(site: Site, settings: Settings, count: int) -> None:
    table = site.source.tables[TABLE]
    said = list(say(Random("bench"), ITEM, count, Speaker("zjj", "建", table)))
    password = token_urlsafe(18)
    site.build([Load(table.source_id, "zjj", "cdc", ITEM, said, TABLE)], password)
    values = {"HOST": "127.0.0.1", "PORT": str(site.port), "PASSWORD": password}
    with settings.secrets_file.open("a") as file:
        file.writelines(f"{SOURCE.upper()}_{name}={value}\n" for name, value in values.items())


def _row(name: str, work: Work) -> dict[str, Any]:
    return {
        "process": name, "records/s": round(work.rate), "CPU µs/record": None if work.cpu_us is None else round(work.cpu_us, 1),
        "memory MB": None if work.memory_mb is None else round(work.memory_mb),
    }  # fmt: skip


def _results(works: Mapping[str, Work], beside: Mapping[str, float], count: int) -> dict[str, Any]:
    frameworks = {f"judge_over_{short}_ratio": works["judge"].rate / beside[name] for short, name in (("faust", "faust_agent"), ("quix", "quix_streams")) if name in beside}
    return {
        "records": count,
        "ratios": frameworks | {
            "judge_over_pass_through_ratio": works["judge"].rate / beside["pass_through"], "judge_over_record_loop_ratio": works["judge"].rate / beside["record_loop"],
            "map_over_debezium_ratio": works["map"].rate / beside["debezium_snapshot"], "sink_over_raw_insert_ratio": works["sink"].rate / beside["raw_insert"],
        },
        "rates": {name: work.rate for name, work in works.items()} | dict(beside),
        "cpu_us_per_record": {name: work.cpu_us for name, work in works.items()},
        "memory_mb": {name: work.memory_mb for name, work in works.items()},
        "versions": {name: version(name) for name in PACKAGES} | {"python": platform.python_version()},
        "machine": {"cores": os.cpu_count(), "system": platform.system(), "machine": platform.machine()},
    }  # fmt: skip


if __name__ == "__main__":
    main()
