"""The channels besides the page: e-mail by SMTP, and a signed POST to the city's own message service. Each tells one person all that waits for him at once.

Delivery is at least once: whoever dies between the other side's yes and our note sends again, with the same number, by which the other side can tell.
"""

import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from infra.settings import Settings, SettingsFault, told
from portal.reminders.tables import EMAIL, WEBHOOK

TIMEOUT = 15.0
INBOX = "/notices"


class Undelivered(Exception):
    """It did not arrive. ``final``: it never will, however often it is tried."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


@dataclass(frozen=True)
class Message:
    """To whom, and what: (number, words) of each reminder; `number` names the message, the same at every try."""

    number: str
    username: str
    name: str
    department: str
    address: str
    told: Sequence[tuple[int, str]]
    at: datetime


Send = Callable[[Message], None]


def of(settings: Settings) -> dict[str, Send]:
    """The channels that are set up; raises SettingsFault for one that is set up wrongly. Sending raises Undelivered."""
    found = dict[str, Send]()
    if settings.smtp_host:
        found[EMAIL] = _email(settings)
    if settings.webhook_url:
        found[WEBHOOK] = _webhook(settings)
    return found


def _email(settings: Settings) -> Send:
    if "@" not in settings.smtp_from:
        raise SettingsFault("GUIJI_SMTP_HOST is set and GUIJI_SMTP_FROM is no address: reminders have no sender")
    password = _secret("GUIJI_SMTP_PASSWORD", settings.smtp_password, settings.smtp_password_file) if settings.smtp_user else ""
    if password and settings.smtp_security == "none" and not _loopback(settings.smtp_host):
        raise SettingsFault("GUIJI_SMTP_SECURITY is none: the password of GUIJI_SMTP_USER would go over the network in the clear; set starttls or tls")

    def send(message: Message) -> None:
        try:
            with _connected(settings) as server:
                if settings.smtp_user:
                    server.login(settings.smtp_user, password)
                server.send_message(letter(message, settings.smtp_from, settings.portal_url))
        except smtplib.SMTPRecipientsRefused as fault:
            codes = [code for code, _ in fault.recipients.values()]
            raise Undelivered(f"邮件服务器拒收：{', '.join(map(str, codes))}", final=all(code >= 500 for code in codes)) from fault
        except smtplib.SMTPResponseException as fault:
            raise Undelivered(f"邮件服务器答复 {fault.smtp_code}") from fault
        except (smtplib.SMTPException, OSError) as fault:
            raise Undelivered(f"邮件服务器没有应答：{type(fault).__name__}") from fault

    return send


def _connected(settings: Settings) -> smtplib.SMTP:
    """Raises what smtplib raises."""
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT, context=ssl.create_default_context())
    server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT)
    if settings.smtp_security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:  # whatever it is, the connection is not left open
            server.close()
            raise
    return server


def letter(message: Message, sender: str, portal: str) -> EmailMessage:
    """The e-mail. Answers of machines are not wanted, and say so."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = sender, message.address, format_datetime(message.at)
    mail["Subject"] = f"【公共信用信息归集】催报 {len(message.told)} 项"
    mail["Message-ID"] = f"<{message.number}@{sender.rpartition('@')[2].strip('> ')}>"
    mail["Auto-Submitted"] = "auto-generated"
    lines = [f"{message.name}，您好：", "", *(f"{number}. {words}" for number, (_, words) in enumerate(message.told, 1)), ""]
    mail.set_content("\n".join([*lines, f"登录平台查看和办理：{portal}{INBOX}" if portal else "请登录平台，在“催报通知”中查看和办理。", "不想再收到邮件，请在“催报通知”的“接收设置”中更改。"]))
    return mail


def _webhook(settings: Settings) -> Send:
    target = urlsplit(settings.webhook_url)
    if target.scheme != "https" and not (target.scheme == "http" and _loopback(target.hostname or "")):
        raise SettingsFault("GUIJI_WEBHOOK_URL must begin with https:// (http:// only on this machine)")
    secret = _secret("GUIJI_WEBHOOK_SECRET", settings.webhook_secret, settings.webhook_secret_file).encode()

    def send(message: Message) -> None:
        body = posted(message)
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.number, **signature(secret, body, message.at)}
        try:
            answer = httpx.post(settings.webhook_url, content=body, headers=headers, timeout=TIMEOUT, follow_redirects=False)
        except httpx.HTTPError as fault:
            raise Undelivered(f"推送地址没有应答：{type(fault).__name__}") from fault
        if not answer.is_success:
            raise Undelivered(f"推送地址答复 {answer.status_code}", final=answer.is_client_error and answer.status_code not in (408, 425, 429))

    return send


def posted(message: Message) -> bytes:
    """The body: who is meant, and what. No name, no address, nothing of any record."""
    told_ = [{"id": number, "text": words} for number, words in message.told]
    content = {"id": message.number, "to": {"username": message.username, "department": message.department}, "reminders": told_}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: bytes, body: bytes, at: datetime) -> dict[str, str]:
    """The receiver computes HMAC-SHA256 over the time, a full stop and the body, and refuses what is older than some minutes."""
    moment = str(int(at.timestamp()))
    return {"X-Guiji-Time": moment, "X-Guiji-Signature": "sha256=" + hmac.new(secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()}


def _secret(name: str, secret: SecretStr, file: Path | None) -> str:
    try:
        found = told(secret, file)
    except OSError as fault:
        raise SettingsFault(f"{name}_FILE cannot be read: {fault}") from fault
    if not found:
        raise SettingsFault(f"set {name}, or {name}_FILE to a file that holds it")
    return found


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
