"""A line of nginx's error log, or a paste of a part of one → UpstreamError or None. Never raises: a log may hold anything."""

import re
from datetime import datetime, tzinfo

from observability.detector.parse.nginx_errno import errno_of
from observability.detector.parse.nginx_fields import blank_quotes, fields_in, phase_of, split
from observability.detector.parse.nginx_words import RULES, Said, kind_of
from observability.detector.parse.stamps import shown_by
from observability.detector.signals import Origin, UpstreamError

_LEVELS = "debug|info|notice|warn|error|crit|alert|emerg"  # ngx_log.c err_levels[]
_TIME = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"
_IDS = (
    r"(?P<pid>\d{1,10})\s?#\s?(?P<tid>\d{1,10})\s?:\s?(?:(?:\*\s?)?(?P<cid>\d{1,20})\s(?!worker_conn))?(?:\*\*(?=\w))?"
)
# Markdown takes the star of *N and puts two around what somebody wants to be seen.
# ngx_log_error_core(): time [level] pid#tid: *connection message. The spaces after # and * come from translations.
_HEADER = re.compile(rf"(?:(?P<time>{_TIME}) )?\[ ?(?P<level>{_LEVELS}) ?\] {_IDS}\s?", re.ASCII)
_CONSOLE = re.compile(rf"nginx: \[(?P<level>{_LEVELS})\] ", re.ASCII)  # before the log is open: ngx_log_stderr()
# what is left of a header at the beginning of a paste: "[error] recv()", "127#0: *1 connect()", "*5 connect()"
_STUMP = re.compile(
    rf"(?:nginx\[\d{{1,10}}\]: )?(?:(?P<time>{_TIME}) )?"
    rf"(?:\[?(?P<level>{_LEVELS})\] )?(?:{_IDS}\s?|\*(?P<only_cid>\d{{1,20}})\s)?(?:\.{{3}}\s?)?",
    re.ASCII,
)
# what people put before a message: quote marks, Markdown, "nginx error: "; but "TimeoutError: " is Python's, "ERROR: " a logger's
_LEAD = re.compile(
    r"[\s>*#`'.·-]*(?:(?![^:：]{0,60}(?:\wError|Exception|ERROR|WARN|INFO|DEBUG))[^\d\"{}\[\]:：]{1,60}[:：]\s?|\*\*)?[\s.…]*"
)
_PREFIX_LIMIT = 300  # a header further right is somebody's text, not a log's prefix
_LONGEST = 8192  # nginx cuts at NGX_MAX_ERROR_STR = 2048; a paste may hold more
_SUFFIX_WORDS = re.compile(r"\bwhile \w|(?:client|server|request|upstream) ?[:：]|(?:too large|prematurely|timed out)")


def parse_nginx_error(text: str, origin: Origin, tz: tzinfo) -> UpstreamError | None:
    """Return the signal of a line with nginx's header, or None for any other line. `tz` is that of the server's clock."""
    m = _header(text)
    return _signal(m.groupdict(), text[m.end() :], origin, tz) if m else None


def parse_nginx_fragment(text: str, origin: Origin, tz: tzinfo) -> UpstreamError | None:
    """Return the signal of what people paste: without the header, or with the rest of one. Only for pasted text."""
    if (lead := _LEAD.match(text)) is None:
        return None
    for start in dict.fromkeys((0, len(text) - len(text.lstrip()), lead.end())):
        m = _STUMP.match(text, start)
        if m is not None and _SUFFIX_WORDS.search(text, m.end()):
            signal = _signal(m.groupdict(), text[m.end() :], origin, tz)
            if signal is not None:
                return signal
    return None


def has_header(text: str) -> bool:
    """Tell whether nginx's error log wrote this line, whatever it says."""
    return _header(text) is not None


def begins_message(text: str) -> bool:
    """Tell whether the text begins as nginx's messages about an upstream, a client or itself do, without a header."""
    m = _STUMP.match(text)
    return m is not None and any(start.match(text, m.end()) for start, _ in RULES)


def _header(text: str) -> re.Match[str] | None:
    """The header, behind any prefix; not one that stands in quotes: that is a user's text."""
    if "#" not in text and "nginx: [" not in text:  # most lines are of something else
        return None
    quote = text.find('"')
    limit = min(quote if quote >= 0 else len(text), _PREFIX_LIMIT + 80)
    m = _HEADER.search(text, 0, limit) or _CONSOLE.search(text, 0, limit)
    return m if m is not None and m.start() <= _PREFIX_LIMIT else None


def _signal(header: dict[str, str | None], message: str, origin: Origin, tz: tzinfo) -> UpstreamError | None:
    message = _straight_quotes(message[:_LONGEST])
    head, suffix = split(message)
    header, head = _spliced(header, head)
    if header.get("level") == "debug":
        return None
    phase = phase_of(head, complete=bool(suffix))
    fields = fields_in(suffix)
    kind = kind_of(Said(head.lstrip(), phase, "upstream" in fields))
    if kind is None:
        return None
    written = header.get("time")
    cid = header.get("cid") or header.get("only_cid")
    exited = re.search(r"exited on signal (\d{1,3})", head) if kind == "nginx_worker_exit" else None
    return UpstreamError(
        kind=kind,
        at=_time(written, tz, origin.read_at) if written else None,
        origin=origin,
        written=written,
        level=header.get("level"),
        pid=_number(header.get("pid")),
        tid=_number(header.get("tid")),
        cid=_number(cid),
        client=fields.get("client"),
        server=fields.get("server"),
        method=fields.get("method"),
        path=fields.get("path"),
        protocol=fields.get("protocol"),
        upstream=fields.get("upstream"),
        host=fields.get("host"),
        referrer=fields.get("referrer"),
        phase=phase,
        errno=errno_of(blank_quotes(head)),
        exit_signal=int(exited[1]) if exited else None,
    )


def _spliced(header: dict[str, str | None], head: str) -> tuple[dict[str, str | None], str]:
    """Two lines run into one: the second's message counts, and of the headers only what both say."""
    quote = head.find('"')
    m = _HEADER.search(head, 0, quote if quote >= 0 else len(head))
    if m is None:
        return header, head
    second = m.groupdict()
    return {key: value for key, value in header.items() if second.get(key) == value}, head[m.end() :]


def _time(written: str, tz: tzinfo, read_at: datetime) -> datetime | None:
    """Return the time of `2025/11/07 19:00:19`, in UTC, or None for a day that there is not."""
    try:
        return shown_by(datetime.fromisoformat(written.replace("/", "-")).replace(tzinfo=tz), read_at)
    except (ValueError, OverflowError):  # the second: a year 1 or 9999 that the zone moves out of the calendar
        return None


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _straight_quotes(message: str) -> str:
    """Quotes as nginx writes them: JSON escapes them, web pages make them round."""
    if ': \\"' in message and ': "' not in message:
        return message.replace('\\"', '"')
    if "“" in message and ': "' not in message:
        return message.replace("“", '"').replace("”", '"')
    return message.replace("&quot;", '"') if ": &quot;" in message and ': "' not in message else message
