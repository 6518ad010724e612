"""Signals to incident changes. Pure: state and clock come in, state and changes go out. Nothing waits, nothing is read."""

from observability.detector.correlate.describe import Known, describe, incident_id, kept
from observability.detector.correlate.grouping import Group, Grouped, group
from observability.detector.correlate.keys import is_hard, is_server_error, order
from observability.detector.correlate.state import PROOFS, YOUNG_S, Case, Joined, Process, State
from observability.detector.correlate.step import correlate, expected, with_marks

__all__ = [
    "PROOFS",
    "YOUNG_S",
    "Case",
    "Group",
    "Grouped",
    "Joined",
    "Known",
    "Process",
    "State",
    "correlate",
    "describe",
    "expected",
    "group",
    "incident_id",
    "is_hard",
    "is_server_error",
    "kept",
    "order",
    "with_marks",
]
