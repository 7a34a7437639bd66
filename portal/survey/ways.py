"""Annex 2, 数据归集方式反馈表: the four ways by the four frequencies, as a form says them and as they are declared. Pure.

An answer is what is declared: `{"ways": {way: {"frequencies": [...], "remark": ""}}, "suggestion": ""}`, the ticked ways only.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.survey.contacts import line
from schemas.declared import FREQUENCY_TITLES, WAY_TITLES

LONGEST = 500
NOTHING: Mapping[str, Any] = {"ways": {}, "suggestion": ""}


def said(form: Mapping[str, str], chosen: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The answer in a form: `ways` are the boxes ticked, `every.<way>` the frequencies, `remark.<way>`, `suggestion`.

    A frequency or a remark of a way that is not ticked stays, so that `wrong` can tell.
    """
    ticked = chosen.get("ways", ())
    ways = {}
    for way in WAY_TITLES:
        frequencies = [each for each in FREQUENCY_TITLES if each in chosen.get(f"every.{way}", ())]
        remark = line(form.get(f"remark.{way}", ""))
        if way in ticked or frequencies or remark:
            ways[way] = {"frequencies": frequencies, "remark": remark, **({} if way in ticked else {"unticked": True})}
    return {"ways": ways, "suggestion": line(form.get("suggestion", ""))}


def wrong(answer: Mapping[str, Any]) -> dict[str, str]:
    """By field what is wrong, everything at once; empty when it may be declared."""
    faults = {}
    for way, about in answer["ways"].items():
        if about.get("unticked"):
            faults[way] = f"填了频率或备注，但没有勾选“{WAY_TITLES[way]}”"
        elif not about["frequencies"]:
            faults[way] = f"请勾选“{WAY_TITLES[way]}”的归集频率"
        elif len(about["remark"]) > LONGEST:
            faults[way] = f"备注不能超过 {LONGEST} 个字"
    if not answer["ways"]:
        faults["ways"] = "请至少勾选一种归集方式"
    if len(answer["suggestion"]) > LONGEST:
        faults["suggestion"] = f"不能超过 {LONGEST} 个字"
    return faults


def told(answer: Mapping[str, Any]) -> str:
    """An answer in a line: 数据报送方式（一周一次）；…"""
    return "；".join(f"{WAY_TITLES[way]}（{every(about['frequencies'])}）" for way, about in answer["ways"].items())


def every(frequencies: Sequence[str]) -> str:
    return "、".join(FREQUENCY_TITLES[each] for each in frequencies)
