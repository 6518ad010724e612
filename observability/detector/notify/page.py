"""An incident → what every notification says of it: the nginx line, our last frames, stage, cause, next step, links. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from observability.detector import stack
from observability.detector.signals import UpstreamKind
from observability.fingerprint import Frame

_NGINX: Final = frozenset(get_args(UpstreamKind))
_FRAMES: Final = 3
_MOST_LISTED: Final = 25
_LONGEST_LINE: Final = 1_000
_LONGEST_FRAME: Final = 240
_WORDS: Final = {"recurred": "Again", "reopened": "Back", "resolved": "Resolved"}  # of a change; others: of the state

Document = Mapping[str, Any]  # DESIGN section 8


@dataclass(frozen=True, slots=True)
class Link:
    """Where to read on."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where people find our pages."""

    public_url: str
    runbooks_url: str = ""  # "": our own page of an incident's runbook

    def incident(self, document: Document) -> str:
        """Return the URL of the incident's page."""
        return f"{self.public_url}/incidents/{document['id']}"

    def runbook(self, document: Document) -> str:
        """Return the URL of the runbook of its cause."""
        if self.runbooks_url:
            return f"{self.runbooks_url}/{document['cause']['code']}.md"
        return f"{self.incident(document)}/runbook"


@dataclass(frozen=True, slots=True)
class Page:
    """The parts of a notification, in the order in which they are read. Lines are bounded and hold no control characters."""

    word: str  # what is new, in one word: "Open", "Back", "Resolved"
    title: str
    severity: str
    facts: tuple[tuple[str, str], ...]  # route, stage, …: what is known of them
    nginx_line: str
    error: str  # "PermissionError: [Errno 13] …"
    frames: tuple[str, ...]  # the last of our own, innermost last
    cause: str
    more: tuple[str, ...]  # what the cause lists below its first line
    code: str
    confidence: float
    next_steps: tuple[str, ...]
    links: tuple[Link, ...]

    @property
    def evidence(self) -> tuple[str, ...]:
        """Return the lines that say what happened, in logs' own words, and what the cause lists."""
        return tuple(line for line in (self.nginx_line, self.error, *self.frames, *self.more) if line)

    @property
    def headline(self) -> str:
        return f"{self.word}: {self.title}"

    @property
    def sure(self) -> str:
        """Return how sure the cause is, in words that fit behind it."""
        return "not known yet" if self.code == "other" else f"{self.code}, {self.confidence:.0%} sure"


def page_of(change: str, document: Document, places: Places) -> Page:
    """Return what to say of a change of this incident, as presented (with its links)."""
    cause, evidence = document["cause"], document["evidence"]
    summary, *more = str(cause["summary"]).strip().splitlines() or [""]
    return Page(
        word=_WORDS.get(change) or str(document["state"]).capitalize(),
        title=one_line(document["title"], _LONGEST_LINE),
        severity=document["severity"],
        facts=tuple((name, one_line(value, _LONGEST_FRAME)) for name, value in _facts(document)),
        nginx_line=_nginx_line(evidence),
        error=_error(evidence),
        frames=_frames(evidence),
        cause=one_line(summary, _LONGEST_LINE),
        more=tuple(one_line(line, _LONGEST_FRAME) for line in more[:_MOST_LISTED]),
        code=cause["code"],
        confidence=cause["confidence"],
        next_steps=tuple(one_line(step, _LONGEST_LINE) for step in cause["next_steps"]),
        links=_links(document, places),
    )


def one_line(text: str, longest: int) -> str:
    """Return one printable line of at most that many characters: strangers' words stand in logs."""
    flat = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def _facts(document: Document) -> list[tuple[str, str]]:
    seen = f"{document['occurrences']} times, last {document['last_seen']}"
    said = {
        "route": document["route"],
        "stage": document["stage"],
        "release": document["release"],
        "request": document["suspect_request_id"],
        "first seen": document["first_seen"],
        "seen": seen if document["occurrences"] > 1 else None,
    }
    return [(name, str(value)) for name, value in said.items() if value]


def _nginx_line(evidence: Sequence[Document]) -> str:
    """The error line that opened the incident, any other one, or the access line where nginx wrote no error."""
    lines = [piece for piece in evidence if piece["kind"] in _NGINX]
    first = [piece for piece in lines if piece["joined_by"] == "opened_it"]
    access = [piece for piece in evidence if piece["kind"] == "access"]
    return next((one_line(piece["text"], _LONGEST_LINE) for piece in (*first, *lines, *access)), "")


def _error(evidence: Sequence[Document]) -> str:
    for piece in evidence:
        if piece["kind"] == "traceback" and (raised := piece["fields"].get("exceptions")):
            last = raised[-1]
            return one_line(f"{last['type']}: {last['message']}".removesuffix(": "), _LONGEST_LINE)
        if piece["kind"] == "fatal_dump":
            return one_line(str(piece["fields"].get("reason", "")), _LONGEST_LINE)
    return ""


def _frames(evidence: Sequence[Document]) -> tuple[str, ...]:
    for piece in evidence:
        own = stack.own_frames(piece["text"]) if piece["kind"] in ("traceback", "fatal_dump") else ()
        # faulthandler prints the most recent call first.
        last = own[-_FRAMES:] if piece["kind"] == "traceback" else own[:_FRAMES][::-1]
        if last:
            return tuple(_frame(frame) for frame in last)
    return ()


def _frame(frame: Frame) -> str:
    source = f": {frame.source}" if frame.source else ""
    return one_line(f"{frame.file}:{frame.line} in {frame.function}{source}", _LONGEST_FRAME)


def _links(document: Document, places: Places) -> tuple[Link, ...]:
    own = [Link("incident", places.incident(document))]
    runbook = [Link("runbook", places.runbook(document))] if document["cause"]["runbook"] else []
    elsewhere = document.get("links") or {}
    return (*own, *(Link(name, url) for name in ("logs", "trace", "error") if (url := elsewhere.get(name))), *runbook)
