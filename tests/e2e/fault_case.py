"""A row of the fault matrix: what is done to the real chain, in which surroundings, and the incident that must come of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from observability.detector.incidents import CauseCode, Severity
from tests.e2e.chain import Chain, until
from tests.e2e.fault_actions import FAULTY, ROUTE, Hurt

# A bare 502 of the access log waits this long for its error line, and a client's cancelled request for its 499.
SILENCE_S = 2.3


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the chain is started with. `around` gets the state directory, and what it makes is there before the chain is."""

    command: Sequence[str] = FAULTY
    options: Sequence[str] = ()
    read_timeout_s: int = 2
    wait_for_backend: bool = True
    env: Mapping[str, str] = field(default_factory=dict)
    upstream: str | None = None
    around: Callable[[Path], AbstractContextManager[Mapping[str, Any]]] = lambda _: nullcontext({})


@dataclass(frozen=True, slots=True)
class Expected:
    """The one incident. `kinds` are all kinds of its evidence, separated by blanks; "a|b": one of them or both.

    `sure` is the least confidence of its cause. `says` must stand in summary or next steps.
    """

    cause: CauseCode
    sure: float
    kinds: str
    severity: Severity = "page"
    stage: str | None = "draw"
    route: str | None = ROUTE
    suspect: bool = True  # the request that did it is named as such; else: none is
    says: str = ""
    candidate: CauseCode | None = None  # what it may be, where the evidence is too thin for a cause


@dataclass(frozen=True, slots=True)
class Fault:
    """`expect` None: nothing is wrong, and there must be no incident and no page."""

    do: Callable[[Chain], Awaitable[Hurt]]
    expect: Expected | None
    status: int | None = None  # what the client got
    surroundings: Surroundings = field(default_factory=Surroundings)


def assert_explains(incident: dict[str, Any], hurt: Hurt, expected: Expected) -> None:
    """Hold the whole incident against what is expected, and against the requests that were hurt."""
    cause = incident["cause"]
    wanted = (expected.cause, expected.severity, expected.stage, expected.route)
    assert (cause["code"], incident["severity"], incident["stage"], incident["route"]) == wanted, incident
    assert expected.sure <= cause["confidence"] <= 1, cause
    assert_kinds({evidence["kind"] for evidence in incident["evidence"]}, expected.kinds)
    assert incident["suspect_request_id"] == (hurt.request_id if expected.suspect else None), incident
    assert set(incident["request_ids"]) == set(hurt.request_ids), incident["request_ids"]
    assert (incident["state"], incident["occurrences"]) == ("open", 1), incident
    assert expected.says in " ".join((cause["summary"], *cause["next_steps"])), cause
    assert expected.candidate in (None, *(each["code"] for each in incident["candidates"])), incident["candidates"]
    assert cause["next_steps"], cause
    assert cause["runbook"] == f"alerts/runbooks/{expected.cause}.md"


def assert_kinds(found: set[str], expected: str) -> None:
    """Fail unless each word is met by one of its alternatives, and nothing else is there."""
    words = [set(word.split("|")) for word in expected.split()]
    assert all(found & word for word in words), (sorted(found), expected)
    assert found <= set().union(*words), (sorted(found), expected)


async def assert_told_once(running: Chain, incident: dict[str, Any]) -> None:
    """Fail unless one notification said that this incident opened, and none was about another one."""
    await until(lambda: running.pages, "a page")
    assert {page["incident"]["id"] for page in running.pages} == {incident["id"]}
    assert [page["change"] for page in running.pages].count("opened") == 1, [page["change"] for page in running.pages]
