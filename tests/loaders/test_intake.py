"""How long a batch waits for more rows."""

from loaders.intake import Size


def test_few_rows_are_loaded_soon_and_of_many_more_are_waited_for() -> None:
    size = Size(seconds=0.2, many=500, longest=1.0)
    assert [size.waits(rows) for rows in (0, 1, 499, 500, 25_000)] == [0.2, 0.2, 0.2, 1.0, 1.0]
