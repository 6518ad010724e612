"""An incident document → what its page shows, in the order in which somebody reads it at three in the morning. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from observability.detector import stack
from observability.detector.incidents import Incident
from observability.detector.report import Explanation, Hop, explanation_markdown, hops
from observability.detector.report.looked import worth_telling
from observability.detector.web.words import CAUSES, JOINED, headline, sure

_SHORT: Final = 400  # characters of a line that is shown without being unfolded
_MARKS: Final = {"✅": ("good", "worked"), "❌": ("bad", "failed"), "❓": ("unknown", "not known")}
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Step:
    """A hop with its outcome as a word, for readers who do not see marks."""

    hop: Hop
    css: str
    word: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence in words, with the line that it is."""

    at: str | None
    kind: str
    headline: str
    source: str
    line: int
    text: str
    long: bool
    joined: str
    percent: int
    decisive: bool
    stack: tuple[stack.Block, ...]


@dataclass(frozen=True, slots=True)
class StageRow:
    """How far a request had come, as its stages say."""

    stage: str
    edge: str
    rows: int | None
    memory_mib: int | None
    at: str | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the checks after the failure found. `known`: passed, and worth telling."""

    when: str
    total: int
    failed: tuple[Mapping[str, Any], ...]
    known: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the template needs beside the document."""

    cause_title: str
    sure: str
    percent: int
    why: str | None
    hops: tuple[Step, ...]
    pieces: tuple[Piece, ...]
    tracebacks: tuple[Piece, ...]
    stages: tuple[StageRow, ...]
    diagnosis: Diagnosis | None
    markdown: str


def view(document: Mapping[str, Any], incident: Incident) -> View:
    """Return the page's values. `incident` is the same as `document`, as the report knows it."""
    cause = document["cause"]
    pieces = _pieces(document)
    return View(
        cause_title=CAUSES.get(cause["code"], cause["code"]),
        sure=sure(cause["confidence"]),
        percent=round(cause["confidence"] * 100),
        why=cause["summary"] if cause["summary"] not in document["title"] else None,
        hops=tuple(Step(hop, *_MARKS[hop.mark]) for hop in hops(incident)),
        pieces=pieces,
        tracebacks=tuple(piece for piece in pieces if piece.stack),
        stages=tuple(_stage(piece) for piece in document["evidence"] if piece["kind"] == "stage_mark"),
        diagnosis=_diagnosis(document["evidence"]),
        markdown=explanation_markdown(Explanation("", 0, (), (incident,))).rpartition("\n_")[
            0
        ],  # without what was read
    )


def age(since: str, now: datetime) -> str:
    """Return how long ago a moment was, roughly: "3 min", "2 h", "5 d"."""
    seconds = max(0, int((now - datetime.fromisoformat(since)).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _pieces(document: Mapping[str, Any]) -> tuple[Piece, ...]:
    because = frozenset(document["cause"]["because"])
    pieces = [_piece(piece, index in because) for index, piece in enumerate(document["evidence"])]
    return tuple(sorted(pieces, key=lambda piece: piece.at or ""))


def _piece(piece: Mapping[str, Any], decisive: bool) -> Piece:
    text = piece["text"]
    return Piece(
        at=piece["at"],
        kind=piece["kind"],
        headline=headline(piece),
        source=piece["source"],
        line=piece["line"],
        text=text,
        long=len(text) > _SHORT,
        joined=JOINED.get(piece["joined_by"], piece["joined_by"].replace("_", " ")),
        percent=round(piece["confidence"] * 100),
        decisive=decisive,
        stack=stack.blocks(text) if piece["kind"] in ("traceback", "fatal_dump") else (),
    )


def _stage(piece: Mapping[str, Any]) -> StageRow:
    said = piece["fields"]
    rss = said.get("rss_bytes")
    memory = rss // _MIB if isinstance(rss, int) else None
    return StageRow(str(said.get("stage")), str(said.get("edge")), said.get("rows_done"), memory, piece["at"])


def _diagnosis(evidence: Sequence[Mapping[str, Any]]) -> Diagnosis | None:
    """Return the checks that ran nearest to the death: what holds now may have been mended since."""
    ran = [piece["fields"] for piece in evidence if piece["kind"] == "preflight"]
    if not ran:
        return None
    chosen = next((said for said in ran if said.get("when") == "death"), ran[0])
    checks = chosen.get("checks", ())
    bad = tuple(check for check in checks if not check["ok"])
    known = tuple(check for check in checks if check["ok"] and worth_telling(check["name"]))
    return Diagnosis(str(chosen.get("when")), len(checks), bad, known)
