"""What a page says of evidence, how it folds a traceback, and how it takes a runbook apart."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from observability import events
from observability.detector import stack
from observability.detector.web import runbook
from observability.detector.web.words import headline, sure

ROOT = Path(__file__).parents[5]
HEADLINES: dict[str, tuple[str, dict[str, Any], str]] = {
    "an answer, with what was asked": (
        "access",
        {"status": 502, "method": "POST", "path": "/x", "request_time": 1.5},
        "nginx answered 502 to POST /x after 1.5 s",
    ),
    "a death, with its signal and memory": (
        "process_exit",
        {"role": "backend", "pid": 7, "signal": "SIGKILL", "max_rss_bytes": 2 << 20},
        "backend 7 ended by SIGKILL, 2 MiB at most",
    ),
    "a death by exit code 0 is not hidden": ("process_exit", {"code": 0}, "process ended by exit code 0"),
    "a kill for memory says so": ("oom_kill", {"pid": 7}, "process 7 ended for memory"),
    "a stage that was interrupted": (
        "stage_mark",
        {"stage": "draw", "edge": "interrupted", "rows_done": 4},
        "stage draw interrupted after 4 rows",
    ),
    "an exception, the last of its chain": (
        "traceback",
        {"exceptions": [{"type": "A", "message": "a"}, {"type": "B", "message": "b"}]},
        "B: b",
    ),
    "checks that failed are counted": (
        "preflight",
        {"checks": [{"ok": True}, {"ok": False}], "when": "death"},
        "1 of 2 checks failed right after the death",
    ),
    "a word of nginx": ("upstream_closed_early", {}, "nginx: upstream closed early"),
    "a kind without words of ours": ("alert", {}, "alert"),
}


@pytest.mark.parametrize(("kind", "fields", "said"), HEADLINES.values(), ids=HEADLINES)
def test_a_piece_of_evidence_is_one_line(kind: str, fields: dict[str, Any], said: str) -> None:
    assert headline({"kind": kind, "fields": fields}) == said


@pytest.mark.parametrize(
    ("confidence", "word"), [(1.0, "almost certain"), (0.8, "very likely"), (0.5, "likely"), (0.0, "a guess")]
)
def test_confidence_has_a_word(confidence: float, word: str) -> None:
    assert sure(confidence) == word


TRACEBACK = """Traceback (most recent call last):
  File "/srv/app/draw.py", line 4, in draw
    canvas.draw()
  File "/usr/lib/python3.11/site-packages/reportlab/canvas.py", line 9, in draw
    raise ValueError("no")
ValueError: no"""


@pytest.mark.parametrize(
    "text",
    [TRACEBACK, orjson.dumps({events.EXCEPTION_STACKTRACE: TRACEBACK}).decode()],
    ids=["as text", "in a JSON line"],
)
def test_frames_of_libraries_are_folded_and_nothing_is_lost(text: str) -> None:
    found = stack.blocks(text)
    assert [block.own for block in found] == [True, False, True]
    assert "draw.py" in found[0].text
    assert found[2].text == "ValueError: no"
    assert "\n".join(block.text for block in found) == TRACEBACK


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", '{"text": 3}'])
def test_any_text_has_blocks(text: str) -> None:
    assert "".join(block.text for block in stack.blocks(text)) == text


def test_a_runbook_comes_apart_into_headings_lists_and_code() -> None:
    found = runbook.blocks("# Title\n\nOne\ntwo `three`.\n\n- a\n- b\n  c\n\n```sh\nls <x>\n```\n")
    assert [(block.kind, block.items) for block in found] == [
        ("heading", ("Title",)), ("paragraph", ("One two `three`.",)), ("list", ("a", "b c")), ("code", ("ls <x>",)),
    ]  # fmt: skip
    assert runbook.spans("One `two`.") == ((False, "One "), (True, "two"), (False, "."))


def test_every_runbook_of_ours_comes_apart_whole() -> None:
    for path in (ROOT / "alerts/runbooks").glob("*.md"):
        shown = "".join("".join(block.items) for block in runbook.blocks(path.read_text("utf-8")))
        assert "```" not in shown, path
        assert len(shown) > 0.8 * len(path.read_text("utf-8")), path
