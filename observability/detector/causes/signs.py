"""Signs: how an exception looks that speaks for a cause. Rules are tables of signs; the surest one counts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from observability.detector.causes.facts import Facts, Raised
from observability.detector.signals import Check, ProcessExit


@dataclass(frozen=True, slots=True)
class Sign:
    """All given parts must hold. `names` are types without module, `module` is searched in the full type and the files
    of the frames, `message` in the message; `never` in the message takes it back."""

    confidence: float
    names: frozenset[str] = frozenset()
    errnos: frozenset[int] = frozenset()
    message: re.Pattern[str] | None = None
    module: re.Pattern[str] | None = None
    detail: re.Pattern[str] | None = None  # searched in the message and the lines after it
    source: re.Pattern[str] | None = None  # searched in the source line and the file of the innermost frame
    never: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """The exception that a sign was found on, and how sure that makes the cause."""

    raised: Raised
    confidence: float


def sign(
    confidence: float,
    names: str = "",
    *,
    errnos: Iterable[int] = (),
    message: str | None = None,
    module: str | None = None,
    detail: str | None = None,
    source: str | None = None,
    never: str | None = None,
) -> Sign:
    """Return a sign; `names` is separated by blanks, the patterns ignore case."""
    return Sign(
        confidence,
        frozenset(names.split()),
        frozenset(errnos),
        *(re.compile(p, re.I | re.S) if p else None for p in (message, module, detail, source, never)),
    )


def strongest(facts: Facts, signs: Iterable[Sign]) -> Hit | None:
    """Return the surest sign on any exception, or None. Equal ones: the exception printed last in its traceback."""
    hits = [
        Hit(raised, sign.confidence * raised.weight) for sign in signs for raised in facts.raised if _on(sign, raised)
    ]
    return max(hits, key=lambda hit: hit.confidence, default=None)


def _on(sign: Sign, raised: Raised) -> bool:
    if sign.names and raised.name not in sign.names:
        return False
    if sign.errnos and raised.errno not in sign.errnos:
        return False
    if sign.message and not sign.message.search(raised.message):
        return False
    if sign.never and sign.never.search(raised.message):
        return False
    if sign.detail and not sign.detail.search(f"{raised.message}\n{raised.context}"):
        return False
    if sign.module and not (sign.module.search(raised.type) or sign.module.search(raised.files())):
        return False
    return not sign.source or _in_source(sign.source, raised)


def _in_source(pattern: re.Pattern[str], raised: Raised) -> bool:
    inner = raised.innermost
    return inner is not None and any(
        pattern.search(text) for text in (inner.source or "", inner.file, inner.function or "")
    )


def where(raised: Raised) -> str:
    """Return " in draw" and " at publish.py:41" as far as known: the end of a summary."""
    inner = raised.place
    stage = f" in stage {raised.stage}" if raised.stage else ""
    place = f" ({inner.file}:{inner.line})" if inner and inner.line else ""
    return stage + place


def during(ended: ProcessExit, facts: Facts) -> str:
    """Return " in stage draw" as far as known; of a worker also the row and the job: the end of a summary."""
    if ended.stage:
        row = f" at row {ended.rows_done:,}" if ended.rows_done else ""
        return f" in stage {ended.stage}{row}" + (f" of job {ended.ids.job_id}" if ended.ids.job_id else "")
    stage = next((mark.stage for _, mark in facts.marks if mark.edge == "interrupted"), None)
    return f" in stage {stage}" if stage else ""


def step_of(check: Check) -> str:
    """Return the remedy of a check as a line for a shell: a command as it is, advice as a comment."""
    command = check.remedy.removeprefix("Run: ")
    return command if command != check.remedy else f"# {check.remedy}"


def told(raised: Raised) -> str:
    """Return the exception as one line, cut where it grows long."""
    text = f"{raised.type}: {raised.message}" if raised.type else raised.message
    line = " ".join(text.split()) or "an exception without a message"
    return line if len(line) <= 160 else line[:159] + "…"
