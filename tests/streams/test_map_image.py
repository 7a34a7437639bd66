"""One side of a change event: which rows a filter or a status lets through."""

import polars as pl
import pytest

from schemas import sources
from streams.map_image import image


@pytest.mark.parametrize(("value", "inside", "waiting"), [(None, True, False), ("", True, False), ("新增", True, False), ("删除", False, False), ("待审", False, True)])
def test_a_blank_status_is_ready_where_the_list_names_it(value: str | None, inside: bool, waiting: bool) -> None:
    table = sources.Table("t", "s", "xzxk", "withdraw", {"XK_WSH": "no"}, {}, {}, None, sources.Filter("zt", ("", "新增"), ("删除",)))
    said = pl.DataFrame({"no": ["1"], "zt": [value]}, schema={"no": pl.String, "zt": pl.String})
    found = image(table, said, [True])
    assert (found.inside, found.waiting) == ([inside], [waiting])


def test_a_blank_is_outside_where_no_list_names_it() -> None:
    table = sources.Table("t", "s", "xzxk", "withdraw", {"XK_WSH": "no"}, {}, {}, None, sources.Filter("zt", ("1",)))
    found = image(table, pl.DataFrame({"no": ["1", "2"], "zt": [None, "1"]}), [True, True])
    assert found.inside == [False, True]
