"""`guiji serve`: one process with the loader's thread, the door's thread and the web application, because the embedded warehouse may be
open in one process only.

It starts without Kafka (submissions are spooled, the sink waits) and stops on SIGTERM or SIGINT after the requests, the transaction and
the insert under way.
"""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from threading import Event, Thread

import structlog
import uvicorn

from infra.measured import written
from infra.settings import Settings
from loaders import subjects
from loaders.errors import Fatal, SchemaRefused
from loaders.sink import Sink
from loaders.warehouse import own
from portal import database, measured
from portal.app import Parts, create
from portal.government import lists
from portal.health import Health
from portal.reminders import worker as reminding
from portal.upload import worker
from producers import door
from schemas.catalog import Catalog

LOG = structlog.get_logger(__name__)
GRACE_SECONDS = 10


class Loader:
    """The sink in a thread. `trouble` tells why it stopped or waits, None while it runs."""

    def __init__(self, sink: Sink) -> None:
        self._sink, self._stop, self._fault = sink, Event(), ""
        self._thread = Thread(target=self._run, name="sink", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread.ident is not None:  # not started when something else failed before
            self._thread.join(GRACE_SECONDS)

    def trouble(self) -> str | None:
        return self._fault or self._sink.progress.trouble

    def _run(self) -> None:
        try:
            self._sink.run(self._stop)
        except (Fatal, SchemaRefused) as fault:
            self._fault = str(fault)
            LOG.error("the loader stopped", reason=self._fault)
        except Exception as fault:  # the loop that owns the thread: pages must say that nothing is being loaded
            self._fault = f"{type(fault).__name__}: {fault}"
            LOG.exception("the loader stopped")


class Server(uvicorn.Server):
    """Stops on signals without raising them again, so that what comes after it is closed in order. ``leaving`` is set then: streams end, which would go on for ever."""

    def __init__(self, config: uvicorn.Config, leaving: Event) -> None:
        super().__init__(config)
        self._leaving = leaving

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._asked) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked(self, _number: int, _frame: object) -> None:
        self._leaving.set()
        self.should_exit = True


def serve(settings: Settings, catalog: Catalog) -> None:
    """Serve until told to stop. Raises Fatal when another process has the embedded warehouse, OSError when the port is taken, SettingsFault."""
    with contextlib.ExitStack() as running:
        warehouse = own(settings)
        running.callback(warehouse.close)
        listener = running.enter_context(bound(settings))
        loader = Loader(Sink(settings, catalog, warehouse))
        running.callback(loader.close)
        entrance = running.enter_context(door.opened(settings, catalog))
        portal = database.connect(settings.portal_db)
        app = create(Parts(settings, catalog, entrance, warehouse, portal, loader.trouble))
        running.callback(app.state.site.background.close)
        loader.start()
        running.enter_context(subjects.running(warehouse, catalog))
        looks = measured.looks(app.state.site, Health(settings, entrance, warehouse, loader.trouble))
        running.enter_context(written(settings, "serve", looks))
        lists.resume(app.state.site)
        running.enter_context(worker.running(app.state.site))
        running.enter_context(reminding.running(app.state.site))
        LOG.info("serving", url=f"http://{settings.serve_host}:{listener.getsockname()[1]}")
        Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=GRACE_SECONDS), app.state.site.live.leaving).run(sockets=[listener])


@contextlib.contextmanager
def bound(settings: Settings) -> Iterator[socket.socket]:
    """The listening socket. A port that was never chosen is chosen now and written to the settings' file, so that other processes find
    it.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.serve_host, settings.serve_port))
        except OSError as fault:
            raise OSError(
                fault.errno, f"port {settings.serve_port} is taken; stop what uses it or set GUIJI_SERVE_PORT ({fault.strerror})"
            ) from fault
        listener.listen(128)
        if not settings.serve_port:
            _remember(settings, listener.getsockname()[1])
        yield listener


def _remember(settings: Settings, port: int) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    lines = settings.env_file.read_text().splitlines() if settings.env_file.exists() else []
    kept = [line for line in lines if not line.startswith("GUIJI_SERVE_PORT=")]
    draft = settings.env_file.with_name(f"env.{os.getpid()}")
    draft.write_text("\n".join([*kept, f"GUIJI_SERVE_PORT={port}", ""]))
    draft.replace(settings.env_file)
