"""Evidence, joins and confidence in a reader's words. Pure: values of the incident document in, sentences out."""

from collections.abc import Mapping
from typing import Any, Final

JOINED: Final = {
    "opened_it": "opened the incident",
    "request_id": "same request id",
    "trace_id": "same trace id",
    "job_id": "same job id",
    "connection": "same nginx process, connection and request line",
    "same_path": "same path, at the time",
    "death_window": "within seconds of the death",
    "pid": "same process",
    "fingerprint": "same crash again",
    "same_paste": "pasted together",
}
CAUSES: Final = {
    "missing_env": "A setting is missing",
    "permission_denied": "Permission denied",
    "path_not_found": "Path not found",
    "disk_full": "Disk full",
    "import_error": "A module does not load",
    "db_connection": "Database not reachable",
    "out_of_memory": "Out of memory",
    "segfault": "Crash in native code",
    "killed": "Killed from outside",
    "bad_input": "Bad input",
    "dependency_timeout": "A dependency did not answer",
    "network": "Network",
    "programming_error": "A bug",
    "asyncio_cancel": "Cancelled task",
    "config_error": "Wrong configuration",
    "slow_upstream": "Too slow for nginx",
    "deploy": "Deploy or restart",
    "other": "Not known yet",
}
_SURE: Final = ((0.95, "almost certain"), (0.8, "very likely"), (0.5, "likely"), (0.0, "a guess"))
_MIB: Final = 1 << 20


def sure(confidence: float) -> str:
    """Return the word for a confidence from 0 to 1."""
    return next(word for least, word in _SURE if confidence >= least)


def headline(piece: Mapping[str, Any]) -> str:
    """Return what a piece of evidence says, in one line; the words of its kind where we have none of our own."""
    said: Mapping[str, Any] = piece["fields"]
    kind = str(piece["kind"])
    match kind:
        case "access":
            return f"nginx answered {said.get('status', '?')} to {_asked(said)}{_after(said.get('request_time'))}"
        case "process_exit" | "oom_kill":
            return _ended(kind, said)
        case "process_start":
            return f"{_who(said)} started"
        case "process_stop":
            return (
                f"{_who(said)} was asked to stop ({said.get('asked_by') or said.get('signal') or 'not said by whom'})"
            )
        case "stage_mark":
            return _marked(said)
        case "traceback":
            return _raised(said)
        case "fatal_dump":
            return f"{_who(said)} crashed: {said.get('reason', 'fatal error')}"
        case "preflight":
            return _checked(said)
        case _:
            return (
                f"nginx: {kind.replace('_', ' ')}"
                if kind.startswith(("upstream", "client"))
                else kind.replace("_", " ")
            )


def _asked(said: Mapping[str, Any]) -> str:
    return " ".join(str(said[name]) for name in ("method", "path") if said.get(name)) or "a request"


def _after(seconds: object) -> str:
    return f" after {seconds:g} s" if isinstance(seconds, int | float) else ""


def _who(said: Mapping[str, Any]) -> str:
    return f"{said.get('role') or 'process'} {said.get('pid') or ''}".rstrip()


def _ended(kind: str, said: Mapping[str, Any]) -> str:
    how = said.get("signal") or (f"exit code {said['code']}" if said.get("code") is not None else "")
    why = " for memory" if kind == "oom_kill" or said.get("oom_killed") else ""
    rss = said.get("max_rss_bytes")
    most = f", {rss // _MIB} MiB at most" if isinstance(rss, int) else ""
    limit = f" at its limit ({said['limit']})" if said.get("limit") else ""
    stage = f" in stage {said['stage']}" if said.get("stage") else ""
    return f"{_who(said)} ended{f' by {how}' if how else ''}{why}{limit}{stage}{_after(said.get('uptime_s'))}{most}"


def _marked(said: Mapping[str, Any]) -> str:
    rows = f" after {said['rows_done']} rows" if said.get("rows_done") else ""
    return f"stage {said.get('stage', '?')} {said.get('edge', '')}{rows}"


def _raised(said: Mapping[str, Any]) -> str:
    exceptions = said.get("exceptions") or [{}]
    last = exceptions[-1]
    return f"{last.get('type', 'Exception')}: {last.get('message', '')}".rstrip(": ")


def _checked(said: Mapping[str, Any]) -> str:
    checks = said.get("checks") or []
    failed = [check for check in checks if not check["ok"]]
    when = {"start": "before the next start", "death": "right after the death"}.get(str(said.get("when")), "")
    found = f"{len(failed)} of {len(checks)} checks failed" if failed else f"all {len(checks)} checks passed"
    return f"{found} {when}".rstrip()
