"""What nginx puts behind a message (`while …, client: …, request: "…"`) → named parts. Absent or cut off: not there."""

import re

_KEYS = r"client|server|request|subrequest|upstream|host|referrer|login|context|bytes_sent|bytes from/to \w+"
_COLON = r"\s?[:：]"
# where the suffix begins; "udp client" is ngx_stream_proxy_module's, a translation may have eaten the comma
_SUFFIX = re.compile(rf"(?:[,，]\s?|\s|^)(?:udp )?(?:client|server|request|upstream|context|host){_COLON}")
_CLIENT = re.compile(rf"[,，]\s?(?:udp )?client{_COLON}|\s(?:udp )?client{_COLON}(?=,|\s?[,，]\s?server)")
_QUOTED = re.compile(r'"[^"]*"')
_WHILE = re.compile(r"(?:^|\s)while (?P<phase>(?:(?!\swhile\s)[^,，])+)")
_CUT = re.compile(r"(?:\$|>|…|\.{3,})\s*$")
_REQUEST = re.compile(
    r"\s*(?P<method>[A-Z][A-Z_-]{1,20})(?: (?P<path>.*?))??(?: (?P<protocol>HTTP ?/ ?\d(?:\.\d)?))?\s*$", re.S
)
_LONE_REQUEST = re.compile(r'[,，]\s"(?P<request>[A-Z]{3,10} \S+ HTTP/[\d.]+)"')
_REQUEST_KEY = re.compile(rf'(?:^|[\s,，])request{_COLON}\s?"')
_REQUEST_LINE = re.compile(r'(?:[^"]|"(?! ?[,，] ?(?:upstream|host|referrer|subrequest)))*? HTTP ?/ ?\d(?:\.\d)?(?=")')
_PLAIN = {
    key: re.compile(
        rf"(?:^|[\s,，])(?:udp )?{key}{_COLON}(?P<value>[^,，]*?)(?P<end>[,，]|\s(?:{_KEYS}){_COLON}|$)", re.S
    )
    for key in ("client", "server")
}
_QUOTED_KEY = {key: re.compile(rf'(?:^|[\s,，"]){key}{_COLON}\s?"') for key in ("upstream", "host", "referrer")}
_AFTER = {
    key: re.compile(rf'"[,，]?\s?[,，]?\s?(?:{following}){_COLON}')
    for key, following in {
        "request": "subrequest|upstream|host|referrer",
        "upstream": r"host|referrer|bytes_sent|bytes from/to \w+",
        "host": "referrer",
        "referrer": "(?!)",
    }.items()
}
# every c->log->action that nginx 1.0–1.29 sets near an upstream or a client: tells a cut phase from a whole one
_ACTIONS = (
    "connecting to upstream", "sending request to upstream", "reading response header from upstream", "reading upstream",
    "sending to client", "sending response to client", "reading client request line", "reading client request headers",
    "reading client request body", "waiting for request", "keepalive", "closing request", "SSL handshaking",
    "SSL handshaking to upstream", "proxying connection", "proxying upgraded connection", "processing HTTP/2 connection",
    "proxying and reading from upstream", "proxying and sending to upstream", "proxying and reading from client",
    "proxying and sending to client", "logging request", "prereading client data", "sending PROXY protocol header to upstream",
)  # fmt: skip


def split(message: str) -> tuple[str, str]:
    """Return (nginx's message with its phase, the suffix from `client:` on).

    The client's path stands in the message of open(), an application's text in that of FastCGI, and both may imitate
    `, client:`. nginx's own is the last one before its first `request: "`.
    """
    request = re.search(rf'[,，]\s?request{_COLON}\s?"', message)
    until = request.start() + 1 if request else len(message)
    clients = list(_CLIENT.finditer(message, 0, until))
    if clients:
        return message[: clients[-1].start()], message[clients[-1].start() :]
    starts = (_SUFFIX.search(blank_quotes(message)), _LONE_REQUEST.search(message))
    at = min((start.start() for start in starts if start), default=len(message))
    return message[:at], message[at:]


