"""One line without prefixes → its signals, if it stands alone: nginx's, an access log's, a JSON record's. Never raises."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from observability.detector.parse.json_log import parse_json_line
from observability.detector.parse.nginx_access import parse_nginx_access
from observability.detector.parse.nginx_access_json import access_of_record
from observability.detector.parse.nginx_error import has_header, parse_nginx_error
from observability.detector.parse.prefilter import may_be_access
from observability.detector.parse.prefixes import load_object, loose_object, strip, unwrap, wrapped_line
from observability.detector.signals import Line, Origin, Signal, UpstreamError

ReadNginx = Callable[[str, Origin, tzinfo], UpstreamError | None]
_NGINX_UNIT = (
    "nginx.service: "  # systemd on nginx itself: why it did not start stands in nginx's own line, `nginx: [emerg] …`
)
_EVIDENCE = 16_384  # characters of a line that are kept as evidence


@dataclass(frozen=True, slots=True)
class Alone:
    """What a line says by itself; `rest` is what is left for the readers of Python text, or None: it is spoken for."""

    signals: tuple[Signal, ...] = ()
    rest: str | None = None


def read_alone(line: Line, text: str, tz: tzinfo, read_nginx: ReadNginx = parse_nginx_error) -> Alone:
    """Return the signals of a line whose prefixes are gone. `tz` is that of nginx's clock."""
    origin = origin_of(line)
    if (inner := _json(line, text, origin, tz, read_nginx)) is not None:
        return inner
    if has_header(text):
        signal = parse_nginx_error(text, origin, tz)
        return Alone((signal,) if signal else ())
    if _NGINX_UNIT in text:
        return Alone()
    found = (parse_nginx_access(text, origin) if may_be_access(text) else None) or read_nginx(text, origin, tz)
    return Alone((found,)) if found else Alone(rest=text)


def origin_of(line: Line) -> Origin:
    """Return where a line stood, with its text as evidence."""
    at = line.position
    return Origin(line.source, at.number, line.text[:_EVIDENCE], line.read_at, at.offset, at.file_id)


def _json(line: Line, text: str, origin: Origin, tz: tzinfo, read_nginx: ReadNginx) -> Alone | None:
    body = text.strip()
    record = load_object(body) if body.startswith("{") and body.endswith("}") else None
    wrapped = unwrap(body) if record is None else _line_in(record)
    if wrapped is not None and (found := _nginx_inside(wrapped, origin, tz, read_nginx)) is not None:
        return Alone((found,))
    if record is None:
        cut = access_of_record(loose_object(body), origin) if body.startswith('{"') else None
        return Alone((cut,)) if cut else None
    return _record(line, body, record, origin) or Alone(rest=_line_inside(wrapped, text))


def _line_in(record: dict[str, Any]) -> str | None:
    return None if "event" in record else wrapped_line(record)


def _nginx_inside(wrapped: str, origin: Origin, tz: tzinfo, read_nginx: ReadNginx) -> Signal | None:
    inner = strip(wrapped.strip("\r\n")).text
    if has_header(inner):
        return parse_nginx_error(inner, origin, tz)
    return (parse_nginx_access(inner, origin) if may_be_access(inner) else None) or read_nginx(inner, origin, tz)


def _record(line: Line, body: str, record: dict[str, Any], origin: Origin) -> Alone | None:
    access = access_of_record(record, origin)
    if access is not None:
        return Alone((access,))
    told = parse_json_line(replace(line, text=body))
    return Alone(told) if told is not None else None


def _line_inside(wrapped: str | None, text: str) -> str:
    """A record that tells nothing by itself may carry one line of a traceback: Fluentd makes a record of each."""
    return wrapped.rstrip("\r\n") if wrapped and "\n" not in wrapped.rstrip("\r\n") else text
