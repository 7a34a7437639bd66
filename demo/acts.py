"""What happens while the demo watches: a correction, a withdrawal, a fix that arrives by another way, repeats, and a hundred commits timed until a query sees them."""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

from demo.departments import Load, Truth
from demo.records import Record
from demo.sites import Site
from infra import wait
from loaders.warehouse import Warehouse

COMMITS = 100
GAP = 0.05


@dataclass(frozen=True)
class Latency:
    """Seconds from a commit in the department's database until a query sees it."""

    p50: float
    p99: float


def _where(record: Record) -> dict[str, str]:
    return {name: str(record[name]) for name in ("XK_WSH", "XK_XMMC", "XK_XDR")}


def clean(load: Load) -> list[Record]:
    """The load's records without any mistake, in order."""
    return [each.fields for each in load.said if each.outcome == "accepted" and not each.mistake]


def correct(site: Site, load: Load, truth: Truth) -> str:
    """A clerk corrects what was licensed."""
    record = clean(load)[0]
    right = record | {"XK_NR": f"{record['XK_NR']}（更正）"}
    site.change(load.table, _where(record), {"XK_NR": right["XK_NR"]})()
    truth.put(load.item, load.department, right)
    return str(right["XK_NR"])


def withdraw(site: Site, load: Load, truth: Truth) -> str:
    """A clerk deletes a licence."""
    record = clean(load)[1]
    site.change(load.table, _where(record), None)()
    truth.drop(load.item, load.department, record)
    return str(record["XK_WSH"])


def fixable(load: Load) -> Record:
    """A rejected record whose only fault is a wrong check digit."""
    return next(each.fields for each in load.said if each.rules == ("R-USCC-03",))


def fixed(load: Load, right_code: Callable[[str], str]) -> Record:
    """The same with the code put right."""
    record = fixable(load)
    return record | {"XK_XDR_SHXYM": right_code(str(record["XK_XDR_SHXYM"])[:17])}


def latency(site: Site, load: Load, truth: Truth, warehouse: Warehouse, run: str) -> Latency:
    """A hundred single commits, 50 ms apart, each timed until the warehouse's current table shows it."""
    records = clean(load)[10 : 10 + COMMITS]
    committed: dict[str, float] = {}
    seen: dict[str, float] = {}
    done = Event()

    def watch() -> None:
        sql = "SELECT XK_NR FROM xzxk FINAL WHERE _withdrawn = 0 AND XK_NR LIKE {mark:String}"

        def all_seen() -> bool:
            for text in warehouse.query(sql, {"mark": f"%（时效{run}-%"}).column("XK_NR"):
                seen.setdefault(str(text), time.monotonic())
            return done.is_set() and len(seen) == len(committed)

        wait.until(all_seen, 60, every=GAP)  # the resolution of the measurement

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch)
        for number, record in enumerate(records):
            text = f"{record['XK_NR']}（时效{run}-{number}）"
            truth.put(load.item, load.department, record | {"XK_NR": text})
            change = site.change(load.table, _where(record), {"XK_NR": text})
            change()
            committed[text] = time.monotonic()
            time.sleep(GAP)  # a clerk's pace
        done.set()
        watching.result()
    return _quantiles([seen[text] - moment for text, moment in committed.items() if text in seen], len(committed))


def _quantiles(times: Sequence[float], expected: int) -> Latency:
    if len(times) < expected:
        raise TimeoutError(f"only {len(times)} of {expected} timed changes became visible within a minute")
    hundredths = statistics.quantiles(times, n=100)
    return Latency(round(hundredths[49], 3), round(hundredths[98], 3))
