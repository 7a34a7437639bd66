"""How often one client may call."""

import pytest

from producers import rate as rates
from producers.rate import Rate
from producers.refusal import Refusal


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def spent(rate: Rate, client: str) -> bool:
    try:
        rate.spend(client)
    except Refusal:
        return False
    return True


def test_a_burst_is_free_and_then_the_long_run_counts() -> None:
    clock = Clock()
    rate = Rate(per_second=2, burst=3, clock=clock)
    assert [spent(rate, "a") for _ in range(5)] == [True] * 3 + [False] * 2
    clock.now = 1.0
    assert [spent(rate, "a") for _ in range(3)] == [True, True, False]
    clock.now = 100.0  # waiting long saves up one burst, not more
    assert [spent(rate, "a") for _ in range(4)] == [True] * 3 + [False]


def test_one_client_does_not_slow_another() -> None:
    rate = Rate(per_second=1, burst=1, clock=Clock())
    assert spent(rate, "a")
    assert not spent(rate, "a")
    assert spent(rate, "b")


def test_the_refusal_says_how_often_is_allowed() -> None:
    rate = Rate(per_second=5, burst=0, clock=Clock())
    with pytest.raises(Refusal, match="请求太频繁") as refused:
        rate.spend("a")
    assert refused.value.code == "too_fast"
    assert "每秒不超过 5 次" in refused.value.remedy


def test_clients_that_have_gone_are_forgotten_and_those_who_wait_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST", 3)
    clock = Clock()
    rate = Rate(per_second=1, burst=1, clock=clock)
    assert all(spent(rate, client) for client in "abc")
    clock.now = 10.0
    assert spent(rate, "a")
    assert spent(rate, "d")
    assert set(rate._buckets) == {"a", "d"}
    assert not spent(rate, "a")
