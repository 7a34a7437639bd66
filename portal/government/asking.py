"""What an official fills in, who may fill in what, and everything that is wrong with it.

A department's people and the office ask in matters of their own, the centre for organs that have no account (the plan has it serve government's queries). An analyst asks about organisations
only and never with an authorisation: a subject gives that to whoever decides in his matter. Operators and auditors ask nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.accounts.roles import Role
from portal.government.record import BY_AUTHORISATION, OPEN, SHARED
from portal.public import attachments
from schemas import normalize, reason
from schemas.identity import holds_personal_number
from schemas.rules.identifiers import mangled

DECIDING = (Role.OFFICER, Role.REVIEWER, Role.OFFICE, Role.CENTRE)
ASKING = (*DECIDING, Role.ANALYST)
COMPANY, PERSON = "organisation", "person"
KINDS = {COMPANY: "企业和其他组织", PERSON: "自然人"}
LONGEST_MATTER, LONGEST_CASE, LONGEST_NAME = 400, 128, 200
_SAID = re.compile(r"\w")


@dataclass(frozen=True)
class Draft:
    """`said` is a code or a name, `choice` one of several companies; `number` and `person` are a natural person's; `files` the authorisation."""

    kind: str = COMPANY
    said: str = ""
    choice: str = ""
    number: str = ""
    person: str = ""
    matter: str = ""
    case_number: str = ""
    files: Sequence[tuple[str, bytes]] = ()

    @property
    def usages(self) -> tuple[str, ...]:
        return (OPEN, SHARED, BY_AUTHORISATION) if self.files else (OPEN, SHARED)

    @property
    def asked(self) -> str:
        """Whom it asks for, as it may be kept and shown."""
        return covered(f"{self.person} {reason.hidden(self.plain_number)}" if self.kind == PERSON else self.said)

    @property
    def plain_number(self) -> str:
        return (normalize.code(self.number) or "").upper()


def faults(draft: Draft, role: Role | None) -> dict[str, str]:
    """Field → what is wrong, all at once; `role` is None for a department's system."""
    found = reasons(draft.matter, draft.case_number)
    if draft.kind not in KINDS:
        found["kind"] = "请选择查询的是企业还是自然人。"
    elif draft.kind == PERSON:
        found |= _person(draft, role)
    else:
        found["said"] = company(draft.said)
    if draft.files:
        found["files"] = "；".join(attachments.faults(draft.files)) if role is not Role.ANALYST else "分析人员不办理授权查询，请不要附授权书。"
    return {name: words for name, words in found.items() if words}


def reasons(matter: str, case_number: str) -> dict[str, str]:
    """What is wrong with 事由 and 案号/文号."""
    return {
        "matter": "" if 4 <= len(matter) <= LONGEST_MATTER else f"请写明事由，4 至 {LONGEST_MATTER} 个字。",
        "case_number": "" if 2 <= len(case_number) <= LONGEST_CASE and _SAID.search(case_number) else f"请填写案号或文号，2 至 {LONGEST_CASE} 个字。",
    }


def company(said: str) -> str:
    """What is wrong with a company's code or name; blank when nothing is."""
    plain = (normalize.code(said) or "").upper()
    if mangled(plain):
        return "该号码已被 Excel 改写，请按文本填写。"
    if holds_personal_number(plain):
        return "这是身份证号。查询自然人请选择“自然人”，并同时填写姓名。"
    return "" if 2 <= len(plain) <= LONGEST_NAME and _SAID.search(plain) else f"请填写统一社会信用代码或企业全称，2 至 {LONGEST_NAME} 个字。"


def covered(text: str) -> str:
    """As the platform keeps what was typed: at most the first 6 and the last 1 of a personal number."""
    return reason.staff(text, "none")[:400]


def _person(draft: Draft, role: Role | None) -> dict[str, str]:
    if role is Role.ANALYST:
        return {"kind": "分析人员不查询自然人。"}
    number = draft.plain_number
    sound = len(number) in (15, 18) and holds_personal_number(number)
    return {
        "number": "" if sound else "请填写完整的居民身份证号，15 或 18 位，末位校验码要相符。",
        "person": "" if 2 <= len(normalize.code(draft.person) or "") <= 64 else "请填写姓名，与身份证一致。",
    }
