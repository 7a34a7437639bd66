"""The proxy does what it is told: otherwise the tests that use it show nothing."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.failures.proxy import Proxy
from tests.waiting import eventually

pytestmark = pytest.mark.alone


class Echo(socketserver.BaseRequestHandler):
    """Answers a line with the same line, and remembers all it got."""

    got: list[bytes]

    def handle(self) -> None:
        while data := self.request.recv(65536):
            self.server.got.append(data)
            self.request.sendall(data)


@pytest.fixture
def echo() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads, server.got = True, []
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy(echo: socketserver.ThreadingTCPServer) -> Iterator[Proxy]:
    with Proxy(echo.server_address[1]) as found:
        yield found


def said(proxy: Proxy, data: bytes, seconds: float = 5.0) -> bytes:
    """What comes back; empty when the connection was cut."""
    with socket.create_connection(("127.0.0.1", proxy.port), seconds) as client:
        client.sendall(data)
        answer = b""
        while len(answer) < len(data):
            try:
                more = client.recv(65536)
            except ConnectionError:
                return answer
            if not more:
                return answer
            answer += more
        return answer


def test_it_passes_everything_on(proxy: Proxy) -> None:
    assert said(proxy, b"x" * 300_000) == b"x" * 300_000
    assert (proxy.connections, proxy.cuts) == (1, 0)


def test_answers_come_late(proxy: Proxy) -> None:
    proxy.passing(delay=0.3)
    started = time.monotonic()
    assert said(proxy, b"late") == b"late"
    assert time.monotonic() - started >= 0.3


def test_a_reply_is_lost_after_the_server_got_everything(proxy: Proxy, echo: socketserver.ThreadingTCPServer) -> None:
    happened = threading.Event()
    proxy.cutting(4, reply=True, then=happened.set)
    assert said(proxy, b"asked") == b""
    assert b"".join(echo.got) == b"asked"
    assert happened.is_set()
    assert said(proxy, b"again") == b"again"
    assert proxy.cuts == 1


def test_a_request_is_cut_in_its_middle(proxy: Proxy, echo: socketserver.ThreadingTCPServer) -> None:
    proxy.cutting(3, reply=False)
    said(proxy, b"request")
    eventually(lambda: b"".join(echo.got) == b"req", 10)


def test_it_refuses_and_takes_again_on_the_same_port(proxy: Proxy) -> None:
    proxy.refusing()
    with pytest.raises(ConnectionRefusedError):
        said(proxy, b"?")
    proxy.passing()
    assert said(proxy, b"!") == b"!"


def test_a_black_hole_takes_the_connection_and_never_answers(proxy: Proxy, echo: socketserver.ThreadingTCPServer) -> None:
    proxy.swallowing()
    with pytest.raises(TimeoutError):
        said(proxy, b"hello", 0.3)
    assert echo.got == []


def test_it_is_gone_with_its_block(echo: socketserver.ThreadingTCPServer) -> None:
    with Proxy(echo.server_address[1]) as proxy:
        assert said(proxy, b"here") == b"here"
    with pytest.raises(ConnectionRefusedError):
        said(proxy, b"gone")
