"""Large files: bounded before they are read, ours before they are written, gone with the request."""

import socket
import tracemalloc
from http.client import HTTPConnection
from itertools import chain, repeat
from urllib.parse import urlsplit

import pytest

from portal.accounts.roles import Role
from portal.frame import cookies
from portal.pages.upload import LARGE
from portal.upload import uploads
from tests.portal.desk import PAGE, Desk
from tests.portal.entry.site import equipped

HEAD = b'--b\r\nContent-Disposition: form-data; name="_form"\r\n\r\n%s\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\nContent-Type: x\r\n\r\n%s\r\n'
END = b"--b--\r\n"
KIND = {**PAGE, "content-type": "multipart/form-data; boundary=b"}


def left(desk: Desk) -> list[str]:
    folder = desk.settings.home / "uploads"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def sent(desk: Desk, *parts: bytes, **headers: str) -> int:
    """The status of a request made by hand."""
    equipped(desk)
    browser = desk.person(Role.OFFICER)
    body = b"".join(parts).replace(b"%TOKEN%", browser.token.encode())
    return browser.client.post("/report", content=body, headers={**KIND, **headers}).status_code


def test_more_than_is_taken_is_refused_before_a_byte_of_it_is_sent(desk: Desk, site: str) -> None:
    equipped(desk)
    browser = desk.person(Role.OFFICER)
    address, size = urlsplit(site), LARGE.bytes_all + (1 << 20)
    head = f"POST /report HTTP/1.1\r\nHost: {address.netloc}\r\nAccept: text/html\r\nCookie: {cookies.SESSION}={browser.client.cookies[cookies.SESSION]}\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=20) as line:
        line.sendall(f"{head}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {size}\r\n\r\n".encode())
        answer = b""
        while b"</html>" not in answer and (more := line.recv(65536)):
            answer += more
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert "一次上传了 201 MB，最多 200 MB" in answer.decode()
    assert left(desk) == []


def test_a_large_file_is_on_the_disk_and_never_whole_in_memory(desk: Desk, site: str) -> None:
    equipped(desk)
    browser = desk.person(Role.OFFICER)
    head, tail = HEAD % browser.token.encode() + (FILE % (b"a.csv", b"")).removesuffix(b"\r\n"), b"\r\n" + END
    pieces, piece = 64, b"x" * (1 << 20)
    line = HTTPConnection(urlsplit(site).netloc, timeout=120)
    headers = {**KIND, "Cookie": f"{cookies.SESSION}={browser.client.cookies[cookies.SESSION]}", "Content-Length": str(len(head) + len(tail) + pieces * len(piece))}
    tracemalloc.start()
    try:
        line.request("POST", "/report", body=chain([head], repeat(piece, pieces), [tail]), headers=headers)
        answer = line.getresponse()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        line.close()
    assert answer.status == 303
    (path,) = (desk.settings.home / "uploads").iterdir()
    assert path.stat().st_size == pieces * len(piece)
    assert peak < 16 << 20


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((HEAD % b"%TOKEN%", FILE % (b"a.csv", b"1,2"), END), 303),
        ((FILE % (b"a.csv", b"1,2"), HEAD % b"%TOKEN%", END), 403),  # the token stands before the file
        ((HEAD % (b"0" * 64), FILE % (b"a.csv", b"1,2"), END), 403),
        ((FILE % (b"a.csv", b"1,2"), END), 403),
        ((HEAD % b"%TOKEN%", FILE % (b"a.csv", b"1,2")), 422),  # it stops half-way
        ((HEAD % b"%TOKEN%", FILE % (b"a.csv", b""), END), 422),
        ((HEAD % b"%TOKEN%", FILE % (b"", b""), END), 422),
        ((HEAD % b"%TOKEN%", END), 422),
        ((HEAD % b"%TOKEN%", *[FILE % (b"a.csv", b"1")] * (LARGE.most + 1), END), 422),
        ((HEAD % b"%TOKEN%", b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"y" * 100_000 + b"\r\n", END), 422),
        ((HEAD % b"%TOKEN%", b"--b\r\nX-Long: " + b"y" * 100_000 + b'\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n', END), 422),
        ((HEAD % b"%TOKEN%", b"--b\r\nContent-Type: x\r\n\r\ny\r\n", END), 422),
        ((b"no form at all",), 422),
    ],
)
def test_what_is_no_form_of_ours_leaves_nothing(desk: Desk, parts: tuple[bytes, ...], status: int) -> None:
    assert sent(desk, *parts) == status
    assert len(left(desk)) == (1 if status == 303 else 0)


def test_a_form_of_another_kind_is_no_upload(desk: Desk) -> None:
    assert sent(desk, b"_form=%TOKEN%", **{"content-type": "application/x-www-form-urlencoded"}) == 422


def test_no_room_on_the_disk_is_said(desk: Desk) -> None:
    desk.settings.free_disk_mb = 1 << 40
    assert sent(desk, HEAD % b"%TOKEN%", FILE % (b"a.csv", b"1,2"), END) == 503
    assert left(desk) == []


def test_a_department_that_confirms_nothing_is_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_OPEN", 2)
    statuses = [sent(desk, HEAD % b"%TOKEN%", FILE % (b"a.csv", b"1,2"), END) for _ in range(3)]
    assert statuses == [303, 303, 429]
    assert len(left(desk)) == 2
