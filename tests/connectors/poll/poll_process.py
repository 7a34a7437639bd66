"""A poller of its own process, for tests that kill it. Arguments: home, folder of sources, and `once` or nothing."""

import sys
from pathlib import Path

from connectors.poll import process
from infra import log
from infra.settings import Settings

home, folder, *once = sys.argv[1:]
settings = Settings(_env_file=Path(home) / "env", home=Path(home), sources=Path(folder))
with log.process("poll") as stop:
    if once:
        found = process.once(settings, stop)
        sys.exit(any(each.fault for each in found))
    process.run(settings, stop)
