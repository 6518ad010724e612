"""A supervised process: each way to die is told apart, and each stop says who asked."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from observability.journal import JournalWriter
from tests.unit.observability.supervisor.supervised import Event, supervise, supervise_python

ONCE = ("--max-quick-deaths", "1", "--address", "127.0.0.1:8034")
SLEEP = "import time; print('up', flush=True); time.sleep(60)"

DEATHS: dict[str, tuple[str, dict[str, Any], str | None]] = {
    "an exit code": ("import sys; sys.exit(3)", {"exit_code": 3}, None),
    "an exit that says nothing": ("import os; os._exit(1)", {"exit_code": 1}, None),
    "a clean end that nobody asked for": ("pass", {"exit_code": 0}, None),
    "a kill leaves no word of its own": ("import os; os.kill(os.getpid(), 9)", {"signal": "SIGKILL"}, None),
    "a segfault leaves a dump": ("import ctypes; ctypes.string_at(0)", {"signal": "SIGSEGV"}, "Fatal Python error: Segmen"),
    "an abort": ("import os; os.abort()", {"signal": "SIGABRT"}, "Fatal Python error: Aborted"),
    "an exception": ("def f(): raise ValueError('no')\nf()", {"exit_code": 1}, "ValueError: no"),
    "a command that is not there": ("", {"exit_code": 127}, "no-such-command: No such file or directory"),
}  # fmt: skip


@pytest.mark.parametrize(("program", "end", "text"), DEATHS.values(), ids=DEATHS)
def test_each_way_to_die_is_told_apart(tmp_path: Path, program: str, end: dict[str, Any], text: str | None) -> None:
    command = (sys.executable, "-c", program) if program else ("no-such-command",)
    with supervise(tmp_path, *command, options=ONCE) as run:
        code = run.ended()
        started, *outputs, exited, gave_up = run.events()
    assert started.items() >= {"event": "process.started", "role": "backend", "address": "127.0.0.1:8034"}.items()
    assert exited.items() >= {"event": "process.exited", "pid": started["pid"], "expected": False, **end}.items()
    assert ("signal" in exited) != ("exit_code" in exited)
    assert exited["max_rss_bytes"] > 1_000_000
    assert exited["uptime_s"] >= 0
    assert (exited["address"], exited["instance"]) == ("127.0.0.1:8034", "a-1")
    assert gave_up["event"] == "process.gave_up"
    assert code == (128 + signal.Signals[end["signal"]] if "signal" in end else end["exit_code"] or 1)
    assert len(outputs) == (text is not None)
    if text is not None:
        assert outputs[0].items() >= {"event": "process.output", "pid": started["pid"]}.items()
        assert text in outputs[0]["text"]


def test_room_is_held_back_beside_the_log_for_the_last_words_of_a_death(tmp_path: Path) -> None:
    with supervise_python(tmp_path, SLEEP) as run:
        run.wait_for_text(b"up\n")
        reserve = Path(f"{run.log}.reserve")
        assert reserve.stat().st_blocks * 512 >= 64 * 1024
        (started,) = run.named("process.started")
        os.kill(started["pid"], signal.SIGKILL)
        run.wait_for(lambda events: any(event["event"] == "process.exited" for event in events))
        assert run.stop() == 0
    assert not reserve.exists()


def test_a_traceback_is_one_event_with_its_line_breaks(tmp_path: Path) -> None:
    with supervise_python(tmp_path, "def f(): raise ValueError('no')\nf()", ONCE) as run:
        run.ended()
        (output,) = run.named("process.output")
    lines = output["text"].splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "ValueError: no"


def test_two_bursts_are_two_events(tmp_path: Path) -> None:
    program = "import sys, time; print('a', file=sys.stderr, flush=True); time.sleep(.6); print('b', file=sys.stderr)"
    with supervise_python(tmp_path, program, ONCE) as run:
        run.ended()
        assert [event["text"] for event in run.named("process.output")] == ["a", "b"]


WORKER_CRASH = """
import subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", "import ctypes; ctypes.string_at(0)"])
print("backend: before", file=sys.stderr, flush=True)
worker.wait()
print("backend: after", file=sys.stderr, flush=True)
print('{"event":"worker","pid":%d}' % worker.pid, flush=True)
time.sleep(60)
"""


def test_the_dump_of_a_worker_is_not_taken_for_one_of_the_backend(tmp_path: Path) -> None:
    with supervise_python(tmp_path, WORKER_CRASH) as run:
        run.wait_for(lambda events: any("after" in event.get("text", "") for event in events))
        outputs = run.named("process.output")
        (started,), (worker,) = run.named("process.started"), run.named("worker")
    told = {(event["role"], event["pid"]) for event in outputs}
    assert told == {("backend", started["pid"]), ("worker", worker["pid"])}
    (dump,) = [event["text"] for event in outputs if event["role"] == "worker"]
    assert dump.startswith("Fatal Python error: Segmentation fault")


def test_json_on_stderr_and_all_of_stdout_stand_in_the_log_as_they_are(tmp_path: Path) -> None:
    program = """import sys; print('{"event":"from.stdout"}', flush=True); print('{"event":"from.stderr"}', file=sys.stderr)"""
    with supervise_python(tmp_path, program, ONCE) as run:
        run.ended()
        assert {"event": "from.stdout"} in run.events()
        assert {"event": "from.stderr"} in run.events()
        assert run.named("process.output") == []


def test_a_stop_says_who_asked_and_is_expected(tmp_path: Path) -> None:
    with supervise_python(tmp_path, SLEEP) as run:
        run.wait_for_text(b"up\n")
        assert run.stop() == 0
        started, stopping, exited = run.events()
    asked_by = f"pid {os.getpid()} uid {os.getuid()}"
    assert stopping.items() >= {"event": "process.stopping", "signal": "SIGTERM", "asked_by": asked_by}.items()
    assert (
        exited.items() >= {"pid": started["pid"], "signal": "SIGTERM", "expected": True, "asked_by": asked_by}.items()
    )
    assert exited["level"] == "info"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_the_child_gets_the_signal_that_we_got(tmp_path: Path, name: str) -> None:
    program = (
        "import signal, sys, time\n"
        f"signal.signal(signal.{name}, lambda *_: (print('asked', flush=True), sys.exit(0)))\n" + SLEEP
    )
    with supervise_python(tmp_path, program) as run:
        run.wait_for_text(b"up\n")
        run.process.send_signal(signal.Signals[name])
        assert run.ended() == 0
        assert b"asked\n" in run.log.read_bytes()
        assert run.events()[-1].items() >= {"exit_code": 0, "expected": True}.items()


def test_a_stop_that_comes_from_elsewhere_is_not_ours(tmp_path: Path) -> None:
    with supervise_python(tmp_path, SLEEP, ONCE) as run:
        run.wait_for_text(b"up\n")
        os.kill(run.events()[0]["pid"], signal.SIGTERM)
        run.ended()
        (exited,) = run.named("process.exited")
    assert exited.items() >= {"signal": "SIGTERM", "expected": False}.items()


def test_a_child_that_says_that_it_was_asked_is_believed_and_started_again(tmp_path: Path) -> None:
    program = f"""
