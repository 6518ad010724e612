"""Signals to incident changes. Pure: state and clock come in, state and changes go out. Nothing waits, nothing is read."""

from observability.detector.correlate.describe import Known, describe, incident_id, kept, stage_of
from observability.detector.correlate.findings import Memory
from observability.detector.correlate.fingerprints import Print, print_of
from observability.detector.correlate.grouping import Group, Grouped, group
from observability.detector.correlate.intake import last_of_each, table_of
from observability.detector.correlate.keys import matches, order, within
from observability.detector.correlate.release import running
from observability.detector.correlate.revive import revived, unfamiliar
from observability.detector.correlate.state import DEPLOY_S, PROOFS, YOUNG_S, Case, Joined, Process, State
from observability.detector.correlate.step import correlate, groups_of

__all__ = [
    "DEPLOY_S",
    "PROOFS",
    "YOUNG_S",
    "Case",
    "Group",
    "Grouped",
    "Joined",
    "Known",
    "Memory",
    "Print",
    "Process",
    "State",
    "correlate",
    "describe",
    "group",
    "groups_of",
    "incident_id",
    "kept",
    "last_of_each",
    "matches",
    "order",
    "print_of",
    "revived",
    "running",
    "stage_of",
    "table_of",
    "unfamiliar",
    "within",
]
