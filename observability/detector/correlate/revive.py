"""Incidents older than what is in mind: told by the fingerprint of a new one, and brought back to go on where they stood. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from observability.detector.correlate.keys import address_of
from observability.detector.correlate.state import Case, State
from observability.detector.incidents import Enriched, Incident, IncidentChange, Opened

_DEATHS: Final = frozenset({"process_exit", "oom_kill", "fatal_dump"})


def unfamiliar(before: State, changes: Iterable[IncidentChange]) -> frozenset[tuple[str, bool]]:
    """Return the fingerprints that came up in this step, with whether it was a selftest: the store alone may know them."""
    new = {_print(change.incident) for change in changes if isinstance(change, Opened | Enriched)}
    return frozenset(new - {_print(case.incident) for case in before.cases}) if new else frozenset()


def _print(incident: Incident) -> tuple[str, bool]:
    return incident.fingerprint, incident.synthetic


def revived(before: State, incidents: Sequence[Incident]) -> State:
    """Return the state with these incidents in mind again. What is in mind already stays as it is there."""
    known = {case.incident.id for case in before.cases}
    back = tuple(_case(incident) for incident in incidents if incident.id not in known)
    cases = sorted((*before.cases, *back), key=lambda c: (c.incident.first_seen, c.incident.id))
    return replace(before, cases=tuple(cases)) if back else before


def _case(incident: Incident) -> Case:
    """The signals are gone, their evidence is not: it goes on as it stands, after that of the new occurrence."""
    fields = [evidence.fields for evidence in incident.evidence]
    said = (address_of(str(one[name])) for name in ("upstream", "address") for one in fields if one.get(name))
    return Case(
        incident=incident,
        members=(),
        fingerprints=(incident.fingerprint,),
        hard=(),
        settled=incident.occurrences,
        counted=(),
        death=any(evidence.kind in _DEATHS for evidence in incident.evidence),
        address=next((address for address in said if address), None),
        ended_at=incident.last_seen,
        earlier=incident.evidence,
    )
