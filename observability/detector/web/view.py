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
_ROUTINE: Final = ("stage_mark", "process_start", "preflight")


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
    folded: bool  # the line is behind a click: long, or it says no more than its headline
    joined: str
    percent: int
    decisive: bool
    stack: tuple[stack.Block, ...]


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of a request: how it ended, what it took."""

    stage: str
    edge: str
    took: str | None
    rows: int | None
    memory_mib: int | None


@dataclass(frozen=True, slots=True)
class Walk:
    """How far one request or job had come, stage by stage."""

    request_id: str | None
    rows: tuple[StageRow, ...]


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
    stages: tuple[Walk, ...]
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
        stages=_walks(document["evidence"]),
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
        folded=len(text) > _SHORT or piece["kind"] in _ROUTINE,
        joined=JOINED.get(piece["joined_by"], piece["joined_by"].replace("_", " ")),
        percent=round(piece["confidence"] * 100),
        decisive=decisive,
        stack=stack.blocks(text) if piece["kind"] in ("traceback", "fatal_dump") else (),
    )


def _walks(evidence: Sequence[Mapping[str, Any]]) -> tuple[Walk, ...]:
    """Return each request's stages in the order in which they began; what is known of both ends of a stage is one row."""
    marks = sorted((piece for piece in evidence if piece["kind"] == "stage_mark"), key=lambda piece: piece["at"] or "")
    found: dict[str | None, dict[str, list[Mapping[str, Any]]]] = {}
    for piece in marks:
        said = piece["fields"]
        of = said.get("request_id") or said.get("job_id")
        found.setdefault(of, {}).setdefault(str(said.get("stage")), []).append(piece)
    return tuple(Walk(of, tuple(map(_stage, stages.values()))) for of, stages in found.items())


def _stage(pieces: Sequence[Mapping[str, Any]]) -> StageRow:
    first, last = pieces[0], pieces[-1]
    said = last["fields"]
    rss = said.get("rss_bytes")
    return StageRow(
        stage=str(said.get("stage")),
        edge=str(said.get("edge")),
        took=_took(first["at"], said.get("moved_at") or last["at"]) if len(pieces) > 1 else None,
        rows=said.get("rows_done"),
        memory_mib=rss // _MIB if isinstance(rss, int) else None,
    )


def _took(since: str | None, until: str | None) -> str | None:
    if since is None or until is None:
        return None
    seconds = (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


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
