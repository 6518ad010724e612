"""An explanation as Markdown: what a careful engineer would write by hand."""

from observability.detector.incidents import Evidence, Incident
from observability.detector.report.explain import Explanation
from observability.detector.report.hops import hops
from observability.detector.report.looked import looked

_MAX_TEXT = 1200


def explanation_markdown(explanation: Explanation) -> str:
    """Return the report; ends with a line break."""
    if not explanation.incidents:
        return f"# Nothing is wrong\n\n{_read(explanation)} No incident came of them.\n"
    parts = [_incident(incident) for incident in explanation.incidents]
    return "\n---\n\n".join(parts) + f"\n_{_read(explanation)}_\n"


def _read(explanation: Explanation) -> str:
    return f"{explanation.lines_read} lines read, {len(explanation.signals)} signals."


def _incident(incident: Incident) -> str:
    sections = (
        [f"# {_inline(incident.title)}", "", _facts(incident), ""],
        ["## The error", "", *_error(incident), ""],
        [
            "## What it means, hop by hop",
            "",
            *(f"- {h.mark} **{h.name}**: {_inline(h.meaning)}" for h in hops(incident)),
            "",
        ],
        ["## Root cause", "", *_cause(incident), ""],
        *(
            [["## What was looked at", "", *(f"- {_inline(line)}" for line in seen), ""]]
            if (seen := looked(incident))
            else []
        ),
        *([["## What else it may be", "", *_candidates(incident), ""]] if incident.candidates else []),
        *(
            [["## Ruled out", "", *(f"- ~~`{r.code}`~~: {_inline(r.because)}" for r in incident.ruled_out), ""]]
            if incident.ruled_out
            else []
        ),
        ["## Next steps", "", *_steps(incident), ""],
    )
    return "\n".join(line for section in sections for line in section)


def _facts(incident: Incident) -> str:
    rows = {
        "severity": incident.severity,
        "route": incident.route,
        "stage": incident.stage,
        "suspect request": incident.suspect_request_id,
        "requests hit": str(len(incident.request_ids)) if len(incident.request_ids) > 1 else None,
        "occurrences": str(incident.occurrences) if incident.occurrences > 1 else None,
        "release": incident.release,
        "seen": incident.first_seen.isoformat() if any(e.at for e in incident.evidence) else None,
    }
    return " · ".join(f"**{name}** {_inline(value)}" for name, value in rows.items() if value)


def _error(incident: Incident) -> list[str]:
    if not incident.evidence:  # a storm: it is made of incidents, not of lines
        return [_inline(incident.title)]
    first = next((e for e in incident.evidence if e.joined_by == "opened_it"), incident.evidence[0])
    return ["```text", *_cut(first.text).splitlines(), "```"]


def _cut(text: str) -> str:
    safe = text.replace("```", "'''")
    return safe if len(safe) <= _MAX_TEXT else f"{safe[: _MAX_TEXT // 2]}\n…\n{safe[-_MAX_TEXT // 2 :]}"


def _cause(incident: Incident) -> list[str]:
    cause = incident.cause
    sure = f"{cause.confidence:.0%}"
    known = "not known yet" if cause.code == "other" else f"`{cause.code}`, {sure} sure"
    lines = [f"**{known}**: {_inline(cause.summary)}", ""]
    lines += [_line(index, evidence, index in cause.because) for index, evidence in enumerate(incident.evidence)]
    return [*lines, "", f"Runbook: `{cause.runbook}`"]


def _line(index: int, evidence: Evidence, because: bool) -> str:
    where = f"{evidence.source}:{evidence.line}"
    point = "**" if because else ""
    first = next((line.strip() for line in reversed(evidence.text.splitlines()) if line.strip()), "") if because else ""
    quote = f": `{_code(first)}`" if first else ""
    joined = f"joined by {evidence.joined_by}, {evidence.confidence:.0%}"
    return f"{index + 1}. {point}{evidence.kind}{point} at `{where}` ({joined}){quote}"


def _candidates(incident: Incident) -> list[str]:
    return [f"- `{c.code}` ({c.confidence:.0%}); confirm with: `{_code(c.confirm_with)}`" for c in incident.candidates]


def _steps(incident: Incident) -> list[str]:
    return ["```sh", *incident.cause.next_steps, "```"]


def _inline(text: str) -> str:
    """One line that Markdown takes as text: log lines are strangers' words."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def _code(text: str) -> str:
    line = " ".join(text.split()).replace("`", "'")
    return line if len(line) <= 200 else line[:199] + "…"
