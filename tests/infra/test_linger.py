"""How long a batch waits for more rows."""

from infra.linger import Linger


def test_few_rows_go_soon_and_of_many_more_are_waited_for() -> None:
    linger = Linger(seconds=0.2, many=500, longest=1.0)
    assert [linger.of(rows) for rows in (0, 1, 499, 500, 25_000)] == [0.2, 0.2, 0.2, 1.0, 1.0]
