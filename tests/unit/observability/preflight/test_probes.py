"""Probes to checks: every one is looked at, and every failure is told."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
import pytest

from observability.config import load_observability
from observability.detector.signals import Check
from observability.preflight import PreflightFailed, Probe, log_checks, refuse_failures, run_probes
from observability.preflight.command import describe, examine
from tests.unit.observability.conftest import Lines

ROOT = Path(__file__).parents[4]
GOOD = Check("disk", ok=True, what="disk", found="enough", remedy="")
BAD = Check(
    "UPLOAD_DIR", ok=False, what="UPLOAD_DIR=/srv/up", found="uid 7 may not write", remedy="Run: chown 7 /srv/up"
)
START_ONLY = Probe("port", lambda: BAD, frozenset({"start"}))


def broken() -> Check:
    raise RuntimeError("no")


def good_list(environ: Mapping[str, str]) -> Sequence[Probe]:
    return (Probe("disk", lambda: GOOD), START_ONLY)


def bad_settings(environ: Mapping[str, str]) -> Sequence[Probe]:
    load_observability({"LOG_LEVEL": "loud"})
    return ()


def test_a_probe_that_breaks_is_a_finding_and_the_others_still_run() -> None:
    checks = run_probes((Probe("x", broken), Probe("disk", lambda: GOOD)), "ready")
    assert [check.ok for check in checks] == [False, True]
    assert "RuntimeError: no" in checks[0].found


def test_a_probe_runs_at_its_moments_only() -> None:
    assert [check.name for check in run_probes(good_list({}), "death")] == ["disk"]
    assert [check.name for check in run_probes(good_list({}), "start")] == ["disk", "UPLOAD_DIR"]


def test_all_failures_refuse_the_start_in_one_message() -> None:
    refuse_failures([GOOD])
    with pytest.raises(PreflightFailed) as raised:
        refuse_failures([BAD, GOOD, BAD])
    assert raised.value.failures == (BAD, BAD)
    assert str(raised.value).splitlines() == ["UPLOAD_DIR=/srv/up: uid 7 may not write. Run: chown 7 /srv/up"] * 2


def test_one_event_tells_all_checks(lines: Lines) -> None:
    log_checks([GOOD, BAD], "death")
    (line,) = lines()
    assert line.items() >= {"event": "preflight.checked", "ok": False, "when": "death", "level": "error"}.items()
    assert line["checks"][1] == {
        "name": "UPLOAD_DIR",
        "ok": False,
        "what": "UPLOAD_DIR=/srv/up",
        "found": "uid 7 may not write",
        "remedy": "Run: chown 7 /srv/up",
    }


def test_people_read_a_mark_the_finding_and_the_remedy() -> None:
    assert list(describe([GOOD, BAD])) == [
        "✅ disk: enough",
        "❌ UPLOAD_DIR=/srv/up: uid 7 may not write. Run: chown 7 /srv/up",
    ]


LISTS: dict[str, tuple[str, str]] = {
    "a module that does not load": ("no_such_module:checks", "ModuleNotFoundError: No module named 'no_such_module'"),
    "a function that is not there": ("json:checks", "AttributeError"),
    "settings that are wrong are told one by one": (f"{__name__}:bad_settings", "no such level"),
}


@pytest.mark.parametrize(("target", "found"), LISTS.values(), ids=LISTS)
def test_a_list_that_cannot_be_made_is_what_was_found(target: str, found: str) -> None:
    (check,) = examine(target, "death", {})
    assert not check.ok
    assert found in check.found
    assert check.remedy


def test_the_command_fails_where_a_check_does() -> None:
    command = [sys.executable, "-m", "observability.check", f"{__name__}:good_list"]
    ready = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ready.returncode, ready.stdout) == (0, "✅ disk: enough\n")
    start = subprocess.run([*command, "--when", "start", "--log"], cwd=ROOT, capture_output=True, check=False)
    assert start.returncode == 1
    assert orjson.loads(start.stdout)["event"] == "preflight.checked"
