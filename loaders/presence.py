"""What already stands in the tables: the sink reads it back by partition and offset, so that a repeat inserts nothing."""

import numpy as np
import pyarrow as pa

from loaders.rows import Stream
from loaders.table import Table
from loaders.warehouse import Warehouse


def furthest(warehouse: Warehouse, stream: Stream, table: Table) -> dict[int, int]:
    """Per partition of the stream's topic the highest offset in ``table``; partitions without rows are absent."""
    where, parameters = _mine(stream)
    found = warehouse.query(f"SELECT _partition, max(_offset) FROM `{table.name}` WHERE {where} GROUP BY _partition", parameters)
    return {int(partition): int(offset) for partition, offset in found.rows()}


def standing(warehouse: Warehouse, stream: Stream, table: Table, rows: pa.Table) -> np.ndarray:
    """A mask over ``rows`` of ``table``: is it there already? A row that the current table merged away behind a newer version counts as there."""
    partitions, offsets = rows.column("_partition").to_numpy(), rows.column("_offset").to_numpy()
    there = np.zeros(len(offsets), dtype=bool)
    for partition in np.unique(partitions):
        mine = partitions == partition
        span = int(partition), int(offsets[mine].min()), int(offsets[mine].max())
        for each in {table.name: table, stream.witness.name: stream.witness}.values():
            there[mine] |= np.isin(offsets[mine], _offsets(warehouse, stream, each, span))
    return there


def _offsets(warehouse: Warehouse, stream: Stream, table: Table, span: tuple[int, int, int]) -> np.ndarray:
    where, parameters = _mine(stream)
    partition, low, high = span
    sql = f"SELECT DISTINCT _offset FROM `{table.name}` WHERE {where} AND _partition = {{p:Int64}} AND _offset >= {{low:Int64}} AND _offset <= {{high:Int64}}"
    answer = warehouse.query(sql, {**parameters, "p": partition, "low": low, "high": high})
    return np.asarray(answer.columns[0], dtype=np.int64)


def _mine(stream: Stream) -> tuple[str, dict[str, str]]:
    return ("_item = {item:String}", {"item": stream.item}) if stream.item else ("1 = 1", {})


def resume(warehouse: Warehouse, stream: Stream) -> dict[int, int]:
    """The offset to begin at where the group has none, per partition that has rows: one past the witness's last."""
    return {partition: offset + 1 for partition, offset in furthest(warehouse, stream, stream.witness).items()}
