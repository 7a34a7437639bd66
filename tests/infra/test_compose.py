"""The compose file, as far as it can be checked without an engine: it fits the specification, and says the same as the local stack."""

import json
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import yaml

from infra import servers

COMPOSE = yaml.safe_load((Path(servers.__file__).parent / "compose.yaml").read_text(encoding="utf-8"))
ITS_OWN = {"controller.listener.names", "listener.security.protocol.map"}


def test_it_fits_the_specification() -> None:
    package = find_spec("check_jsonschema")  # for the specification it ships; its command does not start with the locked click
    assert package is not None
    assert package.origin is not None
    specification = Path(package.origin).parent / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(specification.read_text(encoding="utf-8"))
    jsonschema.validate(COMPOSE, schema)


def test_the_broker_is_set_as_the_local_one() -> None:
    told = COMPOSE["services"]["kafka"]["environment"]
    differing = {name for name, value in servers.BROKER.items() if told.get("KAFKA_" + name.replace(".", "_").upper()) != value}
    assert differing <= ITS_OWN


def test_everything_is_reached_on_loopback_only_and_no_password_stands_in_it() -> None:
    for service in COMPOSE["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert all(str(value).startswith("${") for name, value in service.get("environment", {}).items() if "PASSWORD" in name)
