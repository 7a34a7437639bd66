"""`make bench`: the pipeline's rates on this machine, beside peers measured in the same run. Ratios count; absolutes belong to the machine and the hour.

One department's table of licences with the demo's mistakes goes Postgres → Debezium → map → judge → sink. Each process is watched alone or beside what the figure names, ours and its peer in turn,
three times over; every run has topics, state and warehouse of its own.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import capturing, commits, freshness, judging, loading, memory, reconciling, report, workbooks
from bench.book import Book
from bench.ground import PROFILES, Ground, Profile, Teller
from bench.measure import ROOT, BenchFault
from infra import show, stack
from infra.settings import get

RESULTS = ROOT / "bench" / "results.json"
PARTS: dict[str, Callable[[Ground], None]] = {
    "capture": capturing.measure,
    "judge": judging.measure,
    "sink": loading.measure,
    "freshness": freshness.measure,
    "commits": commits.measure,
    "memory": memory.measure,
    "reconcile": reconciling.measure,
    "workbook": workbooks.measure,
}
ONCE = {"freshness", "commits", "memory"}


def main() -> None:
    """Measure and print; writes bench/results.json."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--profile", choices=PROFILES, default="full")
    asked.add_argument("--only", type=_parts, default=list(PARTS), help=f"parts, separated by commas: {', '.join(PARTS)}")
    asked.add_argument("--results", type=Path, default=RESULTS)
    asked.add_argument("--report", action="store_true", help="measure nothing; print the results as Markdown")
    chosen = asked.parse_args()
    if chosen.report:
        sys.stdout.write(report.markdown(json.loads(chosen.results.read_text(encoding="utf-8"))))
        return
    console = show.console()
    signal.signal(signal.SIGTERM, _told)
    results = _run(console, chosen.profile, chosen.only, chosen.results)
    for title, rows in (("Rates", report.rates(results)), ("Figures", report.figures(results)), ("Waits", report.waits(results)), ("Left out", report.left_out(results))):
        if rows:
            show.table(console, rows, title)
    console.print(f"Written: {chosen.results}")


def _told(*_signal: object) -> None:
    """The servers are stopped then, too."""
    raise BenchFault("The bench was told to end (SIGTERM). The parts that were finished are written.")


def _parts(words: str) -> list[str]:
    if unknown := set(words.split(",")) - set(PARTS):
        raise argparse.ArgumentTypeError(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return [part for part in PARTS if part in words.split(",")]


def _run(console: Console, name: str, parts: list[str], file: Path) -> dict[str, Any]:
    """Everything on servers of its own, which are gone afterwards; written after each part. Ends the program with the reason when a process dies: what was measured until then is written."""
    profile, book = PROFILES[name], Book()
    teller = Teller(console, sum(1 if part in ONCE else profile.runs for part in parts))
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="guiji-bench-") as folder, teller.bar:
        os.environ["GUIJI_HOME"] = folder
        try:
            ground = _ground(profile, book, teller)
            for number, part in enumerate(parts, start=1):
                PARTS[part](ground)
                results = {"profile": name, "records": profile.records, "parts": parts[:number]} | book.summary()
                file.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        except BenchFault as fault:
            console.print(str(fault), style="red", markup=False)
            sys.exit(1)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the servers are being stopped already
            stack.down(get(), lambda _line: None)
    return results


def _ground(profile: Profile, book: Book, teller: Teller) -> Ground:
    teller.doing("starting the servers")
    stack.up(get(), ["kafka", "registry", "postgres"], teller.say)
    return Ground(get(), profile, book, teller)


if __name__ == "__main__":
    main()
