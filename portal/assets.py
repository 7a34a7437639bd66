"""Files for the browser: our own, and others out of WebJars in the shared cache. Nothing comes from a CDN; without a WebJar the pages work, with less comfort."""

import zipfile
from functools import cache
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parent / "static"
STYLES, ENTRY, UPLOAD, LIVE, BOARDS, HTMX, ECHARTS = "portal.css", "entry.js", "upload.js", "live.js", "boards.js", "htmx.min.js", "echarts.min.js"
OURS, JARS = (STYLES, ENTRY, UPLOAD, LIVE, BOARDS), {HTMX: "htmx.org", ECHARTS: "echarts"}
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def jar(cache_folder: Path, name: str) -> Path | None:
    """The newest WebJar of this name anywhere below the cache, None as long as it was never fetched."""
    try:
        return _there(cache_folder, name)
    except FileNotFoundError:
        return None


@cache  # remembers no failure: what is fetched later is found then
def _there(cache_folder: Path, name: str) -> Path:
    found = max(cache_folder.rglob(f"{name}-[0-9]*.jar"), default=None)
    if found is None:
        raise FileNotFoundError(name)
    return found


@cache
def read(jar_file: Path, name: str) -> bytes | None:
    """The file called `name` inside the jar."""
    with zipfile.ZipFile(jar_file) as archive:
        member = next((entry for entry in archive.namelist() if entry.endswith(f"/{name}")), None)
        return None if member is None else archive.read(member)


def static(cache_folder: Path, name: str) -> bytes | None:
    """The style sheet, a script of ours, htmx or ECharts; None for any other name, and for the last two when their WebJars were never fetched."""
    if name in OURS:
        return _ours(name)
    found = jar(cache_folder, JARS[name]) if name in JARS else None
    return read(found, name) if found else None


@cache
def _ours(name: str) -> bytes:
    return (STATIC / name).read_bytes()


def address(cache_folder: Path, name: str) -> str:
    """Where a browser finds it, with a digest so that it can be kept for good; empty when it is not there."""
    content = static(cache_folder, name)
    return f"/static/{name}?v={sha256(content).hexdigest()[:12]}" if content else ""
