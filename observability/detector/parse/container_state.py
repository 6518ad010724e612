"""`docker inspect`, `kubectl describe` and their like, over several rows → how the container ended."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from observability.detector.parse.exits import exit_parts
from observability.detector.parse.rows import Row

_CODE: Final = re.compile(r"[\"']?(?:[Ee]xit ?[Cc]ode|ExitCode)[\"']?[\s:=]{1,12}(\d{1,3})\b")
_FATAL_CODE: Final = re.compile(  # only codes that say death by themselves: others stand in many messages
    r"\b[Ee]xit(?:ed|s)?[ _-]?(?:with )?(?:an? )?(?:code|status)\W{0,4}(13[24569]|137)\b|\bExited \((13[24569]|137)\)"
)
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
        if at <= taken or not ("xit" in text or "OOMKilled" in text):
            continue
        if (ended := _ended(rows, at, text)) is not None:
            taken = _last_neighbour(rows, at) if _NEIGHBOURS.match(text) else at
            yield ended


def _ended(rows: Sequence[Row], at: int, text: str) -> Ended | None:
    is_state = _NEIGHBOURS.match(text) is not None
    around = (
        [other.text[:_LOOK] for other in rows[_first_neighbour(rows, at) : _last_neighbour(rows, at) + 1]]
        if is_state
        else [text]
    )
    oom = any(_OOM.search(other) for other in around)
    found = _CODE.search(text) or next((m for other in around if (m := _CODE.search(other))), None)
    code = int(found[1]) if found else None
    if not oom and not is_state:
        fatal = _FATAL_CODE.search(text) or _CODE.search(text)
        code = int(fatal[1] or fatal[fatal.lastindex or 1]) if fatal else None
        code = code if code is not None and code in {132, 134, 135, 136, 137, 139} else None
    parts = exit_parts(code)
    if not oom and (code is None or parts.expected):
        return None
    words = " ".join(
        part for part in (text.strip(), *(other.strip() for other in around if _OOM.search(other))) if part
    )
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
