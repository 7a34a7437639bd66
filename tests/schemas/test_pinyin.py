"""Pinyin initials."""

import pytest

from schemas.pinyin import initials


@pytest.mark.parametrize(("title", "name"), [("行政许可决定书文号", "XZXKJDSWH"), ("金额（万元）", "JE"), ("2016年度", "X2016ND"), ("（备注）", "BZ"), ("A类", "AL")])
def test_initials_are_those_of_the_standards(title: str, name: str) -> None:
    assert initials(title) == name
