"""A log that is far behind: raw chunk → the lines of it that may still matter. Pure.

Left out are only lines of our own access log (DESIGN section 5), and only requests that went well. Kept of those are

- the requests that something broken in another log names: by request id, or by nginx's process and connection;
- the first successes of each hurt route after each such moment: they prove that an incident is over.

Of nginx's error log only its notes on bodies that it stored are left out. Everything else is read as always.
So what is left out could neither be evidence of an incident nor end one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final

from observability.detector.parse.clues import LOOK_AHEAD_S, Clues
from observability.detector.parse.needles import Find, finder

KEPT_SUCCESSES: Final = (
    6  # correlate wants three; lines of several nginx workers are not quite in the order of their time
)

_BEGIN: Final = b'{"msec":'
# What begins otherwise, and a status that is no plain success or refusal. With dots in it, the first one is as fast as memory:
# Hyperscan would stop at each line for the letters themselves.
ACCESS_PATTERNS: Final = (
    b"\n(?:" + b"|".join(b"." * n + b"[^%c]" % letter for n, letter in enumerate(_BEGIN)) + b")",
    rb'"status":"?(?:[05-9]|408|413|499)',
)
_ACCESS: Final = re.compile(
    rb'\{"msec":"?(?P<at>\d{9,11}\.\d{3})"?,"pid":"?(?P<pid>\d+)"?,"connection":"?(?P<cid>\d+)"?,'
    rb'"connection_requests":"?\d+"?,"request_id":"(?P<request_id>[^"]*)",'
    rb'"request":"(?P<request>(?:[^"\\]|\\.)*)","status":"?(?P<status>\d{3})"?,'
    rb'[^\n]*?"upstream_addr":"(?P<upstream>[^"]*)"'
)
_ERROR_LINE: Final = re.compile(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[[a-z]+\] \d+#\d+: ")
# ngx_http_request_body.c and ngx_event_pipe.c: one a large upload, so most of a healthy error log
_STORED: Final = re.compile(
    _ERROR_LINE.pattern.replace(rb"[a-z]+", b"warn")
    + rb"\*\d+ an? (?:client request body|upstream response) is buffered to a temporary file "
)
_TELLING: Final = re.compile(rb"\n(?!" + _STORED.pattern + rb")")
_PLAIN: Final = re.compile(r"[{\\]")  # a template's variable, or a byte that the two logs escape in two ways
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sifted:
    """The lines of a chunk to keep, (begin, end) without line breaks, and what is still looked for after it."""

    spans: tuple[Span, ...]
    clues: Clues


def access_times(chunk: bytes) -> tuple[float, float] | None:
    """Return the times of the first and the last line of whole lines of our access log, or None: it is something else."""
    first, last = _ACCESS.match(chunk), _ACCESS.match(chunk, chunk.rfind(b"\n", 0, -1) + 1)
    return (float(first["at"]), float(last["at"])) if first and last else None


def sift(chunk: bytes, clues: Clues, *, find: Find | None = None) -> Sifted:
    """Return what to keep of whole lines of our access log (`access_times` tells). Everything, while there are too many clues."""
    times = access_times(chunk)
    if times is None:
        return Sifted(tuple(_lines(chunk)), clues)
    if clues.full:
        return Sifted(tuple(_lines(chunk)), replace(clues, owed=_all_owed(clues.routes)).passed(times[1]))
    unwell = (find or _find_unwell())(chunk)
    # With its access line an error may become an incident: what succeeds then proves it over
    named = _named(chunk, _due(clues.ids, times[1]))
    hurt = [route for begin in sorted(unwell | named) if (route := _asked_for(chunk, begin))]
    routes = {**clues.routes, **dict.fromkeys(hurt)}
    moments = {_first_at(chunk, moment) for moment in clues.moments if moment <= times[1]}
    proofs, owed = _proofs(chunk, sorted(unwell | named | moments), routes, clues.owed)
    kept = sorted(unwell | proofs | named)
    spans = tuple((begin, chunk.find(b"\n", begin)) for begin in kept)
    met = {name for begin in named if (m := _ACCESS.match(chunk, begin)) for name in _ended(m, begin in unwell)}
    left = {name: seen for name, seen in clues.ids.items() if name not in met}
    return Sifted(spans, replace(clues, ids=left, routes=routes, owed=owed).passed(times[1]))


def sift_errors(chunk: bytes) -> tuple[Span, ...] | None:
    """Return what to keep of whole lines of nginx's error log, or None: it is something else."""
    if not _ERROR_LINE.match(chunk):
        return None
    begins = [m.end() for m in _TELLING.finditer(chunk, 0, len(chunk) - 1)]
    if _STORED.match(chunk) is None:
        begins.insert(0, 0)
    return tuple((begin, chunk.find(b"\n", begin)) for begin in begins)