import json, os
f = {str(tmp_path / "lives")!r}
open(f, "a").write("x")
if os.path.getsize(f) == 1:
    print(json.dumps({{"event": "process.stopping", "pid": os.getpid(), "asked_by": "signal"}}), flush=True)
    os._exit(0)
"""
    with supervise_python(tmp_path, program + SLEEP) as run:
        run.wait_for_text(b"up\n")
        (exited,) = run.named("process.exited")
        assert exited.items() >= {"exit_code": 0, "expected": True, "asked_by": "signal", "level": "info"}.items()
        assert len(run.named("process.started")) == 2


def test_asked_twice_it_kills_at_once(tmp_path: Path) -> None:
    with supervise_python(tmp_path, "import signal; signal.signal(15, signal.SIG_IGN)\n" + SLEEP) as run:
        run.wait_for_text(b"up\n")
        run.process.send_signal(signal.SIGTERM)
        run.wait_for(lambda events: events[-1]["event"] == "process.stopping")
        run.process.send_signal(signal.SIGTERM)
        assert run.ended() == 0
        assert run.events()[-1].items() >= {"signal": "SIGKILL", "expected": True}.items()


def test_it_starts_again_at_once_and_counts(tmp_path: Path) -> None:
    program = f"import os; f = {str(tmp_path / 'lives')!r}; open(f, 'a').write('x')\nif os.path.getsize(f) == 1: os._exit(7)\n"
    with supervise_python(tmp_path, program + SLEEP) as run:
        run.wait_for_text(b"up\n")
        first, exited, second = run.events()
    assert [event["event"] for event in (first, exited, second)] == [
        "process.started",
        "process.exited",
        "process.started",
    ]
    assert (first["restarts"], second["restarts"]) == (0, 1)
    assert first["pid"] != second["pid"]


def test_a_renamed_log_is_followed(tmp_path: Path) -> None:
    with supervise_python(tmp_path, SLEEP) as run:
        run.wait_for_text(b"up\n")
        run.log.rename(tmp_path / "backend.log.1")
        run.process.send_signal(signal.SIGHUP)
        run.wait_for(lambda _: run.log.exists())
        assert run.process.poll() is None
        assert run.stop() == 0
        assert [event["event"] for event in run.events()] == ["process.stopping", "process.exited"]


def test_copytruncate_rotates_without_anybody_knowing(tmp_path: Path) -> None:
    program = "import signal; signal.signal(10, lambda *_: print('after', flush=True))\n" + SLEEP
    with supervise_python(tmp_path, program) as run:
        run.wait_for_text(b"up\n")
        os.truncate(run.log, 0)
        run.process.send_signal(signal.SIGUSR1)
        run.wait_for_text(b"after\n")
        assert run.log.read_bytes() == b"after\n"
        assert run.stop() == 0
        assert [event["event"] for event in run.events()] == ["process.stopping", "process.exited"]


def test_hang_up_is_passed_on_to_who_minds_it(tmp_path: Path) -> None:
    program = "import signal; signal.signal(1, lambda *_: print('reloaded', flush=True))\n" + SLEEP
    with supervise_python(tmp_path, program) as run:
        run.wait_for_text(b"up\n")
        run.process.send_signal(signal.SIGHUP)
        run.wait_for_text(b"reloaded\n")
        assert run.process.poll() is None


def test_a_child_does_not_outlive_its_supervisor(tmp_path: Path) -> None:
    with supervise_python(tmp_path, SLEEP) as run:
        run.wait_for_text(b"up\n")
        child = run.events()[0]["pid"]
        run.process.kill()
        run.process.wait()
        assert gone(child)


def test_workers_do_not_outlive_a_dead_backend(tmp_path: Path) -> None:
    program = (
        "import os, subprocess, sys\n"
        "worker = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        'print(\'{"event":"worker","pid":%d}\' % worker.pid, flush=True)\n'
        "os.kill(os.getpid(), 9)"
    )
    with supervise_python(tmp_path, program, ONCE) as run:
        assert run.ended() == 137
        (worker,) = run.named("worker")
        assert gone(worker["pid"])


def gone(pid: int) -> bool:
    """Whether the process ends within 5 s (a zombie of somebody else's is gone)."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


JOURNAL = """
import os
from pathlib import Path
from observability.journal import JournalWriter
journal = JournalWriter(Path(os.environ["STAGE_JOURNAL"]))
journal.append(edge="started", domain="upload", stage="read", request_id="done", job_id="j0")
journal.append(edge="finished", domain="upload", stage="read", request_id="done", job_id="j0")
journal.append(edge="started", domain="upload", stage="draw", request_id="r1", job_id="j1", trace_id=5, rows_total=9)
journal.append(edge="moved", domain="upload", stage="draw", request_id="r1", job_id="j1", trace_id=5, rows_done=4, rows_total=9)
os._exit(9)
"""


def test_what_was_in_flight_is_told_before_the_death(tmp_path: Path) -> None:
    options = ("--max-quick-deaths", "2", "--journal", str(tmp_path / "stages.journal"))
    with supervise_python(tmp_path, JOURNAL, options) as run:
        run.ended()
        events = run.events()
    assert [event["event"] for event in events] == [
        *("process.started", "upload.stage.interrupted", "process.exited"),
        *("process.started", "upload.stage.interrupted", "process.exited", "process.gave_up"),
    ]
    interrupted: Event = events[1]
    assert (
        interrupted.items() >= {"stage": "draw", "request_id": "r1", "job_id": "j1", "rows_done": 4, "rows": 9}.items()
    )
    assert interrupted["trace_id"] == f"{5:032x}"
    assert interrupted["pid"] == events[0]["pid"]
    assert interrupted["rss_bytes"] > 1_000_000
    assert interrupted["moved_at"].endswith("Z")
    assert interrupted["ts"] <= events[2]["ts"]


def test_what_was_told_is_not_told_again_but_a_life_that_nobody_saw_end_is(tmp_path: Path) -> None:
    options = ("--max-quick-deaths", "1", "--journal", str(tmp_path / "stages.journal"))
    with supervise_python(tmp_path, JOURNAL, options) as run:
        run.ended()
        assert len(run.named("upload.stage.interrupted")) == 1
    with supervise_python(tmp_path, "pass", options) as run:
        run.ended()
        assert len(run.named("upload.stage.interrupted")) == 1
    unseen = JournalWriter(tmp_path / "stages.journal")  # supervisor and child killed together
    unseen.append(edge="started", domain="upload", stage="read", request_id="r2")
    with supervise_python(tmp_path, "pass", options) as run:
        run.ended()
        assert [event["request_id"] for event in run.named("upload.stage.interrupted")] == ["r1", "r2"]


def test_a_line_that_the_child_left_unfinished_is_ended(tmp_path: Path) -> None:
    program = 'import os; os.write(1, b\'{"event":"half\'); os._exit(1)'
    with supervise_python(tmp_path, program, ONCE) as run:
        run.ended()
        assert len(run.named("process.exited")) == 1


def test_after_a_death_the_checks_run_where_it_died(tmp_path: Path) -> None:
    options = ("--max-quick-deaths", "1", "--preflight", "tests.unit.observability.preflight.test_probes:good_list")
    with supervise_python(tmp_path, "import os; os._exit(9)", options) as run:
        run.ended()
        (checked,) = run.named("preflight.checked")
    assert checked.items() >= {"when": "death", "ok": True}.items()
    assert [check["name"] for check in checked["checks"]] == ["disk"]


def test_a_log_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    with supervise_python(tmp_path, SLEEP, ("--log", str(tmp_path / "no" / "x.log"))) as run:
        assert run.ended() == 2


def test_nothing_to_run_is_one_sentence(tmp_path: Path) -> None:
    with supervise(tmp_path) as run:
        assert run.ended() == 2
