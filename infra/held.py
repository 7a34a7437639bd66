"""What map cannot read on and what it noticed, for people: `<home>/state/map.json`. Map writes it; `guiji status`, `guiji connectors status` and the front page show it."""

import json
from dataclasses import asdict, dataclass, field, fields

from infra.settings import Settings


@dataclass
class Notes:
    """``held``: topic → why it waits and what to do, for the operator; ``told``: topic → {department, table, message}, the same in the department's words; ``noted``: topic → what changed in its
    table and holds nothing; ``broken``: why changed source files were not taken."""

    held: dict[str, str] = field(default_factory=dict)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    noted: dict[str, str] = field(default_factory=dict)
    broken: str = ""

    def lines(self) -> list[str]:
        """Everything for the operator, one line each."""
        held = [f"map holds {topic}: {why}" for topic, why in self.held.items()]
        noted = [f"map noted {topic}: {what}" for topic, what in self.noted.items()]
        return held + noted + [f"map goes on with the sources as they were: {self.broken}"] * bool(self.broken)


def read(settings: Settings) -> Notes:
    """As the running (or last) map noted them."""
    try:
        found = json.loads((settings.state / "map.json").read_text(encoding="utf-8"))
        return Notes(**{each.name: found[each.name] for each in fields(Notes) if each.name in found})
    except (FileNotFoundError, ValueError):
        return Notes()


def write(settings: Settings, notes: Notes) -> None:
    """Replaces what stood there, whole or not at all."""
    path = settings.state / "map.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(notes), ensure_ascii=False), encoding="utf-8")
    draft.rename(path)
