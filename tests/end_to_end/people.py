"""People at the portal of a running pipeline."""

import html
import re
from typing import Any

import httpx

NEW = "泉城路 47 号的槐树"


class Person:
    """Somebody who is logged in, by HTTP alone: what a browser without scripts does."""

    def __init__(self, pipeline: Any, name: str, role: str, department: str = "") -> None:
        once = pipeline.cli("user", "add", name, "张伟", "--role", role, *(("--department", department) if department else ())).strip()
        self.client = httpx.Client(base_url=pipeline.settings.serve_url, headers={"accept": "text/html"}, follow_redirects=True, timeout=60)
        self.page = ""
        self.get("/login")
        self.post("/login", username=name, password=once)
        self.get("/account/password")
        self.post("/account/password", current=once, new=NEW, again=NEW)

    def get(self, path: str) -> httpx.Response:
        return self._seen(self.client.get(path))

    def post(self, path: str, files: Any = None, **fields: str) -> httpx.Response:
        token = re.search(r'name="_form" value="(\w+)"', self.page)[1]
        revision = re.search(r'name="revision" value="(\d+)"', self.page)
        return self._seen(self.client.post(path, data={"_form": token, **({"revision": revision[1]} if revision else {}), **fields}, files=files))

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        self.page = html.unescape(answer.text) if "html" in answer.headers.get("content-type", "") else ""
        return answer
