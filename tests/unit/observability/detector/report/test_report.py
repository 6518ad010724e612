"""What `barwatch explain` prints: the seed case first (DESIGN section 1)."""

import argparse
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observability.cli import COMMANDS, add_commands
from observability.detector.report import explain, explanation_json, explanation_markdown, explanation_text, hops

READ_AT = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[5]
CASES: dict[str, str] = {
    item["id"]: item["text"]
    for item in map(json.loads, (ROOT / "tests/corpus/cases.jsonl").read_text("utf-8").splitlines())
}
MEMBERS = {
    "id",
    "fingerprint",
    "state",
    "severity",
    "title",
    "service",
    "route",
    "stage",
    "release",
    "cause",
    "candidates",
    "ruled_out",
    "first_seen",
    "last_seen",
    "occurrences",
    "suspect_request_id",
    "request_ids",
    "trace_ids",
    "sentry_event_ids",
    "evidence",
    "links",
    "notifications",
}

SEED_FIELDS = {
    "time": "2025/11/07 19:00:19",
    "level": "error",
    "pid": 28,
    "tid": 28,
    "cid": 9,
    "client": "102.86.10.23",
    "server": "localhost",
    "method": "POST",
    "path": "/api/barcodes/upload-excel",
    "upstream": "http://10.0.7.2:8034/api/barcodes/upload-excel",
}


def barwatch(*args: str) -> int:
    parser = argparse.ArgumentParser(prog="barwatch")
    add_commands(parser.add_subparsers(required=True))
    parsed = parser.parse_args(args)
    code: int = parsed.run(parsed)
    return code


def case(tmp_path: Path, name: str) -> str:
    path = tmp_path / f"{name}.log"
    path.write_text(CASES[name], "utf-8")
    return str(path)


