"""What became of a row of a tapped table, read out of acceptances, rejections and receipts. Pure.

A row's answers are ordered by the change event they answer (its offset in the table's topic), so that the newest stands whatever order they arrive in and however often they are repeated. What was
said of a row in another topic (a sweep, beside the table's events) has no place among them: there the later judgement stands.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas import reason, topics
from schemas.front_receipts import LONGEST_KEY
from schemas.words import OUTCOMES, WITHDRAWN

# Answers to one event: an update that changes the record's key takes the old one back and says the new one; what the row said last may win later, when another source's record goes,
# or give way later, when another source says something newer. Of those that follow, the later judgement stands.
_TAKEN_BACK, _SAID, _PROMOTED, REPLACED = 0, 1, 2, 3
LONGEST_RULES, LONGEST_MESSAGES = 1_000, 8_000  # characters; MariaDB's text holds 64 KB
_REFUSED = {OUTCOMES["rejected"], OUTCOMES["excluded"]}
_REPEATED = (OUTCOMES["superseded"], OUTCOMES["duplicate"])
ABOUT = {
    "duplicate": "内容与平台已有的一致，没有变化。",
    "superseded": "平台已有更新的内容，以那一条为准。",
    "excluded": "不在归集的时间范围内。",
}


@dataclass(frozen=True)
class Answer:
    """``row``: the primary key's text; ``outcome``: in words; ``version`` orders a row's answers; ``number``: 回执号."""

    row: str
    version: int
    outcome: str
    rules: str
    messages: str
    number: str
    told: datetime

    @property
    def topic(self) -> str:
        return self.number.partition("#")[0]


def accepted(record: Mapping[str, Any]) -> Answer | None:
    """Of an acceptance; None for one that is of no row. What was promoted answers its own event, not the one that caused it."""
    if not _named(record["_row"]) or not record["_origin"]:
        return None
    offset, promoted = int(record["_origin"].rpartition("/")[2]), record["_change"] == "promoted"
    back = record["_operation"] == "withdraw" and not promoted
    rank = _PROMOTED if promoted else _TAKEN_BACK if back else _SAID
    topic = record["_origin"].partition("/")[0]
    number = f"{topics.captured_batch(topic, offset)}#{topics.captured_line(offset)}"
    warnings = reason.loads(record["_warnings"])
    return Answer(key(record["_row"]), version(offset, rank), WITHDRAWN if back else OUTCOMES["accepted"], *_told(warnings), number, record["_judged_at"])


def rejected(record: Mapping[str, Any]) -> Answer | None:
    """Of a rejection; None for one that is of no row."""
    if not _named(record["_row"]):
        return None
    offset = topics.captured_offset(record["_batch"], record["_line"])
    rank = _TAKEN_BACK if record["_operation"] == "withdraw" else _SAID
    reasons = map(reason.of_record, record["reasons"])
    return Answer(key(record["_row"]), version(offset, rank), OUTCOMES["rejected"], *_told(reasons), f"{record['_batch']}#{record['_line']}", record["_judged_at"])


def echoed(receipt: Mapping[str, Any]) -> Iterator[Answer]:
    """Of a receipt's echoes: duplicate, superseded, excluded."""
    for echo in receipt["echoes"]:
        if not _named(echo["row"]):
            continue
        offset, back = topics.captured_offset(receipt["batch"], echo["line"]), echo["operation"] == "withdraw"
        said = (WITHDRAWN, "") if back else (OUTCOMES[echo["outcome"]], ABOUT[echo["outcome"]])
        yield Answer(key(echo["row"]), version(offset, _TAKEN_BACK if back else _SAID), said[0], "", said[1], f"{receipt['batch']}#{echo['line']}", receipt["judged_at"])


def newer(stands: Answer | None, answer: Answer) -> bool:
    """Whether an answer takes the place of the one that stands."""
    if stands is None:
        return True
    if answer.topic != stands.topic:
        return answer.told > stands.told
    (event, rank), (known, standing) = divmod(answer.version, 4), divmod(stands.version, 4)
    if REPLACED not in (rank, standing):
        return answer.version > stands.version
    # That a record gave way holds for whatever its row said until then, and was taken; a row that was refused since said nothing, and is to be put right.
    if {answer.outcome, stands.outcome} & _REFUSED:
        return event > known
    # A repeat of what gave way changes nothing.
    return (answer.told, rank) > (stands.told, standing) and (rank == REPLACED or (stands.outcome, answer.outcome) != _REPEATED)


def changed(stored: Mapping[str, Answer], answers: Iterable[Answer]) -> list[Answer]:
    """What is to be written, one a row, where ``stored`` stands by row."""
    found: dict[str, Answer] = {}
    for answer in answers:
        if newer(found.get(answer.row) or stored.get(answer.row), answer):
            found[answer.row] = answer
    return list(found.values())


def version(offset: int, rank: int) -> int:
    return offset * 4 + rank


def key(row: str) -> str:
    """The primary key as the receipt table has it: its value, or where it has several columns the compact JSON array."""
    values = json.loads(row)
    return str(values[0]) if len(values) == 1 else row


def _named(row: str | None) -> bool:
    """Whether the receipt table can hold its key."""
    return bool(row) and len(key(str(row))) <= LONGEST_KEY


def _told(reasons: Iterable[reason.Reason]) -> tuple[str, str]:
    found = list(reasons)
    rules, messages = ";".join(dict.fromkeys(each.rule for each in found)), "\n".join(f"{each.message}{each.remedy}" for each in found)
    return rules[:LONGEST_RULES], messages[:LONGEST_MESSAGES].replace("\0", "")  # PostgreSQL's text has no NUL
