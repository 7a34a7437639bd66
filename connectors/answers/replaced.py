"""A row's record that gave way to another source's after it was taken: what the state of its key says, and the answer that follows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from connectors.answers import said
from connectors.answers.said import Answer
from schemas import reason, topics
from schemas.catalog import Item
from schemas.declared import WAY_TITLES
from schemas.words import OUTCOMES

Said = Mapping[str, Any]  # a submitted record


@dataclass(frozen=True)
class Rival:
    """What ``row`` last said of a key stands at ``own`` in `submitted`, and another source's word is the record now, at ``stands``; ``same``: both say the same. ``told``: when that came to be."""

    row: str
    own: int
    stands: int
    same: bool
    told: datetime


def rivals(state: Mapping[str, Any], source: str, told: datetime) -> list[Rival]:
    """Of one key, for the rows of ``source`` (`_source`); none where its own word, or nothing, stands."""
    if state["standing"] < 0 or (other := state["sayings"][state["standing"]])["source"] == source:
        return []
    mine = [each for each in state["sayings"] if each["source"] == source and each["row"] and each["fingerprint"] is not None]
    return [Rival(each["row"], each["offset"], other["offset"], each["fingerprint"] == state["fingerprint"], told) for each in mine]


@dataclass(frozen=True)
class Teller:
    """Puts it into words: ``names`` of departments by code; ``zone`` of times."""

    item: Item
    names: Mapping[str, str]
    zone: tzinfo

    def answer(self, rival: Rival, own: Said, other: Said) -> Answer:
        """``own``, ``other``: what was said by the row, and what stands."""
        topic, _, offset = own["_origin"].split("/")
        outcome, message = (OUTCOMES["duplicate"], said.ABOUT["duplicate"]) if rival.same else (OUTCOMES["superseded"], self._instead(own, other))
        number = f"{topics.captured_batch(topic, int(offset))}#{topics.captured_line(int(offset))}"
        return Answer(said.key(rival.row), said.version(int(offset), said.REPLACED), outcome, "", message[: said.LONGEST_MESSAGES].replace("\0", ""), number, rival.told)

    def _instead(self, own: Said, other: Said) -> str:
        """What stands instead: who said it and when; of the same department's word also what it says."""
        same = own["_department"] == other["_department"]
        who = "本部门" if same else self.names.get(other["_department"], other["_department"])
        when = f"{other['_received_at'].astimezone(self.zone):%Y-%m-%d %H:%M}"
        told = f"已被取代：平台现以{who}通过{WAY_TITLES.get(other['_way'], '文件方式')}于 {when} 报送的内容为准（回执号 {other['_batch']}#{other['_line']}）。"
        fields = [each for each in self.item.fields if own.get(each.name) != other.get(each.name)] if same else []
        return told + "".join(f"\n{each.title}：本行{_shown(own.get(each.name), each.privacy)}，现为{_shown(other.get(each.name), each.privacy)}。" for each in fields)


def _shown(value: str | None, privacy: str) -> str:
    return "空" if value is None else f"“{reason.masked(value, privacy)}”"
