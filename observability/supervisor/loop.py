"""One supervised life after another: signals, stderr and deaths in, log events and restarts out."""

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from observability import events
from observability.lines import Level
from observability.supervisor.backoff import Deaths
from observability.supervisor.cgroup import OomWatch
from observability.supervisor.death import Death, interrupted, read_journal
from observability.supervisor.linux import Sent, open_signals, read_signals
from observability.supervisor.logfile import SharedLog
from observability.supervisor.options import Options
from observability.supervisor.output import Entry, Grouping, JsonLine
from observability.supervisor.spawn import spawn

Monotonic = Callable[[], float]
_STOP: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGQUIT})
_PASS_ON: Final = frozenset({signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2})
_WATCHED: Final = _STOP | _PASS_ON | {signal.SIGCHLD}
_PIPE_BYTES: Final = 64 * 1024
_CGROUP_EVERY_S: Final = 1.0
_PREFLIGHT_LIMIT_S: Final = 20.0


@dataclass(slots=True)
class _Child:
    """The life that runs now."""

    pid: int
    stderr: int
    began_s: float
    began_ns: int
    oom: OomWatch
    output: Grouping


@dataclass(frozen=True, slots=True)
class _Stop:
    """A stop that was asked for."""

    asked_by: str
    kill_at: float


