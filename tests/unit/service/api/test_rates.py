"""A token bucket for each client."""

from hypothesis import given
from hypothesis import strategies as st

from service.api.rates import Rates

MOMENTS = st.lists(st.floats(0, 600), min_size=1, max_size=200).map(sorted)


def test_a_minute_s_worth_may_come_at_once_and_then_one_by_one() -> None:
    rates = Rates(60)
    assert [rates.take("a", 0.0) for _ in range(60)] == [0.0] * 60
    assert rates.take("a", 0.0) == 1.0
    assert rates.take("a", 0.5) == 0.5
    assert rates.take("a", 1.0) == 0.0
    assert rates.take("a", 1.0) == 1.0


def test_clients_do_not_count_for_each_other() -> None:
    rates = Rates(1)
    assert (rates.take("a", 0.0), rates.take("b", 0.0)) == (0.0, 0.0)
    assert rates.take("a", 0.0) == 60.0


def test_silence_is_not_saved_beyond_a_minute() -> None:
    rates = Rates(2)
    rates.take("a", 0.0)
    assert [rates.take("a", 1e6) for _ in range(3)] == [0.0, 0.0, 30.0]


@given(MOMENTS, st.integers(1, 30))
def test_no_minute_has_more_than_twice_the_rate(moments: list[float], per_minute: int) -> None:
    rates = Rates(per_minute)
    taken = [at for at in moments if rates.take("a", at) == 0.0]
    for start in taken:
        assert sum(start <= at < start + 60 for at in taken) <= 2 * per_minute


@given(MOMENTS, st.integers(1, 30))
def test_who_waits_as_long_as_was_said_is_served(moments: list[float], per_minute: int) -> None:
    rates = Rates(per_minute)
    waits = [rates.take("a", at) for at in moments]
    assert rates.take("a", moments[-1] + waits[-1] + 1e-6) == 0.0 or waits[-1] == 0.0


@given(st.lists(st.integers(0, 50).map(str), max_size=300))
def test_memory_is_bounded_and_the_last_seen_are_remembered(clients: list[str]) -> None:
    rates = Rates(1, most_clients=10)
    for client in clients:
        rates.take(client, 0.0)
        assert len(rates) <= 10
        assert rates.take(client, 0.0) > 0
