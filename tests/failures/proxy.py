"""A TCP proxy between a client of ours and a server, whose behaviour a test switches at run time. Loopback, a free port, gone with the test."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PASS, REFUSE, BLACK_HOLE = "pass", "refuse", "black hole"
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Cut:
    """Applies to a connection that has sent ``after`` bytes to the server since it was armed. ``reply``: all of them arrive and the server's next answer is lost; else no further byte arrives."""

    after: int
    reply: bool
    then: Callable[[], object] = lambda: None


class Proxy:
    """Use as a context manager. New and living connections obey what was said last; counters tell what happened."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._mode, self._delay, self._cut = PASS, 0.0, None
        self._sent: dict[socket.socket, int] = {}
        self._open: set[socket.socket] = set()
        self._wake = threading.Event()
        self._listener: socket.socket | None = None
        self.port = 0
        self.connections = self.cuts = 0

    def __enter__(self) -> "Proxy":
        self._listen()
        return self

    def __exit__(self, *_ended: object) -> None:
        self._mode = REFUSE
        self._wake.set()
        self._deafen()
        self.drop()

    def passing(self, delay: float = 0.0) -> None:
        """Everything arrives; answers come so many seconds later."""
        self._delay, self._mode, self._cut = delay, PASS, None
        if self._listener is None:
            self._listen()

    def refusing(self) -> None:
        """No connection is taken, and those that stand are dropped."""
        self._mode = REFUSE
        self._deafen()
        self.drop()

    def swallowing(self) -> None:
        """A black hole: connections are taken, nothing is passed on and nothing is answered."""
        self._mode = BLACK_HOLE

    def cutting(self, after: int, *, reply: bool, then: Callable[[], object] = lambda: None) -> None:
        """Once: cut the first connection that sends ``after`` more bytes (see Cut); ``then`` is called at that moment."""
        with self._lock:
            self._sent = {}
            self._cut = Cut(after, reply, then)

    def drop(self) -> None:
        """End all connections."""
        with self._lock:
            ended, self._open = self._open, set()
        for each in ended:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _deafen(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
                self.connections += 1
            for way in (self._up, self._down):
                threading.Thread(target=self._until_gone, args=(way, client, server), daemon=True).start()

    def _until_gone(self, way: Callable[[socket.socket, socket.socket], None], client: socket.socket, server: socket.socket) -> None:
        """A side that went away ends the passing on, nothing else."""
        with contextlib.suppress(OSError):
            way(client, server)

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        for data in self._received(client, server):
            with self._lock:
                before, cut = self._sent.get(client, 0), self._cut
                self._sent[client] = before + len(data)
            if cut is not None and not cut.reply and before + len(data) > cut.after and self._taken(cut):
                server.sendall(data[: max(0, cut.after - before)])
                self._end(client, server, cut)
                return
            server.sendall(data)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        for data in self._received(server, client):
            with self._lock:
                sent, cut = self._sent.get(client, 0), self._cut
            if cut is not None and cut.reply and sent >= cut.after and self._taken(cut):
                self._end(client, server, cut)
                return
            self._wake.wait(self._delay)
            client.sendall(data)

    def _received(self, source: socket.socket, other: socket.socket) -> Iterator[bytes]:
        """What comes, until either side ends; nothing while the proxy is a black hole."""
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if self._mode != BLACK_HOLE:
                    yield data
        for each in (source, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _taken(self, cut: Cut) -> bool:
        """Whether this connection is the one that is cut."""
        with self._lock:
            mine = self._cut is cut
            if mine:
                self._cut, self.cuts = None, self.cuts + 1
            return mine

    def _end(self, client: socket.socket, server: socket.socket, cut: Cut) -> None:
        cut.then()
        for each in (client, server):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def before(target: int) -> Iterator[Proxy]:
    """A proxy before the server on this port."""
    with Proxy(target) as proxy:
        yield proxy
