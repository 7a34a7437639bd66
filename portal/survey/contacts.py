"""Annex 1, 信源单位人员信息表: its lines, and what is wrong with one as it was filled in. Pure."""

import re
from collections.abc import Mapping

FIELDS = {
    "leader": "分管领导", "leader_phone": "分管领导电话", "office": "承办处室", "office_phone": "承办处室电话",
    "liaison": "联络员", "liaison_phone": "联络员电话", "mailbox": "邮箱",
}  # fmt: skip
LONGEST = 64
_PHONE = re.compile(r"[+(（]?[0-9][0-9()（）+\-—、,，/;；转 ]{4,}")
_MAILBOX = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def cleaned(said: Mapping[str, str]) -> dict[str, str]:
    """The annex's fields out of a form or a workbook, without blanks around and control characters."""
    return {name: line(said.get(name, "")) for name in FIELDS}


def wrong(contacts: Mapping[str, str]) -> dict[str, str]:
    """By field what is wrong, everything at once; empty when nothing is."""
    faults = {name: f"请填写{title}" for name, title in FIELDS.items() if not contacts[name]}
    faults |= {name: f"不能超过 {LONGEST} 个字" for name, value in contacts.items() if len(value) > LONGEST}
    for name in ("leader_phone", "office_phone", "liaison_phone"):
        if name not in faults and not _PHONE.fullmatch(contacts[name]):
            faults[name] = "电话的写法不对，例如 0531-66601234 或 13900001234，几个号码用、分开"
    if "mailbox" not in faults and not _MAILBOX.fullmatch(contacts["mailbox"]):
        faults["mailbox"] = "邮箱的写法不对，例如 zhang@example.cn"
    return faults


def line(text: str) -> str:
    """One line of text, as a form may hold it."""
    return _CONTROL.sub(" ", text).strip()
