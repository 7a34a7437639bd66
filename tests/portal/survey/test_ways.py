"""Annex 2: a form becomes what is declared, and what is half filled in is told."""

from portal.survey import ways


def test_several_ways_each_with_its_frequencies() -> None:
    chosen = {"ways": ["excel", "cdc"], "every.cdc": ["month", "day"], "every.excel": ["week"]}
    answer = ways.said({"remark.cdc": " 已有前置机 ", "suggestion": ""}, chosen)
    assert answer == {"ways": {"cdc": {"frequencies": ["day", "month"], "remark": "已有前置机"}, "excel": {"frequencies": ["week"], "remark": ""}}, "suggestion": ""}
    assert ways.wrong(answer) == {}
    assert ways.told(answer) == "前置机方式（一天一次、一月一次）；数据报送方式（一周一次）"


def test_nothing_ticked_is_told() -> None:
    assert set(ways.wrong(ways.said({}, {}))) == {"ways"}


def test_a_way_without_frequency_a_frequency_or_remark_without_way_and_long_texts_are_told_at_once() -> None:
    answer = ways.said({"remark.form": "暂无系统", "remark.excel": "长" * 501, "suggestion": "长" * 501}, {"ways": ["cdc", "excel"], "every.api": ["day"], "every.excel": ["day"]})
    assert set(ways.wrong(answer)) == {"cdc", "api", "form", "excel", "suggestion"}


def test_codes_that_nobody_offered_are_not_taken() -> None:
    assert ways.said({}, {"ways": ["fax"], "every.cdc": ["hour"]}) == {"ways": {}, "suggestion": ""}
