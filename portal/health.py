"""Is it alive, and is it ready: the parts of the serving process, each with a reason when it is not well."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from confluent_kafka import KafkaException

from infra import kafka
from infra.settings import Settings
from loaders.errors import WarehouseError
from loaders.warehouse import Warehouse
from producers.door import Door

LAST_MADE = "open_rejects"  # what the loader makes last: once it is there, every question can be answered


@dataclass(frozen=True)
class Part:
    """One part: its name for programs, its title for people, whether it is well, and what is to be said about it."""

    name: str
    title: str
    well: bool
    reason: str


class Health:
    """Looks at every part when asked. `sink` tells what stopped the loader, None while it runs."""

    def __init__(self, settings: Settings, door: Door, warehouse: Warehouse, sink: Callable[[], str | None]) -> None:
        self._settings, self._door, self._warehouse, self._sink = settings, door, warehouse, sink

    def parts(self) -> Sequence[Part]:
        return [self._kafka(), self._door_part(), self._warehouse_part(), self._sink_part(), self._disk()]

    def _kafka(self) -> Part:
        try:
            topics = len(kafka.partitions(self._settings))
        except (kafka.Unavailable, KafkaException) as fault:
            return Part("kafka", "消息系统 Kafka", well=False, reason=str(fault))
        return Part("kafka", "消息系统 Kafka", well=True, reason=f"{topics} 个主题")

    def _door_part(self) -> Part:
        waiting = self._door.waiting()
        if self._door.trouble:
            return Part("door", "接收（门）", well=False, reason=f"{waiting} 批等待发布：{self._door.trouble}")
        return Part("door", "接收（门）", well=True, reason=f"{waiting} 批等待发布" if waiting else "没有积压")

    def _warehouse_part(self) -> Part:
        try:
            version = self._warehouse.query("SELECT version()").value()
            made = self._warehouse.query(f"EXISTS TABLE {LAST_MADE}").value()
        except WarehouseError as fault:
            return Part("warehouse", "数据仓库 ClickHouse", well=False, reason=str(fault))
        if not made:
            return Part("warehouse", "数据仓库 ClickHouse", well=False, reason="正在建表")
        return Part("warehouse", "数据仓库 ClickHouse", well=True, reason=f"版本 {version}")

    def _sink_part(self) -> Part:
        reason = self._sink()
        return Part("sink", "装载", well=reason is None, reason=reason or "运行中")

    def _disk(self) -> Part:
        free = shutil.disk_usage(self._settings.home).free >> 20
        return Part("disk", "磁盘空间", well=free > self._settings.free_disk_mb, reason=f"剩余 {free} MB")
