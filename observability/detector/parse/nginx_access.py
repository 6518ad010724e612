"""A line of nginx's access log, in any text format that people use → Access or None. Never raises."""

import re
from calendar import month_abbr
from datetime import UTC, datetime
from typing import Final

from observability.detector.parse.nginx_fields import request_parts
from observability.detector.parse.prefixes import parse_stamp
from observability.detector.signals import Access, Ids, Origin
from observability.ids import RequestId

_LONGEST: Final = 65536
_METHODS = (
    r"GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|TRACE|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|REPORT"
    r"|SEARCH|PURGE|PRI"
)
# $time_local, $time_iso8601; Python's servers write "[11/May/2025 05:44:10]" without a zone, and are not nginx
_WHEN = re.compile(
    r"\[(?P<when>\d{1,2}/[A-Z][a-z]{2}/\d{4}: ?\d\d:\d\d:\d\d [+-]\d{4}|"
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))\]",
    re.ASCII,
)
# a request line in quotes: its end is the quote that a status follows, for the path itself may hold quotes
_QUOTED_REQUEST = re.compile(
    rf'"(?P<request>(?:{_METHODS}) \S.{{0,16000}}?|[^"]{{0,4000}})" '
    r'(?:[|,;] ?)?(?:"?(?P<status>[0-5]\d\d)"?|\S{1,255} (?P<late>[1-5]\d\d))(?=[\s"|]|$)'
)
_BARE_REQUEST = re.compile(
    rf'(?<=[\]|] )(?P<request>(?:{_METHODS}) \S{{1,16000}} HTTP/\d(?:\.\d)?) "?(?P<status>[0-5]\d\d)"?(?=\s)'
)
# nginx-proxy-manager: [$time_local] $cache $upstream_status $status - $method $scheme $host "$request_uri" [Client …]
_PROXY_MANAGER = re.compile(
    rf"\s(?P<cache>\S+) (?P<upstream_status>[\d, :-]*?|-) (?P<status>\d{{3}}) - (?P<method>{_METHODS}) https?\+? ?(?P<host>\S+) "
    r'"(?P<path>[^"]*)" \[Client (?P<client>[^\]]*)\]'
)
# $status before "$request", and the old "[time] client - user - host to: upstream: request request_time 0.003" without one
_EARLY_STATUS = re.compile(
    rf'(?<![\d.:])(?P<status>[1-5]\d\d)[\s|]{{1,3}}"(?P<request>(?:{_METHODS}) [^"]* HTTP/\d(?:\.\d)?)"'
)
_TO_UPSTREAM = re.compile(
    rf" to: (?P<upstream>\S{{1,200}}): (?P<request>(?:{_METHODS}) \S{{1,16000}} HTTP/\d(?:\.\d)?)(?=\s)"
)
_LABELLED_REQUEST = re.compile(rf'\brequest[:=] ?"(?P<request>(?:{_METHODS}) [^"]*)"', re.I)
_PIPED_REQUEST = re.compile(rf"\| (?:https? )?(?P<request>(?:{_METHODS}) \S{{1,16000}} HTTP/\d(?:\.\d)?) \|")
_LABELLED_STATUS = re.compile(r'^\((?P<before>\d{3})\)|\bstatus[:=]\s?"?(?P<status>\d{3})\b', re.I)
_BEFORE = re.compile(r"^\s*(?:[\w.-]{1,255}:\d{1,5} )?(?:(?P<client>[\w.:<>*-]{1,255}),? |.{0,300}$)")
_AGENT = re.compile(r'"(?P<referrer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)"')
# ingress-nginx (internal/ingress/controller/config: log-format-upstream), after the user agent
_INGRESS = re.compile(
    r"^\s?(?P<length>\d+) (?P<time>[\d.]+|-) \[(?P<service>[^\]]*)\] (?:\[[^\]]*\] )?"
    r"(?P<upstream>\S{1,300}(?:(?:, | : )\S{1,300})*) (?P<lengths>[\d-]+(?:(?:, | : )[\d-]+)*) "
    r"(?P<times>[\d.-]+(?:(?:, | : )[\d.-]+)*) (?P<statuses>(?:\d{3}|-)(?:(?:, | : )(?:\d{3}|-))*)"
    r"(?: (?P<request_id>[0-9a-f]{32}))?",
)
_NAMED = re.compile(
    r'(?:^|[\s|"\[])(?P<name>[A-Za-z_]{2,40})(?:[=:]\s?|(?<=_time) )(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s|"\]]+))'
)
_NAMES: dict[str, str] = {
    "rt": "request_time", "request_time": "request_time", "requesttime": "request_time", "req_time": "request_time",
    "us": "upstream_status", "upstream_status": "upstream_status", "upstreamstatus": "upstream_status",
    "ua": "upstream", "upstream_addr": "upstream", "upstream": "upstream",
    "request_id": "request_id", "req_id": "request_id", "rid": "request_id",
}  # fmt: skip
_SECONDS = re.compile(r"(?<![\w.:/])(?P<seconds>\d{1,6}\.\d{3})(?![\w.:/])", re.ASCII)
_WITH_PORT = re.compile(r'(?:\.\d{1,3}|\]|[a-z]):\d{2,5}(?: -)? $|"')  # uvicorn and actix log the client's port
# other programs' loggers put these before an access line: it is theirs, not nginx's
_OTHERS = re.compile(
    r"\b(?:INFO|DEBUG|WARNING|WARN|ERROR|TRACE|NOTICE|aiohttp\.access|gunicorn\.access|uvicorn\.access|werkzeug|tornado|actix_web|sanic)\b"
)


