"""The door: the one way in for people and systems (workbooks, text files, forms, the HTTP interface).

Guarantee: when `submit` returns, the rows are durable and will be in Kafka exactly once, in the order of acknowledgement, whatever dies
in between; the same idempotency key with the same
body gives the same receipt for ever. It does not need Kafka to be up at that moment. All processes of one home share the spool; one of
them publishes.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from uuid import uuid4

import structlog

from infra.ahead import Ahead
from infra.kafka import Unavailable
from infra.settings import Settings
from producers.cargo import Form, cargo
from producers.declarations import Declaration, Declarations
from producers.journal import Journal
from producers.outlet import KafkaOutlet
from producers.publisher import publish
from producers.refusal import Refusal
from producers.spool import Bale, Header, Spool
from producers.submission import FILE_WAYS, Receipt, Submission
from schemas import envelope, identity
from schemas.catalog import Catalog, Item
from schemas.registry import Registry
from schemas.topics import BATCHES, DECLARATIONS, JUDGE, subject, submitted

LOG = structlog.get_logger(__name__)
IDLE_SECONDS, FIRST_PAUSE, LONGEST_PAUSE = 0.5, 0.5, 15.0
REPEATED_FILE = "重复文件：这个文件以前已经报送过，没有再次接收。如要以它为准，请在“操作”列填“以本次为准”。"


@dataclass(frozen=True)
class Kept:
    """What a home keeps on its disk: what waits to be published, and what is."""

    spool: Spool
    journal: Journal
    declarations: Declarations


class Door:
    """Takes submissions in and, in a thread of its own, publishes what waits. Use as a context manager, or `start` and `close`."""

    def __init__(self, kept: Kept, forms: dict[str, Form], outlet: KafkaOutlet, ahead: Ahead, let_go: Callable[[], None]) -> None:
        self.clock = time.time  # seconds; another one tells an invented past
        self._spool, self._journal, self._declarations = kept.spool, kept.journal, kept.declarations
        self._forms, self._outlet, self._ahead, self._let_go = forms, outlet, ahead, let_go
        self._work, self._stop, self._published = Event(), Event(), Event()
        self._thread = Thread(target=self._run, name="door", daemon=True)
        self.trouble: str | None = None

    def submit(self, submission: Submission) -> Receipt:
        """Make the rows durable and answer with their receipt.

        Raises Refusal: `unknown_item`, `conflict` (the idempotency key was used with another body), `empty`, `busy`, and whatever the
        rows raise; then nothing was taken.
        """
        form = self._forms.get(submission.item)
        if form is None:
            raise Refusal.unknown_item(submission.item)
        batch = identity.batch(submission.source, submission.idempotency_key or uuid4().hex)
        with self._spool.claim(batch):
            known = self._known(batch, submission) if submission.idempotency_key else None
            if known is not None:
                return known
            self._spool.room()
            header = _header(batch, submission, int(self.clock() * 1000))
            bale = self._spool.write(header, cargo(form, header, submission.rows))
        self._work.set()
        LOG.info("taken", receipt=batch, source=submission.source, item=submission.item, rows=bale.rows)
        return Receipt(batch, submission.source, submission.department, submission.item, bale.rows)

    def declare(self, said: Sequence[Declaration]) -> None:
        """Make declarations durable, all or none; they will be in `credit.declarations`. Raises Refusal `busy`."""
        self._declarations.declare(said)
        self._work.set()

    def declared(self) -> list[Declaration]:
        """Declarations that are acknowledged and not yet published."""
        return self._declarations.waiting()

    def find(self, batch: str) -> Receipt | None:
        """The receipt of an acknowledged submission, published or not; None when there is none of this number."""
        bale = self._spool.find(batch) if batch.isalnum() else None
        header = _opened(bale) if bale else None
        if bale and header:
            return Receipt(batch, header.source, header.department, header.item, bale.rows)
        done = self._journal.find(batch)
        return Receipt(batch, done.source, done.department, done.item, done.rows) if done else None

    def settle(self, batch: str, seconds: float) -> bool:
        """Wait until a submission is published; False when it is not after so many seconds."""
        deadline = time.monotonic() + seconds
        while True:
            self._published.clear()
            if self._spool.find(batch) is None:
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._published.wait(min(IDLE_SECONDS, left))

    def waiting(self) -> int:
        """Submissions and declarations that are acknowledged and not yet published."""
        return len(self._spool.pending()) + self._declarations.count()

    def start(self) -> None:
        self._spool.sweep()
        self._declarations.sweep()
        self._thread.start()

    def close(self) -> None:
        """Stop after the transaction under way. What is not published stays in the spool."""
        self._stop.set()
        self._work.set()
        if self._thread.is_alive():
            self._thread.join()
        self._outlet.close()
        self._let_go()

    def __enter__(self) -> "Door":
        self.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None) -> None:
        self.close()

    def _known(self, batch: str, submission: Submission) -> Receipt | None:
        """The old receipt of a repeated submission. A batch whose file went away half published is taken in again, to be finished."""
        bale = self._spool.find(batch)
        header = _opened(bale) if bale else None
        progress = self._journal.find(batch)
        earlier = header or progress
        if earlier is None:
            return None
        if (earlier.digest, earlier.item) != (submission.digest, submission.item):
            raise Refusal(
                "conflict",
                "这个 Idempotency-Key 已经用过，但那次的内容与这次不同。",
                "新的内容请用新的 Idempotency-Key。",
                [{"receipt": batch}],
            )
        if bale is None and progress is not None and not progress.complete:
            return None
        records = bale.rows if bale and header else progress.rows if progress else 0
        notes = [REPEATED_FILE] if submission.way in FILE_WAYS else []
        return Receipt(batch, submission.source, submission.department, submission.item, records, repeated=True, notes=notes)

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                with self._spool.publishing() as mine:
                    if mine:
                        self._outlet.catch_up(self._journal)
                        pause = FIRST_PAUSE
                        self._publish_until_stopped()
                self._rest(IDLE_SECONDS)
            except Unavailable as fault:
                self.trouble = str(fault)
                LOG.warning("door: cannot publish, trying again", reason=str(fault), waiting=self.waiting(), pause=pause)
                self._stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception as fault:  # the loop that owns the thread: a fault of ours must not end publishing, and is shown
                self.trouble = f"{type(fault).__name__}: {fault}"
                LOG.exception("door: publishing failed", pause=LONGEST_PAUSE)
                self._stop.wait(LONGEST_PAUSE)

    def _publish_until_stopped(self) -> None:
        while not self._stop.is_set():
            self._work.clear()
            self._declarations.publish(self._outlet)
            publish(self._spool, self._journal, self._outlet, self._stop, self._full)
            self.trouble = None
            self._published.set()
            self._rest(IDLE_SECONDS)

    def _full(self, item: str) -> bool:
        return self._ahead.full(submitted(item), self._forms[item].item.partitions) if item in self._forms else False

    def _rest(self, seconds: float) -> None:
        """Until somebody submits here; other processes' files are looked for now and then."""
        self._work.wait(seconds)


