"""An incident hop by hop: browser, nginx, backend, stage. What worked, what did not, and what that means."""

from dataclasses import dataclass
from typing import Any, Final

from observability.detector.incidents import Evidence, Incident

YES, NO, UNKNOWN = "✅", "❌", "❓"

# For each word of nginx: did the connection stand, and what became of the answer.
_CONNECTED: Final[dict[str, tuple[str, str]]] = {
    "upstream_refused": (NO, "connection refused: nobody listened at that address at that moment"),
    "upstream_host_not_found": (NO, "the upstream's name could not be resolved"),
    "upstream_unreachable": (NO, "there was no route to the upstream"),
    "upstream_ssl": (NO, "the TLS handshake with the upstream failed"),
    "no_live_upstreams": (NO, "nginx tried nobody: it held all upstreams for dead after earlier failures"),
    "nginx_exhausted": (NO, "nginx itself ran out of connections, files or disk"),
    "nginx_worker_exit": (NO, "nginx's own worker process died"),
}
_ANSWERED: Final[dict[str, tuple[str, str]]] = {
    "upstream_closed_early": (
        NO,
        "the backend closed the connection before its answer was complete: it died, or it dropped the request",
    ),
    "upstream_reset": (
        NO,
        "the connection was reset while nginx was still sending or reading: the process was gone at once",
    ),
    "upstream_timeout": (
        NO,
        "no answer within nginx's time-out; the connection stood all the while, so the process lived",
    ),
    "upstream_too_big_header": (NO, "the answer's headers were larger than nginx's buffer"),
    "upstream_invalid_header": (NO, "the answer's headers were not HTTP"),
}
_BAD_GATEWAY: Final = 500


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of the request's way, and how it went."""

    name: str
    mark: str
    meaning: str


def hops(incident: Incident) -> tuple[Hop, ...]:
    """Return the hops in the order in which the request takes them; ❓ where no evidence tells."""
    nginx = [e for e in incident.evidence if "upstream" in e.fields or e.kind in {*_CONNECTED, *_ANSWERED, "access"}]
    return (_browser(nginx), _nginx(nginx), _backend(incident, nginx), _stage(incident))


def _field(evidence: list[Evidence], name: str) -> Any:
    return next((e.fields[name] for e in evidence if e.fields.get(name) is not None), None)


def _browser(nginx: list[Evidence]) -> Hop:
    if not nginx:
        return Hop("browser → nginx", UNKNOWN, "no line of nginx is among the evidence")
    client, method, path = (_field(nginx, name) for name in ("client", "method", "path"))
    status = _field(nginx, "status")
    got = f", and got {status}" if status else ""
    asked = f"{method} {path}" if path else "something"
    return Hop(
        "browser → nginx", YES, f"{client or 'a client'} asked for {asked}{got}: nginx is up and took the request"
    )


def _nginx(nginx: list[Evidence]) -> Hop:
    upstream = _field(nginx, "upstream")
    at = f" ({upstream})" if upstream else ""
    kind = next((e.kind for e in nginx if e.kind in _CONNECTED), None)
    answered = next((e for e in nginx if e.kind in _ANSWERED), None)
    if answered is not None and "connecting" in str(answered.fields.get("phase", "")):
        return Hop("nginx → backend", NO, f"the connection could not be made in time{at}")
    if answered is not None or kind is None:
        mark = YES if nginx and (answered is not None or upstream) else UNKNOWN
        return Hop(
            "nginx → backend",
            mark,
            f"the connection{at} was accepted" if mark == YES else "nothing tells whether it was reached",
        )
    mark, meaning = _CONNECTED[kind]
    return Hop("nginx → backend", mark, meaning + at)


def _backend(incident: Incident, nginx: list[Evidence]) -> Hop:
    ended = next((e for e in incident.evidence if e.kind in ("process_exit", "oom_kill", "fatal_dump")), None)
    kind = next((e.kind for e in nginx if e.kind in _ANSWERED), None)
    if ended is not None:
        how = ended.fields.get("signal") or f"exit code {ended.fields.get('code')}"
        who = f"{ended.fields.get('role') or 'process'} {ended.fields.get('pid') or ''}".rstrip()
        return Hop("backend → answer", NO, f"{who} ended ({how})")
    if any(e.kind == "traceback" for e in incident.evidence):
        return Hop("backend → answer", NO, "an exception came instead of an answer")
    if kind is not None:
        return Hop("backend → answer", *_ANSWERED[kind])
    status = _field(nginx, "status")
    if isinstance(status, int) and status < _BAD_GATEWAY:
        return Hop("backend → answer", YES, f"it answered {status}")
    return Hop("backend → answer", UNKNOWN, "it was not reached, or left no word")


def _stage(incident: Incident) -> Hop:
    if incident.stage is None:
        return Hop("stage", UNKNOWN, "no stage record of this request is among the evidence")
    suspect = f" of request {incident.suspect_request_id}" if incident.suspect_request_id else ""
    return Hop("stage", NO, f"{incident.stage}{suspect} was the last to move")
