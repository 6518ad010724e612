"""Lines → rows that a traceback reader can walk: colours gone, escaped line breaks broken, wrapped `File` lines joined."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from observability.detector.signals import Line

MAX_TEXT: Final = 64 * 1024  # characters of one line that are looked at: a dump of user data may be 10 MB long
_ANSI: Final = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.|$)", re.DOTALL)
_PLAIN: Final = {"n": "\n", "r": "\r", "t": "\t"}
_HEADER: Final = "Traceback (most recent call last)"
_WRAPPED: Final = re.compile(r"[ \t]*File(?:[ \t]+\"[^\"]*(?:\"(?:,(?: line(?: \d+,?(?: in)?)?)?)?)?)?[ \t]*$")
_WHOLE: Final = re.compile(r"[ \t]*File \"[^\"]+\", line \d+(?:,? in \S.*)?$")
_MAX_WRAPS: Final = 3


@dataclass(frozen=True, slots=True)
class Row:
    """Some text and the line that it stood in: several rows may come from one line, or one row from several."""

    text: str
    line: Line


def rows_of(lines: Sequence[Line]) -> tuple[Row, ...]:
    """Return the rows of a block, in order."""
    plain = [row for line in lines for row in _unescaped(Row(_ANSI.sub("", line.text[:MAX_TEXT]), line))]
    return tuple(_unwrapped(plain))


def _unescaped(row: Row) -> Iterator[Row]:
    """A traceback in a string of JSON or in a repr: break it where it had its line breaks, to the closing quote."""
    if "\\n" not in row.text or (start := _string_start(row.text)) is None:
        yield row
        return
    body, rest = _string_from(row.text, start)
    yield Row(row.text[:start], row.line)
    for text in body.split("\n"):
        yield Row(text.rstrip("\r"), row.line)
    if rest.strip():
        yield Row(rest, row.line)


def _string_start(text: str) -> int | None:
    at = text.find(_HEADER)
    if at < 0:
        at = text.find('File \\"')
    if at < 0 or "\\n" not in text[at:]:
        return None
    quote = max(text.rfind('"', 0, at), text.rfind("'", 0, at)) if at else -1
    return at if quote < 0 or "\\n" not in text[quote:at] else quote + 1


def _string_from(text: str, start: int) -> tuple[str, str]:
    """Return the text of the string that begins at `start`, and what follows its closing quote. A cut escape is dropped."""
    quote = text[start - 1] if start and text[start - 1] in "\"'" else None
    end = start
    while end < len(text) and text[end] != quote:
        end += 2 if text[end] == "\\" else 1
    return _ESCAPE.sub(_character, text[start:end]), text[end + 1 :]


def _character(escape: re.Match[str]) -> str:
    word = escape[1]
    if word[:1] in {"u", "x"} and len(word) > 1:
        return chr(int(word[1:], 16))
    return _PLAIN.get(word, word)


def _unwrapped(rows: Sequence[Row]) -> Iterator[Row]:
    """Join a `File` line that a mail program or terminal broke into several with what follows it."""
    at = 0
    while at < len(rows):
        joined, used = _joined(rows, at)
        yield joined
        at += used


def _joined(rows: Sequence[Row], at: int) -> tuple[Row, int]:
    text = rows[at].text
    if not _WRAPPED.match(text) or _WHOLE.match(text):
        return rows[at], 1
    for extra, row in enumerate(rows[at + 1 : at + 1 + _MAX_WRAPS], start=1):
        inside_path = text.count('"') == 1
        text = text.rstrip() + ("" if inside_path else " ") + row.text.strip()
        if _WHOLE.match(text) and ", in " in text:
            return Row(text, rows[at].line), extra + 1
    return rows[at], 1
