"""Who may write to which topic, on a broker whose second listener asks for a name and a password (SCRAM-SHA-512) and whose authorizer allows nothing that is not granted.

Our own processes use the first listener and are trusted there: it must be reachable by them alone.
"""

import secrets
from collections.abc import Iterable
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from infra import kafka
from infra.settings import Settings

MECHANISM = ScramMechanism.SCRAM_SHA_512
ITERATIONS = 8192
PASSWORD_BYTES = 24
LISTENER = {
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,BULK:SASL_PLAINTEXT",
    "listener.name.bulk.sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "listener.name.bulk.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
}  # what the local broker's settings have besides, where `bulk_port` is set


class Refused(Exception):
    """The broker does not do it; the message says why and what to do."""


def listener(port: int, listeners: str, advertised: str) -> dict[str, str]:
    """The settings of a broker with these listeners and the one for bulk producers, on loopback."""
    own = f"BULK://127.0.0.1:{port}"
    return LISTENER | {"listeners": f"{listeners},{own}", "advertised.listeners": f"{advertised},{own}"}


def allow(settings: Settings, user: str, topics: Iterable[str]) -> None:
    """The user may write to these topics, too. Raises Refused, KafkaException."""
    rules = [AclBinding(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{user}", "*", AclOperation.WRITE, AclPermissionType.ALLOW) for topic in topics]
    client = kafka.admin(settings)  # must outlive its futures
    _done(client.create_acls(rules, request_timeout=kafka.TIMEOUT))


def has_password(settings: Settings, user: str) -> bool:
    """Whether the user can log in at all. Raises KafkaException."""
    client = kafka.admin(settings)
    answers = client.describe_user_scram_credentials([user], request_timeout=kafka.TIMEOUT)
    assert isinstance(answers, dict)  # it is when users are named
    try:
        answers[user].result()
    except KafkaException as fault:
        if fault.args[0].code() == KafkaError.RESOURCE_NOT_FOUND:
            return False
        raise
    return True


def new_password(settings: Settings, user: str) -> str:
    """A password, valid from now on instead of an earlier one; told here and nowhere again. Raises Refused, KafkaException."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    client = kafka.admin(settings)
    _done(client.alter_user_scram_credentials([UserScramCredentialUpsertion(user, ScramCredentialInfo(MECHANISM, ITERATIONS), password.encode())]))
    return password


def revoke(settings: Settings, user: str) -> None:
    """The user can neither log in nor write any more; again is a no-op. Raises Refused, KafkaException."""
    anything: Any = None  # which its types do not know
    every = AclBindingFilter(ResourceType.ANY, anything, ResourcePatternType.ANY, f"User:{user}", anything, AclOperation.ANY, AclPermissionType.ANY)
    client = kafka.admin(settings)
    _done(client.delete_acls([every], request_timeout=kafka.TIMEOUT))
    if has_password(settings, user):
        _done(client.alter_user_scram_credentials([UserScramCredentialDeletion(user, MECHANISM)]))


def _done(futures: dict[Any, Any]) -> None:
    for future in futures.values():
        try:
            future.result()
        except KafkaException as fault:
            if fault.args[0].code() == KafkaError.SECURITY_DISABLED:
                raise Refused("The broker has no authorizer: set GUIJI_BULK_PORT and start it again (guiji down, guiji up), or see docs/bulk.md for a broker of your own.") from fault
            raise
