"""How long a channel that failed is left alone."""

from observability.detector.notify.backoff import backoff_s


def test_the_wait_doubles_up_to_its_bound() -> None:
    assert [backoff_s(failures, None, 0.0) for failures in (1, 2, 3, 4, 7, 8, 10_000)] == [0.5, 1, 2, 4, 30, 30, 30]


def test_the_receiver_is_left_alone_as_long_as_it_asks() -> None:
    assert backoff_s(1, 120.0, 0.0) == 120
    assert backoff_s(8, 1.0, 0.0) == 30


def test_jitter_adds_up_to_a_quarter() -> None:
    assert backoff_s(3, None, 1.0) == 2.5
