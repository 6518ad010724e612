"""Docker's own JSON → signals: `docker events --format '{{json .}}'`, and the `State` of `docker inspect`."""

from collections.abc import Mapping

from observability.detector.parse.exits import exit_parts
from observability.detector.parse.json_entry import Entry
from observability.detector.signals import ProcessExit, ProcessStart, ProcessStop, Signal


def docker_event(entry: Entry) -> tuple[Signal, ...]:
    """Return what a container event says. `oom` comes some 100 ms before its `die`; `kill` only when somebody asked."""
    actor = entry.fields.get("Actor")
    if entry.text("Type") != "container" or not isinstance(actor, Mapping):
        return ()
    attributes = actor.get("Attributes")
    told = Entry(entry.line, attributes if isinstance(attributes, Mapping) else {})
    name = told.text("com.docker.compose.service") or told.text("name")
    match (entry.text("Action") or "").partition(":")[0]:
        case "oom":
            return (ProcessExit(kind="oom_kill", at=entry.at, origin=entry.origin, oom_killed=True, service=name),)
        case "die":
            return _died(entry, told, name)
        case "kill":
            signal = exit_parts(128 + (told.whole("signal") or 0)).signal
            return (ProcessStop(at=entry.at, origin=entry.origin, signal=signal, asked_by="docker", instance=name),)
        case "start":
            return (ProcessStart(at=entry.at, origin=entry.origin, instance=name),)
    return ()


def _died(entry: Entry, told: Entry, name: str | None) -> tuple[Signal, ...]:
    parts = exit_parts(told.whole("exitCode"))
    gone = ProcessExit(
        kind="process_exit",
        at=entry.at,
        origin=entry.origin,
        code=parts.code,
        signal=parts.signal,
        expected=parts.expected,
        service=name,
        detail="die",
    )
    return (gone,)


def inspect_state(entry: Entry) -> tuple[Signal, ...]:
    """Return the end of a container that its `State` tells of, nothing while it runs or when it ended well."""
    inner = entry.fields.get("State")
    state = Entry(entry.line, inner) if isinstance(inner, Mapping) else entry
    code, oom = state.whole("ExitCode"), state.truth("OOMKilled")
    if code is None or "OOMKilled" not in state.fields or state.truth("Running") or not (code or oom):
        return ()
    parts = exit_parts(code)
    return (
        ProcessExit(
            kind="oom_kill" if oom else "process_exit",
            at=state.time_of("FinishedAt"),
            origin=entry.origin,
            code=parts.code,
            signal=parts.signal or ("SIGKILL" if oom else None),
            oom_killed=oom,
            expected=parts.expected,
            detail=state.text("Error") or state.text("Status"),
        ),
    )
