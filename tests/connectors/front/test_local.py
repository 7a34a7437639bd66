"""`guiji up` starts the database servers that sources live on, and no others."""

import json
from pathlib import Path

import pytest

from connectors.front import source_file
from connectors.front.local import needed
from connectors.front.place import Front
from infra.settings import Settings
from schemas import catalog

ITEM = catalog.load()["xzxk"]

@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name in ("home", "sources"):
        (tmp_path / name).mkdir()
    (tmp_path / "home" / "ports.json").write_text(json.dumps({"postgres": 15001, "mariadb": 15002}))
    (tmp_path / "home" / "secrets.env").write_text("A_PASSWORD=word\nA_PORT=15002\n")
    return Settings(home=tmp_path / "home", sources=tmp_path / "sources")


def declare(settings: Settings, name: str, kind: str, host: str, port: str) -> None:
    text = source_file.written(Front(name, "mariadb", [ITEM]), "某局", None).replace("kind: mariadb", f"kind: {kind}").replace(f"department: {name}", "department: zjj")
    text = text.replace("${env:GUIJI_FRONT_MARIADB_HOST}", host).replace("${env:GUIJI_FRONT_MARIADB_PORT}", port).replace(f"${{env:{name.upper()}_FRONT_CDC_PASSWORD}}", "${env:A_PASSWORD}")
    (settings.sources / f"{name}.yaml").write_text(text, "utf-8")


def test_a_server_is_needed_where_a_source_has_its_address(settings: Settings) -> None:
    assert needed(settings) == []
    declare(settings, "here", "mariadb", "127.0.0.1", "${env:A_PORT}")
    declare(settings, "too", "mysql", "localhost", "15002")
    assert needed(settings) == ["mariadb"]
    declare(settings, "post", "postgres", "127.0.0.1", "15001")
    assert needed(settings) == ["mariadb", "postgres"]


def test_sources_elsewhere_or_without_an_address_need_none(settings: Settings) -> None:
    declare(settings, "far", "mariadb", "10.0.0.1", "15002")
    declare(settings, "other", "postgres", "127.0.0.1", "15002")
    declare(settings, "unset", "mariadb", "${env:NOBODY}", "15002")
    assert needed(settings) == []
    (settings.sources / "broken.yaml").write_text("source: [")
    assert needed(settings) == []
