"""The map as a process under a group that is told; else as `guiji` runs it."""

import sys
from unittest.mock import patch

from infra import log
from infra.settings import get
from streams import map as mapping


def main(name: str, group: str) -> None:
    with patch.object(mapping, "GROUP", group), log.process(name) as stop:
        mapping.run(get(), stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
