"""One supervised life after another: signals, stderr and deaths in, log events and restarts out."""

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from observability import events
from observability.cgroup import OomWatch
from observability.lines import Level
from observability.supervisor.backoff import Deaths
from observability.supervisor.death import Death
from observability.supervisor.examiner import Examination, examine
from observability.supervisor.interrupted import close_records, find_interrupted, tell
from observability.supervisor.linux import Sent, open_signals, read_signals
from observability.supervisor.logfile import SharedLog
from observability.supervisor.options import Options
from observability.supervisor.output import JsonLine
from observability.supervisor.processes import asker, command_of, kill_group, minds
from observability.supervisor.spawn import spawn
from observability.supervisor.stderr import Stderr, Written

Monotonic = Callable[[], float]
_STOP: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGQUIT})
_PASS_ON: Final = frozenset({signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2})
_WATCHED: Final = _STOP | _PASS_ON | {signal.SIGCHLD}
_NO_PROCESS_S: Final = 1.0
_CGROUP_EVERY_S: Final = 1.0


@dataclass(slots=True)
class _Child:
    """The life that runs now."""

    pid: int
    began_s: float
    oom: OomWatch
    stderr: Stderr


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
        self._examination: Examination | None = None
        self._code: int | None = None

    def run(self) -> int:
        """Supervise. Returns 0 after a stop that was asked for, else the code of the child that was given up."""
        signals = open_signals(_WATCHED)
        self._tell_of_a_life_before_ours()
        try:
            while self._code is None:
                self._start_if_due()
                self._wait(signals)
                for sent in read_signals(signals):
                    self._on_signal(sent)
                self._on_time()
                self._reap()
        finally:
            os.close(signals)
        return self._code

    def _tell_of_a_life_before_ours(self) -> None:
        left = find_interrupted(self._options.journal, since_ns=0)
        tell(left, self._log.events)
        close_records(self._options.journal, left)

    # -- starting ---------------------------------------------------------------------------------------------------

    def _start_if_due(self) -> None:
        if self._child is not None or self._start_at is None or self._now() < self._start_at:
            return
        self._log.follow_name()
        try:
            self._child = self._start()
        except OSError as error:  # no process, no memory, no descriptor left: that passes
            self._write("error", events.PROCESS_OUTPUT, text=f"cannot start {self._options.command[0]}: {error}")
            self._start_at = self._now() + _NO_PROCESS_S
            return
        self._log.keep_reserve()
        self._start_at = None
        self._starts += 1
        self._write("info", events.PROCESS_STARTED, pid=self._child.pid, restarts=self._starts - 1)

    def _start(self) -> _Child:
        began_s, stderr = self._now(), Stderr()
        env = {**self._environ, "PYTHONFAULTHANDLER": "1", **self._journal_env()}
        try:
            pid = spawn(
                self._options.command, env, stdout=self._log.fd, stderr=stderr.for_child, on_orphaned=signal.SIGTERM
            )
        except OSError:
            stderr.close()
            raise
        stderr.started()
        return _Child(pid, began_s, OomWatch(pid, parent=os.getpid()), stderr)

    def _journal_env(self) -> dict[str, str]:
        return {"STAGE_JOURNAL": str(self._options.journal)} if self._options.journal is not None else {}

    # -- while it runs ----------------------------------------------------------------------------------------------

    def _wait(self, signals: int) -> None:
        poll = select.poll()
        poll.register(signals, select.POLLIN)
        if self._child is not None and self._child.stderr.is_open:
            poll.register(self._child.stderr, select.POLLIN)
        due = min(self._deadlines(), default=self._now() + 60)
        poll.poll(max(0.0, due - self._now()) * 1000)

    def _deadlines(self) -> list[float]:
        child = self._child
        found = [self._start_at, self._stop.kill_at if self._stop and child else None]
        found += [child.stderr.due(), self._now() + _CGROUP_EVERY_S] if child else []
        found += [self._examination.due] if self._examination else []
        return [due for due in found if due is not None]

    def _on_signal(self, sent: Sent) -> None:
        if sent.signum in _STOP or (sent.signum == signal.SIGHUP and sent.by_kernel):
            self._ask_to_stop(sent)
        elif sent.signum in _PASS_ON:
            self._log.follow_name()
            if self._child is not None and minds(self._child.pid, sent.signum):
                os.kill(self._child.pid, sent.signum)

    def _ask_to_stop(self, sent: Sent) -> None:
        child = self._child
        if child is None:
            self._code, self._start_at = 0, None
            return
        if self._stop is not None:  # asked twice: somebody is in a hurry
            kill_group(child.pid)
            return
        self._stop = _Stop(asker(sent), self._now() + self._options.grace_s)
        name = signal.Signals(sent.signum).name
        self._write(
            "info",
            events.PROCESS_STOPPING,
            pid=child.pid,
            signal=name,
            asked_by=self._stop.asked_by,
            asked_by_command=command_of(sent),
        )
        os.kill(child.pid, sent.signum)

    def _on_time(self) -> None:
        now, child = self._now(), self._child
        if child is not None:
            child.oom.refresh()
            if self._options.turn_over_at is not None:
                self._log.turn_over(self._options.turn_over_at, child.pid)
            self._write_output(child, child.stderr.read(now))
            self._write_output(child, child.stderr.over(now))
            if self._stop is not None and now >= self._stop.kill_at:
                kill_group(child.pid)
                self._stop = _Stop(self._stop.asked_by, now + self._options.grace_s)
        if self._examination is not None and now >= self._examination.due:
            self._examination.end()

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
            if self._examination is not None and peek.si_pid == self._examination.pid:
                self._examination = None

    def _on_death(self, child: _Child) -> None:
        kill_group(child.pid)  # render workers and forkservers of a dead backend serve nobody
        _, status, usage = os.wait4(child.pid, 0)
        death = Death(status, usage.ru_maxrss * 1024, self._now() - child.began_s, child.oom.delta())
        self._log.use_reserve()
        self._log.end_line()
        self._write_output(child, child.stderr.read(self._now()))
        self._write_output(child, child.stderr.rest())
        child.stderr.close()
        self._child = None
        asked_by = self._asked_by(child)
        self._log.follow_name()
        interrupted = find_interrupted(self._options.journal, since_ns=int(child.began_s * 1e9))
        tell(interrupted, self._log.events)
        self._write(
            "info" if asked_by else "error",
            events.PROCESS_EXITED,
            pid=child.pid,
            expected=asked_by is not None,
            asked_by=asked_by,
            **death.fields(),
        )
        close_records(self._options.journal, interrupted)
        self._after(death)

    def _asked_by(self, child: _Child) -> str | None:
        """Return who asked us to stop it, or what the child itself said: a signal may go past us. None: nobody did."""
        if self._stop is not None:
            return self._stop.asked_by
        said = self._log.last_words(events.PROCESS_STOPPING, child.pid)
        return str(said.get("asked_by", "signal")) if said is not None else None

    def _after(self, death: Death) -> None:
        if self._stop is not None:
            self._code = 0
            return
        self._deaths = self._deaths.after(death.uptime_s, healthy_s=self._options.healthy_s)
        if self._options.preflight is not None and self._examination is None:
            self._examination = examine(self._options.preflight, self._environ, log=self._log.fd, now=self._now())
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

    def _finish_examination(self) -> None:
        while self._examination is not None and self._now() < self._examination.due:
            self._reap()
            select.select((), (), (), 0.02)

    # -- writing ----------------------------------------------------------------------------------------------------

    def _write(self, level: Level, event: str, **fields: object) -> None:
        options = self._options
        self._log.events.event(level, event, {"role": options.role, "address": options.address, **fields})

    def _write_output(self, child: _Child, written: Iterable[Written]) -> None:
        for pid, entry in written:
            if isinstance(entry, JsonLine):
                self._log.events.write(entry.line)
                continue
            role = self._options.role if pid == child.pid else "worker"  # the child's own children share its stderr
            self._write("error", events.PROCESS_OUTPUT, pid=pid or None, role=role, text=entry.text)
