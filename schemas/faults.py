"""Faults of files people edit: all of them at once, each with its file and place."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake: the file's name, where in it, what is wrong."""

    file: str
    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.problem}" if self.place else f"{self.file}: {self.problem}"


class CatalogFault(Exception):
    """The catalogue is broken; nothing starts until it is mended. `faults` lists every mistake of every file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("The catalogue is broken:\n" + "\n".join(f"  {fault}" for fault in self.faults))
