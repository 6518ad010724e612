"""Which incident a group belongs to: one that is known, one that another group has just opened, or a new one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from observability.detector.correlate.fingerprints import Print
from observability.detector.correlate.grouping import Group
from observability.detector.correlate.keys import DOWN_KINDS, is_hard
from observability.detector.correlate.state import Case
from observability.detector.signals import UpstreamError


@dataclass(frozen=True, slots=True)
class Home:
    """The incident's id (None: a new one), and whether the group is an occurrence there or more of what is counted."""

    id: str | None
    counts: bool


@dataclass(slots=True)
class Homes:
    """The cases by every key that a group may know them by. Made once a step, so that a storm costs no product of both.

    The earliest case wins where several fit; `cases` come in that order.
    """

    by_print: dict[str, Case] = field(default_factory=dict)
    by_hard: dict[str, Case] = field(default_factory=dict)
    by_partial: dict[tuple[str, str | None], Case] = field(default_factory=dict)
    by_request: dict[str, Case] = field(default_factory=dict)  # settled ones only: late evidence
    by_address: dict[str, list[Case]] = field(default_factory=dict)  # settled ones only: an outage that goes on
    opened: dict[str, str] = field(default_factory=dict)  # fingerprint to the id that a group of this step has opened
    present: frozenset[str] = frozenset()  # sure fingerprints of all groups of this step


def homes_of(cases: Iterable[Case], prints: Iterable[Print]) -> Homes:
    """Return the index; `prints` are those of all groups of this step."""
    homes = Homes(present=frozenset(made.value for made in prints if made.sure))
    for case in cases:
        if case.absorbed:
            continue
        homes.by_print.setdefault(case.incident.fingerprint, case)
        for hard in case.hard:
            homes.by_hard.setdefault(hard, case)
        for value in case.fingerprints:
            homes.by_partial.setdefault((value, case.address), case)
        if case.settled:
            for request_id in case.incident.request_ids:
                homes.by_request.setdefault(request_id, case)
            if case.address is not None:
                homes.by_address.setdefault(case.address, []).append(case)
    return homes


def home_of(group: Group, made: Print, homes: Homes) -> Home:
    """Return where the group belongs: by a sure fingerprint, else what it continues, what it opened, a partial fingerprint."""
    if made.sure and (case := homes.by_print.get(made.value)):
        return Home(case.incident.id, _not_settled_there(group, case))
    if made.sure and made.value in homes.opened:
        return Home(homes.opened[made.value], True)
    if (case := _continued(group, homes)) is not None:
        return Home(case.incident.id, False)
    for hard in sorted(group.hard):
        case = homes.by_hard.get(hard)
        if case is not None and not _differs(made, case, homes.present):
            return Home(case.incident.id, _not_settled_there(group, case))
    return Home(None, True) if made.sure else _by_part(group, made, homes)


def _by_part(group: Group, made: Print, homes: Homes) -> Home:
    """What nginx alone saw, of an incident that once began with the same: an occurrence until better evidence differs."""
    for value in made.partial:
        if (case := homes.by_partial.get((value, group.address))) is not None:
            return Home(case.incident.id, True)
    return Home(homes.opened.get(made.value), True)


def _not_settled_there(group: Group, case: Case) -> bool:
    """A group that the case has settled is counted there; it comes back only when its lines are read again."""
    return not (case.settled and group.hard <= set(case.hard) and group.members[0] in case.members)


def _differs(made: Print, case: Case, present: frozenset[str]) -> bool:
    """The group turned out to be another crash than the case it had been counted for: that one has a group of its own."""
    owned = case.settled or case.incident.fingerprint in present
    return bool(made.sure and owned and case.incident.fingerprint != made.value)


def _continued(group: Group, homes: Homes) -> Case | None:
    """Late evidence of a settled incident: a request of it, or its upstream still down with no sign of life since."""
    for signal in group.signals:
        case = homes.by_request.get(signal.ids.request_id or "")
        if case is not None and not group.hard & set(case.counted):
            return case
    hard = [s for s in group.signals if is_hard(s)]
    if not hard or not all(isinstance(s, UpstreamError) and s.kind in DOWN_KINDS for s in hard):
        return None
    down = (case for case in homes.by_address.get(group.address or "", ()) if not group.hard & set(case.counted))
    return next((case for case in down if _still_down(case, group)), None)


def _still_down(case: Case, group: Group) -> bool:
    return case.worked_at is None or (group.anchor.at is not None and case.worked_at > group.anchor.at)