def phase_of(head: str, *, complete: bool) -> str | None:
    """Return the text after the last "while", or None where there is none, or it was cut off (`complete` is False)."""
    # OpenSSL's "(…::unexpected eof while reading)" is none of nginx's
    found = [m for m in _WHILE.finditer(blank_quotes(head)) if m["phase"].count(")") <= m["phase"].count("(")]
    if not found:
        return None
    phase = found[-1]["phase"].strip()
    ended = complete or blank_quotes(head)[found[-1].end() :].strip()[:1] in (",", "，")
    if ended or phase in _ACTIONS:
        return phase or None
    if phase.endswith(" ..."):
        return phase[:-4]
    cut = _CUT.search(phase) or any(action.startswith(phase) for action in _ACTIONS)
    return None if cut else phase


def fields_in(suffix: str) -> dict[str, str]:
    """Return client, server, method, path, protocol, upstream, host and referrer, as far as they are there.

    In the order in which nginx writes them, each behind the last: what a client sent may imitate the keys that follow.
    """
    before, request, rest = _around_request(suffix)
    found = {key: value for key in ("client", "server") if (value := _plain(before, key, last=before == suffix))}
    found |= request
    for key in ("upstream", "host", "referrer"):
        value, rest = _quoted(rest, key)
        if value:
            found[key] = value
    return found


def _around_request(suffix: str) -> tuple[str, dict[str, str], str]:
    """Return (what stands before the request line, its parts, what stands behind it)."""
    m = _REQUEST_KEY.search(suffix)
    if m is None:
        lone = _LONE_REQUEST.search(suffix)
        return (suffix, request_parts(lone["request"]), suffix[lone.end() :]) if lone else (suffix, {}, suffix)
    text, rest = suffix[m.end() :], ""
    line = _REQUEST_LINE.match(text)
    end = line.end() if line else _closing_quote(text, _AFTER["request"])
    if end is None:
        return suffix[: m.start()], _cut_request(text), ""
    text, rest = text[:end], text[end:]
    return suffix[: m.start()], request_parts(text), rest or '"'


def _plain(before: str, key: str, *, last: bool) -> str | None:
    """An unquoted value ends at its comma; one that the paste cut off is not there."""
    m = _PLAIN[key].search(before)
    if m is None:
        return None
    value = m["value"].strip().rstrip('"')
    if m["end"]:
        return value or None
    if value.endswith(" ..."):
        return value[:-4].strip()
    return None if last and _CUT.search(value) else (value or None)


def _quoted(rest: str, key: str) -> tuple[str | None, str]:
    """Return (the value, what stands behind it). None: it is not there, or the paste cut it off."""
    m = _QUOTED_KEY[key].search(rest)
    if m is None:
        return None, rest
    text = rest[m.end() :]
    end = _closing_quote(text, _AFTER[key])
    return (None, "") if end is None else (text[:end], text[end:])


def _closing_quote(text: str, following: re.Pattern[str]) -> int | None:
    """A value may hold quotes: it ends before one of nginx's next keys, or at the last quote of the line."""
    if (m := following.search(text)) is not None:
        return m.start()
    first, last = text.find('"'), text.rfind('"')
    if first < 0:
        return None
    return first if re.search(r"\w", text[last:]) else last


def request_parts(line: str) -> dict[str, str]:
    """Return method, path and protocol of a request line; nothing for what is none (a TLS hello on a plain port)."""
    if (m := _REQUEST.match(line.replace("\n", " "))) is None:
        return {}
    parts = {key: value.strip() for key, value in m.groupdict().items() if value and value.strip()}
    if "protocol" in parts:
        parts["protocol"] = parts["protocol"].replace(" ", "")
    return parts


def _cut_request(rest: str) -> dict[str, str]:
    """The closing quote is gone: the path is whole only if the protocol stands behind it."""
    parts = request_parts(rest.strip())
    return parts if "protocol" in parts else {key: value for key, value in parts.items() if key == "method"}


def blank_quotes(text: str) -> str:
    """Return the text with what stands in quotes made blank, at the same offsets."""
    return _QUOTED.sub(lambda m: '"' + "_" * (len(m[0]) - 2) + '"', text)