def parse_nginx_access(text: str, origin: Origin) -> Access | None:
    """Return the signal of a combined, timed, ingress or labelled access line, or None for any other line."""
    text = text[:_LONGEST]
    when = _WHEN.search(text, 0, 400)
    m = _QUOTED_REQUEST.search(text) or (_BARE_REQUEST.search(text) if when else None)
    if m is None:
        return _proxy_manager(text, when, origin) or _labelled(text, when, origin) or _other_orders(text, when, origin)
    if when is not None and when.start() > m.start():
        when = None
    before, after = text[: m.start()], text[m.end() :]
    if _OTHERS.search(before) or (when is None and not _looks_like_nginx(before, after)):
        return None
    if when is not None and not _agrees(before, after):
        return None
    status = m["status"] or m.groupdict().get("late")
    return _access(origin, when, m["request"], status, _client(before), _measured(before, after))


def _looks_like_nginx(before: str, after: str) -> bool:
    """Without a time: only where size, referrer and user agent follow, as in `$status $body_bytes_sent "…" "…"`."""
    return bool(re.match(r'\s\d+ "[^"]*" "', after)) and not _WITH_PORT.search(before)


def _agrees(before: str, after: str) -> bool:
    """A size, or more, must follow: Python's `… "GET / HTTP/1.1" 200 -` has none, uvicorn writes "200 OK", Envoy its flags."""
    return bool(re.match(r'[\s|,;]{1,3}"?(?:\d|")', after)) and '"' not in before


def _access(
    origin: Origin,
    when: re.Match[str] | None,
    request: str,
    status: str | None,
    client: str | None,
    measured: dict[str, str],
) -> Access:
    parts = request_parts(request)
    if not {"path", "protocol"} & parts.keys():
        parts = {}
    request_id = measured.get("request_id")
    return Access(
        at=access_time(when["when"]) if when else None,
        origin=origin,
        ids=Ids(request_id=RequestId(request_id) if request_id else None),
        client=client,
        method=parts.get("method"),
        path=parts.get("path"),
        protocol=parts.get("protocol"),
        status=int(status) if status else None,
        request_time=float(measured["request_time"]) if "request_time" in measured else None,
        upstream=measured.get("upstream"),
        upstream_status=measured.get("upstream_status"),
        host=measured.get("host"),
        referrer=measured.get("referrer"),
    )


