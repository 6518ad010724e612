"""The Markdown of our runbooks → blocks that a template turns into elements, each text escaped there. Pure.

No Markdown library: runbooks are ours and use headings, paragraphs, lists, fenced code and `code`; anything else is text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["heading", "paragraph", "list", "code"]
_HEADING: Final = re.compile(r"^(#{1,4}) +(.*)$")
_CODE: Final = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """One element. `items` are its texts: the points of a list, one text for all others."""

    kind: Kind
    items: tuple[str, ...]
    level: int = 0


def blocks(markdown: str) -> tuple[Block, ...]:
    """Return the blocks in order."""
    return tuple(_blocks(markdown.splitlines()))


def spans(text: str) -> tuple[tuple[bool, str], ...]:
    """Return the pieces of a text, each with whether it is code."""
    parts = _CODE.split(text)  # every second one stood between backticks
    return tuple((index % 2 == 1, part) for index, part in enumerate(parts) if part)


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("```"):
            end = next((i for i in range(at + 1, len(lines)) if lines[i].startswith("```")), len(lines))
            yield Block("code", ("\n".join(lines[at + 1 : end]),))
            at = end + 1
        elif (m := _HEADING.match(line)) is not None:
            yield Block("heading", (m[2],), len(m[1]))
            at += 1
        elif not line.strip():
            at += 1
        else:
            end = next((i for i in range(at, len(lines)) if _ends(lines[i])), len(lines))
            yield _text(lines[at:end])
            at = end


def _ends(line: str) -> bool:
    return not line.strip() or line.startswith(("```", "#"))


def _text(lines: Sequence[str]) -> Block:
    if not lines[0].startswith("- "):
        return Block("paragraph", (" ".join(line.strip() for line in lines),))
    points: list[str] = []
    for line in lines:
        if line.startswith("- ") or not points:
            points.append(line.removeprefix("- ").strip())
        else:
            points[-1] += f" {line.strip()}"
    return Block("list", tuple(points))
