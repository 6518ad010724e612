"""What the words of supervisors, kernel and containers say of a process."""

import json
from typing import Any

import pytest

from observability.detector.parse.exits import exit_parts, signal_name
from observability.detector.parse.prefilter import may_tell_of_process
from observability.detector.parse.prefixes import strip
from observability.detector.parse.process import mentions_process
from observability.detector.parse.process_rules import RULES
from observability.detector.parse.python_text import python_signals
from observability.detector.signals import ProcessExit, Signal

from .lines import CORPUS, lines_of

FIELDS = ("pid", "code", "signal", "address")


def corpus_cases() -> list[tuple[str, dict[str, Any] | None]]:
    lines = (CORPUS / "process_lines.txt").read_text("utf-8").splitlines()[1:]
    return [(line, json.loads(wanted.removeprefix("# "))) for wanted, line in zip(lines[::2], lines[1::2], strict=True)]


CASES = corpus_cases()


def seen_in(text: str) -> list[dict[str, Any]]:
    return [shown(signal) for signal in python_signals(lines_of(text)) if signal.kind != "traceback"]


def shown(signal: Signal) -> dict[str, Any]:
    fields = {name: getattr(signal, name, None) for name in FIELDS}
    return {"kind": signal.kind} | {name: value for name, value in fields.items() if value is not None}


@pytest.mark.parametrize(("line", "wanted"), CASES, ids=[line[-60:] for line, _ in CASES])
def test_a_line_says_what_happened_to_the_process(line: str, wanted: dict[str, Any] | None) -> None:
    stripped = strip(line).text
    assert seen_in(stripped) == ([] if wanted is None else [wanted])


@pytest.mark.parametrize("line", [line for line, wanted in CASES if wanted], ids=lambda line: line[-60:])
def test_the_filter_before_the_readers_lets_every_such_line_through(line: str) -> None:
    assert may_tell_of_process(strip(line).text)


def test_every_wording_is_hit_by_a_line() -> None:
    texts = [" ".join(line.split()) for line, _ in CASES] + [strip(line).text for line, _ in CASES]
    unused = [rule for rule in RULES if not any(rule.needle in text and rule.pattern.search(text) for text in texts)]
    assert unused == []


