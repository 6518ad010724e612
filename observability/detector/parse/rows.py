"""Lines → rows that a traceback reader can walk: colours gone, escaped line breaks broken, wrapped `File` lines joined."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from observability.detector.parse.traceback_lines import frame_line
from observability.detector.signals import Line

MAX_TEXT: Final = 64 * 1024  # characters of one line that are looked at: a dump of user data may be 10 MB long
_ANSI: Final = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]")
_LOST: Final = r"(?:\[\d{1,2}(?:;\d{1,3}){0,4}m)+"  # a paste may have lost the escape character
_LOST_ANSI: Final = re.compile(rf"^{_LOST}|{_LOST}$")  # not within: there it may be the source of a string
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.|$)", re.DOTALL)
_QUOTES: Final = re.compile(r"\\.|\"|'", re.DOTALL)  # an escaped character, or a quote
_PLAIN: Final = {"n": "\n", "r": "\r", "t": "\t"}
_HEADER: Final = "Traceback (most recent call last)"
_RSYSLOG: Final = "#012"  # how rsyslog writes a line break within a message
_JOINED_FRAME: Final = re.compile(r"\sFile \"([^\"]{1,4096})\", line (\d{1,9}), in (<\w+>|[\w.]+)( |$)")
_JOINED_EXCEPTION: Final = re.compile(
    r"(?:^|(?<=\s))(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Warning)(?=: |$)"
)
_MAX_NESTED: Final = 3  # JSON in a string of JSON
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
    plain: list[Row] = []
    for line in lines:
        text = _LOST_ANSI.sub("", _ANSI.sub("", line.text[:MAX_TEXT]))
        is_source = bool(plain) and text[:1].isspace() and frame_line(plain[-1].text) is not None
        plain += [Row(text, line)] if is_source else _unescaped(Row(text, line))
    return tuple(_unwrapped(plain))


def _unescaped(row: Row, depth: int = 0) -> Iterator[Row]:
    """A traceback in a string of JSON, in a repr or behind rsyslog: break it where it had its line breaks."""
    start = _string_start(row.text) if depth < _MAX_NESTED and "\\n" in row.text else None
    if start is not None:
        body, rest = _string_from(row.text, start)
        for text in (row.text[:start], *body.split("\n"), rest):
            if text is not rest or rest.strip():
                yield from _unescaped(Row(text.rstrip("\r"), row.line), depth + 1)
    elif _RSYSLOG in row.text and any(mark in row.text for mark in (_HEADER, 'File "')):
        yield from (Row(text, row.line) for text in row.text.replace("#011", "\t").split(_RSYSLOG))
    elif "\r" in row.text.rstrip("\r") and _HEADER in row.text:  # AWS Lambda
        yield from (Row(text, row.line) for text in row.text.split("\r"))
    else:
        yield from _unjoined(row)


def _unjoined(row: Row) -> Iterator[Row]:
    """A traceback of which all line breaks became blanks: every frame begins with `File`, the exception comes last."""
    at = row.text.find(_HEADER[1:])
    parts = _JOINED_FRAME.split(row.text[at:]) if at >= 0 else []
    if len(parts) < 2:
        yield row
        return
    yield Row(row.text[:at] + parts[0].rstrip(), row.line)
    for file, line, function, rest in zip(parts[1::5], parts[2::5], parts[3::5], parts[5::5], strict=True):
        yield Row(f'  File "{file}", line {line}, in {function}', row.line)
        source, exception = _source_and_exception(rest.strip())
        yield from (Row(text, row.line) for text in (f"    {source}" if source else "", exception) if text)


def _source_and_exception(text: str) -> tuple[str, str]:
    found = _JOINED_EXCEPTION.search(text)
    return (text, "") if found is None else (text[: found.start()].rstrip(), text[found.start() :].lstrip())


def _string_start(text: str) -> int | None:
    """Return where the string with a traceback begins that has its line breaks as escapes; a paste may have lost its quote."""
    at = next((at for mark in (_HEADER, 'File \\"', 'File "') if (at := text.find(mark)) >= 0), -1)
    if at < 0 or "\\n" not in text[at:]:
        return None
    start, quote = 0, ""
    for found in _QUOTES.finditer(text, 0, at):
        if not quote:
            start, quote = (found.end(), found[0]) if found[0] in "\"'" and _opens(text, found.start()) else (0, "")
        elif found[0] == quote:
            start, quote = 0, ""
    return start or at


def _opens(text: str, at: int) -> bool:
    """Tell whether a quote begins a string: an apostrophe has a letter before it."""
    return at == 0 or not text[at - 1].isalnum()


def _string_from(text: str, start: int) -> tuple[str, str]:
    """Return the text of the string that begins at `start`, and what follows its closing quote. A cut escape is dropped."""
    quote = text[start - 1] if start and text[start - 1] in "\"'" else None
    if quote is None and 'File \\"' in text[start:]:
        quote = '"'
    end = next((found.start() for found in _QUOTES.finditer(text, start) if found[0] == quote), len(text))
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
    following = [(n, row) for n, row in enumerate(rows[at + 1 : at + 1 + 2 * _MAX_WRAPS], start=1) if row.text.strip()]
    for extra, row in following[:_MAX_WRAPS]:
        inside_path = text.count('"') == 1
        text = text.rstrip() + ("" if inside_path else " ") + row.text.strip()
        if _WHOLE.match(text) and ", in " in text:
            return Row(text, rows[at].line), extra + 1
    return rows[at], 1
