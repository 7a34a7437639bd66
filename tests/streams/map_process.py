"""A map of its own process, for tests that kill it: its home is the first argument."""

import signal
import sys
from pathlib import Path
from threading import Event

from infra.settings import Settings
from streams import map as mapping

home = Path(sys.argv[1])
settings = Settings(_env_file=home / "env", home=home, sources=Path(sys.argv[2]))
stop = Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
mapping.run(settings, stop)
