"""What a real Docker engine wrote (20.10, cgroup v1, Compose v1.29) when a container died in each way."""

from collections.abc import Sequence

import pytest

from observability.detector.parse import parse_text
from observability.detector.parse.json_log import parse_json_line
from observability.detector.signals import FatalDump, ProcessExit, ProcessStop, Signal, Traceback

from .lines import CORPUS, READ_AT, lines_of

DOCKER = CORPUS / "docker"
Told = tuple[str, object]  # kind, and what tells it apart


def told(signal: Signal) -> Told:
    if isinstance(signal, ProcessExit):
        return signal.kind, signal.signal if signal.code is None else (signal.code, signal.signal, signal.expected)
    if isinstance(signal, ProcessStop | FatalDump):
        return signal.kind, signal.signal
    return signal.kind, signal.exceptions[0].type if isinstance(signal, Traceback) else None


def read_json_lines(name: str) -> list[Told]:
    text = (DOCKER / name).read_text("utf-8").rstrip("\n")
    return [told(signal) for line in lines_of(text) for signal in parse_json_line(line) or ()]


START: Told = ("process_start", None)
KILLED: Told = ("process_exit", (137, "SIGKILL", False))
ENDED: Told = ("process_exit", (0, None, True))
EVENTS: dict[str, Sequence[Told]] = {
    "oom": [START, ("oom_kill", None), KILLED],
    "sigkill_from_inside": [START, KILLED],
    "docker_kill": [START, ("process_stop", "SIGKILL"), KILLED],
    "docker_stop": [START, ("process_stop", "SIGTERM"), ENDED],
    "docker_stop_deaf": [START, ("process_stop", "SIGTERM"), ("process_stop", "SIGKILL"), KILLED],
    "docker_restart": [START, ("process_stop", "SIGTERM"), ENDED, START],
    "segfault": [START, ("process_exit", (139, "SIGSEGV", False))],
    "abort": [START, ("process_exit", (134, "SIGABRT", False))],
    "exit3": [START, ("process_exit", (3, None, False))],
    "exit0": [START, ENDED],
}


@pytest.mark.parametrize(("case", "wanted"), EVENTS.items(), ids=EVENTS)
def test_docker_events(case: str, wanted: Sequence[Told]) -> None:
    assert read_json_lines(f"{case}.events.jsonl")[: len(wanted)] == list(wanted)


STATES: dict[str, list[Told]] = {
    "oom": [("oom_kill", (137, "SIGKILL", False))],
    "sigkill_from_inside": [KILLED],
    "docker_kill": [KILLED],
    "docker_stop": [],
    "segfault": [("process_exit", (139, "SIGSEGV", False))],
    "abort": [("process_exit", (134, "SIGABRT", False))],
    "exit3": [("process_exit", (3, None, False))],
    "exit0": [],
    "traceback": [("process_exit", (1, None, False))],
}


@pytest.mark.parametrize(("case", "wanted"), STATES.items(), ids=STATES)
def test_docker_inspect_state(case: str, wanted: list[Told]) -> None:
    assert read_json_lines(f"{case}.inspect-state.json") == wanted


LOGS: dict[str, Told] = {
    "segfault": ("fatal_dump", "SIGSEGV"),
    "abort": ("fatal_dump", "SIGABRT"),
    "traceback": ("traceback", "FileNotFoundError"),
    "import_error": ("traceback", "ModuleNotFoundError"),
    "missing_env": ("traceback", "KeyError"),
}


@pytest.mark.parametrize("form", ["docker-logs-timestamps.txt", "json-file.log"])
@pytest.mark.parametrize(("case", "wanted"), LOGS.items(), ids=LOGS)
def test_logs_of_a_container(case: str, wanted: Told, form: str) -> None:
    _, signals = parse_text((DOCKER / f"{case}.{form}").read_text("utf-8"), "docker", READ_AT)
    assert [told(signal) for signal in signals if signal.kind != "process_start"] == [wanted]
    assert all(signal.at is not None and signal.at.year == 2026 for signal in signals)


@pytest.mark.parametrize("form", ["docker-logs-timestamps.txt", "json-file.log"])
def test_twenty_tracebacks_among_the_records_of_another_stream(form: str) -> None:
    _, signals = parse_text((DOCKER / f"interleave.{form}").read_text("utf-8"), "docker", READ_AT)
    chains = [signal.exceptions for signal in signals if isinstance(signal, Traceback)]
    assert [(chain[0].message, len(chain[0].frames or ())) for chain in chains] == [(f"row {n}", 1) for n in range(20)]


def test_compose_up() -> None:
    _, signals = parse_text((DOCKER / "compose-v1.up.txt").read_text("utf-8"), "compose", READ_AT)
    kept = [told(signal) for signal in signals if signal.kind in {"traceback", "fatal_dump", "process_exit"}]
    assert kept == [
        ("traceback", "FileNotFoundError"),
        ("fatal_dump", "SIGSEGV"),
        ("process_exit", (1, None, False)),
        ("process_exit", (139, "SIGSEGV", False)),
        KILLED,
    ]
