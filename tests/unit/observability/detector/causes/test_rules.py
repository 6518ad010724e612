"""Each rule: what gives its cause, what only looks like it, and that it has its runbook."""

import re
import typing

import pytest

from observability.detector.causes import RULES, Facts, conclude
from observability.detector.causes.conclusion import conclude_by
from observability.detector.incidents import CauseCode
from observability.detector.runbooks import runbook_text
from observability.detector.signals import Signal
from tests.unit.observability.detector.causes.cases import FIRES, SILENT
from tests.unit.observability.detector.crash import access, checked, error, exited, ids, raised

CODES: tuple[CauseCode, ...] = typing.get_args(CauseCode)


def flat(table: dict[CauseCode, dict[str, tuple[Signal, ...]]]) -> dict[str, tuple[CauseCode, tuple[Signal, ...]]]:
    return {f"{code}: {name}": (code, signals) for code, cases in table.items() for name, signals in cases.items()}


@pytest.mark.parametrize(("code", "signals"), flat(FIRES).values(), ids=flat(FIRES))
def test_evidence_gives_its_cause(code: CauseCode, signals: tuple[Signal, ...]) -> None:
    found = conclude(Facts(signals))
    assert found.cause.code == code, found
    assert 0 < found.cause.confidence <= 1
    assert found.cause.next_steps
    assert all(0 <= index < len(signals) for index in found.cause.because)


@pytest.mark.parametrize(("code", "signals"), flat(SILENT).values(), ids=flat(SILENT))
def test_a_look_alike_does_not(code: CauseCode, signals: tuple[Signal, ...]) -> None:
    assert conclude(Facts(signals)).cause.code != code


def test_every_cause_has_a_rule_cases_look_alikes_and_a_runbook() -> None:
    assert {rule.__name__ for rule in RULES} == set(CODES)
    assert set(FIRES) == set(CODES)
    assert set(SILENT) == set(CODES)
    for code in CODES:
        text = runbook_text(conclude(Facts(next(iter(FIRES[code].values())))).cause.runbook)
        assert text is not None, code
        assert re.findall(r"^## (\w+)$", text, re.M) == ["Meaning", "Impact", "Diagnosis", "Mitigation"], code


def test_a_runbook_is_read_by_its_name_only() -> None:
    assert runbook_text("alerts/runbooks/../../pyproject.toml") is None
    assert runbook_text("alerts/runbooks/nothing.md") is None


@pytest.mark.parametrize(("code", "signals"), flat(FIRES).values(), ids=flat(FIRES))
def test_the_choice_does_not_hang_on_the_order_of_rules_or_evidence(
    code: CauseCode, signals: tuple[Signal, ...]
) -> None:
    assert conclude_by(RULES[::-1])(Facts(signals)).cause == conclude(Facts(signals)).cause
    assert conclude(Facts(signals[::-1])).cause.code == code


TOLD: dict[str, tuple[Signal, str]] = {
    "killed": (
        exited(0, role="worker", stage="draw", rows_done=12_300, ids=ids("r1", job="j1")),
        "worker 77 was killed from outside (SIGKILL) in stage draw at row 12,300 of job j1; the cgroup counted no kill for memory",
    ),
    "at its limit of time": (
        exited(0, role="worker", stage="read", limit="wall", asked_by="timeout", ids=ids("r1", job="j1")),
        "worker 77 was ended at its limit of time on the clock in stage read of job j1",
    ),
    "at its limit of memory": (
        exited(0, role="worker", signal=None, code=0, stage="check", limit="memory", max_rss_bytes=9 << 20),
        "worker 77 reached its limit of memory, it had 9 MiB, in stage check",
    ),
    "killed for memory": (
        exited(0, role="worker", stage="verify", rows_done=7, oom_killed=True),
        "The kernel killed worker 77 for lack of memory, in stage verify at row 7",
    ),
    "native code": (
        exited(0, role="worker", signal="SIGSEGV", stage="verify", rows_done=7),
        "Native code died by SIGSEGV: its exit status says so, in stage verify at row 7",
    ),
    "by itself": (
        exited(0, role="worker", signal=None, code=7, stage="check"),
        "worker 77 ended (exit code 7) without a reason in view in stage check",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("ended", "summary"), TOLD.values(), ids=TOLD)
def test_the_death_of_a_worker_is_told_with_its_stage_row_and_job(ended: Signal, summary: str) -> None:
    assert conclude(Facts((ended,))).cause.summary == summary


def test_permission_denied_names_path_uid_mode_and_remedy_when_preflight_saw_it() -> None:
    signals = (
        raised("PermissionError", "[Errno 13] Permission denied: '/srv/downloads/a.pdf'", 0, stage="publish"),
        checked(
            0.1,
            found="uid 1000 may not write (owner root:root, mode 0755, mounted rw)",
            remedy="Run: chown 1000 /srv/downloads",
        ),
    )
    cause = conclude(Facts(signals)).cause
    for part in ("/srv/downloads/a.pdf", "uid 1000", "mode 0755", "stage publish"):
        assert part in cause.summary
    assert "chown 1000 /srv/downloads" in " ".join(cause.next_steps)
    assert cause.confidence == 0.97
    assert cause.because == (0, 1)


def test_an_nginx_line_alone_says_what_is_likely_and_what_cannot_be() -> None:
    found = conclude(Facts((error("upstream_closed_early", 0), access(502, 0, upstream_status="502"))))
    assert found.cause.code == "other"
    assert {c.code for c in found.candidates} >= {"out_of_memory", "killed", "segfault"}
    assert all(c.confirm_with for c in found.candidates)
    assert "slow_upstream" in {r.code for r in found.ruled_out}


def test_nothing_is_ruled_out_and_likely_at_once() -> None:
    for signals in [s for cases in FIRES.values() for s in cases.values()]:
        found = conclude(Facts(signals))
        out = {r.code for r in found.ruled_out}
        assert found.cause.code not in out
        assert not out & {c.code for c in found.candidates}


def test_the_counter_that_did_not_move_rules_memory_out() -> None:
    assert "out_of_memory" in {r.code for r in conclude(Facts((exited(0, oom_killed=False),))).ruled_out}