def printed(capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    assert barwatch("explain", "--format", "json", *args) == 0
    return json.loads(capsys.readouterr().out)


def test_the_seed_line_gives_one_signal_with_all_its_fields_and_one_incident(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = printed(capsys, case(tmp_path, "seed"))
    (signal,), (incident,) = found["signals"], found["incidents"]
    assert found["lines_read"] == 3
    assert (signal["kind"], signal["line"]) == ("upstream_closed_early", 1)
    assert signal["fields"].items() >= SEED_FIELDS.items()
    assert set(incident) >= MEMBERS
    assert (incident["cause"]["code"], incident["severity"]) == ("other", "page")
    assert incident["route"] == "POST /api/barcodes/upload-excel"
    assert {c["code"] for c in incident["candidates"]} >= {"out_of_memory", "killed", "segfault"}
    assert "slow_upstream" in {r["code"] for r in incident["ruled_out"]}
    assert (incident["links"], incident["notifications"]) == ({}, [])


def test_the_seed_report_says_hop_by_hop_what_worked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert barwatch("explain", "--format", "markdown", case(tmp_path, "seed")) == 0
    report = capsys.readouterr().out
    assert "- ✅ **browser → nginx**" in report
    assert "- ✅ **nginx → backend**" in report
    assert "- ❌ **backend → answer**" in report
    assert "- ❓ **stage**" in report
    for section in ("## The error", "## Root cause", "## Ruled out", "## Next steps", "## What else it may be"):
        assert section in report


def test_the_backends_own_lines_change_the_cause(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (incident,) = printed(capsys, case(tmp_path, "seed-with-backend-log"))["incidents"]
    cause = incident["cause"]
    assert cause["code"] == "permission_denied"
    told = " ".join((cause["summary"], *cause["next_steps"]))
    for part in ("/srv/downloads", "uid 1000", "mode 0755", "chown 1000 /srv/downloads"):
        assert part in told
    assert incident["stage"] == "publish"
    assert cause["runbook"] == "alerts/runbooks/permission_denied.md"


def test_a_traceback_pasted_below_the_line_is_the_same_incident(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (incident,) = printed(capsys, case(tmp_path, "seed-with-traceback"))["incidents"]
    assert incident["cause"]["code"] == "permission_denied"
    pasted = [e for e in incident["evidence"] if e["joined_by"] == "same_paste"]
    assert [e["kind"] for e in pasted] == ["traceback"]
    assert 0.5 <= pasted[0]["confidence"] <= 0.7


def test_each_file_is_a_case_with_its_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [case(tmp_path, "seed"), case(tmp_path, "killed"), case(tmp_path, "all-well")]
    assert barwatch("explain", "--each", "--format", "json", *files) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["source"] for row in rows] == files
    assert [[i["cause"]["code"] for i in row["incidents"]] for row in rows] == [["other"], ["killed"], []]


def test_several_files_are_one_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error, *rest = CASES["killed"].partition("\n{")
    (tmp_path / "error.log").write_text(error, "utf-8")
    (tmp_path / "backend.log").write_text("".join(rest).lstrip("\n"), "utf-8")
    (incident,) = printed(capsys, str(tmp_path / "error.log"), str(tmp_path / "backend.log"))["incidents"]
    assert (incident["cause"]["code"], incident["stage"], incident["suspect_request_id"]) == ("killed", "draw", "7f3a")


def test_no_file_means_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(CASES["seed"].encode())))
    assert barwatch("explain") == 0
    assert "PAGE  POST /api/barcodes/upload-excel" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert barwatch("explain", "/no/such.log") == 2
    assert capsys.readouterr().err == "/no/such.log: No such file or directory\n"


def test_bytes_that_are_no_utf8_break_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "raw.log"
    path.write_bytes(b"\xff\xfe\x00 \x1b[31m" + CASES["seed"].encode())
    assert barwatch("explain", str(path)) == 0


def test_what_does_not_belong_to_the_vocabulary_is_not_listed() -> None:
    found = explanation_json(explain([("x", CASES["start-without-variable"])], READ_AT))
    assert [s["kind"] for s in found["signals"]] == ["process_exit"]
    assert {e["kind"] for e in found["incidents"][0]["evidence"]} == {"process_exit", "preflight"}


def test_local_time_of_nginx_and_utc_of_a_container_still_meet() -> None:
    text = CASES["seed-with-backend-log"].replace("2025/11/07 19:00:19", "2025/11/07 20:00:19")
    assert len(explain([("x", text)], READ_AT).incidents) == 1


@pytest.mark.parametrize("name", CASES)
def test_every_form_prints_every_case(name: str) -> None:
    explanation = explain([("x", CASES[name])], READ_AT)
    assert explanation_text(explanation).endswith("\n")
    assert explanation_markdown(explanation).startswith("# ")
    assert json.dumps(explanation_json(explanation))
    for incident in explanation.incidents:
        assert [hop.mark for hop in hops(incident)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from([line for text in CASES.values() for line in text.splitlines()]) | st.text(max_size=80),
        max_size=25,
    )
)
def test_no_mix_of_lines_breaks_a_report(lines: list[str]) -> None:
    explanation = explain([("x", "\n".join(lines))], READ_AT)
    assert explanation_text(explanation)
    assert explanation_markdown(explanation)
    assert json.dumps(explanation_json(explanation))


def test_a_logs_words_cannot_break_out_of_the_report() -> None:
    text = CASES["seed"].replace("102.86.10.23", "102.86.10.23\x1b[2J")
    explanation = explain([("x", text)], READ_AT)
    assert "\x1b" not in explanation_text(explanation)


def test_commands_are_listed_and_imported_only_when_called() -> None:
    heavy = ("aiohttp", "sqlalchemy", "dbos", "reportlab", "pydantic", "structlog", "asyncio")
    code = (
        "import argparse, sys; from observability.cli import add_commands; p = argparse.ArgumentParser(prog='barwatch');"
        "add_commands(p.add_subparsers()); a = p.parse_args(['explain', '/dev/null']); a.run(a);"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert {name for name, _, _ in COMMANDS} == {"supervise", "check", "detector", "explain", "selftest"}
