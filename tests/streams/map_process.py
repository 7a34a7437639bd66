"""A map of its own process, for tests that kill it. Arguments: home, folder of sources, folder of the catalogue where it is another one."""

import signal
import sys
from pathlib import Path
from threading import Event

from infra.settings import Settings
from streams import map as mapping

home, folder, *catalogues = map(Path, sys.argv[1:])
settings = Settings(_env_file=home / "env", home=home, sources=folder)
if catalogues:
    settings.catalogue = catalogues[0]
stop = Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
mapping.run(settings, stop)
