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
_QUOTED_KEYS = ("request", "subrequest", "upstream", "host", "referrer")
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
    found = list(_WHILE.finditer(blank_quotes(head)))
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
    """Return client, server, method, path, protocol, upstream, host and referrer, as far as they are there."""
    found = {key: value for key in ("client", "server") if (value := _plain(suffix, key))}
    found |= {key: value for key in ("upstream", "host", "referrer") if (value := _quoted(suffix, key))}
    return found | _request(suffix)


def _plain(suffix: str, key: str) -> str | None:
    """An unquoted value ends at its comma; one that the paste cut off is not there."""
    before_request = re.split(rf'[,，\s]request{_COLON}\s?"', suffix, maxsplit=1)[0]
    m = re.search(
        rf"(?:^|[\s,，])(?:udp )?{key}{_COLON}(?P<value>[^,，]*?)(?P<end>[,，]|\s(?:{_KEYS}){_COLON}|$)",
        before_request,
        re.S,
    )
    if m is None:
        return None
    value = m["value"].strip()
    if m["end"]:
        return value or None
    if value.endswith(" ..."):
        return value[:-4].strip()
    last = before_request is suffix or len(before_request) == len(suffix)
    return None if last and _CUT.search(value) else (value or None)


def _quoted(suffix: str, key: str) -> str | None:
    """A value may hold quotes: it ends before nginx's next key, or at the last quote of the line."""
    m = re.search(rf'(?:^|[\s,，]){key}{_COLON}\s?"', suffix)
    return _until_quote(suffix[m.end() :]) if m else None


def _until_quote(rest: str) -> str | None:
    following = re.search(rf'"[,，]?\s?[,，]?\s?(?:{_KEYS}){_COLON}', rest)
    if following:
        return rest[: following.start()]
    first, last = rest.find('"'), rest.rfind('"')
    if first < 0:
        return None  # cut off
    return rest[:last] if not re.search(r"\w", rest[last:]) else rest[:first]


def _request(suffix: str) -> dict[str, str]:
    m = re.search(rf'(?:^|[\s,，])request{_COLON}\s?"', suffix)
    if m is not None:
        rest = suffix[m.end() :]
        line = re.match(
            r'(?:[^"]|"(?! ?[,，] ?(?:upstream|host|referrer|subrequest)))*? HTTP ?/ ?\d(?:\.\d)?(?=")', rest
        )
        text = line[0] if line else _until_quote(rest)
        return request_parts(text) if text is not None else _cut_request(rest)
    lone = _LONE_REQUEST.search(suffix)
    return request_parts(lone["request"]) if lone else {}


def request_parts(line: str) -> dict[str, str]:
    """Return method, path and protocol of a request line; nothing for what is none (a TLS hello on a plain port)."""
    if (m := _REQUEST.match(line.replace("\n", " "))) is None:
        return {}
    parts = {key: value for key, value in m.groupdict().items() if value}
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