def _client(before: str) -> str | None:
    m = _BEFORE.match(before)
    client = m["client"] if m else None
    return client if client and client != "-" and not client.startswith("[") else None


def _measured(before: str, after: str) -> dict[str, str]:
    """What a timed format adds: named (`rt=0.151 us="200"`), ingress's columns, or a bare number of seconds."""
    agent = _AGENT.search(after)
    found = {"referrer": agent["referrer"]} if agent and agent["referrer"] not in ("", "-") else {}
    tail = after[agent.end() :] if agent else after
    if (m := _INGRESS.match(tail)) is not None:
        return found | _from_ingress(m)
    if named := _from_names(tail):
        return found | named
    seconds = next((s["seconds"] for s in _SECONDS.finditer(_unquoted(tail))), None)
    if seconds is None and (leading := re.match(r"\s*(\d{1,6}\.\d{3})\s", before)):
        seconds = leading[1]
    return found | ({"request_time": seconds} if seconds else {})


def _unquoted(tail: str) -> str:
    """Numbers stand outside quotes, but for one that a quote encloses alone; an agent with a lost quote is cut off."""
    return re.sub(r'"(?![\d.]+")[^"]*"', " ", tail)


def _from_ingress(m: re.Match[str]) -> dict[str, str]:
    found = {"upstream": m["upstream"], "upstream_status": m["statuses"]}
    if m["time"] != "-" and re.fullmatch(r"\d+(?:\.\d+)?", m["time"]):
        found["request_time"] = m["time"]
    return found | ({"request_id": m["request_id"]} if m["request_id"] else {})


def _from_names(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for m in _NAMED.finditer(text):
        name = _NAMES.get(m["name"].lower())
        value = m["quoted"] if m["quoted"] is not None else m["bare"]
        if name and name not in found and (name != "request_time" or re.fullmatch(r"\d+(?:\.\d+)?", value)):
            found[name] = value
    return found


def _proxy_manager(text: str, when: re.Match[str] | None, origin: Origin) -> Access | None:
    if when is None or (m := _PROXY_MANAGER.match(text, when.end())) is None:
        return None
    measured = {"upstream_status": m["upstream_status"] or "-", "host": m["host"]}
    signal = _access(origin, when, f"{m['method']} {m['path']}", m["status"], m["client"], measured)
    return signal if signal.path else None


def _other_orders(text: str, when: re.Match[str] | None, origin: Origin) -> Access | None:
    if when is None or (m := _EARLY_STATUS.search(text, when.end()) or _TO_UPSTREAM.search(text, when.end())) is None:
        return None
    said = m.groupdict()
    measured = _measured(text[: when.start()], text[m.end() :])
    if said.get("upstream"):
        measured.setdefault("upstream", said["upstream"])
    return _access(origin, when, m["request"], said.get("status"), _client(text[: when.start()]), measured)


def _labelled(text: str, when: re.Match[str] | None, origin: Origin) -> Access | None:
    """`(200) | [time] | client | RequestTime: 0.778 | … | Request: "GET / HTTP/1.1"`."""
    request = _LABELLED_REQUEST.search(text) or _PIPED_REQUEST.search(text)
    status = _LABELLED_STATUS.search(text)
    if when is None or request is None or status is None:
        return None
    return _access(origin, when, request["request"], status["before"] or status["status"], None, _from_names(text))


# of the C locale: the detector sets none
_MONTHS = {name: number for number, name in enumerate(month_abbr) if name}


def access_time(written: str) -> datetime | None:
    """Return the time of $time_local, in English whatever the locale (ngx_times.c), or $time_iso8601; aware, in UTC."""
    if (iso := parse_stamp(written)) is not None:
        return iso.astimezone(UTC)
    m = re.fullmatch(r"(\d{1,2})/(\w{3})/(\d{4}): ?(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)", written, re.ASCII)
    if m is None or m[2] not in _MONTHS:
        return None
    try:
        return datetime.fromisoformat(f"{m[3]}-{_MONTHS[m[2]]:02}-{int(m[1]):02}T{m[4]}{m[5]}:{m[6]}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
