"""The documents of a circular: what is kept when it is issued."""

from collections.abc import Sequence

from portal.circular.frozen import Packed
from portal.circular.shelf import File


def documents(file: File) -> Sequence[Packed]:
    return []
