"""Next steps are lines for a shell, with what the evidence says in them, and never with a stranger's words as code."""

import shlex
import subprocess

import pytest

from observability.detector.causes import Facts, conclude
from observability.detector.causes.filling import NAMES, filled
from observability.detector.signals import Signal
from tests.unit.observability.detector.causes.cases import FIRES
from tests.unit.observability.detector.crash import error, exited, raised

ALL: dict[str, tuple[Signal, ...]] = {
    f"{code}: {name}": signals for code, cases in FIRES.items() for name, signals in cases.items()
}


def steps_of(signals: tuple[Signal, ...]) -> tuple[str, ...]:
    found = conclude(Facts(signals))
    return (*found.cause.next_steps, *(candidate.confirm_with for candidate in found.candidates))


def test_a_shell_can_read_every_next_step_of_every_rule() -> None:
    lines = dict.fromkeys(step for signals in ALL.values() for step in steps_of(signals))
    assert all("\n" not in line for line in lines)
    read = subprocess.run(["sh", "-n"], input="\n".join(lines), text=True, capture_output=True, check=False)
    assert read.returncode == 0, read.stderr
    assert all(shlex.split(line, comments=True) or line.startswith("#") for line in lines)


FILLED: dict[str, tuple[str, tuple[Signal, ...], str]] = {
    "the upstream that nginx named": (
        "ss -tn dst UPSTREAM",
        (error("upstream_refused", 0),),
        "ss -tn dst 127.0.0.1:8034",
    ),
    "its host alone": ("getent hosts UPSTREAM_HOST", (error("upstream_refused", 0),), "getent hosts 127.0.0.1"),
    "the database that a driver named": (
        "nc -z HOST PORT",
        (raised("redis.exceptions.ConnectionError", "Error 111 connecting to redis:6379. Connection refused.", 0),),
        "nc -z redis 6379",
    ),
    "the server that libpq named": (
        "nc -z HOST PORT",
        (raised("psycopg.OperationalError", 'connection to server at "db", port 5432 failed: Connection refused', 0),),
        "nc -z db 5432",
    ),
    "the address that asyncio named": (
        "nc -z HOST PORT",
        (raised("ConnectionRefusedError", "[Errno 111] Connect call failed ('10.0.0.9', 9000)", 0),),
        "nc -z 10.0.0.9 9000",
    ),
    "the address of another service": (
        "curl -sS URL",
        (raised("requests.exceptions.ReadTimeout", "no answer from https://labels.example/v1/print in 10 s", 0),),
        "curl -sS https://labels.example/v1/print",
    ),
    "nobody said which": ("nc -z HOST PORT", (exited(0),), "nc -z HOST PORT"),
    "a word that only looks like one": (
        "echo $HOST ${PORT} DB_URL",
        (error("upstream_refused", 0),),
        "echo $HOST ${PORT} DB_URL",
    ),
}


@pytest.mark.parametrize(("step", "signals", "wanted"), FILLED.values(), ids=FILLED)
def test_what_the_evidence_says_stands_in_the_step(step: str, signals: tuple[Signal, ...], wanted: str) -> None:
    assert filled((step,), Facts(signals)) == (wanted,)


@pytest.mark.parametrize(
    "kind", ["upstream_refused", "upstream_unreachable", "upstream_host_not_found", "upstream_ssl"]
)
def test_no_name_is_left_that_nginx_has_filled(kind: str) -> None:
    steps = steps_of((error(kind, 0),))  # type: ignore[arg-type]
    left = {name for name in NAMES if name not in ("HOST", "PORT", "CONTAINER")}
    assert not [step for step in steps if left & set(shlex.split(step, comments=True))]


def test_a_strangers_words_stay_one_word() -> None:
    evil = error("upstream_invalid_header", 0, path="/x;reboot'$(id)")
    (step,) = filled(("curl -sI URL",), Facts((evil,)))
    assert len(shlex.split(step)) == 3
