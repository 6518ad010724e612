"""Pasted logs to an explanation, and incidents as text, Markdown and JSON. Pure."""

from observability.detector.report.as_json import explanation_json, incident_json
from observability.detector.report.as_markdown import explanation_markdown
from observability.detector.report.as_text import explanation_text
from observability.detector.report.explain import Explanation, explain, incidents_of
from observability.detector.report.hops import Hop, hops
from observability.detector.report.same_paste import same_paste

__all__ = [
    "Explanation",
    "Hop",
    "explain",
    "explanation_json",
    "explanation_markdown",
    "explanation_text",
    "hops",
    "incident_json",
    "incidents_of",
    "same_paste",
]
