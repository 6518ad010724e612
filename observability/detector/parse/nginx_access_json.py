"""A JSON access line, ours (DESIGN section 5) or anybody's → Access or None. Never raises."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from observability.detector.parse.nginx_access import access_time
from observability.detector.parse.nginx_fields import request_parts
from observability.detector.signals import Access, Ids, Origin
from observability.ids import RequestId, TraceId

# nginx's variables as people name them in log_format escape=json; compared in lower case, without "_", "-" and "."
_NAMES: dict[str, tuple[str, ...]] = {
    "status": ("status", "statuscode", "responsestatus", "httpstatus", "responsecode"),
    "request": ("request", "requestline"),
    "method": ("method", "requestmethod", "httpmethod", "verb"),
    "path": ("requesturi", "uri", "url", "path", "requestpath", "httppath"),
    "protocol": ("serverprotocol", "protocol", "httpversion", "requestproto", "proto"),
    "request_time": ("requesttime", "responsetime", "duration", "requestduration"),
    "upstream": ("upstreamaddr", "upstreamhost", "upstream"),
    "upstream_status": ("upstreamstatus", "upstreamresponsestatus"),
    "request_id": ("requestid", "reqid", "xrequestid"),
    "client": ("client", "remoteaddr", "clientip", "remoteip", "xforwardedfor", "remoteaddress"),
    "host": ("host", "httphost", "servername", "vhost"),
    "referrer": ("referrer", "httpreferer", "httpreferrer", "referer"),
    "request_length": ("requestlength", "bytesreceived"),
    "pid": ("pid",),
    "cid": ("connection",),
    "traceparent": ("traceparent", "httptraceparent"),
    "at": ("msec", "timeiso8601", "timestamp", "@timestamp", "time", "timelocal", "ts", "date"),
}
# what only a proxy's access log has; an application's record of a request has an event, a logger or a level instead
_PROXYS = frozenset(
    (
        *("bodybytessent", "bytessent", "requestlength", "msec", "requesttime", "remoteaddr", "remoteuser"),
        *("upstreamaddr", "upstreamstatus", "upstreamresponsetime"),
        *("httpuseragent", "useragent", "ua", "agent", "httpreferer", "httpreferrer"),
    )
)
_APPLICATIONS = frozenset(("event", "logger", "loggername", "levelname", "message", "msg", "exception", "stacktrace"))
_SCALARS = (str, int, float)  # and no bool
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_MSEC = re.compile(r"\d{9,11}(?:\.\d{1,9})?", re.ASCII)
_PARENT = re.compile(r"[0-9a-f]{2}-(?P<trace_id>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context


def access_of_record(record: dict[str, Any], origin: Origin) -> Access | None:
    """Return the signal of a JSON record that nginx wrote, or None: the record is of something else."""
    if not _APPLICATIONS.isdisjoint(record):
        return None
    said = _said(record)
    if said is None:
        return None
    status = _integer(said.get("status"))
    line = request_parts(said.get("request", ""))
    path = line.get("path") or said.get("path")
    if status is None or not 0 <= status <= 999 or (path is None and "request" not in said):
        return None
    parent = _PARENT.fullmatch(said.get("traceparent", ""))
    return Access(
        at=_time(said.get("at", "")),
        origin=origin,
        ids=Ids(
            request_id=RequestId(said["request_id"]) if said.get("request_id", "-") != "-" else None,
            trace_id=TraceId(parent["trace_id"]) if parent else None,
        ),
        pid=_integer(said.get("pid")),
        cid=_integer(said.get("cid")),
        client=said.get("client"),
        method=line.get("method") or said.get("method"),
        path=path,
        protocol=line.get("protocol") or said.get("protocol"),
        status=status,
        request_time=_seconds(said.get("request_time")),
        upstream=said.get("upstream"),
        upstream_status=said.get("upstream_status"),
        host=said.get("host"),
        referrer=said.get("referrer") if said.get("referrer") != "-" else None,
        request_length=_integer(said.get("request_length")),
    )


def _said(record: dict[str, Any]) -> dict[str, str] | None:
    """Return what the record says under our names, or None: no proxy wrote it."""
    fields = _fields_of(tuple(record))
    if not any(type(record[key]) in _SCALARS for key in fields.of_proxies):
        return None
    return {name: value for name, keys in fields.by_name if (value := _first(record, keys))}


@dataclass(frozen=True, slots=True)
class _Fields:
    """Which keys of a record say what. All lines of a log have the same keys: found once, not a line."""

    by_name: tuple[tuple[str, tuple[str, ...]], ...]  # best key first
    of_proxies: tuple[str, ...]


@lru_cache(maxsize=256)
def _fields_of(keys: tuple[str, ...]) -> _Fields:
    written: dict[str, list[str]] = {}
    for key in reversed(keys):  # of two that differ in case or in signs only, the last one counts
        written.setdefault(re.sub(r"[_.\-]", "", key.lower()), []).append(key)
    by_name = (
        (name, tuple(key for plain in plains for key in written.get(plain, ()))) for name, plains in _NAMES.items()
    )
    return _Fields(
        tuple((name, found) for name, found in by_name if found),
        tuple(key for plain, found in written.items() if plain in _PROXYS for key in found),
    )


def _first(record: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        value = record[key]
        if type(value) in _SCALARS and value != "":
            return str(value)
    return None


def _integer(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None


def _seconds(text: str | None) -> float | None:
    return float(text) if text and _SECONDS.fullmatch(text) else None


def _time(text: str) -> datetime | None:
    """$msec (seconds and milliseconds since 1970), $time_iso8601 or $time_local; aware, in UTC."""
    if _MSEC.fullmatch(text):
        return datetime.fromtimestamp(float(text), UTC)
    return access_time(text)
