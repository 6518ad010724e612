"""What is likely, and what cannot be, where evidence is thin: tables from what nginx saw or how a process ended."""

from observability.detector.causes.facts import Facts
from observability.detector.incidents import Candidate, CauseCode, RuledOut
from observability.detector.signals import UpstreamKind

_SUPERVISED = "grep -h process.exited ${LOGS_DIR:-var/logs}/backend.log | tail -3  # how the backend ended"
_TRACE = "grep -h -B2 -A40 Traceback ${LOGS_DIR:-var/logs}/backend.log | tail -60"
_KERNEL = "dmesg -T | grep -iE 'oom|killed process|segfault' | tail -5"
_LISTEN = "ss -ltnp  # does anybody listen on the upstream's port?"
_DEPLOY = "grep -h process.stopping ${LOGS_DIR:-var/logs}/backend.log | tail -3  # was a stop asked for at that moment?"
_SLOW = "grep -h stage.started ${LOGS_DIR:-var/logs}/backend.log | tail -5  # the stage that did not end"

_DIED: tuple[Candidate, ...] = (
    Candidate("out_of_memory", 0.3, _KERNEL),
    Candidate("killed", 0.25, _SUPERVISED),
    Candidate("segfault", 0.2, _SUPERVISED),
    Candidate("programming_error", 0.1, _TRACE),
)
_LIKELY: dict[UpstreamKind, tuple[Candidate, ...]] = {
    "upstream_closed_early": _DIED,
    "upstream_reset": _DIED,
    "upstream_refused": (
        Candidate("deploy", 0.35, _DEPLOY),
        Candidate("killed", 0.2, _SUPERVISED),
        Candidate("import_error", 0.15, _TRACE),
        Candidate("missing_env", 0.15, "barwatch check"),
        Candidate("config_error", 0.1, _LISTEN),
    ),
    "no_live_upstreams": (
        Candidate("killed", 0.3, _SUPERVISED),
        Candidate("deploy", 0.25, _DEPLOY),
        Candidate("slow_upstream", 0.2, _SLOW),
    ),
    "upstream_timeout": (Candidate("slow_upstream", 0.5, _SLOW), Candidate("network", 0.2, _LISTEN)),
    "upstream_host_not_found": (
        Candidate("config_error", 0.5, "nginx -T | grep -n proxy_pass"),
        Candidate("network", 0.3, "getent hosts UPSTREAM_HOST"),
    ),
    "upstream_unreachable": (
        Candidate("network", 0.6, "ip route get UPSTREAM_HOST"),
        Candidate("config_error", 0.2, "nginx -T | grep -n proxy_pass"),
    ),
    "upstream_too_big_header": (
        Candidate("config_error", 0.5, "nginx -T | grep -n proxy_buffer_size"),
        Candidate("programming_error", 0.3, "curl -sI URL | wc -c"),
    ),
    "upstream_invalid_header": (
        Candidate("programming_error", 0.5, "curl -sv URL 2>&1 | head -20"),
        Candidate("config_error", 0.3, "nginx -T | grep -n proxy_pass"),
    ),
    "upstream_ssl": (
        Candidate("config_error", 0.5, "openssl s_client -connect UPSTREAM </dev/null | head -20"),
        Candidate("network", 0.2, _LISTEN),
    ),
    "other_upstream": (
        Candidate("config_error", 0.3, "nginx -T | grep -n upstream"),
        Candidate("programming_error", 0.2, _TRACE),
    ),
    "nginx_exhausted": (
        Candidate("config_error", 0.5, "nginx -T | grep -nE 'worker_(connections|rlimit_nofile)'"),
        Candidate("disk_full", 0.3, "df -h; df -i"),
    ),
}
_BY_STATUS: dict[int, tuple[Candidate, ...]] = {  # where nginx's error line is missing
    500: (Candidate("programming_error", 0.5, _TRACE),),
    502: (*_DIED, *_LIKELY["upstream_refused"]),
    504: _LIKELY["upstream_timeout"],
}
_CLOSED = "nginx had a connection and lost it before its time-out: this was an end, not slowness"
_CANNOT: dict[UpstreamKind, tuple[RuledOut, ...]] = {
    "upstream_closed_early": (
        RuledOut("slow_upstream", _CLOSED),
        RuledOut("config_error", "the upstream was there and accepted the connection: address and port are right"),
    ),
    "upstream_reset": (RuledOut("slow_upstream", _CLOSED),),
    "upstream_refused": (RuledOut("slow_upstream", "the connection was refused at once, nobody waited"),),
    "upstream_timeout": (
        RuledOut("killed", "a dead process closes its connections; nginx would have seen that at once"),
        RuledOut("segfault", "a dead process closes its connections; nginx would have seen that at once"),
    ),
}


def candidates(facts: Facts, known: set[CauseCode]) -> tuple[Candidate, ...]:
    """Return what is likely by what nginx saw or by a bare exit status, without what is concluded already, most likely first."""
    found: dict[CauseCode, Candidate] = {}
    for _, error in facts.errors:
        for candidate in _LIKELY.get(error.kind, ()):
            found.setdefault(candidate.code, candidate)
    for _, access in facts.accesses if not facts.errors else ():
        for candidate in _BY_STATUS.get(access.status or 0, ()):
            found.setdefault(candidate.code, candidate)
    if facts.exits and not facts.tracebacks:
        found.setdefault("programming_error", Candidate("programming_error", 0.3, _TRACE))
        found.setdefault("config_error", Candidate("config_error", 0.25, "barwatch check"))
    if any(e.signal == "SIGKILL" and e.oom_killed is None for _, e in facts.exits):
        found["out_of_memory"] = Candidate("out_of_memory", 0.35, _KERNEL)
    kept = (candidate for code, candidate in found.items() if code not in known)
    return tuple(sorted(kept, key=lambda c: (-c.confidence, c.code)))


def ruled_out(facts: Facts, known: set[CauseCode]) -> tuple[RuledOut, ...]:
    """Return what the evidence excludes, each with the reason; never what a rule has concluded from other evidence."""
    found = {no.code: no for no in _by_processes(facts)}
    for _, error in facts.errors:
        for no in _CANNOT.get(error.kind, ()):
            found.setdefault(no.code, no)
    return tuple(no for code, no in sorted(found.items()) if code not in known)


def _by_processes(facts: Facts) -> list[RuledOut]:
    found: list[RuledOut] = []
    crashed = [ended for _, ended in facts.exits if not ended.expected]
    if crashed and not facts.stops:
        found.append(RuledOut("deploy", "no stop was asked for before the process ended"))
    if any(ended.oom_killed is False for ended in crashed) and not any(ended.oom_killed for ended in crashed):
        found.append(RuledOut("out_of_memory", "the cgroup's oom_kill counter did not move"))
    if any(ended.signal == "SIGKILL" for ended in crashed) and not facts.dumps:
        found.append(RuledOut("segfault", "the process ended by SIGKILL and left no faulthandler dump"))
    if facts.preflights and not facts.failed_checks:
        passed = f"the preflight check after it passed ({len(facts.preflights[-1][1].checks)} checks)"
        found += [
            RuledOut(code, passed) for code in ("missing_env", "permission_denied", "path_not_found", "disk_full")
        ]
    if any((access.upstream_status or "").endswith("500") for _, access in facts.accesses):
        found += [
            RuledOut(code, "the backend answered by itself (500), so it lives")
            for code in ("killed", "segfault", "out_of_memory")
        ]
    return found
