"""An unexpected exception is looked at like a death: once, beside the request, under its ids."""

import structlog

from observability.detector.signals import Check
from observability.preflight import Diagnosis, Probe
from tests.unit.observability.conftest import Lines


def probe() -> Check:
    return Check("DOWNLOAD_DIR", ok=False, what="DOWNLOAD_DIR=/srv", found="not writable", remedy="Run: chown 7 /srv")


def test_the_look_is_an_event_of_the_request_that_failed(lines: Lines) -> None:
    looking = Diagnosis(lambda: [Probe("DOWNLOAD_DIR", probe)])
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        thread = looking.look()
    assert thread is not None
    thread.join()
    (told,) = lines()
    assert told.items() >= {"event": "preflight.checked", "when": "failure", "ok": False, "request_id": "r1"}.items()
    assert told["checks"][0]["found"] == "not writable"


def test_a_storm_is_looked_at_once(lines: Lines) -> None:
    clock = iter((100.0, 101.0, 129.0, 131.0))
    looking = Diagnosis(list, lambda: next(clock))
    threads = [looking.look() for _ in range(4)]
    assert [thread is not None for thread in threads] == [True, False, False, True]
    for thread in threads:
        if thread is not None:
            thread.join()


def test_the_exception_is_reported_as_before(lines: Lines) -> None:
    clock = iter((0.0,))
    looking = Diagnosis(list, lambda: next(clock))
    report = looking.beside(lambda error: f"event of {type(error).__name__}")
    assert report(ValueError()) == "event of ValueError"
