"""Loki's JSON → entries, and which of them are new. Pure.

A live frame, a replayed one and an answer to a query give the same entry different labels: structured metadata and
`detected_level` come and go. So an entry's stream is the one of `/series` whose labels it has; within it, time and text tell.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from observability.detector.signals import Position

_REMEMBERED: Final = 20_000  # texts that were handed on lately; some 3 MB
_PREFIX: Final = "loki:"
_UNINDEXED: Final = frozenset({"detected_level"})

Labels = Mapping[str, str]
Found = tuple[str, Position, str]  # source, position, text of something new


@dataclass(frozen=True, slots=True)
class Entry:
    """One line in Loki."""

    labels: Labels
    at_ns: int
    text: str


def entries_of(streams: object) -> Iterator[Entry]:
    """Yield the entries of a frame or an answer: `[{"stream": {…}, "values": [["ns", "line"], …]}, …]`."""
    for stream in streams if isinstance(streams, list) else ():
        for value in stream["values"]:
            yield Entry(stream["stream"], int(value[0]), value[1])


def dropped_of(frame: Mapping[str, Any]) -> int | None:
    """Return the time of the oldest entry that a tail had no room for, or None: it had room for all."""
    dropped = frame.get("dropped_entries") or ()
    return min((int(entry["timestamp"]) for entry in dropped), default=None)


def selector_of(query: str) -> str:
    """Return the selector of a log query without its filters: `{…}`. A brace in a quoted value ends nothing."""
    quoted = escaped = False
    for place, letter in enumerate(query):
        if escaped:
            escaped = False
        elif letter == "\\" and quoted:
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == "}" and not quoted:
            return query[: place + 1]
    return query


def name_of(labels: Labels) -> str:
    """Return the source's name of a stream: `loki:{service="nginx", stream="error"}`."""
    inner = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in sorted(labels.items()))
    return f"{_PREFIX}{{{inner}}}"


def number_of(text: str) -> int:
    """Return 63 bits that stand for a text: the file id of a stream."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1


def is_of_loki(source: str) -> bool:
    """Return whether a checkpoint is one of these."""
    return source.startswith(_PREFIX)


class Streams:
    """How far each stream was read. A position is the next entry's: its time, and which one at that time it is."""

    def __init__(self, checkpoints: Mapping[str, Position]) -> None:
        self._known: list[Labels] = []
        self._next = {source: position for source, position in checkpoints.items() if is_of_loki(source)}
        self._recent: OrderedDict[tuple[str, int, int], None] = OrderedDict()

    @property
    def checkpoints(self) -> dict[str, Position]:
        return dict(self._next)

    @property
    def latest_ns(self) -> int | None:
        """Return the time of the newest entry handed on, None: there was none yet."""
        return max((position.offset for position in self._next.values()), default=None)

    def learn(self, series: Iterable[Labels]) -> None:
        """Take the index's label sets; the most telling first."""
        self._known = sorted((dict(labels) for labels in series), key=len, reverse=True)

    def knows(self, entry: Entry) -> bool:
        return any(labels.items() <= entry.labels.items() for labels in self._known)

    def forget(self, before_ns: int) -> None:
        """Drop streams that have been silent: what they write next is newer than where a gap begins."""
        self._next = {source: position for source, position in self._next.items() if position.offset >= before_ns}

    def fill(self, entries: Iterable[Entry]) -> Iterator[Found]:
        """Yield what is new of all entries of a span, in order of time within each stream: source, position, text."""
        seen: dict[tuple[str, int], int] = {}
        for entry in entries:
            source = self._source(entry)
            nth = seen[source, entry.at_ns] = seen.get((source, entry.at_ns), 0) + 1
            following = self._next.get(source)
            is_next = following is None or (entry.at_ns, nth) >= (following.offset, following.number)
            if is_next and not self._handed(source, entry):
                yield self._hand(source, entry)

    def tail(self, entries: Iterable[Entry]) -> Iterator[Found]:
        """Yield what is new of entries as they come: one that is late is new unless it was handed on a while ago."""
        for entry in entries:
            source = self._source(entry)
            if not self._handed(source, entry):
                yield self._hand(source, entry)

    def _source(self, entry: Entry) -> str:
        labels = next((labels for labels in self._known if labels.items() <= entry.labels.items()), None)
        if labels is None:
            labels = {name: value for name, value in entry.labels.items() if name not in _UNINDEXED}
        return name_of(labels)

    def _key(self, source: str, entry: Entry) -> tuple[str, int, int]:
        return source, entry.at_ns, number_of(entry.text)

    def _handed(self, source: str, entry: Entry) -> bool:
        return self._key(source, entry) in self._recent

    def _hand(self, source: str, entry: Entry) -> Found:
        self._recent[self._key(source, entry)] = None
        while len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)
        following = self._next.get(source)
        stream = number_of(source)
        if following is None or entry.at_ns > following.offset:
            position = Position(stream, entry.at_ns, 1)
        elif entry.at_ns == following.offset:
            position = following
        else:  # late: where it stands among those of its time is not known
            return source, Position(stream, entry.at_ns, 1), entry.text
        self._next[source] = Position(stream, position.offset, position.number + 1)
        return source, position, entry.text
