"""Files for the browser: our own, and others out of WebJars in the shared cache. Nothing comes from a CDN; without a WebJar the pages work, with less comfort."""

import zipfile
from functools import cache
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parent / "static"
STYLES, ENTRY, UPLOAD, LIVE, HTMX = "portal.css", "entry.js", "upload.js", "live.js", "htmx.min.js"
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


@cache
def static(cache_folder: Path, name: str) -> bytes | None:
    """The style sheet, a script of ours or htmx; None for any other name, and for htmx when its WebJar was never fetched."""
    if name in (STYLES, ENTRY, UPLOAD, LIVE):
        return (STATIC / name).read_bytes()
    found = jar(cache_folder, "htmx.org") if name == HTMX else None
    return read(found, HTMX) if found else None


def address(cache_folder: Path, name: str) -> str:
    """Where a browser finds it, with a digest so that it can be kept for good; empty when it is not there."""
    content = static(cache_folder, name)
    return f"/static/{name}?v={sha256(content).hexdigest()[:12]}" if content else ""
