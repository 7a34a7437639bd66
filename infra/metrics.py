"""Every metric there is, in one list, and the values of this process.

A metric is set or counted where it is measured (`metrics.TRANSACTIONS.add(1, "committed")`); `infra.measured` writes the values of each process to a file, and `/metrics` of the serving process joins
the files. What receipts, tables and offsets know is asked of them and never counted a second time, so that a death or a repeat cannot make it wrong; counts of a process begin at 0 with it.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from prometheus_client.metrics_core import Metric as Family

from infra.personal import withheld

MOST = 2_000  # label sets of one metric; what comes beyond is counted together
OTHER = "other"
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Metric:
    """One metric: its name (counters end in `_total`), what it is, its labels in order, the unit, and what it says. Values may be set from several threads."""

    name: str
    kind: Literal["counter", "gauge"]
    labels: tuple[str, ...]
    unit: str
    help: str

    def add(self, amount: float = 1, *labels: str) -> None:
        """So much more."""
        with _LOCK:
            mine = _VALUES.setdefault(self, {})
            where = self._place(mine, labels)
            mine[where] = mine.get(where, 0) + amount

    def set(self, value: float, *labels: str) -> None:
        """What it is now."""
        with _LOCK:
            mine = _VALUES.setdefault(self, {})
            mine[self._place(mine, labels)] = value

    def replace(self, values: Mapping[tuple[str, ...], float]) -> None:
        """All there is of it now; label sets that are not among them are gone."""
        with _LOCK:
            mine = _VALUES[self] = {}
            for labels, value in values.items():
                where = self._place(mine, labels)
                mine[where] = mine.get(where, 0) + value if where in mine else value

    def _place(self, mine: Mapping[tuple[str, ...], float], labels: tuple[str, ...]) -> tuple[str, ...]:
        if len(labels) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {labels}")
        named = tuple(map(withheld, labels))
        return named if named in mine or len(mine) < MOST else (OTHER,) * len(named)


_VALUES: dict[Metric, dict[tuple[str, ...], float]] = {}
LISTED: list[Metric] = []


def _counter(name: str, labels: str, unit: str, told: str) -> Metric:
    LISTED.append(Metric(name, "counter", tuple(labels.split()), unit, told))
    return LISTED[-1]


def _gauge(name: str, labels: str, unit: str, told: str) -> Metric:
    LISTED.append(Metric(name, "gauge", tuple(labels.split()), unit, told))
    return LISTED[-1]


# ---- records, as batches, receipts and tables have them (serve, load: loaders/measured) ------------------------------
_SOURCE = "department source way item"
SAID = _counter("guiji_said_records_total", _SOURCE, "records", "Records said by a source, as published batches count them.")
JUDGED = _counter("guiji_judged_records_total", f"{_SOURCE} outcome", "records", "Records judged, by outcome, as receipts count them.")
LOADED = _counter("guiji_loaded_records_total", _SOURCE, "records", "Rows that stand in the warehouse for what was judged.")
NEWEST = _gauge("guiji_source_newest_timestamp_seconds", _SOURCE, "unix seconds", "When the newest batch of a source was published.")
OPEN_REJECTS = _gauge("guiji_open_rejects", "department item rule", "records", "Rejected records that nothing has answered, by each rule they broke.")
UNBALANCED = _gauge("guiji_unbalanced_batches", "", "batches", "Batches of which what was said, judged and loaded differ, older than ten minutes.")
UNBALANCED_RECORDS = _gauge("guiji_unbalanced_records", "leg", "records", "In those batches: said and not judged (leg judged), judged and not loaded (leg loaded); without sign.")
PARTS = _gauge("guiji_warehouse_parts", "table", "parts", "Active parts of a table of the warehouse.")
UNLOADABLE = _gauge("guiji_unloadable_records", "", "records", "Records set aside because no table takes them.")

# ---- the loader (serve, load: loaders/sink) --------------------------------------------------------------------------
INSERTED_ROWS = _counter("guiji_inserted_rows_total", "", "rows", "Rows inserted since the process began.")
INSERTED_BATCHES = _counter("guiji_inserted_batches_total", "", "batches", "Batches inserted and committed since the process began.")
LOADER_HOLDS = _gauge("guiji_loader_held_topics", "topic", "1", "Topics the loader holds because most of their newest records cannot be read.")
LOADER_WAITS = _gauge("guiji_loader_waiting", "", "1 or 0", "Whether the loader waits for the warehouse, the broker or the registry.")

# ---- how far behind (serve: portal/measured) -------------------------------------------------------------------------
LAG_RECORDS = _gauge("guiji_lag_records", "group topic", "records", "Offsets between the end of a topic and where a consumer group stands; markers of transactions count.")
LAG_SECONDS = _gauge("guiji_lag_seconds", "group topic", "seconds", "Age of the oldest record that a group has not read.")

# ---- the serving process (portal/measured) ---------------------------------------------------------------------------
WELL = _gauge("guiji_part_well", "part", "1 or 0", "Whether a part that /readyz tells of is well.")
WAITING = _gauge("guiji_door_waiting_batches", "", "batches", "Submissions and declarations that are acknowledged and not yet published.")
DISK_FREE = _gauge("guiji_disk_free_bytes", "", "bytes", "Free space on the disk of the home folder.")
HELD = _gauge("guiji_held_topics", "holder topic", "1", "Topics that map, the watcher or a poller holds until somebody looks: by the brake, for a changed table, for a suspicious load.")
EXPECTED = _gauge("guiji_expected_within_seconds", "department way", "seconds", "A department has declared this way: the longest time between two deliveries by the frequency it declared.")
OWED = _gauge("guiji_owed_periods", "department state", "periods", "Periods that ended in the last 92 days, by their state in the obligation ledger: not_yet, awaited, reported, late, missed.")
REMINDERS_WAITING = _gauge("guiji_reminders_waiting", "channel", "reminders", "Reminders that are to go out by a channel.")
REMINDERS_FAILED = _gauge("guiji_reminders_failed", "channel", "reminders", "Reminders that were given up within the last day: the other side refused them, or did not answer for a day.")

# ---- transactions (judge, map, serve) --------------------------------------------------------------------------------
TRANSACTIONS = _counter("guiji_transactions_total", "writer outcome", "transactions", "Kafka transactions of judge, map or door: committed, or failed (given up and repeated).")
TRANSACTION_RECORDS = _counter("guiji_transaction_records_total", "writer", "records", "Records read or published in committed transactions.")

# ---- tapped databases (connectors/measured, by the watcher) ----------------------------------------------------------
SOURCE_WELL = _gauge("guiji_tapped_source_well", "source", "1 or 0", "Whether connector, database and feed of a declared source are well.")
TASKS_FAILED = _gauge("guiji_connector_failed_tasks", "source", "tasks", "Failed tasks of a source's connector (the connector itself counts as one).")
SLOT_LAG = _gauge("guiji_slot_lag_bytes", "source", "bytes", "Log of a source's database that is not read yet and that the database keeps for us.")
SNAPSHOT_ROWS = _gauge("guiji_snapshot_rows", "source table", "rows", "Rows read by the snapshot of a table that is under way.")
SNAPSHOT_TOTAL = _gauge("guiji_snapshot_expected_rows", "source table", "rows", "Rows the database estimates for that table.")
RESTARTS = _gauge("guiji_connector_restarts_day", "source", "restarts", "Restarts of a connector within the last day.")

# ---- live figures (streams/live) -------------------------------------------------------------------------------------
LIVE_RECEIPTS = _counter("guiji_live_receipts_total", "", "receipts", "Receipts counted into windows since the process began.")

# ---- every process (infra/measured) ----------------------------------------------------------------------------------
ALIVE = _gauge("guiji_process_alive_timestamp_seconds", "", "unix seconds", "When the process last wrote its metrics; it does so every ten seconds.")
LOOK_FAILED = _gauge("guiji_look_failed", "", "1 or 0", "Whether the process could not ask for something it measures; its last values stand meanwhile.")

METRICS: tuple[Metric, ...] = tuple(LISTED)


def families() -> Iterator[Family]:
    """What this process has measured so far."""
    with _LOCK:
        now = {metric: dict(values) for metric, values in _VALUES.items()}
    for metric in METRICS:
        if metric in now:
            found = family(metric)
            for labels, value in now[metric].items():
                found.add_sample(metric.name, dict(zip(metric.labels, labels, strict=True)), value)
            yield found


def family(metric: Metric) -> Family:
    """Without samples; the text form adds `_total` to a counter's name."""
    return Family(metric.name.removesuffix("_total"), f"{metric.help} Unit: {metric.unit}.", metric.kind)


def forget() -> None:
    """As when the process began."""
    with _LOCK:
        _VALUES.clear()
