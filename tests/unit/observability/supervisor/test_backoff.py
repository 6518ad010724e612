"""When to start again."""

from observability.supervisor.backoff import Deaths


def waits(uptimes: list[float]) -> list[float]:
    deaths, found = Deaths(), []
    for uptime_s in uptimes:
        deaths = deaths.after(uptime_s, healthy_s=60)
        found.append(deaths.wait_s())
    return found


def test_the_first_restart_is_at_once_then_waits_double_up_to_30_s() -> None:
    assert waits([1.0] * 10) == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_a_healthy_life_starts_the_count_anew() -> None:
    assert waits([1.0, 1.0, 1.0, 60.0, 1.0]) == [0.0, 0.5, 1.0, 0.0, 0.5]


def test_the_wait_stays_bounded_forever() -> None:
    assert Deaths(10_000).wait_s() == 30.0
