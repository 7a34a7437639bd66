"""Logs: one line an event, English, with batch and receipt numbers and never a value of a record.

JSON lines, or coloured text on a terminal; GUIJI_LOG=json or text decides otherwise. What libraries and modules say through Python's own logging comes in the same form.
"""

import logging
import signal
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from threading import Event
from typing import Any

import structlog
from structlog.typing import Processor

from infra.personal import withheld
from infra.settings import get


@contextmanager
def process(name: str) -> Iterator[Event]:
    """A long-running process: its log, and an event that SIGTERM and Ctrl-C set."""
    configure(name)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    yield stop


def configure(process: str, *, json: bool | None = None, least: int = logging.INFO) -> None:
    """Send this process's log to standard error, from the level ``least`` on."""
    said = {"json": True, "text": False}.get(get().log, not sys.stderr.isatty())
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if (said if json is None else json) else structlog.dev.ConsoleRenderer()

    def named(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("process", process)  # here and not bound to a context: threads begin with an empty one
        return event

    steps: list[Processor] = [
        named,
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        _nobodys,
    ]
    structlog.configure(
        processors=[*steps, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=steps, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("guiji").setLevel(logging.INFO)


def _nobodys(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Whatever a line says, a fault's own words included, no personal number stands in it."""
    return {name: _within(value) if name != "_record" else value for name, value in event.items()}


def _within(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _within(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_within(each) for each in value]
    return value if isinstance(value, bool | int | float | None) else withheld(str(value))
