"""A small history of a few records, judged by the model of sayings and kept as the warehouse keeps it; and what it answers to previews, computed slowly and obviously."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from producers.preview import Said, _frame
from producers.standing import Stands, Word
from producers.submission import Row
from schemas import catalog as catalogues
from schemas import examination, sayings
from schemas.sayings import NOTHING, RETRACT, WITHDRAW, Event, State

ITEM = catalogues.load()["xzxk"]
TODAY, START = date(2018, 3, 1), datetime(2018, 1, 1, tzinfo=UTC)
SECRET = b"s" * 32
EXCEL, TABLE, ERP = ("swj/excel", None, "excel"), ("zjj_pg.permit", '["1"]', "cdc"), ("swj/erp", None, "api")
SOURCES = (EXCEL, TABLE, ERP)


def fields(key: int, content: int) -> dict[str, str | None]:
    return {**ITEM.example, "XK_WSH": f"济许〔2017〕{key}号", "XK_NR": f"内容{content}"}


def said(moment: datetime, source: str = EXCEL[0], way: str = EXCEL[2]) -> Said:
    return Said(ITEM, source, "swj", way, SECRET, TODAY, round(moment.timestamp() * 1000))


@cache
def _examined(key: int, content: int) -> tuple[str, str, dict[str, Any]]:
    found = examination.examine(ITEM, _frame(said(START), [Row(1, fields(key, content))]), SECRET, TODAY)
    return found.keys[0], found.fingerprints[0], found.typed.to_dicts()[0]


@dataclass
class Life:
    """What happened so far: the judge's states, and the rows the warehouse has of them."""

    wins: sayings.Wins = "latest"
    states: dict[str, State] = field(default_factory=dict)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    echoes: list[dict[str, Any]] = field(default_factory=list)
    batches: dict[str, tuple[str, str]] = field(default_factory=dict)
    moment: datetime = START

    def say(self, source: tuple[str, str | None, str], key: int, content: int, operation: str) -> str:
        """One record of a batch of its own; its outcome."""
        self.moment += timedelta(minutes=1)
        name, row, way = source
        text, print_, typed = _examined(key, content)
        number, now = len(self.batches) + 1, round(self.moment.timestamp() * 1000)
        position = f"{number:08}" if way == "cdc" else None
        ending = operation in (WITHDRAW, RETRACT)
        event = Event(name, row, way, operation, None if ending else print_, position, number, now, number)
        old = self.states.get(text, NOTHING)
        verdict = sayings.judge(old, event, self.wins)
        self.states[text] = verdict.state
        batch = f"B{number}"
        self.batches[batch] = (name, way)
        about = {"key": text, "source": name, "row": row, "way": way, "operation": operation, "batch": batch, "line": 1, "at": self.moment, "number": number}
        stands = verdict.state.version if verdict.state.standing >= 0 else None
        if verdict.change is None:
            about["stands"] = stands
            self.echoes.append({**about, "outcome": verdict.outcome, "fingerprint": event.fingerprint})
            return verdict.outcome
        heir = verdict.promoted
        if heir is not None:
            about |= {"source": heir.source, "row": heir.row, "way": heir.way}
        stood = str(verdict.state.fingerprint or old.fingerprint)
        time = heir.source_time if heir is not None else now
        self.accepted.append({**about, "change": verdict.change, "fingerprint": stood, "source_time": time, "fields": typed})
        return verdict.outcome

    # What the warehouse answers.

    def stands(self, _item: str, keys: Sequence[str]) -> Mapping[str, Stands]:
        last = {each["key"]: each for each in self.accepted if each["key"] in set(keys)}
        return {key: _stands(each) for key, each in last.items()}

    def words(self, _item: str, keys: Sequence[str]) -> Mapping[str, Sequence[Word]]:
        found: dict[tuple[str, str, str | None], Word] = {}
        for each in sorted([*self.accepted, *self.echoes], key=lambda each: each["number"]):
            word = self._word(each)
            if each["key"] in keys and word is not None:
                found[each["key"], word.source, word.row] = word
        by_key: dict[str, list[Word]] = {}
        for (key, _, _), word in found.items():
            by_key.setdefault(key, []).append(word)
        return by_key

    def _word(self, each: Mapping[str, Any]) -> Word | None:
        source, row, way = each["source"], each["row"], each["way"]
        if each["operation"] == RETRACT:
            return None
        if row is not None and each.get("outcome") == "duplicate":
            stood = next((other["fingerprint"] for other in self.accepted if other["number"] == each["stands"] and other["key"] == each["key"]), None)
            return Word(source, row, way, stood) if stood is not None and stood == each["fingerprint"] else None
        if each.get("change") == sayings.PROMOTED:
            name, kind = self.batches[each["batch"]]
            return None if kind == "cdc" else Word(name, None, kind, None)
        return Word(source, row, way, None if each["operation"] == WITHDRAW else each["fingerprint"])


def _stands(each: Mapping[str, Any]) -> Stands:
    standing = each["change"] != sayings.WITHDRAWN
    return Stands(each["source"], each["row"], each["way"], each["fingerprint"], each["source_time"], standing, not standing and each["operation"] == RETRACT)
