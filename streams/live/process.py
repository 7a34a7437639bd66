"""Live throughput: a Faust application on `credit.receipts` that keeps windows per source, item and way and serves them as JSON on loopback.

Guarantee: receipts of committed transactions only, each counted once whatever dies (see `streams.live.windows`); the windows stand in a compacted topic and are read back at a start.
Figures people are judged by come from the warehouse, not from here.
"""

import asyncio
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import faust
import structlog
from faust.transport.drivers import aiokafka as driver
from faust.types.transports import ConsumerT
from faust.web import Request, Response, View

from infra import measured, metrics
from infra.settings import Settings
from schemas import codec, envelope, registry, topics
from streams.live import windows

LOG = structlog.get_logger(__name__)
NAME = "live"
HOST = "127.0.0.1"
SWEEP_SECONDS, REST_SECONDS = 60.0, 1.0
SEEN = "seen"  # the one key beside the windows: when the newest receipt was judged


class _ReaderThread(driver.AIOKafkaConsumerThread):
    """Faust reads uncommitted records unless it writes transactions itself; ours are the judge's, so the reader is told here."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # Faust hands no way through
        return consumer


class _Consumer(driver.Consumer):
    def _new_consumer_thread(self) -> Any:
        return _ReaderThread(self, loop=self.loop, beacon=self.beacon)


class _Transport(driver.Transport):
    Consumer: ClassVar[type[ConsumerT]] = _Consumer


def create(settings: Settings) -> faust.App:
    """The application; its windows are those of the consumer group `live`."""
    app = faust.App(
        NAME, broker=f"kafka://{settings.kafka}", store="memory://", datadir=settings.home / NAME, consumer_auto_offset_reset="earliest",
        topic_partitions=1, topic_allow_declare=False, topic_disable_leader=True,  # topics are ours to make
        broker_session_timeout=6.0, broker_heartbeat_interval=1.0, broker_request_timeout=30.0, broker_commit_interval=1.0, stream_wait_empty=False,
        web_bind=HOST, web_host=HOST, web_port=settings.live_port,
    )  # fmt: skip
    app.transport = _Transport([app.conf.broker[0]], app, loop=app.loop)
    changelog = app.topic(topics.LIVE_WINDOWS, key_type=str, key_serializer="json", value_serializer="json", partitions=1, compacting=True)
    table = app.Table("windows", key_type=str, partitions=1, changelog_topic=changelog)
    _count(app, table, registry.Registry(settings.registry))
    _serve(app, table)
    return app


def _count(app: faust.App, table: Any, schemas: registry.Registry) -> None:
    @app.agent(app.topic(topics.RECEIPTS, value_serializer="raw", key_serializer="raw"))
    async def count(stream: Any) -> None:
        due = 0.0
        async for event in stream.events():
            offset = event.message.offset
            receipt = await read(event.value, schemas.schema, offset)
            if receipt is None:
                continue
            for key in windows.keys(receipt):
                if (window := windows.counted(table.get(key), offset, receipt)) is not None:
                    table[key] = window
            metrics.LIVE_RECEIPTS.add()
            table[SEEN] = {"at": receipt["judged_at"].isoformat()}
            if time.monotonic() >= due:  # here and not in a timer: Faust ends a worker that changes a table outside of a stream
                due = time.monotonic() + SWEEP_SECONDS
                for key in windows.expired((key for key in table if key != SEEN), datetime.now(UTC)):
                    del table[key]


async def read(value: bytes | None, schema_of: codec.SchemaOf, offset: int, rest: float = REST_SECONDS) -> Mapping[str, Any] | None:
    """The receipt; None where it cannot be read. While the registry does not answer it waits: Faust takes what an agent broke off for done."""
    while True:
        try:
            return codec.decode_one(value, schema_of, envelope.RECEIPT)
        except codec.Poison as fault:
            LOG.error("a receipt cannot be read", offset=offset, why=str(fault))
            return None
        except registry.Unavailable as fault:
            LOG.warning("waiting for the registry", why=str(fault))
            await asyncio.sleep(rest)  # nothing else is to be done meanwhile


def _serve(app: faust.App, table: Any) -> None:
    @app.page("/live")
    class Live(View):
        async def get(self, _request: Request) -> Response:
            held: dict[str, Mapping[str, Any]] = dict(table.items())
            seen = held.pop(SEEN, None)
            return self.json({"now": datetime.now(UTC).isoformat(), "newest": seen and seen["at"], "sources": windows.shown(held)})


def run(settings: Settings) -> None:
    """Count and serve until told to stop (SIGTERM, Ctrl-C)."""
    LOG.info("live figures", url=f"http://{HOST}:{settings.live_port}/live")
    sys.argv = [NAME]  # Faust reads the command line
    with measured.written(settings, NAME):
        faust.Worker(create(settings), loglevel="WARNING", redirect_stdouts=False).execute_from_commandline()
