"""Rows → tracebacks: chains, groups and quoted ones, also damaged (undamaged: CPython Lib/traceback.py)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from observability.detector.parse.rows import Row
from observability.detector.parse.traceback_lines import (
    Kind,
    before_header,
    exception_line,
    frame_line,
    is_group_mark,
    is_plausible,
    is_strong,
    kind_of,
    without_bar,
    without_margin,
    writer_of,
)
from observability.fingerprint import ChainedException, Frame

MAX_FRAMES: Final = 2_000
MAX_MESSAGE: Final = 8_192  # characters
_LOG_ENTRY: Final = re.compile(r"[\W_]{0,3}(?:\d{1,4}[-/:.]\d|INFO\b|ERROR\b|WARN|DEBUG\b|CRIT|[A-Z][a-z]{2} +\d)")
_FOREIGN_STACK: Final = re.compile(r"\s+at \S|\s*\.\.\. \d+ more|Caused by: ")  # JavaScript's and Java's frames
_CLOCK: Final = re.compile(
    r"(?:\d[\d.:,TZ+ -]{3,40}|\[\d[^\]]{5,80}\]) (?=[\w.]{1,200}(?:: |$))"
)  # a time, and nothing else
_POINTERS: Final = frozenset({">", "->", "*"})  # loguru marks the frame that caught, and only that
_LOOK_AHEAD: Final = 4


@dataclass(frozen=True, slots=True)
class Found:
    """The exceptions of one traceback, and the first and last row that they were read from."""

    exceptions: tuple[ChainedException, ...]
    first: int
    last: int


def tracebacks(rows: Sequence[Row]) -> tuple[Found, ...]:
    """Return the tracebacks in these rows, in order. A cut one without any exception is none."""
    reader = _Reader(rows)
    for at in range(len(rows)):
        reader.read(at)
    reader.flush()
    return tuple(reader.found)


@dataclass(slots=True)
class _Open:
    """A traceback of which the exception's line has not come yet."""

    header: bool
    first: int
    frames: list[Frame] = field(default_factory=list)
    writers: set[str] = field(default_factory=set)
    indent: int = 2
    source_due: bool = False
    tangled: int = 0  # other headers that came before any frame: so many writers' exceptions are still to come
    mixed: bool = False  # the frames of several writers cannot be told apart
    below: bool = False  # the exception came first, these are its frames