def _opened(bale: Bale) -> Header | None:
    """The header of a file that may be published and deleted at this moment."""
    try:
        return bale.header()
    except FileNotFoundError:
        return None


def _header(batch: str, submission: Submission, now: int) -> Header:
    said = {name: getattr(submission, name) for name in ("source", "department", "way", "item", "digest", "idempotency_key", "name", "by")}
    return Header(batch=batch, received_at=now, **said)


def digest(content: bytes) -> str:
    """The digest of a payload, as `Submission.digest` wants it."""
    return hashlib.sha256(content).hexdigest()


def opened(settings: Settings, catalog: Catalog) -> Door:
    """The door of this home, not yet started. Raises what the registry raises when the items' wire schemas cannot be learnt.

    The first time, or with its index lost, it reads `credit.batches` and raises `infra.kafka.Unavailable` when it cannot: without that it would take a repeated request for a new one.
    """
    spool, journal = Spool(settings.spool), Journal(settings.spool / "journal.db")
    registry = Registry(settings.registry)
    forms = {item.code: _form(item, registry, catalog.version, settings.key_secret) for item in catalog.values()}
    outlet = KafkaOutlet(settings, registry.id(subject(BATCHES), envelope.CHUNK), registry.schema)
    if journal.empty():
        outlet.read(journal)
    declarations = Declarations(settings.spool, registry.id(subject(DECLARATIONS), envelope.DECLARATION))
    return Door(Kept(spool, journal, declarations), forms, outlet, Ahead(settings, JUDGE), registry.close)


def _form(item: Item, registry: Registry, catalogue: str, secret: bytes) -> Form:
    schema = envelope.submission(item)
    return Form(item, schema, registry.id(subject(submitted(item.code)), schema), catalogue, secret)
