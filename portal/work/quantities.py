"""What a department states of an item and month: 产生数量, 报送数量, 未报送数量 with 依据, 公示数量 and address. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.survey.contacts import line

COUNTS = {"produced": "产生数量", "reported": "报送数量", "unreported": "未报送数量", "published": "公示数量"}
TEXTS = {"grounds": "未报送依据", "address": "公示地址"}
LONGEST = 500
MOST = 10**9  # records of a month; more is a slip of the pen


@dataclass(frozen=True)
class Answer:
    """What a form says of one item, as text by the names of COUNTS and TEXTS."""

    said: Mapping[str, str]

    @property
    def blank(self) -> bool:
        return not any(self.said.values())

    def about(self, month: str) -> dict[str, Any]:
        """As it is declared; only of an answer with which nothing is wrong."""
        return {"of": month, **{name: int(self.said[name]) for name in COUNTS}, **{name: self.said[name] for name in TEXTS}}


def said(form: Mapping[str, str], item: str) -> Answer:
    """One item's answer: `<name>.<item>`."""
    counts = {name: form.get(f"{name}.{item}", "").strip().replace(",", "").replace("，", "") for name in COUNTS}
    return Answer(counts | {name: line(form.get(f"{name}.{item}", "")) for name in TEXTS})


def declared(about: Mapping[str, Any] | None) -> Answer:
    """What stands, as a form shows it."""
    return Answer({name: str(about[name]) if about else "" for name in (*COUNTS, *TEXTS)})


def wrong(answer: Answer) -> dict[str, str]:
    """By name what is wrong, everything at once; nothing for an item of which nothing is said."""
    if answer.blank:
        return {}
    faults = {name: "请填不带小数的数字，没有的填 0" for name in COUNTS if not _number(answer.said[name])}
    faults |= {name: f"不能超过 {LONGEST} 个字" for name in TEXTS if len(answer.said[name]) > LONGEST}
    if faults:
        return faults
    produced, reported, unreported, published = (int(answer.said[name]) for name in COUNTS)
    if reported + unreported != produced:
        faults["unreported"] = f"报送数量与未报送数量之和（{reported + unreported}）应当等于产生数量（{produced}）"
    if unreported and not answer.said["grounds"]:
        faults["grounds"] = "有未报送的，请写明依据（法律、法规或文件的名称和条款）"
    if published > produced:
        faults["published"] = f"不能多于产生数量（{produced}）"
    if published and not answer.said["address"]:
        faults["address"] = "有公示的，请写明公示地址（网址）"
    return faults


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= MOST
