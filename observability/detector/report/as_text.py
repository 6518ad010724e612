"""An explanation for a terminal."""

from observability.detector.incidents import Incident
from observability.detector.report.explain import Explanation
from observability.detector.report.hops import hops
from observability.detector.report.looked import looked

_WIDTH = 110


def explanation_text(explanation: Explanation) -> str:
    """Return the report; ends with a line break."""
    read = f"{explanation.lines_read} lines read, {len(explanation.signals)} signals, {len(explanation.incidents)} incidents"
    if not explanation.incidents:
        return f"Nothing is wrong. {read}.\n"
    return "\n".join([*(_incident(incident) for incident in explanation.incidents), f"({read})\n"])


def _incident(incident: Incident) -> str:
    cause = incident.cause
    lines = [
        f"{incident.severity.upper()}  {_flat(incident.title)}",
        f"cause   {cause.code} ({cause.confidence:.0%}): {_flat(cause.summary)}",
        *([f"suspect {incident.suspect_request_id}"] if incident.suspect_request_id else []),
        "",
        *(f"  {hop.mark} {hop.name}: {_flat(hop.meaning)}" for hop in hops(incident)),
        "",
        "evidence",
        *(f"  {e.kind:<22} {e.source}:{e.line}  {_cut(e.text)}" for e in incident.evidence),
        *(["looked at", *(f"  {_flat(line)}" for line in seen)] if (seen := looked(incident)) else []),
        *(
            ["may also be", *(f"  {c.code} ({c.confidence:.0%}): {c.confirm_with}" for c in incident.candidates)]
            if incident.candidates
            else []
        ),
        *(["ruled out", *(f"  {r.code}: {r.because}" for r in incident.ruled_out)] if incident.ruled_out else []),
        "next steps",
        *(f"  {step}" for step in cause.next_steps),
        f"runbook {cause.runbook}",
        "",
    ]
    return "\n".join(lines)


def _flat(text: str) -> str:
    """One line without control characters: a log may hold what a terminal obeys."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def _cut(text: str) -> str:
    line = _flat(text)
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
