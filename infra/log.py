"""Logs: one line an event, English, with batch and receipt numbers and never a value of a record."""

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import structlog


@contextmanager
def process(name: str) -> Iterator[Event]:
    """A long-running process: its log, and an event that SIGTERM and Ctrl-C set."""
    configure(name)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    yield stop


def configure(process: str, *, json: bool | None = None) -> None:
    """Send this process's log to standard error: JSON lines, or coloured text on a terminal."""
    plain = json if json is not None else not sys.stderr.isatty()
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if plain else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
