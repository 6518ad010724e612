"""One row of text → what it is in a traceback: header, frame, exception, link, group mark, or something else."""

import re
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword
from typing import Final, Literal

from observability.fingerprint import Frame, module_of

LAST: Final = "(most recent call last)"
_HEADER: Final = "Traceback"
_FRAME_REST: Final = re.compile(r"(\d+)(?:,? in (\S.*))?$")
_TYPE: Final = r"[^\W\d]\w*(?:\.(?:[^\W\d]\w*|<locals>))*(?:\(\w+\))?"  # RayTaskError(KeyError)
_EXCEPTION: Final = re.compile(rf"({_TYPE})(?::(?:[ \t]+(.*)|))?$", re.DOTALL)
_STRONG: Final = re.compile(
    r"(?:\w+(?:Error|Exception|ExceptionGroup|Interrupt|RemoteTraceback)|[a-z]\w*error|ExceptionGroup|RemoteTraceback)$"
)
_BUILTIN: Final = frozenset(
    {"KeyboardInterrupt", "SystemExit", "GeneratorExit", "StopIteration", "StopAsyncIteration", "Exception"}
)
_LOWER_CASE: Final = frozenset({"error", "timeout"})  # socket.error, select.error, zlib.error; socket.timeout
_ERROR_MODULE: Final = re.compile(r"\.(?:exceptions?|errors?|exc)\.(?:\w+\.)*[A-Z]\w*$")
_LEVELS: Final = frozenset(
    {
        "info",
        "error",
        "warning",
        "warn",
        "debug",
        "critical",
        "fatal",
        "notice",
        "trace",
        "severe",
        "crit",
        "err",
        "note",
    }
)
_LINK: Final = re.compile(  # Lib/traceback.py _cause_message, _context_message; Django names the exception in brackets
    r"The above exception(?: \(.{0,500}\))? was the direct cause of the following exception"
    r"|During handling of the above exception(?: \(.{0,500}\))?, another exception occurred"
)
_GROUP_MARK: Final = re.compile(r"\+[-+]*-{4,}(?: ?(?:\d+|\.\.\.) ?-{4,})?[ \t]*$")
_GROUP_BAR: Final = re.compile(r"[ \t]*[|+][ \t]?(?=[ \t]*\S|$)")
_REPEATED: Final = re.compile(
    r"[ \t]*\[Previous line repeated \d+ more times?\]"
)  # Lib/traceback.py StackSummary.format
_MARKERS: Final = re.compile(r"[ \t]*[~^]+[~^ \t]*$")
_STAMP: Final = re.compile(r"\d+(?:[-:.,/+T]\d+)+Z?|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d")
_MAX_MARGIN: Final = 300

Kind = Literal[
    "header", "frame", "location", "exception", "link", "group", "repeated", "markers", "stack", "blank", "other"
]


@dataclass(frozen=True, slots=True)
class FrameLine:
    """A `File "…", line N, in f` and what stood before it; `function` None: a SyntaxError's location, not a frame."""

    margin: str  # a log prefix, or nothing
    indent: int
    frame: Frame


def frame_line(text: str) -> FrameLine | None:
    """Return the frame in this row, the first letters of which may be lost."""
    end = text.find('", line ')
    start = text.rfind('"', 0, end) if end > 0 else -1
    if start < 0 or (rest := _FRAME_REST.match(text[end + len('", line ') :].rstrip(' \t",').rstrip())) is None:
        return None
    head = text[:start]
    before = head[: -len("File ")] if head.endswith("File ") else head if _lost(head, "File ") else None
    if before is None or len(before) > _MAX_MARGIN:
        return None
    file = text[start + 1 : end]
    margin = before.rstrip(" \t") if before.strip(" \t\"'") else ""
    if margin.endswith(":") and (quoting := exception_line(margin)) is not None and is_strong(quoting[0]):
        return None  # an exception's message that looks like a frame
    indent = len(before) - len(before.rstrip(" \t"))
    function, _, source = (rest[2] or "").partition("  ")  # a source line may have lost its line break
    frame = Frame(file, int(rest[1][:9]), function or None, source.strip() or None, module_of(file))
    return FrameLine(margin, indent, frame)


