"""Browser files out of WebJars in the shared cache. Nothing comes from a CDN; without the jar the pages link to the bare OpenAPI text."""

import zipfile
from functools import cache
from pathlib import Path

KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@cache
def jar(cache_folder: Path, name: str) -> Path | None:
    """The newest WebJar of this name anywhere below the cache, None when it was never fetched."""
    return max(cache_folder.rglob(f"{name}-[0-9]*.jar"), default=None)


def read(jar_file: Path, name: str) -> bytes | None:
    """The file called `name` inside the jar."""
    with zipfile.ZipFile(jar_file) as archive:
        member = next((entry for entry in archive.namelist() if entry.endswith(f"/{name}")), None)
        return None if member is None else archive.read(member)
