"""The map as a process under a group that is told, and with no judge of its own to wait for; else as `guiji` runs it."""

import sys
from unittest.mock import patch

from infra import log
from infra.settings import get
from streams import map as mapping
from streams.map_setting import Setting


def main(name: str, group: str) -> None:
    with patch.object(mapping, "GROUP", group), patch.object(Setting, "full", lambda *_: False), log.process(name) as stop:
        mapping.run(get(), stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
