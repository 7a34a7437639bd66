"""The channels against real servers on this machine: an SMTP server and an HTTP server; and what is refused before anything is sent."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from infra.settings import Settings, SettingsFault
from portal.reminders import channels
from portal.reminders.channels import Message, Undelivered
from portal.reminders.tables import EMAIL, WEBHOOK

AT = datetime(2017, 10, 23, 1, tzinfo=UTC)
WORDS = "“行政许可”2017年第41周应于 2017-10-24 前报送，还没有收到。"
MESSAGE = Message("ab" * 16, "li.na", "李娜", "zjj", "li.na@example.cn", [(7, WORDS), (8, "第二条")], AT)
SECRET = "不要告诉别人"


class Mailbox:
    """What an SMTP server took; `refuse` is what it answers to a recipient."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refuse = ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.taken.append(mail)
        return "250 OK"


class Server(Controller):
    """On whatever port is free."""

    def _trigger_server(self) -> None:
        assert self.server
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def smtp(**options: Any) -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    server = Server(box, hostname="127.0.0.1", port=0, **options)
    server.start()
    try:
        yield box, server.port
    finally:
        server.stop()


@contextmanager
def http(status: int = 204) -> Iterator[tuple[list[tuple[dict[str, str], bytes]], int]]:
    posted = list[tuple[dict[str, str], bytes]]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield posted, server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def mailing(tmp_path: Path, port: int, **more: Any) -> channels.Send:
    settings = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "smtp_from": "归集平台 <guiji@example.cn>", "portal_url": "https://credit.example.cn", **more}
    return channels.of(Settings(home=tmp_path, **settings))[EMAIL]


def pushing(tmp_path: Path, port: int, **more: Any) -> channels.Send:
    return channels.of(Settings(home=tmp_path, webhook_url=f"http://127.0.0.1:{port}/hook", **({"webhook_secret": SECRET} | more)))[WEBHOOK]


def test_a_letter_arrives_whole_with_all_that_is_owed(tmp_path: Path) -> None:
    with smtp() as (box, port):
        mailing(tmp_path, port)(MESSAGE)
    (mail,) = box.taken
    assert (mail["To"], mail["Auto-Submitted"], mail["Message-ID"]) == ("li.na@example.cn", "auto-generated", f"<{'ab' * 16}@example.cn>")
    assert mail["Subject"] == "【公共信用信息归集】催报 2 项"
    text = mail.get_content()
    for told in ("李娜，您好：", f"1. {WORDS}", "2. 第二条", "https://credit.example.cn/notices"):
        assert told in text


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_password_out_of_a_file_lets_the_letter_through(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("geheim\n")
    given = list[bytes]()

    def check(_server: Any, _session: Any, _envelope: Any, _kind: str, data: LoginPassword) -> AuthResult:
        given.append(data.password)
        return AuthResult(success=data.password == b"geheim", handled=data.password == b"geheim")

    with smtp(authenticator=check, auth_required=True, auth_require_tls=False) as (box, port):
        mailing(tmp_path, port, smtp_user="guiji", smtp_password_file=tmp_path / "password")(MESSAGE)
        with pytest.raises(Undelivered, match="535"):
            mailing(tmp_path, port, smtp_user="guiji", smtp_password="falsch")(MESSAGE)
    assert len(box.taken) == 1
    assert given[0] == b"geheim"
    assert set(given[1:]) == {b"falsch"}


@pytest.mark.parametrize(("answer", "final"), [("550 no such user", True), ("450 busy", False)])
def test_a_refused_address_is_final_and_a_busy_server_is_not(tmp_path: Path, answer: str, final: bool) -> None:
    with smtp() as (box, port):
        box.refuse = answer
        with pytest.raises(Undelivered, match=answer[:3]) as refused:
            mailing(tmp_path, port)(MESSAGE)
    assert refused.value.final is final
    assert "li.na" not in str(refused.value)


def test_without_the_encryption_that_is_asked_for_nothing_is_sent(tmp_path: Path) -> None:
    with smtp() as (box, port), pytest.raises(Undelivered) as refused:
        mailing(tmp_path, port, smtp_security="starttls")(MESSAGE)
    assert not refused.value.final
    assert box.taken == []


def test_nobody_listens(tmp_path: Path) -> None:
    with http() as (_, port):
        pass
    for send in (mailing(tmp_path, port), pushing(tmp_path, port)):
        with pytest.raises(Undelivered, match="没有应答") as refused:
            send(MESSAGE)
        assert not refused.value.final


def test_what_is_pushed_can_be_checked_and_names_nobody_but_the_account(tmp_path: Path) -> None:
    with http() as (posted, port):
        pushing(tmp_path, port)(MESSAGE)
    ((headers, body),) = posted
    expected = hmac.new(SECRET.encode(), f"{int(AT.timestamp())}.".encode() + body, hashlib.sha256).hexdigest()
    assert (headers["X-Guiji-Signature"], headers["X-Guiji-Time"], headers["Idempotency-Key"]) == (f"sha256={expected}", str(int(AT.timestamp())), "ab" * 16)
    assert json.loads(body) == {
        "id": "ab" * 16, "to": {"username": "li.na", "department": "zjj"}, "reminders": [{"id": 7, "text": WORDS}, {"id": 8, "text": "第二条"}],
    }  # fmt: skip
    assert b"example.cn" not in body


@pytest.mark.parametrize(("status", "final"), [(404, True), (401, True), (429, False), (500, False), (302, False)])
def test_an_answer_that_is_no_success_is_none(tmp_path: Path, status: int, final: bool) -> None:
    with http(status) as (posted, port), pytest.raises(Undelivered, match=str(status)) as refused:
        pushing(tmp_path, port)(MESSAGE)
    assert refused.value.final is final
    assert len(posted) == 1, "a redirection is not followed: what is signed goes where the settings say"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"smtp_host": "mail.example.cn"}, "GUIJI_SMTP_FROM"),
        ({"smtp_host": "mail.example.cn", "smtp_from": "a@b.cn", "smtp_user": "u", "smtp_password": "p", "smtp_security": "none"}, "in the clear"),
        ({"smtp_host": "mail.example.cn", "smtp_from": "a@b.cn", "smtp_user": "u"}, "set GUIJI_SMTP_PASSWORD"),
        ({"webhook_url": "http://hook.example.cn/x", "webhook_secret": "s"}, "https://"),
        ({"webhook_url": "https://hook.example.cn/x"}, "set GUIJI_WEBHOOK_SECRET"),
        ({"webhook_url": "https://hook.example.cn/x", "webhook_secret_file": "/nowhere/secret"}, "GUIJI_WEBHOOK_SECRET_FILE cannot be read"),
    ],
)
def test_a_channel_set_up_wrongly_is_refused_at_the_start(tmp_path: Path, settings: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsFault, match=told):
        channels.of(Settings(home=tmp_path, **settings))


def test_what_is_not_set_up_is_no_channel_and_the_rest_is_encrypted_by_itself(tmp_path: Path) -> None:
    assert channels.of(Settings(home=tmp_path)) == {}
    assert set(channels.of(Settings(home=tmp_path, smtp_host="mail.example.cn", smtp_from="a@b.cn"))) == {EMAIL}
    assert Settings(home=tmp_path).smtp_security == "starttls"
