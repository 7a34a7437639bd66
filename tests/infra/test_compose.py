"""The compose file, as far as it can be checked without an engine: it fits the specification, and says the same as the local stack."""

import json
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import yaml

from infra import database_servers, jars, servers

COMPOSE = yaml.safe_load((Path(servers.__file__).parent / "compose.yaml").read_text(encoding="utf-8"))
ITS_OWN = {"controller.listener.names", "listener.security.protocol.map"}
# Debezium's image knows these without a prefix, and brings the converter without the entry by which a quicker discovery would find it.
WITHOUT_PREFIX = {"group.id", "config.storage.topic", "offset.storage.topic", "status.storage.topic", "offset.flush.interval.ms", "key.converter", "value.converter"}
NOT_IN_ITS_IMAGE = {"plugin.discovery"}


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


def test_connect_is_set_as_the_local_one() -> None:
    told = COMPOSE["services"]["connect"]["environment"]
    wanted = {name: value for name, value in servers.CONNECT.items() if name not in NOT_IN_ITS_IMAGE}
    wanted |= {f"{side}.converter.{name}": value for side in ("key", "value") for name, value in servers.CONVERTER.items()}
    names = {name: ("" if name in WITHOUT_PREFIX else "CONNECT_") + name.replace(".", "_").upper() for name in wanted}
    assert {name: told.get(names[name]) for name in wanted} == wanted
    assert COMPOSE["services"]["connect"]["image"].endswith(f":{jars.DEBEZIUM}")


def test_the_databases_can_be_tapped_as_the_local_ones() -> None:
    told = COMPOSE["services"]["postgres"]["command"]
    assert {f"{name}={value}" for name, value in database_servers.POSTGRES.items()} == {part for part in told[1:] if part != "-c"}
    assert COMPOSE["services"]["mariadb"]["command"] == database_servers.MARIADB


def test_the_images_are_the_versions_of_the_local_stack() -> None:
    kafka, registry = jars.CLASS_PATHS["kafka"][0], next(version for _, name, version, *_ in jars.FILES if name == "apicurio-registry-app")
    assert COMPOSE["services"]["kafka"]["image"].rpartition(":")[2] == kafka.rpartition(":")[2]
    assert COMPOSE["services"]["registry"]["image"].rpartition(":")[2] == registry


def test_everything_is_reached_on_loopback_only_and_no_password_stands_in_it() -> None:
    for service in COMPOSE["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert all(str(value).startswith("${") for name, value in service.get("environment", {}).items() if "PASSWORD" in name)
