"""The world of the rounds (`rounds.World`) as it is: databases, Connect, Kafka, and what is remembered."""

import time
from collections.abc import Mapping, Sequence, Set

import polars as pl

from connectors import access, additions, ask_binlog, ask_postgres, readings, signals
from connectors.config import CHUNK
from connectors.connect import Connect, settled
from connectors.poll import hold, notes
from connectors.poll.notes import Polled
from connectors.progress import progress
from connectors.readings import Reading
from connectors.sweep import feed, remembered, scan, standing, told
from connectors.sweep.ask import WITHDRAW, ask, asking
from connectors.sweep.due import Done, Seen
from connectors.sweep.markers import Markers
from connectors.sweep.remembered import Release
from connectors.sweep.rounds import Place, Stand, shrink
from connectors.sweep.whole import Pair
from infra import held, kafka, lag
from infra.settings import Settings
from schemas import identity, topics
from schemas.catalog import Catalog
from schemas.image import image
from schemas.registry import Registry
from schemas.sources import Source, Table


class Site:
    """Of a polled table, what a poll has found is what was brought. Every method raises what it asks: Unasked, ConnectFault, KafkaException, kafka.Unavailable, registry.Unavailable, readback.Gone."""

    def __init__(self, settings: Settings, connect: Connect, registry: Registry, catalog: Catalog) -> None:
        self._settings, self._connect, self._registry, self._catalog = settings, connect, registry, catalog
        self._sources: Mapping[str, Source] = {}
        self._newest: Mapping[str, float] | None = None
        self._markers = Markers(settings, registry.schema)
        self._known = remembered.done(settings)
        self._said: dict[str, dict[Pair, standing.Place]] = {}
        self._readings: dict[str, dict[str, Reading]] = {}
        self._told: held.Notes | None = None

    def follow(self, sources: Mapping[str, Source]) -> None:
        """A new round, of these; of tables that are gone nothing is held."""
        self._sources, self._newest = sources, None
        self._readings = {name: readings.read(self._settings, name) for name in sources}
        self._tell()

    @property
    def tables(self) -> list[Table]:
        """Those whose deletes are to be found: where a delete is housekeeping, nothing is."""
        return [table for source in self._sources.values() for table in source.tables.values() if table.delete == "withdraw"]

    def stand(self, table: Table) -> Stand | None:
        source, self._newest = self._sources[table.source], None
        if source.capture == "poll":
            polled = self._polled(table)
            return Stand((0, polled.poll), feed.asked_up_to(source, polled)) if polled.poll else None
        offsets = self._connect.offsets(source.name)
        place = feed.stands(offsets) if settled(offsets) else None
        return None if place is None else Stand(place, feed.position(source, place))

    def seen(self, table: Table) -> Seen:
        source = self._sources[table.source]
        if source.capture == "poll":
            return Seen(reading=self._polled(table).anew)
        newest = self._arrived()
        reading = self._readings[source.name].get(additions.full(source, table), Reading())
        begun = reading.at if reading.start else 0.0  # before the topic's first event nothing was said
        anew = begun > self._known.get(table.source_id, Done()).reading
        read = not anew or self._read(source, table)
        if table.reload is None:
            return Seen(reading=begun, read=read)
        marked = self._markers.newest(table, newest) if table.reload.marker else 0.0
        return Seen(newest.get(table.topic, 0.0), marked, begun, read)

    def _polled(self, table: Table) -> Polled:
        return notes.read(self._settings, table.source).get(table.name, Polled())

    def _arrived(self) -> Mapping[str, float]:
        """When the newest event of each topic came: of all tables in one question, asked anew after a connector's place was."""
        if self._newest is None:
            wanted = [table for table in self.tables if table.reload]
            markers = [table.reload.marker.topic for table in wanted if table.reload and table.reload.marker]
            self._newest = kafka.newest(self._settings, [*(table.topic for table in wanted), *markers])
        return self._newest

    def _read(self, source: Source, table: Table) -> bool:
        if not settled(self._connect.offsets(source.name)):
            return False
        notes = signals.notes(self._settings, source)
        return not any(one.under_way and one.table == table.short for one in progress(notes, CHUNK, {}, time.time()))

    def log(self, table: Table) -> Place | None:
        source = self._sources[table.source]
        if source.capture == "poll":
            return 0, self._polled(table).poll
        where = access.of(source.database, self._settings.secrets())
        if where.kind == "postgres":
            with ask_postgres.asking(where) as asked:
                return None if table.reload and asked.written(table.name) else (0, asked.log_place())
        with ask_binlog.asking(where) as binlog:
            return binlog.log_place()

    def judged(self, table: Table) -> bool:
        steps = ((topics.MAP, [table.topic, topics.swept(table.source_id)]), (topics.JUDGE, [topics.submitted(table.item)]))
        return not any(lag.short_of(self._settings, group, lag.last_records(self._settings, names)) for group, names in steps)

    def said(self, table: Table) -> Set[Pair]:
        self._said[table.source_id] = standing.standing(self._settings, self._catalog[table.item], table.source_id, self._registry.schema)
        return self._said[table.source_id].keys()

    def there(self, table: Table) -> Set[Pair]:
        source, item = self._sources[table.source], self._catalog[table.item]
        found = set[Pair]()
        polled = scan.Polled() if source.capture == "poll" else None
        for page in scan.pages(access.of(source.database, self._settings.secrets()), table, polled=polled):
            side = image(table, page.texts, [True] * page.texts.height)
            stays = [inside or waits for inside, waits in zip(side.inside, side.waiting, strict=True)]
            keys = identity.keys(item, source.department, side.fields, self._settings.key_secret)
            found |= {(key, row) for key, row, there in zip(keys, page.rows, stays, strict=True) if there and key is not None}
        return found

    def withdraw(self, table: Table, gone: Sequence[Pair], position: str | None) -> None:
        source, item, known = self._sources[table.source], self._catalog[table.item], self._said[table.source_id]
        said = standing.fields(self._settings, item, [known[pair] for pair in gone], self._registry.schema)
        # A key that is made in another way now would name another record.
        keys = identity.keys(item, source.department, said, self._settings.key_secret)
        same = pl.Series([key == pair[0] for key, pair in zip(keys, gone, strict=True)], dtype=pl.Boolean)
        rows = pl.Series([row for _, row in gone], dtype=pl.String)
        ask(self._settings, item, table, asking(said.filter(same), WITHDRAW, rows.filter(same), position))
        if source.capture == "poll":
            hold.taken_back(self._settings, source, table, [row for _, row in gone if row is not None])

    def done(self) -> Mapping[str, Done]:
        return self._known

    def releases(self) -> Sequence[Release]:
        return remembered.releases(self._settings)

    def finish(self, table: Table, covered: Done) -> None:
        self._said.pop(table.source_id, None)
        self._known[table.source_id] = covered
        remembered.note(self._settings, self._known)
        self._tell()

    def _tell(self) -> None:
        """What is held, for people: to the operator and to the department, each in his words."""
        notes = held.Notes()
        for table in self.tables:
            if (one := self._known.get(table.source_id, Done()).held) is not None:
                department = self._sources[table.source].department
                notes.kept[table.topic] = told.operator(table, one, shrink(table))
                notes.told[table.topic] = {"department": department, "table": table.name, "message": told.department(one, shrink(table))}
        if notes != self._told:
            held.write(self._settings, notes, "watch")
            self._told = notes
