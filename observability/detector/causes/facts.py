"""What the rules look at: the typed signals of one incident, and every exception in them with how much it says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from observability.detector.causes.checks import speaks_for
from observability.detector.incidents import CauseCode
from observability.detector.signals import (
    Access,
    Alert,
    Check,
    FatalDump,
    PreflightChecked,
    ProcessExit,
    ProcessStart,
    ProcessStop,
    Signal,
    StageMark,
    Traceback,
    UpstreamError,
)
from observability.fingerprint import Frame, is_in_app

S = TypeVar("S", bound=Signal)

# An exception that another one followed still counts, but the last one is what was raised in the end.
_EARLIER = 0.93
# Words around a traceback, or of whoever reported an exit: written by somebody, not by the interpreter.
_AROUND = 0.85

_ERRNO = re.compile(r"\[(?:Errno|WinError|Error) (-?\d+)\]|\((\d{1,5}), ['\"]|^Error (\d+) ", re.ASCII)
_QUOTED_PATH = re.compile(r"""['"]((?:~|\.{1,2}|[A-Za-z]:)?[/\\][^'"]*|[^'"]*[/\\][^'"]*)['"]""")
_BARE_PATH = re.compile(r"(?:^|[\s:(])(/[^\s:'\"]+)")


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception, or (with an empty type) words of a log around it. `index` is the evidence that it stands in."""

    index: int
    type: str
    message: str
    frames: tuple[Frame, ...]
    weight: float
    context: str = ""
    stage: str | None = None

    @property
    def name(self) -> str:
        """The type without its module: `OperationalError`."""
        return self.type.rpartition(".")[2]

    @property
    def errno(self) -> int | None:
        """The errno in the message as CPython, MySQL drivers and redis-py write it, or None."""
        found = _ERRNO.search(self.message)
        return next((int(group) for group in found.groups() if group), None) if found else None

    @property
    def path(self) -> str | None:
        """The file that the message names, or None. CPython puts it in quotes, shells and loaders do not."""
        found = _QUOTED_PATH.search(self.message) or _BARE_PATH.search(self.message)
        return found[1] if found else None

    @property
    def innermost(self) -> Frame | None:
        return self.frames[-1] if self.frames else None

    @property
    def place(self) -> Frame | None:
        """The innermost frame of the application's own code; the innermost of all where there is none."""
        return next((frame for frame in reversed(self.frames) if is_in_app(frame)), self.innermost)

    def files(self) -> str:
        """All files of the frames in one text, with forward slashes, for a search."""
        return "\n".join(frame.file.replace("\\", "/") for frame in self.frames)


@dataclass(frozen=True)
class Facts:
    """The signals of one incident. Their order is that of the incident's evidence: an index here is an index there."""

    signals: tuple[Signal, ...]

    def of(self, kind: type[S]) -> Iterator[tuple[int, S]]:
        """Yield (index, signal) of one type, in order."""
        return ((index, signal) for index, signal in enumerate(self.signals) if isinstance(signal, kind))

    @cached_property
    def errors(self) -> tuple[tuple[int, UpstreamError], ...]:
        return tuple(self.of(UpstreamError))

    @cached_property
    def accesses(self) -> tuple[tuple[int, Access], ...]:
        return tuple(self.of(Access))

    @cached_property
    def tracebacks(self) -> tuple[tuple[int, Traceback], ...]:
        return tuple(self.of(Traceback))

    @cached_property
    def dumps(self) -> tuple[tuple[int, FatalDump], ...]:
        return tuple(self.of(FatalDump))

    @cached_property
    def exits(self) -> tuple[tuple[int, ProcessExit], ...]:
        return tuple(self.of(ProcessExit))

    @cached_property
    def stops(self) -> tuple[tuple[int, ProcessStop], ...]:
        return tuple(self.of(ProcessStop))

    @cached_property
    def starts(self) -> tuple[tuple[int, ProcessStart], ...]:
        return tuple(self.of(ProcessStart))

    @cached_property
    def marks(self) -> tuple[tuple[int, StageMark], ...]:
        return tuple(self.of(StageMark))

    @cached_property
    def preflights(self) -> tuple[tuple[int, PreflightChecked], ...]:
        return tuple(self.of(PreflightChecked))

    @cached_property
    def failed_checks(self) -> tuple[tuple[int, Check], ...]:
        return tuple((index, check) for index, seen in self.preflights for check in seen.checks if not check.ok)

    def checks_for(self, code: CauseCode) -> tuple[tuple[int, Check], ...]:
        """Return the failed preflight checks that speak for this cause, each with its index."""
        return tuple(pair for pair in self.failed_checks if speaks_for(pair[1]) == code)

    @cached_property
    def raised(self) -> tuple[Raised, ...]:
        """Every exception with its weight, and the words around exceptions and exits as untyped ones."""
        return tuple(self._raised())

    @property
    def only_nginx(self) -> bool:
        """Nobody but nginx has said anything: too little for a cause."""
        return all(isinstance(signal, UpstreamError | Access) for signal in self.signals)

    def _raised(self) -> Iterator[Raised]:
        for index, traceback in self.tracebacks:
            for back, exception in enumerate(reversed(traceback.exceptions)):
                yield Raised(
                    index,
                    exception.type,
                    exception.message,
                    exception.frames or (),
                    1.0 if back == 0 else _EARLIER,
                    traceback.context,
                    traceback.stage,
                )
            if traceback.context:
                yield Raised(index, "", traceback.context, (), _AROUND)
        for index, alert in self.of(Alert):
            yield Raised(index, "", f"{alert.name}: {alert.origin.text}", (), _AROUND)
        for index, ended in self.exits:
            if ended.detail:
                yield Raised(index, "", ended.detail, (), _AROUND)
        for index, dump in self.dumps:
            yield Raised(index, "", dump.reason, dump.frames, _AROUND)
