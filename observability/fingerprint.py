"""What makes two crashes the same crash: a neutral exception chain, from `exc_info` or from text, to one value. A leaf."""

import hashlib
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from observability.ids import Fingerprint


@dataclass(frozen=True, slots=True)
class Frame:
    """One stack frame, outermost first in a traceback. Line numbers are kept for people, never for the fingerprint."""

    file: str
    line: int | None
    function: str | None
    source: str | None = None  # the source line, stripped
    module: str | None = None  # dotted, where it could be told


@dataclass(frozen=True, slots=True)
class ChainedException:
    """One exception of a chain. `frames` is None where writers were interleaved beyond repair."""

    type: str  # qualified as printed: "sqlalchemy.exc.OperationalError"
    message: str  # its first line
    frames: tuple[Frame, ...] | None = ()
    quoted: bool = False  # printed inside the message of another one (RemoteTraceback): `exc_info` does not have it


InApp = Callable[[Frame], bool]

_PACKAGES: Final = re.compile(r"(?:^|[\\/])(?:site|dist)-packages[\\/]")
_STDLIB: Final = re.compile(r"(?:^|[\\/])(?:lib(?:32|64)?[\\/]python\d[\d.]*t?|python\d+[\\/]lib)[\\/]", re.IGNORECASE)
_SOURCE_SUFFIX: Final = re.compile(r"\.(?:pyw?|pyx|pyc)$")
_GENERATED: Final = re.compile(r"<.*>$|.*\.(?:pyx|pxd|pxi|so|pyd|c|cc|cpp)$")  # frozen, exec'd, or compiled by Cython


@lru_cache(maxsize=4_096)  # the same few files stand in every traceback
def module_of(file: str) -> str:
    """Return the dotted module that a path stands for: below site-packages or the library, else its last two parts.

    Two parts, because printed text has only a path, and where a checkout lies must not matter.
    """
    if file.startswith("<"):
        return file
    for root in (_PACKAGES, _STDLIB):
        if found := list(root.finditer(file)):
            return _dotted(file[found[-1].end() :])
    return ".".join(_dotted(file).split(".")[-2:])


def _dotted(path: str) -> str:
    parts = [part for part in re.split(r"[\\/]+", _SOURCE_SUFFIX.sub("", path)) if part not in {"", ".", ".."}]
    if len(parts) > 1 and parts[-1] == "__init__":
        parts.pop()
    return ".".join(part.replace(".", "_") for part in parts)


def is_in_app(frame: Frame) -> bool:
    """Tell our own code from installed, standard-library, frozen, generated and compiled code, by the path alone."""
    return not (_PACKAGES.search(frame.file) or _STDLIB.search(frame.file) or _GENERATED.match(frame.file))


# -- a live exception ----------------------------------------------------------------------------------------------
_MAX_GROUP_WIDTH: Final = 15  # Lib/traceback.py, TracebackException.__init__: what format_exception prints of a group
_MAX_GROUP_DEPTH: Final = 10


def chain_from_exc_info(exc: BaseException) -> tuple[ChainedException, ...]:
    """Return the chain in the order in which `traceback.format_exception` prints it, group children flattened."""
    return tuple(_printed(traceback.TracebackException.from_exception(exc), depth=0))


def _printed(shown: traceback.TracebackException, depth: int) -> Iterator[ChainedException]:
    """Walk as TracebackException.format does: causes first, then the exception, then the children of a group."""
    causes = [shown]
    while (earlier := _earlier(causes[-1])) is not None:
        causes.append(earlier)
    for one in reversed(causes):
        children = one.exceptions
        if children is not None and depth >= _MAX_GROUP_DEPTH:
            continue  # printed as "... (max_group_depth is 10)"
        yield _neutral(one)
        for child in (children or [])[:_MAX_GROUP_WIDTH]:
            yield from _printed(child, depth + 1)


def _earlier(shown: traceback.TracebackException) -> traceback.TracebackException | None:
    if shown.__cause__ is not None:
        return shown.__cause__
    return None if shown.__suppress_context__ else shown.__context__


def _neutral(shown: traceback.TracebackException) -> ChainedException:
    headline = next((line for line in shown.format_exception_only() if not line.startswith(" ")), "")
    kind, _, message = headline.partition("\n")[0].partition(":")
    return ChainedException(kind.strip(), message.strip(), tuple(_frame(summary) for summary in shown.stack))


def _frame(summary: traceback.FrameSummary) -> Frame:
    source = (summary.line or "").strip() or None
    return Frame(summary.filename, summary.lineno, summary.name, source, module_of(summary.filename))


# -- version 1: frozen; a change is a new function and a new entry in VERSIONS ------------------------------------------
_COLOUR: Final = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]")  # text has lost them
_VARIABLE: Final = (
    (_COLOUR, ""),
    (re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"'[^']*'|\"[^\"]*\""), "<text>"),
    (re.compile(r"(?:[A-Za-z]:)?[\\/][^\s:,;)\]]+"), "<path>"),
    (re.compile(r"\b[A-Z]{1,3}\$?[0-9]{1,7}\b"), "<cell>"),
    (re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{16,}\b"), "<id>"),
    (re.compile(r"[0-9]+"), "<n>"),
)


def parts_v1(chain: Sequence[ChainedException], in_app: InApp = is_in_app) -> tuple[str, ...]:
    """Return what version 1 looks at, for people: the types and the in-app frames (all frames where none is in-app).

    Exceptions quoted in another's message do not count; equal frames in a row (a recursion) count once, because
    Python prints three of them. A message counts only where there are no frames.
    """
    return tuple(part for exc in chain if not exc.quoted for part in _parts_of(exc, in_app))


def _parts_of(exc: ChainedException, in_app: InApp) -> Iterator[str]:
    yield exc.type
    if not exc.frames:
        yield _normalised(exc.message)
        return
    previous = None
    for frame in [frame for frame in exc.frames if in_app(frame)] or exc.frames:
        part = _frame_part(frame)
        if part != previous:
            yield part
        previous = part


def _frame_part(frame: Frame) -> str:
    source = " ".join(_COLOUR.sub("", frame.source or "").split())
    return f"{module_of(frame.file)}|{frame.function or ''}|{source}"


def _normalised(message: str) -> str:
    for pattern, word in _VARIABLE:
        message = pattern.sub(word, message)
    return " ".join(message.split())


VERSIONS: Final = (("v1", parts_v1),)


def fingerprint(chain: Sequence[ChainedException], in_app: InApp = is_in_app) -> Fingerprint:
    """Return "v1:" and 32 hex digits, the same for a live exception and for its printed text."""
    version, parts = VERSIONS[-1]
    return _value(version, parts(chain, in_app))


def death_fingerprint(kind: str, stage: str | None, top_frame: Frame | None) -> Fingerprint:
    """Return the value of a death without a traceback: `death|kind|stage|top faulthandler frame`."""
    top = f"{module_of(top_frame.file)}|{top_frame.function or ''}" if top_frame else ""
    return _value("v1", ("death", kind, stage or "", top))


def nginx_fingerprint(kind: str, upstream: str | None) -> Fingerprint:
    """Return the value of an incident of which only nginx told: `nginx|kind|upstream`."""
    return _value("v1", ("nginx", kind, upstream or ""))


def _value(version: str, parts: Sequence[str]) -> Fingerprint:
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()
    return Fingerprint(f"{version}:{digest[:32]}")
