"""What stands still and what was noticed, for people: `guiji status`, `guiji connectors status` and the front page show it.

`<home>/state/map.json` is map's: tables it cannot read on. `watch.json` is the watcher's: tables of which nothing is withdrawn, because a load left too little of them. A `poll-<source>.json` each is
the poller's: tables it will not take back, or cannot read.
"""

import json
from dataclasses import asdict, dataclass, field, fields

from infra.settings import Settings

MAP, WATCH = "map", "watch"


def poll(source: str) -> str:
    """Who writes of a polled source."""
    return f"poll-{source}"


@dataclass
class Notes:
    """``held``: topic → why it waits and what to do, for the operator; ``told``: topic → {department, table, message}, the same in the department's words; ``noted``: topic → what changed in its
    table and holds nothing; ``broken``: why changed source files were not taken; ``kept``: topic → why what its table lacks is not withdrawn, for the operator."""

    held: dict[str, str] = field(default_factory=dict)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    noted: dict[str, str] = field(default_factory=dict)
    broken: str = ""
    kept: dict[str, str] = field(default_factory=dict)

    def lines(self, who: str = MAP) -> list[str]:
        """Everything for the operator, one line each."""
        name = who.partition("-")[0]
        held = [f"{name} holds {topic}: {why}" for topic, why in self.held.items()]
        noted = [f"{name} noted {topic}: {what}" for topic, what in self.noted.items()]
        kept = [f"nothing is withdrawn of {topic}: {why}" for topic, why in self.kept.items()]
        return held + kept + noted + [f"{name} goes on with the sources as they were: {self.broken}"] * bool(self.broken)


def read(settings: Settings, who: str = MAP) -> Notes:
    """As the running (or last) process noted them."""
    try:
        found = json.loads((settings.state / f"{who}.json").read_text(encoding="utf-8"))
        return Notes(**{each.name: found[each.name] for each in fields(Notes) if each.name in found})
    except (FileNotFoundError, ValueError):
        return Notes()


def write(settings: Settings, notes: Notes, who: str = MAP) -> None:
    """Replaces what stood there, whole or not at all."""
    path = settings.state / f"{who}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(notes), ensure_ascii=False), encoding="utf-8")
    draft.rename(path)


def everybody(settings: Settings) -> dict[str, Notes]:
    """Everybody's notes, by who wrote them."""
    writers = [MAP, WATCH, *sorted(path.stem for path in settings.state.glob(f"{poll('*')}.json"))]
    return {who: read(settings, who) for who in writers}


def lines(settings: Settings) -> list[str]:
    """Everything for the operator, of map, the watcher and every poller, one line each."""
    return [line for who, notes in everybody(settings).items() for line in notes.lines(who)]


def messages(settings: Settings) -> list[dict[str, str]]:
    """Everything for the departments: {department, table, message}."""
    return [each for notes in everybody(settings).values() for each in notes.told.values()]
