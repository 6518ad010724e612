"""How often each client uploads: a token bucket for each, over a clock that is passed in. Bounded memory."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

_MINUTE_S: Final = 60.0
MOST_CLIENTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """`tokens` uploads could be had at the moment `at`, in seconds."""

    tokens: float
    at: float


def take(bucket: Bucket | None, now: float, per_minute: int) -> tuple[Bucket, float]:
    """Return the bucket after one upload, and 0; or the bucket as it is, and the seconds until there is one to be had.

    A bucket holds as many as a minute allows: who was silent may send them all at once.
    """
    per_second = per_minute / _MINUTE_S
    have = per_minute if bucket is None else min(per_minute, bucket.tokens + (now - bucket.at) * per_second)
    if have >= 1:
        return Bucket(have - 1, now), 0.0
    return Bucket(have, now), (1 - have) / per_second


class Rates:
    """The buckets of the clients that were seen last. Who was forgotten starts anew."""

    def __init__(self, per_minute: int, most_clients: int = MOST_CLIENTS) -> None:
        self.per_minute = per_minute
        self._most = most_clients
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, client: str, now: float) -> float:
        """Count one upload; return 0, or the seconds to wait where it is one too many."""
        self._buckets[client], wait_s = take(self._buckets.pop(client, None), now, self.per_minute)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return wait_s
