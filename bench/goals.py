"""Every figure `make bench` gives, with the floor it may not fall below and the goal. No floor: it stands there to be compared, nothing was promised."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """``less``: smaller is better. ``what`` is said in the tables."""

    what: str
    floor: float | None = None
    goal: float | None = None
    less: bool = False
    unit: str = ""

    def met(self, value: float) -> str:
        """`goal`, `floor`, or `no`; empty where nothing was promised."""
        if self.floor is None or self.goal is None:
            return ""
        sign = -1 if self.less else 1
        return "goal" if sign * value >= sign * self.goal else "floor" if sign * value >= sign * self.floor else "no"


GOALS = {
    "judge_over_faust_ratio": Goal("judge ÷ the same judge as a Faust agent", 20, 40),
    "judge_over_quix_ratio": Goal("judge ÷ the same judge in Quix Streams", 5, 10),
    "judge_over_pass_through_ratio": Goal("judge ÷ consume and produce in transactions, nothing decoded", 0.25, 0.45),
    "judge_over_record_loop_ratio": Goal("judge ÷ the scalar rules record by record, no Kafka, no state"),
    "exactly_once_over_at_least_once_ratio": Goal("judge ÷ the same loop at-least-once", 0.90, 0.97),
    "map_over_debezium_ratio": Goal("map ÷ Debezium's own snapshot", 2, 4),
    "cdc_end_to_end_over_debezium_ratio": Goal("snapshot until loaded, all at work at once ÷ Debezium alone", 0.60, 0.80),
    "sink_over_raw_insert_ratio": Goal("sink ÷ raw insert of the same rows, embedded", 0.45, 0.65),
    "sink_over_raw_insert_native_ratio": Goal("sink ÷ raw insert of the same rows, server 18.16", 0.45, 0.65),
    "sink_with_over_without_replay_protection_ratio": Goal("sink ÷ the same without replay protection", 0.85, 0.95),
    "sink_over_clickhouse_kafka_engine_ratio": Goal("sink ÷ ClickHouse's own Kafka engine into the same tables, server 18.16"),
    "reconcile_daily_over_engine_scan_ratio": Goal("reconcile, equal tables, as every day ÷ the engine's own scan of the source", 0.25, 0.60),
    "reconcile_first_over_engine_scan_ratio": Goal("reconcile, equal tables, for the first time ÷ the engine's own scan of the source"),
    "small_source_freshness_p99_s": Goal("small source during another's load, own item, p99", 10, 3, less=True, unit="s"),
    "small_source_freshness_same_item_p99_s": Goal("the same within the item that is loaded, p99", 10, 3, less=True, unit="s"),
    "commit_freshness_p99_s": Goal("commit in the department's database → visible in a query, 300 changes/s, p99", 5, 2, less=True, unit="s"),
    "workbook_s": Goal("a workbook of 20,000 rows × 20 columns read, judged, annotated and returned", 20, 8, less=True, unit="s"),
    "workbook_by_openpyxl_s": Goal("the same loaded and saved by openpyxl, nothing else", unit="s", less=True),
    "judge_memory_mb_at_10_million_keys": Goal("judge holding 10 million keys, peak memory", 2048, 1024, less=True, unit="MB"),
    "judge_restore_s_at_10_million_keys": Goal("judge with 10 million keys, no copy on disk, start to first commit", unit="s", less=True),
    "judge_restart_s_at_10_million_keys": Goal("judge with 10 million keys, copy on disk, start to first commit", unit="s", less=True),
}