def _due(ids: Mapping[str, float], until: float) -> list[str]:
    """Return the names to look for up to a time.

    nginx tells of a connection's error before it logs the request; a job may fail long after its request was answered.
    """
    return [name for name, at in ids.items() if at <= until + (0 if " " in name else LOOK_AHEAD_S)]


def _named(chunk: bytes, ids: Iterable[str]) -> set[int]:
    """Return the lines of the requests that were named."""
    names = tuple(ids)
    return _find_names(names)(chunk) if names else set()


@lru_cache(maxsize=4)
def _find_names(names: tuple[str, ...]) -> Find:
    """The same names are looked for in many chunks; an engine for a few is made in a quarter of a millisecond."""
    return finder([pattern for name in names for pattern in _patterns_of(name)])


def _ended(m: re.Match[bytes], unwell: bool) -> Iterator[str]:
    """Return the names that need no more looking for: a request has one line, a failed one is the connection's."""
    yield m["request_id"].decode("ascii", "replace")
    if unwell:
        yield f"{int(m['pid'])} {int(m['cid'])}"


def _patterns_of(name: str) -> Iterator[bytes]:
    """Plain literals, for numbers with quotes and without: an optional quote would cost a hundred times as much."""
    pid, _, connection = (re.escape(part) for part in name.encode().partition(b" "))
    if connection:
        yield b'"pid":%b,"connection":%b,' % (pid, connection)
        yield b'"pid":"%b","connection":"%b",' % (pid, connection)
    else:
        yield pid


def _proofs(
    chunk: bytes, moments: Sequence[int], routes: Iterable[str], owed: Mapping[str, int]
) -> tuple[set[int], Mapping[str, int]]:
    """Return the first successes of each route after each moment (a place in the chunk), and what is still owed at its end."""
    found: set[int] = set()
    left = dict(owed)
    for begin, end in pairwise((0, *moments, len(chunk))):
        if begin in moments:
            left = _all_owed(routes)
        found |= _successes(chunk, begin, end, left)
    return found, left


def _successes(chunk: bytes, begin: int, end: int, owed: dict[str, int]) -> set[int]:
    """Return the successes in a part of the chunk that are owed, and take them off what is."""
    found: set[int] = set()
    open_routes = [route for route, count in owed.items() if count and chunk.find(_literal(route), begin, end) >= 0]
    while open_routes and begin < end and (m := _ACCESS.search(chunk, begin, end)) is not None:
        if m["status"][:1] in b"23":
            request = _asked(m)
            for route in [route for route in open_routes if _is_of(route, request, m["upstream"])]:
                found.add(m.start())
                owed[route] -= 1
            open_routes = [route for route in open_routes if owed[route]]
        begin = chunk.find(b"\n", m.start()) + 1
    return found


def _all_owed(routes: Iterable[str]) -> dict[str, int]:
    return dict.fromkeys(("", *routes), KEPT_SUCCESSES)


def _first_at(chunk: bytes, moment: float) -> int:
    """Return where the first line stands that is not older. The lines are in the order of their time, but for milliseconds."""
    low, high = 0, len(chunk)
    while low < high:
        middle = chunk.rfind(b"\n", low, (low + high) // 2) + 1 or low
        m = _ACCESS.search(chunk, middle, high)
        if m is None or float(m["at"]) >= moment:
            high = middle
        else:
            low = chunk.find(b"\n", m.start()) + 1
    return low


def _asked_for(chunk: bytes, begin: int) -> str | None:
    m = _ACCESS.match(chunk, begin)
    return _asked(m) if m else None


def _asked(m: re.Match[bytes]) -> str:
    """Return method and path, without query."""
    return " ".join(m["request"].decode("utf-8", "replace").split(" ")[:2]).partition("?")[0]


def _lines(chunk: bytes) -> Iterator[Span]:
    begin = 0
    while (end := chunk.find(b"\n", begin)) >= 0:
        yield begin, end
        begin = end + 1


def _is_of(route: str, request: str, upstream: bytes) -> bool:
    """Return whether a request is of a route: as correlate compares them, segment by segment."""
    if not route:
        return upstream not in (b"", b"-")
    have = request if " " in route else request.partition(" ")[2]
    if "{" not in route:
        return have == route
    want, got = route.split("/"), have.split("/")
    return len(want) == len(got) and all(w == g or w[:1] == "{" for w, g in zip(want, got, strict=True))


def _literal(route: str) -> bytes:
    """What stands in every line of a route."""
    return _PLAIN.split(route, maxsplit=1)[0].encode() or b'"upstream_addr":"'


@cache
def _find_unwell() -> Find:
    return finder(ACCESS_PATTERNS)
