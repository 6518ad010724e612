"""How long a channel that failed is left alone."""

FIRST_S = 0.5
LONGEST_S = 30.0


def backoff_s(failures: int, asked_s: float | None, jitter: float) -> float:
    """Return the wait after `failures` (≥ 1) in a row: doubling, at least what the receiver asked for. `jitter` is 0..1.

    Up to a quarter is added, so that the detectors of several machines do not come back in step.
    """
    doubled: float = min(FIRST_S * 2.0 ** min(failures - 1, 10), LONGEST_S)
    return max(doubled, asked_s or 0.0) * (1.0 + jitter / 4)