@dataclass(slots=True)
class _Reader:
    rows: Sequence[Row]
    found: list[Found] = field(default_factory=list)
    done: list[ChainedException] = field(default_factory=list)
    first: int = 0
    last: int = 0
    open: _Open | None = None
    margin: str = ""
    linked: bool = False  # what comes next belongs to the same chain or group
    in_group: bool = False
    quoted: bool = False
    in_stack: bool = False  # frames that tell where a log call stands
    tail: bool = False  # rows still belong to the message of the exception before
    blank: bool = False

    def read(self, at: int) -> None:
        """Take one row."""
        text = self.rows[at].text
        inner = without_margin(text, self.margin)
        if self.in_group and not is_group_mark(text):
            text, inner = without_bar(text), None if inner is None else without_bar(inner)
        kind = kind_of(text if inner is None else inner)
        if kind == "frame" and not self._quotes_a_frame(text if inner is None else inner):
            self._frame(at, self.rows[at].text)
        elif not self._is_inside(text if inner is None else inner, kind):
            self._between(at, kind, text, inner)
        self.blank = kind == "blank"

    def _between(self, at: int, kind: Kind, text: str, inner: str | None) -> None:
        if kind == "header":
            self._header(at, text)
        elif kind in {"link", "group"}:
            self._settle()
            self.open, self.linked, self.quoted, self.in_stack = None, True, self.quoted and kind == "group", False
        elif kind == "stack":
            self._settle()
            self.open, self.in_stack = None, True
        elif kind == "location" and self.open is not None:
            self.open.source_due = False
        elif kind == "other":
            self._other(at, text, inner)

    # -- frames ----------------------------------------------------------------------------------------------------
    def _header(self, at: int, text: str) -> None:
        quoting = exception_line(before_header(text).rstrip(" :")) if self._may_quote(text) else None
        if quoting is not None:
            self._close(at, quoting[0], text.partition(": ")[2])
            self.quoted = self.linked = True
        tangled = self.open.tangled + 1 if self.open and self.open.header and not self.open.frames else 0
        self._settle()
        if not (self.linked or self.quoted):
            self.flush()
        self.open = _Open(header=True, first=at, tangled=tangled, mixed=tangled > 0)
        self.margin, self.in_stack, self.tail = self.margin if self.in_group else "", False, False
        self.in_group = self.in_group or "+ Exception Group" in text

    def _may_quote(self, text: str) -> bool:
        before = exception_line(before_header(text).rstrip(" :"))
        return before is not None and bool(before[1]) and (is_strong(before[0]) or bool(self.open and self.open.frames))

    def _frame(self, at: int, text: str) -> None:
        seen = frame_line(text)
        if seen is None or self.in_stack:
            return
        if seen.margin in {"|", "+"} or (self.in_group and seen.margin.endswith("|")):
            self.in_group, seen = True, replace(seen, margin=seen.margin[:-1].rstrip(), indent=max(0, seen.indent - 1))
        if self.open is None:
            self._headerless(at)
        opened = self.open
        if opened is None or len(opened.frames) >= MAX_FRAMES:
            return
        opened.frames.append(seen.frame)
        opened.writers.add(writer_of(seen.margin))
        opened.indent, opened.source_due = seen.indent, seen.frame.source is None
        self.margin = seen.margin

    def _quotes_a_frame(self, text: str) -> bool:
        """Tell whether this is the source line of the frame above, with a frame in a string."""
        opened = self.open
        if opened is None or not opened.source_due or len(text) - len(text.lstrip()) <= opened.indent:
            return False
        return not text.lstrip(" \t\"'>|").startswith("File ")

    def _headerless(self, at: int) -> None:
        below = bool(self.tail and self.done and self.done[-1].frames == ())
        if not below and not self.linked:
            self.flush()
        self.open = _Open(header=False, first=at, below=below)

    def _is_inside(self, text: str, kind: Kind) -> bool:
        """Tell whether the row lies deeper than the frame before it: a source line, its markers, locals."""
        opened = self.open
        if opened is None or not opened.frames or kind in {"blank", "location"}:
            return False
        indent = len(text) - len(text.lstrip())
        if indent <= opened.indent:
            return kind in {"markers", "repeated"}
        self._source(opened, text)
        return True

    def _source(self, opened: _Open, text: str) -> None:
        if opened.source_due:
            opened.frames[-1] = replace(opened.frames[-1], source=text.strip())
        opened.source_due = False

    # -- exceptions ------------------------------------------------------------------------------------------------
    def _other(self, at: int, text: str, inner: str | None) -> None:
        if text.strip() == '"""' and (self.quoted or self.tail):
            self.quoted = self.linked = not self.quoted
            return
        if self.open is None and (prefix := _CLOCK.match(text)) is not None:
            text, inner, self.tail = text[prefix.end() :], None, False
        seen = exception_line((text if inner is None else inner).strip())
        if seen is not None and self._is_due(at, text if inner is None else inner, seen, foreign=inner is None):
            self._close(at, *seen)
        elif self.open is not None and self.open.source_due and self._is_unindented(text if inner is None else inner):
            self._source(self.open, text if inner is None else inner)
        elif self.open is None and _LOG_ENTRY.match(text):
            self.tail = self.in_stack = False

    def _is_unindented(self, text: str) -> bool:
        return self.open is not None and self.open.indent <= 1 and len(text) - len(text.lstrip()) == self.open.indent

    def _is_due(self, at: int, text: str, seen: tuple[str, str], *, foreign: bool) -> bool:
        kind, message = seen
        opened, indent = self.open, len(text) - len(text.lstrip())
        if opened is None:
            return self._is_bare(at, indent, kind, message)
        if not opened.frames or opened.below:
            return (is_strong(kind) or opened.mixed or _is_qualified(kind)) and indent <= 2
        if (
            indent > opened.indent
            or (indent == opened.indent and indent > 1)
            or (foreign and self.margin not in _POINTERS and not is_strong(kind))
        ):
            return False
        if opened.source_due and self._is_unindented(text):
            return is_strong(kind) and not self._frame_follows(at)
        return is_plausible(kind, message) and (is_strong(kind) or not self._frame_follows(at))

    def _is_bare(self, at: int, indent: int, kind: str, message: str) -> bool:
        """Tell whether this is an exception of which no frame was printed."""
        if self.linked:
            return is_plausible(kind, message)
        following = self.rows[at + 1].text if at + 1 < len(self.rows) else ""
        if indent or (self.tail and not self.blank) or _FOREIGN_STACK.match(following):
            return False
        return is_strong(kind)

    def _frame_follows(self, at: int) -> bool:
        for row in self.rows[at + 1 : at + 1 + _LOOK_AHEAD]:
            kind = kind_of(row.text)
            if kind not in {"blank", "markers"}:
                return kind in {"frame", "location"}
        return False

    def _close(self, at: int, kind: str, message: str) -> None:
        opened = self.open
        if opened is not None and opened.below:
            opened = self._decide_below(opened)
        if opened is None and not self.linked:
            self.flush()
        frames: tuple[Frame, ...] | None = tuple(opened.frames) if opened else ()
        if opened is not None and (opened.mixed or len(opened.writers - {""}) > 1):
            frames = None
        if not self.done:
            self.first = opened.first if opened else at
        self.done.append(ChainedException(kind, _message(message), frames, self.quoted))
        self.last, self.linked, self.tail = at, False, True
        self.open = _Open(True, at, tangled=opened.tangled - 1, mixed=True) if opened and opened.tangled else None

    def _decide_below(self, opened: _Open) -> _Open | None:
        """Frames stood below one exception and above another: they are the next one's, unless a blank line parts them."""
        if self.blank:
            self._settle()
            return None
        self.open = None
        self.flush()
        return opened

    def _settle(self) -> None:
        """Give frames that stood below their exception to it."""
        opened = self.open
        if opened is not None and opened.below and self.done:
            self.done[-1] = replace(self.done[-1], frames=tuple(opened.frames))
            self.open = None

    def flush(self) -> None:
        """End the traceback that is being read."""
        self._settle()
        if self.done:
            self.found.append(Found(tuple(self.done), self.first, self.last))
        self.done, self.linked, self.quoted, self.tail = [], False, False, False
        if self.open is None:
            self.margin, self.in_group = "", False


def _message(text: str) -> str:
    """The first line of a message, without the closing quote of a string that the traceback was pasted from."""
    text = text.strip()
    pasted = text.endswith('",') and text.count('"') % 2 == 1
    return text[: -2 if pasted else None][:MAX_MESSAGE]


def _is_qualified(kind: str) -> bool:
    """Tell whether a name is that of a class in a module: where frames were left out, a header alone came before."""
    module, _, name = kind.rpartition(".")
    return module[:1].islower() and name[:1].isupper()
