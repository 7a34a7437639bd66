"""The shape of the house, kept by a test: who imports whom, how long things get, and that nothing of one machine is in the tree."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EVERYTHING = {"schemas", "infra", "connectors", "producers", "streams", "loaders", "portal", "demo", "bench", "guiji"}
MAY_IMPORT = {
    "schemas": set(),
    "infra": set(),
    "connectors": {"schemas", "infra"},
    "producers": {"schemas", "infra"},
    "streams": {"schemas", "infra"},
    "loaders": {"schemas", "infra"},
    "portal": {"schemas", "infra", "producers", "loaders"},
    "demo": EVERYTHING - {"guiji", "bench"},
    "bench": EVERYTHING - {"guiji", "demo"} | {"demo"},
}
# Each third-party system is spoken to in one place (the loops that own a consumer use its types, too).
SPOKEN_TO_IN = {
    "openpyxl": {"producers", "demo"},
    "python_calamine": {"producers"},
    "clickhouse_driver": {"loaders"},
    "clickhouse_connect": {"loaders"},
    "chdb": {"loaders"},
    "faust": {"streams"},
    "fastapi": {"portal", "producers", "loaders"},
    "sqlalchemy": {"portal"},
    "rocksdict": {"streams"},
    "jgo": {"infra"},
    "prometheus_client": {"infra"},
    "typer": {"guiji", "infra", "connectors", "producers", "portal", "demo"},  # a folder's own group of commands stands in its commands.py
}
FILES = [path for folder in MAY_IMPORT for path in sorted((ROOT / folder).rglob("*.py")) if "versions" not in path.parts]
TESTS = [path for path in sorted((ROOT / "tests").rglob("*.py")) if path != Path(__file__)]
# What needs a reason wherever it stands: on its own line, behind the code.
QUESTIONABLE = re.compile(r"except (?:Base)?Exception\b|except:|type: ignore|\bsleep\(")
REASON = re.compile(r"#(?! noqa: [A-Z0-9]+$)(?! type: ignore\[[a-z-]+\]$).*\w{3}")
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def imported(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.ImportFrom) and not child.level:
            yield (child.module or "").split(".")[0]
        elif isinstance(child, ast.Import):
            yield from (alias.name.split(".")[0] for alias in child.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_downwards_and_stays_readable(path: Path) -> None:
    folder, text = path.relative_to(ROOT).parts[0], path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert (set(imported(tree)) & EVERYTHING) - {folder} <= MAY_IMPORT[folder]
    assert len(text.splitlines()) <= 300
    for function in (node for node in ast.walk(tree) if isinstance(node, FUNCTION)):
        assert not set(imported(function)) & EVERYTHING, f"{function.name}: imports of ours stand at the top"
        assert (function.end_lineno or 0) - function.lineno < 50, f"{function.name} is too long"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_of_tests_stays_readable(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", [ROOT / "guiji.py", *sorted((ROOT / "docs").rglob("*.py")), *FILES, *TESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_broad_excepts_ignored_types_and_sleeps_say_why(path: Path) -> None:
    bare = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if QUESTIONABLE.search(line) and not REASON.search(line)]
    assert bare == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_third_party_system_is_spoken_to_in_one_folder(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    for name in set(imported(ast.parse(path.read_text(encoding="utf-8")))) & set(SPOKEN_TO_IN):
        assert folder in SPOKEN_TO_IN[name] | {"bench"}, f"{name} is used in {folder}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_admin_client_asks_for_a_groups_offsets(path: Path) -> None:
    """It ends the process while the group's coordinator moves: see infra/kafka.py."""
    assert "list_consumer_group_offsets" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_reads_on_from_a_logical_end(path: Path) -> None:
    """librdkafka may come back to it after another place was said: tests/streams/test_intake.py."""
    assert "OFFSET_END" not in path.read_text(encoding="utf-8")


def test_the_tree_names_no_registry_and_no_path_of_one_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    registry = re.compile(r"https?://[^/ \"']*(?:maven|pypi|pythonhosted|npmjs|crates)[^/ \"']*")
    machine = re.compile(r"(?<![A-Za-z0-9_./-])/(?:work|farm|root|home/[a-z]+)/")
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".png", ".xls", ".et", ".xlsx"} or path == Path(__file__) or not path.exists():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not [hit for hit in registry.findall(text) if "xmlns" not in hit], name
        assert not machine.findall(text), name
