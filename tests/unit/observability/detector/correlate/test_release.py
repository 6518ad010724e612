"""A failure that comes back: in which release, and whether that is a regression."""

from dataclasses import replace

import pytest

from observability.detector.correlate.release import came_back, seen
from observability.detector.incidents import Incident, Reopened, Resolved
from observability.detector.signals import ProcessStart, Signal
from tests.unit.observability.detector.crash import UPLOAD, access, raised, started
from tests.unit.observability.detector.incident_examples import incident
from tests.unit.observability.detector.play import play

WORDS: dict[str, tuple[str | None, str | None, tuple[str, ...], str]] = {
    "a newer release": ("1.10", "1.9", (), "regression in release 1.10 (resolved in 1.9)"),
    "the same release": ("1.9", "1.9", (), "the same failure came back in release 1.9, the one in which it had been resolved"),
    "an old replica of a rolling deploy": (
        "1.9",
        "1.10",
        ("1.10", "1.9"),
        "the same failure came back in release 1.9, which is older than 1.10, where it was resolved: "
        "an old replica, not a regression",
    ),
    "names that are no numbers go by the time they were seen": (
        "fe12", "a01b", ("a01b", "fe12"), "regression in release fe12 (resolved in a01b)",
    ),
    "a name seen before the one in which it was resolved": (
        "fe12",
        "a01b",
        ("fe12", "a01b"),
        "the same failure came back in release fe12, which is older than a01b, where it was resolved: "
        "an old replica, not a regression",
    ),
    "nobody says the release": (None, None, (), "the same failure came back after it had been resolved"),
    "only the resolved one is known": (None, "1.9", (), "the same failure came back after it had been resolved in 1.9"),
    "only the failing one is known": ("2", None, (), "the same failure came back in release 2 after it had been resolved"),
}  # fmt: skip


@pytest.mark.parametrize(("again", "fixed", "releases", "want"), WORDS.values(), ids=WORDS)
def test_because(again: str | None, fixed: str | None, releases: tuple[str, ...], want: str) -> None:
    before = incident(state="resolved", resolved_in=fixed)
    assert came_back(before, replace(before, release=again), releases) == want


def up(seconds: float, release: str, pid: int) -> ProcessStart:
    return replace(started(seconds, pid=pid), release=release)


def bug(seconds: float, request: str, release: str | None, pid: int = 77) -> tuple[Signal, ...]:
    traceback = raised("KeyError", "'code'", seconds, request=request, pid=pid, release=release)
    return traceback, access(500, seconds + 0.001, request=request)


def works(seconds: float) -> tuple[Signal, ...]:
    return tuple(access(200, seconds + n / 10, cid=50 + n, request=f"ok{seconds}{n}", path=UPLOAD) for n in range(3))


def outcome(*signals: Signal) -> tuple[str | None, str, Incident]:
    """Return the release in which it was resolved, why it was reopened, and the incident in the end."""
    changes = play(signals, until=100)[1]
    (resolved,) = [change for change in changes if isinstance(change, Resolved)]
    (reopened,) = [change for change in changes if isinstance(change, Reopened)]
    return resolved.incident.resolved_in, reopened.because, changes[-1].incident


def test_the_release_of_the_process_that_proved_it_is_the_one_in_which_it_was_resolved() -> None:
    first = (up(-60, "1.1", 77), *bug(0, "r1", "1.1"), up(41, "1.2", 78), *works(42))
    fixed, because, last = outcome(*first, *bug(60, "r2", "1.3", 79))
    assert (fixed, because, last.release) == ("1.2", "regression in release 1.3 (resolved in 1.2)", "1.3")


def test_an_old_replica_that_still_runs_is_no_regression() -> None:
    first = (up(-60, "1.1", 77), *bug(0, "r1", "1.1"), up(41, "1.2", 78), *works(42))
    fixed, because, last = outcome(*first, *bug(60, "r2", "1.1"))
    assert (fixed, last.state) == ("1.2", "open")
    assert because.endswith("an old replica, not a regression")


def test_a_line_without_a_version_goes_by_the_process_that_wrote_it() -> None:
    first = (up(-60, "1.1", 77), *bug(0, "r1", None), up(41, "1.2", 78), *works(42))
    assert outcome(*first, *bug(60, "r2", None, 78))[1].startswith("the same failure came back in release 1.2, the one")


def test_releases_are_remembered_in_the_order_of_their_first_appearance() -> None:
    assert seen(("b",), [up(2, "a", 1), up(1, "c", 2), up(3, "b", 3)]) == ("b", "c", "a")
    assert len(seen((), [up(n, f"r{n}", n) for n in range(99)])) == 64
