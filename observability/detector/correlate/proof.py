"""When an incident is over: only by positive proof, never by silence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from observability.detector.correlate.keys import address_of, is_success, matches, order
from observability.detector.correlate.release import running
from observability.detector.correlate.state import PROOFS, Case, Process
from observability.detector.incidents import CauseCode, Incident, IncidentChange, Resolved
from observability.detector.signals import Access, ProcessStart, Signal

# A success says nothing about these: another file or another setting took another way through the same code.
_NEED_NEW_PROCESS: frozenset[CauseCode] = frozenset(
    {"programming_error", "bad_input", "import_error", "missing_env", "config_error", "deploy"}
)


def prove(
    cases: tuple[Case, ...], signals: Iterable[Signal], processes: tuple[Process, ...]
) -> tuple[tuple[Case, ...], tuple[IncidentChange, ...]]:
    """Return the cases with what the signals prove, and those resolved by it: a new process is up and its route works again."""
    witnesses = sorted(
        (s for s in signals if isinstance(s, ProcessStart) or (isinstance(s, Access) and is_success(s))), key=order
    )
    if not witnesses:
        return cases, ()
    of_route = _by_route(cases, witnesses)
    after = tuple(_after(case, of_route.get(case.incident.route, ()), processes) for case in cases)
    resolved = tuple(
        Resolved(new.incident, _because(new))
        for old, new in zip(cases, after, strict=True)
        if new.incident.state != old.incident.state
    )
    return after, resolved


def _by_route(cases: Iterable[Case], witnesses: Sequence[Signal]) -> dict[str | None, list[Signal]]:
    """Return what may prove anything, by route. Many incidents are of one route: each is compared once with a witness."""
    standing = {case.incident.route: case.incident for case in cases if case.incident.state != "resolved"}
    return {
        route: [seen for seen in witnesses if not isinstance(seen, Access) or _on_route(incident, seen)]
        for route, incident in standing.items()
    }


def _after(case: Case, witnesses: Sequence[Signal], processes: tuple[Process, ...]) -> Case:
    if case.incident.state == "resolved":
        return case
    for seen in witnesses:
        if seen.at is None or seen.at <= case.ended_at:
            continue
        if isinstance(seen, ProcessStart):
            if seen.role != "worker" and _same_place(case, seen):
                case = replace(case, came_back=True, proofs=0, worked_at=case.worked_at or seen.at)
        elif case.came_back or not _needs_process(case):
            case = replace(case, proofs=min(case.proofs + 1, PROOFS), worked_at=case.worked_at or seen.at)
    if case.proofs < PROOFS:
        return case
    fixed = running(processes, case.address) or case.incident.release
    return replace(case, incident=replace(case.incident, state="resolved", resolved_in=fixed))


def _needs_process(case: Case) -> bool:
    worker = case.incident.severity == "ticket"  # a worker is replaced without a word; the backend lives on
    return (case.death and not worker) or case.incident.cause.code in _NEED_NEW_PROCESS


def _same_place(case: Case, start: ProcessStart) -> bool:
    return case.address is None or start.address is None or matches(case.address, address_of(start.address)) > 0


def _on_route(incident: Incident, access: Access) -> bool:
    """The same route: segment by segment, with `{id}` of a template standing for anything."""
    if incident.route is None:
        return access.upstream not in (None, "-")
    method, _, template = incident.route.partition(" ")
    want = template.split("/")
    have = (access.path or "").partition("?")[0].split("/")
    same = len(want) == len(have) and all(
        w == h or (w.startswith("{") and w.endswith("}")) for w, h in zip(want, have, strict=True)
    )
    return same and access.method == method


def _because(case: Case) -> str:
    up = "a new process is up and " if case.came_back else ""
    return f"{up}{case.proofs} requests to {case.incident.route or 'the upstream'} succeeded since"
