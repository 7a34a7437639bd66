"""A row whose record another source's word has taken the place of is told so, with what stands instead; and told again when it stands after all."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import replaced, said
from connectors.answers.said import Answer
from schemas import catalog
from schemas.sayings import ACCEPTED, NOTHING, PROMOTED, UPSERT, WITHDRAW, Event, State, judge
from tests.connectors.answers.test_said import TOPIC, event, receipt

START = datetime(2017, 8, 1, tzinfo=UTC)
ITEM = catalog.load()["xzxk"]
TELLER = replaced.Teller(ITEM, {"zjj": "济南市城乡建设委员会", "hbj": "济南市环境保护局"}, ZoneInfo("Asia/Shanghai"))
MINE, OTHER = "zjj_front.xzxk", "zjj/excel"
FIELDS = dict.fromkeys((field.name for field in ITEM.fields), None)


def submitted(offset: int, department: str = "zjj", **more: Any) -> dict[str, Any]:
    about = {"_origin": f"{TOPIC}/0/{offset}", "_department": department, "_way": "excel", "_received_at": START, "_batch": "b", "_line": offset}
    return FIELDS | about | more


def record(state: State) -> dict[str, Any]:
    """As the state topic has it."""
    return {"standing": state.standing, "fingerprint": state.fingerprint, "sayings": [each._asdict() for each in state.sayings]}


class History:
    """One row of ours, and others, of one key: what the judge says of each event, by topic."""

    def __init__(self) -> None:
        self.state, self.accepted, self.receipts, self.states, self.last = NOTHING, list[Any](), list[Any](), list[Any](), None

    def say(self, number: int, who: str, what: str | None) -> None:
        told, operation = START + timedelta(seconds=number), UPSERT if what else WITHDRAW
        verdict = judge(self.state, Event(who, '["7"]' if who == MINE else None, "cdc", operation, what, f"{number:06d}", number, None, number), "latest")
        changed, self.state = verdict.state != self.state, verdict.state
        mine = who == MINE
        if verdict.outcome == ACCEPTED and verdict.change == PROMOTED:
            if verdict.promoted.source == MINE:
                self.accepted.append(event(verdict.promoted.offset, _change="promoted", _judged_at=told))
        elif mine and verdict.outcome == ACCEPTED:
            self.accepted.append(event(number, _operation=operation, _change=verdict.change, _judged_at=told))
        if mine and verdict.outcome != ACCEPTED:
            self.receipts.append(receipt(number, verdict.outcome, operation) | {"judged_at": told})
        self.states += [(record(self.state), told)] * changed
        self.last = (operation, what) if mine else self.last

    def expected(self) -> set[str] | None:
        """None where the row said nothing yet, or took back what others say, too."""
        if self.last is None or self.last[0] != UPSERT:
            return None
        stands = self.state.sayings[self.state.standing]
        return {"已入库", "重复"} if stands.source == MINE or self.state.fingerprint == self.last[1] else {"被取代"}


def take(stored: dict[str, Answer], kind: str, one: Any) -> None:
    """As the answering process does with one message."""
    if kind == "accepted":
        answers = [answer for answer in [said.accepted(one)] if answer]
    elif kind == "receipts":
        answers = list(said.echoed(one))
    else:
        given_way = {row for row, answer in stored.items() if answer.outcome == "被取代"}
        rivals = [each for each in replaced.rivals(one[0], MINE, one[1]) if not each.same or said.key(each.row) in given_way]
        answers = [TELLER.answer(each, submitted(each.own), submitted(each.stands, XK_NR="新")) for each in rivals]
    stored |= {each.row: each for each in said.changed(stored, answers)}


SPOKEN = st.lists(st.tuples(st.sampled_from([MINE, OTHER, "swj/api"]), st.sampled_from(["x", "y", "z", None])), min_size=1, max_size=12)


@given(SPOKEN, st.data())
def test_a_rows_receipt_ends_with_what_stands_in_whatever_order_the_topics_are_read(spoken: list[tuple[str, str | None]], data: st.DataObject) -> None:
    history = History()
    for number, (who, what) in enumerate(spoken):
        history.say(number, who, what)
    queues = {"accepted": history.accepted, "receipts": history.receipts, "states": history.states}
    stored: dict[str, Answer] = {}
    # Each topic in its own order, the topics in any; then again from the beginning, as after a lost place.
    for _ in range(2):
        left = {kind: list(queue) for kind, queue in queues.items() if queue}
        while left:
            kind = data.draw(st.sampled_from(sorted(left)))
            take(stored, kind, left[kind].pop(0))
            left = {name: queue for name, queue in left.items() if queue}
    if (expected := history.expected()) is not None:
        assert stored["7"].outcome in expected


def test_it_says_who_and_when_and_of_the_same_department_what() -> None:
    own, other = submitted(3, XK_NR="旧内容", XK_XDR_SFZ="11010519491231002X"), submitted(9, XK_NR="新内容", XK_XDR_SFZ=None)
    rival = replaced.Rival('["7"]', 3, 9, same=False, told=START)
    answer = TELLER.answer(rival, own, other)
    assert (answer.row, answer.outcome, answer.number) == ("7", "被取代", f"{TOPIC}#00000000#4")
    assert "本部门通过数据报送方式于 2017-08-01 08:00 报送的内容为准（回执号 b#9）" in answer.messages
    assert "本行“旧内容”，现为“新内容”" in answer.messages
    foreign = TELLER.answer(rival, own, submitted(9, "hbj", XK_NR="新内容"))
    assert "济南市环境保护局" in foreign.messages
    assert "内容”" not in foreign.messages, "what another department said is its own"


def test_no_personal_number_is_told_whole() -> None:
    for field in ITEM.fields:
        if field.privacy == "person_number":
            answer = TELLER.answer(replaced.Rival('["7"]', 3, 9, same=False, told=START), submitted(3, **{field.name: "11010519491231002X"}), submitted(9))
            assert "11010519491231002X" not in answer.messages
            assert field.title in answer.messages
