"""`guiji live` as the portal sees it: a server that tells what the test puts into it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Told:
    """`sources` is what it tells; `asked` how often it was asked."""

    def __init__(self, port: int) -> None:
        self.port, self.asked = port, 0
        self.sources: list[dict[str, Any]] = []


@contextmanager
def figures() -> Iterator[Told]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked += 1
            body = json.dumps({"now": "", "newest": None, "sources": told.sources}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    told = Told(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
