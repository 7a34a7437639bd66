"""What previews and the taking back of submissions ask, answered from the warehouse."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from loaders import figures, known
from loaders.errors import WarehouseError
from loaders.warehouse import Warehouse
from producers.refusal import Refusal
from producers.standing import Stands, Word
from producers.undo import Batch, Touched, Version
from schemas.catalog import Catalog, Item
from schemas.sayings import RETRACT

Answer = TypeVar("Answer")


class Warehoused:
    """`producers.standing.Standing` and `producers.undo.History` over a warehouse."""

    def __init__(self, warehouse: Warehouse, catalog: Catalog) -> None:
        self._warehouse, self._catalog = warehouse, catalog

    def stands(self, item: str, keys: Sequence[str]) -> Mapping[str, Stands]:
        rows = _told(lambda: known.stands(self._warehouse, self._catalog[item], keys))
        return {row["key"]: _stands(row) for row in rows}

    def words(self, item: str, keys: Sequence[str]) -> Mapping[str, Sequence[Word]]:
        found: dict[str, list[Word]] = {}
        for row in _told(lambda: known.words(self._warehouse, self._catalog[item], keys)):
            found.setdefault(row["key"], []).append(Word(row["source"], row["row"], row["way"], row["fingerprint"]))
        return found

    def batch(self, number: str) -> Batch | None:
        rows = _told(lambda: known.said_in(self._warehouse, number))
        return Batch(number, rows[0]["source"], rows[0]["department"], rows[0]["way"], rows[0]["item"]) if rows else None

    def touched(self, batch: Batch) -> Sequence[Touched]:
        item = self._catalog[batch.item]
        if not _told(lambda: figures.outcomes(self._warehouse, batch.number, item, limit=1)).settled:
            raise Refusal("not_judged", "这次报送还没有处理完。", "请等处理完再撤销。")
        last = {row["key"]: row for row in _told(lambda: known.versions(self._warehouse, item, batch.number))}
        now = {row["_key"]: row for row in _told(lambda: known.current(self._warehouse, item, list(last)))}
        before = {row["_key"]: row for row in _told(lambda: known.before(self._warehouse, item, list(last), batch.number))}
        return [
            Touched(key, int(row["line"]), str(row["operation"]), _version(item, now[key]), _version(item, before[key]) if key in before else None)
            for key, row in last.items() if key in now
        ]  # fmt: skip


def _told(ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except WarehouseError as fault:
        raise Refusal("unavailable", "现在不能与库里的记录比较：数据仓库没有应答。", "请稍后再试；没有报送任何内容。") from fault


def _stands(row: Mapping[str, Any]) -> Stands:
    standing_, moment = not row["withdrawn"], known.milliseconds(row["source_time"])
    return Stands(row["source"], row["row"], row["way"], row["fingerprint"], moment, standing_, not standing_ and row["operation"] == RETRACT)


def _version(item: Item, row: Mapping[str, Any]) -> Version:
    fields = {field.name: row[field.name] for field in item.fields}
    return Version(row["_source"], row["_row"], row["_batch"], bool(row["_withdrawn"]), row["_received_at"], fields)