def _lost(head: str, word: str) -> bool:
    return len(head) < len(word) and word.endswith(head)


def is_header(text: str) -> bool:
    """Tell whether a row ends in `Traceback (most recent call last):`, of which the first letters may be lost."""
    at = text.rfind(LAST)
    if at < 0:
        return False
    before, after = text[:at].rstrip(), text[at + len(LAST) :].strip()
    whole = len(before) < len(_HEADER) and _HEADER.endswith(before)
    if after == ":":
        return whole or before.endswith(_HEADER)
    return not after and (whole or before.strip() == _HEADER)


def before_header(text: str) -> str:
    """Return what stands before the header in its row: a log prefix, or the exception that quotes a traceback."""
    before = text[: text.rfind(LAST)].rstrip()
    before = before[: -len(_HEADER)] if before.endswith(_HEADER) else ""
    return before.removesuffix("Exception Group ")


def exception_line(text: str) -> tuple[str, str] | None:
    """Return type and first line of the message, where a row without margin can be an exception's line at all."""
    found = _EXCEPTION.match(text.rstrip())
    if found is None or iskeyword(found[1]) or (found[1].lower() in _LEVELS and found[1] != "error"):
        return None
    return found[1], (found[2] or "").strip()


def is_strong(kind: str) -> bool:
    """Tell whether a name alone says that it is an exception."""
    module, _, name = kind.rpartition(".")
    if _STRONG.match(name) or name in _BUILTIN or (module and name in _LOWER_CASE):
        return True
    return bool(_ERROR_MODULE.search(kind))


def is_plausible(kind: str, message: str) -> bool:
    """Tell whether a name may be an exception where one is due: CamelCase, dotted, or with a message."""
    return is_strong(kind) or "." in kind or kind[0].isupper() or bool(message) or kind in _LOWER_CASE


def without_bar(text: str) -> str:
    """Return the row without the bar that an exception group puts before it."""
    return text[bar.end() :] if (bar := _GROUP_BAR.match(text)) else text


def kind_of(text: str) -> Kind:
    """Return what a row is, by itself; exceptions and sources need to know what came before."""
    if not text.strip():
        return "blank"
    if is_header(text):
        return "header"
    if (found := frame_line(text)) is not None:
        return "frame" if found.frame.function else "location"
    if "above exception" in text and _LINK.search(text):
        return "link"
    return _mark_of(text)


def _mark_of(text: str) -> Kind:
    if _MARKERS.match(text):
        return "markers"
    if _REPEATED.match(text):
        return "repeated"
    if (
        text.startswith(("Call stack:", "Stack (most recent call last):"))
        or "created at (most recent call last)" in text
    ):
        return "stack"  # Lib/logging handleError and stack_info, asyncio's debug mode: where the log call stands
    return "group" if is_group_mark(text) else "other"


def is_group_mark(text: str) -> bool:
    """Tell whether this row parts the children of an exception group: `+-+------- 1 -------`."""
    return len(text) <= _MAX_MARGIN and bool(_GROUP_MARK.search(text))


def writer_of(margin: str) -> str:
    """Return a log prefix without its times: what tells two writers apart."""
    return " ".join(_STAMP.sub("", margin).split())


def without_margin(text: str, margin: str) -> str | None:
    """Return the row without a log prefix of this shape (digits may differ), or None: another writer's row."""
    if not margin:
        return text
    if text.startswith(margin):
        return text[len(margin) :]
    found = _shape(margin).match(text)
    return text[found.end() :] if found else None


@lru_cache(maxsize=256)
def _shape(margin: str) -> re.Pattern[str]:
    return re.compile(r"\d+".join(re.escape(part) for part in re.split(r"\d+", margin)))
