"""How servers, supervisors, kernel and containers word the end, the stop and the start of a process: one tuple a writer."""

import re
from dataclasses import dataclass
from typing import Final, Literal

# exit: it is gone · oom: for want of memory · stop: somebody asks it to go · start: it came up
# · echo, oom_echo: say again what another line of the same death says better, count only where that is missing
# · hint: it did not come up, counts only where nothing else tells why · unit: systemctl's status, read with its Result
What = Literal["exit", "oom", "stop", "start", "echo", "oom_echo", "hint", "unit"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where `needle` stands in a row, `pattern` is searched. Its groups: pid, code, signal, word, service, address."""

    what: What
    needle: str
    pattern: re.Pattern[str]
    signal: str | None = None  # where the words do not name it
    code: int | None = None
    unasked: bool = False  # nobody had asked, whatever the signal or the code


def _rule(
    what: What, needle: str, pattern: str, *, signal: str | None = None, code: int | None = None, unasked: bool = False
) -> Rule:
    return Rule(what, needle, re.compile(pattern), signal, code, unasked)


_PID: Final = r"(?P<pid>\d{1,9})"
_CODE: Final = r"(?P<code>-?\d{1,10})"
_SIGNAL: Final = r"(?P<signal>SIG[A-Z0-9]{2,8})"
_NUMBER: Final = r"(?P<signal>\d{1,2})"
_NAME: Final = r"\([^()]{0,64}\)"
SIGNAL_OF_WORD: Final = {  # strsignal(3), as shells, Apache and PyTorch print it; zsh in lower case, macOS with a number
    "killed": "SIGKILL",
    "segmentation fault": "SIGSEGV",
    "aborted": "SIGABRT",
    "abort": "SIGABRT",
    "abort trap": "SIGABRT",
    "bus error": "SIGBUS",
    "illegal instruction": "SIGILL",
    "illegal hardware instruction": "SIGILL",
    "floating point exception": "SIGFPE",
    "trace trap": "SIGTRAP",
}
_WORD: Final = rf"(?P<word>(?i:{'|'.join(sorted(SIGNAL_OF_WORD, key=len, reverse=True))}))"

GUNICORN: Final = (  # gunicorn/arbiter.py
    _rule("exit", "was sent SIG", rf"Worker \(pid: ?{_PID}\) was sent {_SIGNAL}!(?: Perhaps out of memory\?)?"),
    _rule("exit", "was sent code", rf"Worker \(pid: ?{_PID}\) was sent code {_CODE}!"),
    _rule("exit", "was terminated due to signal", rf"Worker with pid {_PID} was terminated due to signal {_NUMBER}"),
    _rule("exit", "WORKER TIMEOUT", rf"WORKER TIMEOUT \(pid: ?{_PID}\)"),
    _rule("exit", "exited with code", rf"Worker \(pid: ?{_PID}\) exited with code {_CODE}"),
    _rule("exit", "HaltServer", rf"<HaltServer '[^']{{1,100}}' {_CODE}>"),
    _rule("exit", "Worker failed to boot", r"(?:Reason: |^)Worker failed to boot\.", code=3),  # WORKER_BOOT_ERROR
    _rule("exit", "App failed to load", r"(?:Reason: |^)App failed to load\.", code=4),  # APP_LOAD_ERROR
    _rule("stop", "Handling signal:", r"Handling signal: (?P<signal>term|int|quit|hup)\b"),
    _rule("start", "Booting worker with pid", rf"Booting worker with pid: {_PID}"),
    _rule(
        "start", "Listening at:", rf"Listening at: (?:https?://)?(?P<address>[^\s/]{{1,100}}:\d{{1,5}})\S* \({_PID}\)"
    ),
)
UWSGI: Final = (  # uwsgi core/master.c, core/master_utils.c
    _rule("exit", "DAMN !", rf"DAMN ! worker \d+ \(pid: {_PID}\) died(?:, killed by signal {_NUMBER})?", unasked=True),
    _rule("exit", "NO MERCY", rf"worker \d+ \(pid: {_PID}\) is taking too much time to die\.\.\.NO MERCY"),
    _rule("exit", "HARAKIRI", rf"HARAKIRI [!\w ]{{1,60}}\(pid: {_PID}"),
    _rule("stop", "received...killing workers", rf"{_SIGNAL}(?:/SIG\w+)? received\.\.\.killing workers"),
    _rule("start", "Respawned uWSGI worker", rf"Respawned uWSGI worker \d+ \(new pid: {_PID}\)"),
)
CELERY: Final = (  # billiard/pool.py, celery/apps/worker.py
    _rule(
        "exit",
        "exited with 'signal",
        rf"Process '[^']{{1,100}}' pid:{_PID} exited with 'signal {_NUMBER}",
        unasked=True,
    ),
    _rule("exit", "Hard time limit", r"Hard time limit \(\d+(?:\.\d+)?s\) exceeded for \S{1,200}"),
    _rule("exit", "exited with 'exitcode", rf"Process '[^']{{1,100}}' pid:{_PID} exited with 'exitcode {_CODE}"),
    _rule("echo", "Worker exited prematurely", rf"Worker exited prematurely: signal {_NUMBER}", unasked=True),
    _rule("echo", "Worker exited prematurely", rf"Worker exited prematurely: exitcode {_CODE}"),
    _rule("stop", "shutdown (", r"worker: (?:Warm|Cold) shutdown \("),
)
UVICORN: Final = (  # uvicorn/supervisors/multiprocess.py, uvicorn/server.py
    _rule("exit", "Child process [", rf"Child process \[{_PID}\] died"),
    _rule("stop", "Shutting down", r"^(?:\S{0,40} ?INFO:? +)?Shutting down$"),
    _rule("start", "Started server process [", rf"Started server process \[{_PID}\]"),
)
_NOT_THERE: Final = "no such file or directory|exec format error"
NOT_STARTED: Final = (  # uvicorn, gunicorn, Flask, Celery; CPython Modules/main.c, shells, env, runc
    _rule("hint", "Error loading ASGI app", r"Error loading ASGI app\b.{0,300}"),
    _rule("hint", "Application startup failed", r"Application startup failed\. Exiting\."),
    _rule("hint", "attempting to bind on address", r"\[Errno \d+\] error while attempting to bind on address .{1,200}"),
    _rule("hint", "Connection in use:", r"Connection in use: \(?.{1,100}"),
    _rule(
        "hint",
        "Error: ",
        r"^Error: (?:Could not import|Could not locate a|Failed to find|While importing|Unable to load) .{1,300}",
    ),
    _rule("hint", "gunicorn: error:", r"gunicorn: error: .{1,300}"),
    _rule("hint", "Error: Invalid value for", r"^Error: Invalid value for .{1,300}"),
    _rule("hint", "can't open file", r"python\S{0,20}: can't open file .{1,400}"),
    _rule("hint", ": No module named", r"^\S{0,200}python\S{0,20}: No module named .{1,200}"),
    _rule("hint", "executable file not found in", r"(?:exec|exec:) .{1,200}executable file not found in \S+"),
    _rule("hint", "exec", rf"\bexec:? [\"'/.]\S{{0,200}}: (?i:permission denied|{_NOT_THERE})"),
    _rule("hint", "exec user process", rf"exec user process caused:? .{{0,40}}(?i:{_NOT_THERE})"),
    _rule("hint", "/env: ", r"^\S*/env: .{1,100}: No such file or directory"),
    _rule("hint", "command not found", r"^(?:\S*sh|\S+\.sh): (?:line \d+: )?\S{1,100}: command not found", code=127),
    _rule("hint", "entered FATAL state", r"gave up: \S{1,100} entered FATAL state"),
    _rule("hint", "to crashed", r"State changed from \w+ to crashed"),
    _rule("hint", "liveness probe", r"[Cc]ontainer \S{1,100} failed liveness probe, will be restarted"),
)
SHELL: Final = (  # bash, dash, zsh, fish, time
    _rule("echo", "line ", rf"line \d+: +{_PID} {_WORD}\b"),
    _rule(
        "echo",
        "",
        rf"^(?:(?:/\S{{1,100}}|\w{{0,10}}sh|timeout): )?(?=[A-Z]){_WORD}(?:: \d{{1,2}})?(?: \(core dumped\))?$",
    ),
    _rule("echo", "", rf"^zsh: {_WORD}\b"),
    _rule("echo", "", rf"^\[\d+\](?:[-+] | ?[-+]? ?{_PID} ){_WORD}\b"),
    _rule("echo", "terminated by signal", rf"terminated by signal (?:{_SIGNAL}|(?P<number>\d{{1,2}}))", unasked=True),
)
SUPERVISORD: Final = (  # supervisor/process.py
    _rule(
        "exit",
        "; not expected",
        rf"exited: (?P<service>\S{{1,100}}) \(exit status {_CODE}; not expected\)",
        unasked=True,
    ),
    _rule(
        "exit",
        "; not expected",
        rf"exited: (?P<service>\S{{1,100}}) \(terminated by {_SIGNAL}[^;]{{0,40}}; not expected\)",
    ),
    _rule("stop", "indicating exit request", rf"received {_SIGNAL} indicating exit request"),
    _rule("start", "spawned: '", rf"spawned: '[^']{{1,100}}' with pid {_PID}"),
)
OTHER_SUPERVISORS: Final = (  # honcho, pm2, PostgreSQL, Apache and mod_wsgi, PyTorch, PyCharm, Heroku, Cloud Run, Render, Slurm
    _rule("exit", "stopped (rc=", rf"stopped \(rc={_CODE}\)"),
    _rule("exit", "via signal [", rf"exited with code \[{_CODE}\] via signal \[{_SIGNAL}\]"),
    _rule("exit", "was terminated by signal", rf"\(PID {_PID}\) was terminated by signal {_NUMBER}"),
    _rule("exit", "exit signal", rf"child pid {_PID} exit signal [\w ]{{1,40}}\({_NUMBER}\)"),
    _rule(
        "exit",
        "mod_wsgi",
        rf"mod_wsgi \(pid={_PID}\): Process '[^']{{1,100}}' (?:has died|terminated by signal {_NUMBER})",
    ),
    _rule("exit", "deadlock timer", rf"mod_wsgi \(pid={_PID}\): Daemon process deadlock timer expired"),
    _rule("exit", "is killed by signal", rf"worker \(pid {_PID}\) is killed by signal: {_WORD}"),
    _rule("exit", "exited unexpectedly", rf"worker \(pid\(s\) {_PID}[\d, ]{{0,200}}\) exited unexpectedly"),
    _rule("exit", "exitcode: ", rf"\(exitcode: {_CODE}\) .{{0,200}}\(pid: {_PID}\)"),
    _rule("exit", "Process finished", rf"Process finished with exit code {_CODE}"),
    _rule("exit", "Uncaught signal:", rf"Uncaught signal: {_NUMBER}, pid={_PID}"),
    _rule("exit", "terminated on signal", rf"[Cc]ontainer terminated on signal {_NUMBER}"),
    _rule("oom", "Memory limit of", r"Memory limit of .{1,40} exceeded", signal="SIGKILL"),
    _rule("oom", "too much memory", r"using too much memory and was terminated", signal="SIGKILL"),
    _rule("oom", "Ran out of memory (", r"Ran out of memory \(used over", signal="SIGKILL"),
    _rule("oom", "Error R15", r"Error R15 \(Memory quota vastly exceeded\)", signal="SIGKILL"),
    _rule("exit", "Stopping process with SIGKILL", rf"Stopping process with {_SIGNAL}"),
    _rule("oom", "oom_kill event", r"Detected \d+ oom[-_]kill event", signal="SIGKILL"),
)
KERNEL: Final = (  # Linux mm/oom_kill.c
    _rule("oom", "ut of memory", rf"[Oo]ut of memory:? Kill(?:ed)? process {_PID} {_NAME}", signal="SIGKILL"),
    _rule(
        "oom",
        "Killed process",
        rf"Killed process {_PID},? (?:UID \d+,? )?{_NAME},? (?:total-vm|UID|vm)",
        signal="SIGKILL",
    ),
    _rule("oom", "oom-kill:", rf"oom-kill:constraint=.{{1,2000}},pid={_PID}\b", signal="SIGKILL"),
    _rule("oom", "oom_reaper:", rf"oom_reaper: reaped process {_PID}", signal="SIGKILL"),
    _rule("oom_echo", "as a result of limit", r"Task in \S{1,300} killed as a result of limit of", signal="SIGKILL"),
    _rule("oom_echo", "invoked oom-killer", r"\S{1,64} invoked oom-killer", signal="SIGKILL"),
)
SYSTEMD: Final = (  # systemd src/core/service.c, unit.c, src/oom, src/coredump; earlyoom
    _rule(
        "exit",
        "process exited, code=exited",
        rf"(?:[Mm]ain|Control) process exited, code=exited,? status={_CODE}(?:/[A-Z_]+)?",
    ),
    _rule(
        "exit",
        "process exited, code=",
        rf"(?:[Mm]ain|Control) process exited, code=(?:killed|dumped),? status={_NUMBER}",
    ),
    _rule("unit", "(code=exited,", rf"(?:Process|Main PID): {_PID} .{{0,2000}}?\(code=exited, status={_CODE}"),
    _rule(
        "unit",
        "(code=killed,",
        rf"(?:Process|Main PID): {_PID} .{{0,2000}}?\(code=killed, signal=(?P<signal>[A-Z0-9]{{2,8}})",
    ),
    _rule(
        "unit",
        "(code=dumped,",
        rf"(?:Process|Main PID): {_PID} .{{0,2000}}?\(code=dumped, signal=(?P<signal>[A-Z0-9]{{2,8}})",
    ),
    _rule("oom_echo", "'oom-kill'", r"Failed with result 'oom-kill'"),
    _rule("oom_echo", "by the OOM killer", r"A process of this unit has been killed by the OOM killer"),
    _rule("oom", "oomd attempting to kill", rf"oomd attempting to kill {_PID} with (?P<signal>[A-Z]{{3,8}})"),
    _rule("oom", " due to ", r"Killed /\S{1,300} due to (?:memory|swap)", signal="SIGKILL"),
    _rule("oom", "to process", rf"sending {_SIGNAL} to process {_PID} uid \d+"),
    _rule("exit", "Killing process", rf"Killing process {_PID} {_NAME} with signal {_SIGNAL}"),
    _rule(
        "echo",
        "terminated abnormally",
        rf"Process {_PID} {_NAME} of user \d+ terminated abnormally with signal {_NUMBER}",
    ),
    _rule("echo", "dumped core", rf"Process {_PID} {_NAME} of user \d+ dumped core"),
    _rule("stop", "Stopping", r"(?:^|systemd\[\d+\]: )Stopping \S.{0,150}\.\.\.$"),
)
CONTAINERS: Final = (  # docker compose, docker events, docker build, kubelet
    _rule("exit", "exited with code", rf"^(?P<service>[\w.-]{{1,100}}) exited with code {_CODE}"),
    _rule("exit", " exited (", rf"container (?P<service>\S{{1,100}}) exited \({_CODE}\)"),
    _rule("exit", "non-zero code:", rf"returned a non-zero code: {_CODE}"),
    _rule("exit", "container die", r"container die [0-9a-f]{12,64} \(.{0,1000}exitCode=(?P<code>\d{1,3})"),
    _rule("oom", "container oom", r"container oom [0-9a-f]{12,64}"),
    _rule("stop", "container kill", r"container kill [0-9a-f]{12,64} \(.{0,1000}signal=(?P<signal>\d{1,2})"),
    _rule("exit", "terminated with exit code", rf"terminated with exit code \(?{_CODE}"),
    _rule("oom_echo", "low on resource: memory", r"The node was low on resource: memory"),
)
RULES: Final = (
    *GUNICORN, *UWSGI, *CELERY, *UVICORN, *SUPERVISORD, *OTHER_SUPERVISORS, *KERNEL, *SYSTEMD, *CONTAINERS,
    *NOT_STARTED, *SHELL,
)  # fmt: skip
_WORDS_IN_ROWS: Final = (
    "Killed",
    "killed",
    "fault",
    "Abort",
    "abort",
    "error",
    "nstruction",
    "Floating",
    "trap",
)  # of _WORD
ANY_NEEDLE: Final = re.compile(
    "|".join(
        sorted({re.escape(rule.needle) for rule in RULES if rule.needle} | set(_WORDS_IN_ROWS), key=len, reverse=True)
    )
)
