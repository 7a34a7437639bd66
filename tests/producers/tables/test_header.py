"""A header is known by what it means, not by where it stands or how it is dressed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from producers.tables import header
from producers.tables.titles import letter
from tests.producers.tables.small import ROW, TITLES

DECORATIONS = st.sampled_from(["{}", " {} ", "*{}", "{}*", "{}（必填）", "{}\n", "\u3000{}", "{}(注：见须知)", "※{}"])


@given(
    st.permutations(range(5)),
    st.lists(DECORATIONS, min_size=5, max_size=5),
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.integers(0, 5),
)
@settings(max_examples=200, deadline=None)
def test_a_header_is_recognised_in_any_order_and_dress(order: list[int], dress: list[str], coded: list[bool], above: int) -> None:
    names = [TITLES.columns[place].code.lower() if coded[place] else TITLES.columns[place].title for place in order]
    row = [style.format(name) for style, name in zip(dress, names, strict=True)]
    found = header.recognise([*([["济南市归集表"]] * above), row, ROW], [], TITLES)
    assert found.row == above
    assert [found.places[number] for number in range(5)] == [TITLES.columns[place].code for place in order]


def test_columns_are_named_as_excel_names_them() -> None:
    assert [letter(column) for column in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
