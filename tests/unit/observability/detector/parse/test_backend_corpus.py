"""Real backend logs as people pasted them (shared corpus), where it is present."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from observability.detector.parse import parse_text
from observability.detector.signals import FatalDump, ProcessExit, Signal, Traceback

from .lines import READ_AT, SHARED

FILE = SHARED / "corpus" / "backend.jsonl"
ITEMS: list[dict[str, Any]] = (
    [json.loads(line) for line in FILE.read_text("utf-8").splitlines()] if FILE.exists() else []
)
JUDGED = ("type", "message", "frames", "innermost")
DEATHS = ("process_exit", "oom_kill", "fatal_dump")

pytestmark = pytest.mark.skipif(not ITEMS, reason="the shared corpus is not beside this checkout")


def signals_of(item: dict[str, Any]) -> tuple[Signal, ...]:
    return parse_text(item["text"], item["id"], READ_AT)[1]


def exceptions_of(signals: Iterable[Signal]) -> list[dict[str, Any]]:
    return [
        {
            "type": exc.type,
            "message": exc.message,
            "frames": None if exc.frames is None else len(exc.frames),
            "innermost": {"file": frame.file, "line": frame.line, "function": frame.function}
            if (frame := exc.frames[-1] if exc.frames else None)
            else None,
        }
        for signal in signals
        if isinstance(signal, Traceback)
        for exc in signal.exceptions
    ]


def wanted_of(item: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: exc[name] for name in JUDGED} for exc in item["exceptions"]]


def test_exceptions_are_right_in_99_of_100() -> None:
    with_some = [item for item in ITEMS if item["exceptions"]]
    wrong = [item["id"] for item in with_some if exceptions_of(signals_of(item)) != wanted_of(item)]
    assert len(wrong) <= len(with_some) / 100, wrong


def test_there_are_no_exceptions_where_there_are_none() -> None:
    assert [item["id"] for item in ITEMS if not item["exceptions"] and exceptions_of(signals_of(item))] == []


def test_one_signal_says_how_the_process_ended() -> None:
    with_exit = [item for item in ITEMS if item["exit"]]
    wrong = [item["id"] for item in with_exit if not any(says(signal, item["exit"]) for signal in signals_of(item))]
    assert wrong == []


def says(signal: Signal, exit_: dict[str, Any]) -> bool:
    return isinstance(signal, ProcessExit | FatalDump) and all(
        getattr(signal, name) == value for name, value in exit_.items()
    )


def test_each_that_died_or_failed_has_a_signal() -> None:
    assert [item["id"] for item in ITEMS if item["group"] != "benign" and not signals_of(item)] == []


def test_nobody_dies_in_a_benign_log() -> None:
    benign = [item for item in ITEMS if item["group"] == "benign"]
    loud = {
        item["id"]: [s.kind for s in signals_of(item) if s.kind in (*DEATHS, "traceback", "alert")] for item in benign
    }
    assert {name: kinds for name, kinds in loud.items() if kinds} == {}
