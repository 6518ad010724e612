"""`docker inspect`, `kubectl describe` and their like, over several rows → how the container ended."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from observability.detector.parse.exits import exit_parts
from observability.detector.parse.rows import Row

_CODE: Final = re.compile(r"[\"']?(?:[Ee]xit ?[Cc]ode|ExitCode)[\"']?[\s:=]{1,12}(\d{1,3})\b")
_FATAL_CODE: Final = re.compile(  # only codes that say death by themselves: others stand in many messages
    r"\b[Ee]xit(?:ed|s)?[ _-]?(?:with )?(?:an? )?(?:code|status)(?: is)?\W{0,4}(13[245679])\b"
)
_LISTED: Final = re.compile(r"\b(?:Exited|Restarting) \((\d{1,3})\) ")  # docker ps
_OOM: Final = re.compile(r"[\"']?OOMKilled[\"']?\s{0,4}:\s{0,4}true|[Rr]eason\W{1,16}OOMKilled")
_NEIGHBOURS: Final = re.compile(
    r"\s*[\"']?(?:Last State|State|Status|Running|Paused|Restarting|OOMKilled|Dead|Pid|Error|Reason|Message|Started|StartedAt|"
    r"Finished|FinishedAt|Ready|Restart Count|Exit Code|ExitCode|Health|Signal)[\"']?\s{0,20}[:{]"
)
_REACH: Final = 14  # rows of one state, up and down
_LOOK: Final = 2_048


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of one container; `row` is where its exit code or reason stood."""

    row: int
    code: int | None
    signal: str | None
    oom: bool
    words: str


def container_states(rows: Sequence[Row]) -> Iterator[Ended]:
    """Yield each end that a state tells of. Code 0 and the codes of a requested stop are none, unless memory ran out."""
    taken = -1
    for at, row in enumerate(rows):
        text = row.text[:_LOOK]
        if at <= taken or not any(word in text for word in ("xit", "OOMKilled", "Restarting (")):
            continue
        if (ended := _ended(rows, at, text)) is not None:
            taken = _last_neighbour(rows, at) if _NEIGHBOURS.match(text) else at
            yield ended


def _ended(rows: Sequence[Row], at: int, text: str) -> Ended | None:
    if not _NEIGHBOURS.match(text):
        return _of_line(at, text)
    around = [other.text[:_LOOK] for other in rows[_first_neighbour(rows, at) : _last_neighbour(rows, at) + 1]]
    code = next((int(found[1]) for other in (text, *around) if (found := _CODE.search(other))), None)
    reasons = [other.strip() for other in around if _OOM.search(other)]
    return _end(at, code, bool(reasons), " ".join(dict.fromkeys((text.strip(), *reasons))))


def _of_line(at: int, text: str) -> Ended | None:
    """One line of anybody: which containers ended, as `docker ps` lists them; else only what is beyond doubt."""
    if _OOM.search(text):
        found = _CODE.search(text)
        return _end(at, int(found[1]) if found else None, True, text.strip())
    found = _LISTED.search(text) or _FATAL_CODE.search(text)
    return _end(at, int(found[1]), False, text.strip()) if found else None


def _end(at: int, code: int | None, oom: bool, words: str) -> Ended | None:
    parts = exit_parts(code)
    if not oom and (code is None or parts.expected):
        return None
    return Ended(at, code, parts.signal or ("SIGKILL" if oom else None), oom, words[:200])


def _first_neighbour(rows: Sequence[Row], at: int) -> int:
    first = at
    while first > max(0, at - _REACH) and _NEIGHBOURS.match(rows[first - 1].text[:_LOOK]):
        first -= 1
    return first


def _last_neighbour(rows: Sequence[Row], at: int) -> int:
    last = at
    while last + 1 < min(len(rows), at + _REACH) and _NEIGHBOURS.match(rows[last + 1].text[:_LOOK]):
        last += 1
    return last
