"""The second listener of the local broker; what is granted on it is tried in tests/end_to_end/test_bulk.py."""

from infra import grants
from infra.servers import BROKER


def test_the_second_listener_asks_for_a_password_and_nothing_is_allowed_to_whom_nothing_is_granted() -> None:
    values = BROKER | grants.listener(9095, "PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2", "PLAINTEXT://127.0.0.1:1")
    assert values["listeners"] == "PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2,BULK://127.0.0.1:9095"
    assert values["advertised.listeners"] == "PLAINTEXT://127.0.0.1:1,BULK://127.0.0.1:9095"
    assert dict(each.split(":") for each in values["listener.security.protocol.map"].split(",")) == {"CONTROLLER": "PLAINTEXT", "PLAINTEXT": "PLAINTEXT", "BULK": "SASL_PLAINTEXT"}
    assert "allow.everyone.if.no.acl.found" not in values
