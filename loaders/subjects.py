"""Who a record is about: registers (items that say `registers: subjects`) give the subjects, every other accepted record is linked to one of them.

A subject is named by its 18-digit code, or by its register's key where it has none. A record is linked by its 18-digit code, else by an old registration or
organisation code, else by its exact name; a name or code a subject gave up still finds it, after those in force; what two subjects answer to links nothing. The
index only proposes: the register's current row decides. What finds nothing is asked again when a register brings a name it carries.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import polars as pl

from loaders import statements
from loaders.dialect import adapt
from loaders.errors import WarehouseError
from loaders.subject_match import KINDS, Parts, claims, match, parts, proposals
from loaders.table import LINKS, SUBJECT_NAMES, Table
from loaders.warehouse import Warehouse
from schemas.catalog import Catalog, Item

log = logging.getLogger("guiji.subjects")
PAGE = 20_000
PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did: names taken in, records looked at, records linked among them."""

    names: int = 0
    seen: int = 0
    linked: int = 0


class Subjects:
    """The index and the links of one warehouse, brought up to date by `bring`. Made anew from the tables at any time: both may be truncated."""

    def __init__(self, warehouse: Warehouse, catalog: Catalog, page: int = PAGE) -> None:
        self._warehouse, self._page = warehouse, page
        self._registers = [item for item in catalog.values() if item.registers]
        self._others = {item.code: item for item in catalog.values() if not item.registers and parts(item).any}
        self._seen: dict[str, int] = {}
        self._anybody = False  # whether any subject is known

    def bring(self) -> Pass:
        """Take in what came since the last pass; tables that nothing was inserted into are not asked. Raises what the warehouse raises; what was done stands."""
        names = seen = linked = 0
        blocks = self._blocks()
        for register in self._changed(self._registers, blocks):
            for frame in self._new(register, SUBJECT_NAMES):
                found, self._anybody = claims(register, frame), True
                self._write(SUBJECT_NAMES, found)
                names += found.height
                linked += self._again(found["value"].unique().to_list())
        for item in self._changed(list(self._others.values()), blocks):
            for frame in self._new(item, LINKS):
                done = self._link(proposals(item, frame.unique("_key", keep="last", maintain_order=True)))
                seen, linked = seen + done.height, linked + _count(done)
        self._seen = blocks
        return Pass(names, seen, linked)

    def _blocks(self) -> dict[str, int]:
        """The number of the last inserted block of every table; merges leave it as it is."""
        asked = "SELECT table, max(max_block_number) FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table"
        found = {str(table): int(block) for table, block in self._warehouse.query(asked).rows()}
        if any(found.get(table.name, -1) < self._seen.get(table.name, -1) for table in (SUBJECT_NAMES, LINKS)):
            self._seen = {}  # truncated: made anew from everything
        self._anybody = SUBJECT_NAMES.name in found
        return found

    def _changed(self, items: Sequence[Item], blocks: Mapping[str, int]) -> list[Item]:
        return [item for item in items if blocks.get(name := f"{item.code}_history", -1) != self._seen.get(name, -1)]

    def _new(self, item: Item, progress: Table) -> Iterator[pl.DataFrame]:
        """The item's versions that have not been looked at, a page at a time; the newest offset in ``progress`` says how far that is."""
        asked = f"SELECT _partition, max(_offset) FROM `{progress.name}` WHERE item = {{item:String}} GROUP BY _partition"
        done = {int(partition): int(offset) for partition, offset in self._warehouse.query(asked, {"item": item.code}).rows()}
        columns = ", ".join(f"`{name}`" for name in ("_key", "_version", "_department", "_withdrawn", "_partition", "_offset", *parts(item).columns))
        sql = f"SELECT {columns} FROM `{item.code}_history` WHERE _partition = {{partition:Int64}} AND _offset > {{after:Int64}} ORDER BY _offset LIMIT {self._page}"
        for partition in range(item.partitions):
            after, full = done.get(partition, -1), True
            while full:
                found = self._warehouse.query(sql, {"partition": partition, "after": after})
                full = len(found) == self._page
                if len(found):
                    after = int(found.column("_offset")[-1])
                    texts = dict.fromkeys(parts(item).columns, pl.String)
                    yield pl.DataFrame(dict(zip(found.names, map(list, found.columns), strict=True)), schema_overrides=texts)

    def _again(self, values: Sequence[str]) -> int:
        """Records that found nothing so far and carry one of these values are looked at once more."""
        linked = 0
        for start in range(0, len(values), self._page):
            rows = self._warehouse.query(statements.text("links_waiting"), {"values": list(values[start : start + self._page])}).dicts()
            if rows:
                linked += _count(self._link(pl.DataFrame(rows, infer_schema_length=None)))
        return linked

    def _link(self, waiting: pl.DataFrame) -> pl.DataFrame:
        values = pl.concat([waiting[kind] for kind in KINDS.values()]).drop_nulls().unique()
        done = match(waiting, self._claims(values.filter(values != "").to_list()))
        self._write(LINKS, done)
        return done

    def _claims(self, values: Sequence[str]) -> pl.DataFrame:
        """Who claims these values now, and who once did: (value, kind, subject, register, former)."""
        rows = self._warehouse.query(statements.text("subject_claims"), {"values": list(values)}).dicts() if values and self._anybody else []
        keys: dict[str, set[str]] = {}
        for row in rows:
            keys.setdefault(row["item"], set()).add(row["key"])
        now = {(register.code, row["_key"]): row for register in self._registers for row in self._current(register, sorted(keys.get(register.code, ())))}
        registers = {register.code: parts(register) for register in self._registers}
        found = [_claim(row, registers[row["item"]], now[row["item"], row["key"]]) for row in rows if (row["item"], row["key"]) in now]
        schema = dict.fromkeys(("value", "kind", "subject", "register"), pl.String) | {"former": pl.Boolean}
        return pl.DataFrame(found, schema=schema).unique()

    def _current(self, register: Item, keys: Sequence[str]) -> Iterator[Mapping[str, object]]:
        columns = ", ".join(f"`{name}`" for name in ("_key", *parts(register).columns))
        for start in range(0, len(keys), self._page):
            sql = f"SELECT {columns} FROM `{register.code}` FINAL WHERE _key IN (SELECT arrayJoin({{keys:Array(String)}})) AND _withdrawn = 0"
            yield from self._warehouse.query(sql, {"keys": list(keys[start : start + self._page])}).dicts()

    def _write(self, table: Table, rows: pl.DataFrame) -> None:
        if rows.height:
            arrow = rows.select([column.name for column in table.columns]).to_arrow().cast(table.schema())
            self._warehouse.insert(table.name, adapt(arrow, table, self._warehouse.capability))


def _claim(row: Mapping[str, str], about: Parts, now: Mapping[str, object]) -> dict[str, object]:
    held = about.values(now)
    return {"value": row["value"], "kind": row["kind"], "subject": held["code"] or row["key"], "register": row["item"], "former": held[row["kind"]] != row["value"]}


def _count(done: pl.DataFrame) -> int:
    return int((done["subject"] != "").sum())


@contextmanager
def running(warehouse: Warehouse, catalog: Catalog) -> Iterator[None]:
    """Keep links up to date in a thread as long as the context lasts."""
    stop = Event()
    thread = Thread(target=run, args=(warehouse, catalog, stop), name="subjects", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def run(warehouse: Warehouse, catalog: Catalog, stop: Event) -> None:
    """Keep links up to date until ``stop`` is set; what the warehouse cannot answer now (its tables may not be made yet) is asked again."""
    subjects = Subjects(warehouse, catalog)
    while not stop.wait(PAUSE_SECONDS):
        try:
            done = subjects.bring()
        except WarehouseError as fault:
            log.warning("subjects wait: %s", fault)
        else:
            if done.names or done.seen:
                log.info("subjects: %d names, %d records, %d linked", done.names, done.seen, done.linked)