class Supervisor:
    """Runs until the child is stopped for good. `run` returns the exit code of the process."""

    def __init__(
        self, options: Options, log: SharedLog, environ: Mapping[str, str], monotonic: Monotonic = time.monotonic
    ) -> None:
        self._options, self._log, self._environ, self._now = options, log, environ, monotonic
        self._child: _Child | None = None
        self._stop: _Stop | None = None
        self._deaths = Deaths()
        self._starts = 0
        self._start_at: float | None = 0.0
        self._examiner: tuple[int, float] | None = None  # pid of the preflight after a death, and when it is killed
        self._code: int | None = None

    def run(self) -> int:
        """Supervise. Returns 0 after a stop that was asked for, else the code of the child that was given up."""
        signals = open_signals(_WATCHED)
        try:
            while self._code is None:
                self._start_if_due()
                self._wait(signals)
                for sent in read_signals(signals):
                    self._on_signal(sent)
                self._read_stderr()
                self._on_time()
                self._reap()
        finally:
            os.close(signals)
        return self._code

    # -- starting ---------------------------------------------------------------------------------------------------

    def _start_if_due(self) -> None:
        if self._child is not None or self._start_at is None or self._now() < self._start_at:
            return
        self._log.follow_name()
        began_s, began_ns = self._now(), time.monotonic_ns()
        reading, writing = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(reading, False)
        pid = spawn(
            self._options.command,
            {**self._environ, "PYTHONFAULTHANDLER": "1", **self._journal_env()},
            stdout=self._log.fd,
            stderr=writing,
            on_orphaned=signal.SIGTERM,
        )
        os.close(writing)
        self._child = _Child(pid, reading, began_s, began_ns, OomWatch(pid, parent=os.getpid()), Grouping())
        self._start_at = None
        self._starts += 1
        self._write("info", events.PROCESS_STARTED, pid=pid, restarts=self._starts - 1)

    def _journal_env(self) -> dict[str, str]:
        return {"STAGE_JOURNAL": str(self._options.journal)} if self._options.journal is not None else {}

    # -- while it runs ----------------------------------------------------------------------------------------------

    def _wait(self, signals: int) -> None:
        poll = select.poll()
        poll.register(signals, select.POLLIN)
        if self._child is not None and self._child.stderr >= 0:
            poll.register(self._child.stderr, select.POLLIN)
        due = min(self._deadlines(), default=self._now() + 60)
        poll.poll(max(0.0, due - self._now()) * 1000)

    def _deadlines(self) -> list[float]:
        child = self._child
        found = [self._start_at, self._stop.kill_at if self._stop and child else None]
        found += [child.output.due, self._now() + _CGROUP_EVERY_S] if child else []
        found += [self._examiner[1]] if self._examiner else []
        return [due for due in found if due is not None]

    def _on_signal(self, sent: Sent) -> None:
        if sent.signum in _STOP or (sent.signum == signal.SIGHUP and sent.by_kernel):
            self._ask_to_stop(sent)
        elif sent.signum in _PASS_ON:
            self._log.follow_name()
            if self._child is not None and _minds(self._child.pid, sent.signum):
                os.kill(self._child.pid, sent.signum)

    def _ask_to_stop(self, sent: Sent) -> None:
        child = self._child
        if child is None:
            self._code, self._start_at = 0, None
            return
        if self._stop is not None:  # asked twice: somebody is in a hurry
            _kill_group(child.pid)
            return
        self._stop = _Stop(_asker(sent), self._now() + self._options.grace_s)
        name = signal.Signals(sent.signum).name
        self._write(
            "info",
            events.PROCESS_STOPPING,
            pid=child.pid,
            signal=name,
            asked_by=self._stop.asked_by,
            **_command_of(sent),
        )
        os.kill(child.pid, sent.signum)

    def _on_time(self) -> None:
        now, child = self._now(), self._child
        if child is not None:
            child.oom.refresh()
            if child.output.due is not None and now >= child.output.due:
                self._write_output(child, child.output.flush())
            if self._stop is not None and now >= self._stop.kill_at:
                _kill_group(child.pid)
                self._stop = _Stop(self._stop.asked_by, now + self._options.grace_s)
        if self._examiner is not None and now >= self._examiner[1]:
            _kill_group(self._examiner[0])

    def _read_stderr(self) -> None:
        child = self._child
        while child is not None and child.stderr >= 0:
            try:
                data = os.read(child.stderr, _PIPE_BYTES)
            except BlockingIOError:
                return
            if not data:  # the child closed it, and lives on
                os.close(child.stderr)
                child.stderr = -1
                return
            self._write_output(child, child.output.feed(data, self._now()))

    # -- when it died -----------------------------------------------------------------------------------------------

    def _reap(self) -> None:
        """Collect all that died: our child, the preflight, and as PID 1 any orphan of the container."""
        while True:
            try:
                peek = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if peek is None:
                return
            if self._child is not None and peek.si_pid == self._child.pid:
                self._on_death(self._child)
                continue
            os.waitpid(peek.si_pid, 0)
            if self._examiner is not None and peek.si_pid == self._examiner[0]:
                self._examiner = None

    def _on_death(self, child: _Child) -> None:
        _kill_group(child.pid)  # render workers and forkservers of a dead backend serve nobody
        _, status, usage = os.wait4(child.pid, 0)
        death = Death(status, usage.ru_maxrss * 1024, self._now() - child.began_s, child.oom.delta())
        self._read_stderr()
        self._write_output(child, child.output.flush())
        if child.stderr >= 0:
            os.close(child.stderr)
        self._child = None
        self._log.follow_name()
        if self._options.journal is not None:
            for event, fields in interrupted(read_journal(self._options.journal), since_ns=child.began_ns):
                self._log.events.event("warning", event, fields)
        stop = self._stop
        self._write(
            "info" if stop else "error",
            events.PROCESS_EXITED,
            pid=child.pid,
            expected=stop is not None,
            asked_by=stop.asked_by if stop else None,
            **death.fields(),
        )
        self._after(death)

    def _after(self, death: Death) -> None:
        if self._stop is not None:
            self._code = 0
            return
        self._deaths = self._deaths.after(death.uptime_s, healthy_s=self._options.healthy_s)
        self._examine()
        if self._deaths.quick < self._options.max_quick_deaths:
            self._start_at = self._now() + self._deaths.wait_s()
            return
        self._write("critical", events.PROCESS_GAVE_UP, restarts=self._starts - 1, **death.fields())
        how = death.signal_name or f"exit code {death.exit_code}"
        sys.stderr.write(
            f"{self._options.role} died {self._deaths.quick} times in a row, last with {how}; given up. "
            f"The reason stands in {self._options.log or 'the log'}; try: barwatch check\n"
        )
        self._finish_examination()
        self._code = death.shell_code or 1

    def _examine(self) -> None:
        """Run the preflight where the process died: same uid, mounts and environment. Its own event goes to the log."""
        if self._options.preflight is None or self._examiner is not None:
            return
        command = (sys.executable, "-m", "observability.check", self._options.preflight, "--when", "death", "--log")
        pid = spawn(command, self._environ, stdout=self._log.fd, stderr=2, on_orphaned=signal.SIGKILL)
        self._examiner = (pid, self._now() + _PREFLIGHT_LIMIT_S)

    def _finish_examination(self) -> None:
        while self._examiner is not None and self._now() < self._examiner[1]:
            self._reap()
            select.select((), (), (), 0.02)

    # -- writing ----------------------------------------------------------------------------------------------------

    def _write(self, level: Level, event: str, **fields: object) -> None:
        options = self._options
        self._log.events.event(level, event, {"role": options.role, "address": options.address, **fields})

    def _write_output(self, child: _Child, entries: list[Entry]) -> None:
        for entry in entries:
            if isinstance(entry, JsonLine):
                self._log.events.write(entry.line)
            else:
                self._write("error", events.PROCESS_OUTPUT, pid=child.pid, text=entry.text)


def _minds(pid: int, signum: int) -> bool:
    """Tell whether the process handles the signal: one that does not would die of a mere SIGHUP (proc(5), SigCgt)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (signum - 1) & 1)


def _asker(sent: Sent) -> str:
    if sent.by_kernel:
        return "terminal"
    return f"pid {sent.pid} uid {sent.uid}" if sent.pid else "operator"  # 0: outside of our pid namespace


def _command_of(sent: Sent) -> dict[str, str]:
    try:
        return {"asked_by_command": Path(f"/proc/{sent.pid}/comm").read_text("utf-8", "replace").strip()}
    except OSError:
        return {}


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