BLOCKS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "docker inspect, as it prints a State": (
        '"State": {\n    "Status": "exited",\n    "Running": false,\n    "OOMKilled": false,\n    "Dead": false,\n'
        '    "Pid": 0,\n    "ExitCode": 139,\n    "Error": ""\n},',
        [{"kind": "process_exit", "code": 139, "signal": "SIGSEGV"}],
    ),
    "docker inspect of a container that ran out of memory": (
        '"State": {\n    "Status": "exited",\n    "OOMKilled": true,\n    "ExitCode": 137\n}',
        [{"kind": "oom_kill", "code": 137, "signal": "SIGKILL"}],
    ),
    "docker inspect of a container that runs": (
        '"State": {\n    "Running": true,\n    "ExitCode": 0,\n    "Pid": 12\n}',
        [],
    ),
    "kubectl describe: the reason stands above the code": (
        "    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137\n      Started:      Sat\n",
        [{"kind": "oom_kill", "code": 137, "signal": "SIGKILL"}],
    ),
    "kubectl describe: an error": (
        "    Last State:     Terminated\n      Reason:       Error\n      Exit Code:    1\n",
        [{"kind": "process_exit", "code": 1}],
    ),
    "kubectl describe: completed": (
        "    Last State:     Terminated\n      Reason:       Completed\n      Exit Code:    0\n",
        [],
    ),
    "systemctl status of a unit that ran out of memory": (
        "     Active: failed (Result: oom-kill) since Sat; 969ms ago\n"
        "    Process: 259923 ExecStart=/usr/local/bin/run (code=killed, signal=TERM)\n"
        "   Main PID: 259923 (code=killed, signal=TERM)\n",
        [{"kind": "oom_kill", "pid": 259923, "signal": "SIGTERM"}],
    ),
    "a time-out and the exit of the same worker are one end": (
        "[CRITICAL] WORKER TIMEOUT (pid:7)\n[ERROR] Worker (pid:7) exited with code 1\n[ERROR] Worker (pid:7) exited with code 1.",
        [{"kind": "process_exit", "pid": 7, "code": 1}],
    ),
    "killed in the end: what it would have exited with does not matter": (
        "[ERROR] Worker (pid:7) exited with code 1\n[ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?",
        [{"kind": "process_exit", "pid": 7, "signal": "SIGKILL"}],
    ),
    "the kernel and the shell tell of the same pid": (
        "Out of memory: Killed process 12 (python) total-vm:1kB\n/run.sh: line 3: 12 Killed python app.py",
        [{"kind": "oom_kill", "pid": 12, "signal": "SIGKILL"}],
    ),
    "the kernel's lines about one kill": (
        "python invoked oom-killer: gfp_mask=0x1\noom-kill:constraint=CONSTRAINT_NONE,task=python,pid=12,uid=0\n"
        "Out of memory: Killed process 12 (python) total-vm:1kB\noom_reaper: reaped process 12 (python), now anon-rss:0kB",
        [{"kind": "oom_kill", "pid": 12, "signal": "SIGKILL"}],
    ),
    "two workers are two ends": (
        "[CRITICAL] WORKER TIMEOUT (pid:7)\n[CRITICAL] WORKER TIMEOUT (pid:8)",
        [{"kind": "process_exit", "pid": 7}, {"kind": "process_exit", "pid": 8}],
    ),
    "what the shell says after an abort of the C library": (
        "double free or corruption (out)\nAborted (core dumped)",
        [{"kind": "fatal_dump", "signal": "SIGABRT"}],
    ),
    "gunicorn's time-out ends a worker by SystemExit": (
        "[2026-11-07 19:00:18 +0000] [7038] [ERROR] Error handling request /api\nTraceback (most recent call last):\n"
        '  File "/venv/lib/python3.12/site-packages/gunicorn/workers/base.py", line 203, in handle_abort\n    sys.exit(1)\n'
        "SystemExit: 1\n[2026-11-07 19:00:18 +0000] [7038] [INFO] Worker exiting (pid: 7038)",
        [{"kind": "process_exit", "pid": 7038, "code": 1}],
    ),
    "a program that calls sys.exit by itself is another matter": (
        'Traceback (most recent call last):\n  File "/app/a.py", line 3, in main\n    sys.exit(1)\nSystemExit: 1',
        [],
    ),
    "words in the source lines of a traceback": (
        'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    log("backend exited with code 137")\nOSError: no',
        [],
    ),
    "a hint counts only where nothing else tells why": (
        'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    g()\nOSError: no\nERROR: Application startup failed. '
        "Exiting.",
        [],
    ),
    "uvicorn's last words say it once": (
        "ERROR:    Application startup failed. Exiting.\nERROR:    Application startup failed. Exiting.",
        [{"kind": "process_exit"}],
    ),
    "wrapped columns": (
        "backend.service: Main process                      exited, code=exited, status=1/FAILURE",
        [{"kind": "process_exit", "code": 1}],
    ),
}


@pytest.mark.parametrize(("text", "wanted"), BLOCKS.values(), ids=BLOCKS)
def test_rows_that_belong_together_tell_of_one_end(text: str, wanted: list[dict[str, Any]]) -> None:
    assert seen_in(text) == wanted


def test_the_writers_own_words_are_kept() -> None:
    (signal,) = python_signals(lines_of("[18] [ERROR] Worker (pid:4) was sent SIGKILL! Perhaps out of memory?"))
    assert isinstance(signal, ProcessExit)
    assert signal.detail == "Worker (pid:4) was sent SIGKILL! Perhaps out of memory?"


def test_an_exit_code_over_128_is_a_signal() -> None:
    assert exit_parts(137).signal == "SIGKILL"
    assert exit_parts(-11).signal == "SIGSEGV"
    assert exit_parts(143).expected
    assert exit_parts(0).expected
    assert exit_parts(3).signal is None


@pytest.mark.parametrize("written", [9, "9", "KILL", "SIGKILL", "sigkill"])
def test_a_signal_has_one_name(written: int | str) -> None:
    assert signal_name(written) == "SIGKILL"


def test_mentions_process_is_what_the_rules_need() -> None:
    assert mentions_process("DAMN ! worker 1 (pid: 108) died")
    assert not mentions_process("INFO: all is well")
