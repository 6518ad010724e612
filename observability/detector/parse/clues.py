"""Signs of trouble in other logs → what access lines may have to do with them: ids, moments, routes. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import cache
from typing import Final

from observability.detector.parse.needles import Find, finder
from observability.detector.parse.stamps import stamp_of
from observability.detector.signals import Signal, UpstreamError

# An upload's job may fail so long after its request was answered: correlate forgets at that age
LOOK_AHEAD_S: Final = 60.0
MAX_CLUES: Final = 4_096
MAX_ROUTES: Final = 256

# Where a line of another log may tell of something broken, of a start or of a stop. Too many of them cost time only.
OTHER_PATTERNS: Final = (
    rb"\[(?:error|crit|alert|emerg)\] ",
    rb'"level": ?"(?:error|critical)"',
    rb'"exception',
    rb'"process\.',
    rb'"preflight\.',
    rb"interrupted",
    rb"ERROR|CRITICAL|[Ff]atal|FATAL|Traceback \(",
    rb"exited|[Kk]illed|terminated|dumped|segfault|SIG[A-Z]{3}|[Oo]ut of memory|oom|OOM|died|TIMEOUT",
    rb"Started |Listening at|Booting|Shutting down|Stopping ",
)
_ID: Final = re.compile(r'"request_id": ?"([^"]{1,128})"')
_CONNECTION: Final = re.compile(r"\] (\d{1,10})#\d{1,10}: \*(\d{1,20}) ")
_REQUEST: Final = re.compile(r', request: "([A-Z]{1,16} [^ "?]{1,2000})')
_ROUTE: Final = re.compile(r'"route": ?"([^"]{1,2000})"')
_METHOD: Final = re.compile(r'"method": ?"([A-Z]{1,16})"')


@dataclass(frozen=True, slots=True)
class Clue:
    """What a sign of trouble has in common with access lines: when it was, whose request it was, and on which route."""

    at: float  # seconds since 1970
    ids: frozenset[str] = frozenset()  # request ids, "pid connection"
    route: str | None = None  # "POST /api/jobs/{id}"; a method is not always known: "/api/jobs/{id}"


@dataclass(frozen=True, slots=True)
class Clues:
    """All that the access log has not passed yet. Bounded: `full` asks to read on before more is added."""

    ids: Mapping[str, float] = field(default_factory=dict)  # with the time of the sign that named it
    moments: tuple[float, ...] = ()  # ascending
    routes: Mapping[str, None] = field(default_factory=dict)  # a set in the order of its growth
    owed: Mapping[str, int] = field(
        default_factory=dict
    )  # successes still to be kept, by route; "": any that has an upstream

    @property
    def full(self) -> bool:
        return len(self.moments) >= MAX_CLUES or len(self.ids) >= MAX_CLUES or len(self.routes) > 4 * MAX_ROUTES

    def joined_by(self, clues: Iterable[Clue]) -> "Clues":
        """Return these clues with more."""
        some = tuple(clues)
        if not some:
            return self
        ids = {name: clue.at for clue in some for name in clue.ids}
        return replace(
            self,
            ids={**self.ids, **ids},
            moments=tuple(sorted({*self.moments, *(clue.at for clue in some)})),
            routes={**self.routes, **{clue.route: None for clue in some if clue.route}},
        )

    def passed(self, at: float) -> "Clues":
        """Return what is still looked for after `at`."""
        ids = {name: seen for name, seen in self.ids.items() if seen + LOOK_AHEAD_S >= at}
        paid = [route for route in self.routes if not self.owed.get(route)]
        gone = paid[: max(0, len(self.routes) - MAX_ROUTES)]  # the oldest: an outage may hurt a route for each job
        routes = {route: None for route in self.routes if route not in gone}
        return replace(self, ids=ids, moments=tuple(moment for moment in self.moments if moment > at), routes=routes)


def clues_of(chunk: bytes, read_at: datetime, tz: tzinfo, *, find: Find | None = None) -> tuple[Clue, ...]:
    """Return the clues in whole lines of another log."""
    begins = sorted((find or _find_trouble())(chunk))
    texts = (chunk[begin : chunk.find(b"\n", begin)].decode("utf-8", "replace") for begin in begins)
    return tuple(clue for text in texts if (clue := clue_of(text, read_at, tz)) is not None)


def clue_of(text: str, read_at: datetime, tz: tzinfo) -> Clue | None:
    """Return what a line in trouble has in common with access lines, or None: it has no time, so nothing can follow it."""
    at = stamp_of(text, read_at=read_at, tz=tz)
    if at is None:
        return None
    ids = {m[1] for m in _ID.finditer(text)}
    ids |= {f"{m[1]} {m[2]}" for m in _CONNECTION.finditer(text[:200])}
    return Clue(at.timestamp(), frozenset(ids), _route_of(text))


def clue_of_signal(signal: Signal) -> Clue | None:
    """Return what a signal has in common with access lines, or None: it has no time."""
    if signal.at is None:
        return None
    ids = {str(signal.ids.request_id)} if signal.ids.request_id else set()
    if isinstance(signal, UpstreamError) and signal.cid is not None:
        ids.add(f"{signal.pid} {signal.cid}")
    return Clue(signal.at.timestamp(), frozenset(ids))


def _route_of(text: str) -> str | None:
    if request := _REQUEST.search(text):
        return request[1]
    if (route := _ROUTE.search(text)) is None:
        return None
    method = _METHOD.search(text)
    return f"{method[1]} {route[1]}" if method and " " not in route[1] else route[1]


@cache
def _find_trouble() -> Find:
    return finder(OTHER_PATTERNS)
