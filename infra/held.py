"""What stands still and what was noticed, for people: `guiji status`, `guiji connectors status` and the front page show it.

`<home>/state/map.json` is map's: tables it cannot read on. `<home>/state/watch.json` is the watcher's: tables of which nothing is withdrawn, because a load left too little of them.
"""

import json
from dataclasses import asdict, dataclass, field, fields

from infra.settings import Settings

WRITERS = ("map", "watch")


@dataclass
class Notes:
    """``held``: topic → why it waits and what to do, for the operator; ``told``: topic → {department, table, message}, the same in the department's words; ``noted``: topic → what changed in its
    table and holds nothing; ``broken``: why changed source files were not taken; ``kept``: topic → why what its table lacks is not withdrawn, for the operator."""

    held: dict[str, str] = field(default_factory=dict)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    noted: dict[str, str] = field(default_factory=dict)
    broken: str = ""
    kept: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Everything for the operator, one line each."""
        held = [f"map holds {topic}: {why}" for topic, why in self.held.items()]
        noted = [f"map noted {topic}: {what}" for topic, what in self.noted.items()]
        kept = [f"nothing is withdrawn of {topic}: {why}" for topic, why in self.kept.items()]
        return held + kept + noted + [f"map goes on with the sources as they were: {self.broken}"] * bool(self.broken)


def read(settings: Settings) -> Notes:
    """As the running (or last) map noted them."""
    return _read(settings, "map")


def lines(settings: Settings) -> list[str]:
    """Everything for the operator, of map and the watcher, one line each."""
    return [line for writer in WRITERS for line in _read(settings, writer).lines()]


def messages(settings: Settings) -> list[dict[str, str]]:
    """Everything for departments: {department, table, message}."""
    return [told for writer in WRITERS for told in _read(settings, writer).told.values()]


def _read(settings: Settings, writer: str) -> Notes:
    try:
        found = json.loads((settings.state / f"{writer}.json").read_text(encoding="utf-8"))
        return Notes(**{each.name: found[each.name] for each in fields(Notes) if each.name in found})
    except (FileNotFoundError, ValueError):
        return Notes()


def write(settings: Settings, notes: Notes, writer: str = "map") -> None:
    """Replaces what that process (`map`, `watch`) had noted, whole or not at all."""
    path = settings.state / f"{writer}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(notes), ensure_ascii=False), encoding="utf-8")
    draft.rename(path)
