"""The text of a traceback → its lines and frames: pages fold those of libraries, notifications name our last. Pure."""

import re
from dataclasses import dataclass
from typing import Final

import orjson

from observability import events
from observability.fingerprint import Frame, is_in_app

_FRAME: Final = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in | in )(?P<function>.*)$')
_MOST_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines that belong together. `own` is False for frames of libraries, which a page folds."""

    own: bool
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def printed(text: str) -> str:
    """Return the traceback inside a line of a log: a JSON line's own field, else the text as it stands."""
    if not text.startswith("{"):
        return text
    try:
        entry = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    found = entry.get(events.EXCEPTION_STACKTRACE) or entry.get("text") if isinstance(entry, dict) else None
    return found if isinstance(found, str) else text


def own_frames(text: str) -> tuple[Frame, ...]:
    """Return the frames of our own code, in the order printed, with their source lines where those were printed too."""
    lines = printed(text).splitlines()[:_MOST_LINES]
    found = []
    for number, line in enumerate(lines):
        if (m := _FRAME.match(line)) is None:
            continue
        below = lines[number + 1] if number + 1 < len(lines) else ""
        source = below.strip() if below.startswith("    ") and not _FRAME.match(below) else None
        found.append(Frame(m["file"], int(m["line"]), m["function"], source))
    return tuple(frame for frame in found if is_in_app(frame))


def blocks(text: str) -> tuple[Block, ...]:
    """Return the lines in order; neighbours of one kind are one block. What is no frame is `own`: it says what happened."""
    found: list[tuple[bool, list[str]]] = []
    own = True
    for line in printed(text).splitlines()[:_MOST_LINES]:
        if (m := _FRAME.match(line)) is not None:
            own = is_in_app(Frame(m["file"], int(m["line"]), m["function"]))
        elif not line.startswith("    "):
            own = True
        if not found or found[-1][0] != own:
            found.append((own, []))
        found[-1][1].append(line)
    return tuple(Block(own, tuple(lines)) for own, lines in found)
