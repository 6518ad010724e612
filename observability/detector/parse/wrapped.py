"""Pasted lines → lines as nginx wrote them: what a terminal, an e-mail or a page wrapped is joined again, also inside a word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from observability.detector.parse.nginx_error import begins_message, has_header
from observability.detector.parse.prefixes import strip
from observability.detector.signals import Line

_MAX_JOINED: Final = 40  # physical lines of one entry
_MAX_BLANK: Final = 2  # blank lines that a page puts between the pieces of one entry
_LOOK_AHEAD: Final = 5
_IN_STDERR: Final = "FastCGI sent in stderr"  # PHP writes a stack of any length there
_LONGEST: Final = 8192  # characters of an entry: nginx cuts at 2,048

_QUOTE: Final = re.compile(r"\A[ \t]{0,8}(?:>(?!>>) ?)+")  # of an e-mail; ">>> " is Python's prompt
_MARGIN: Final = re.compile(r"[ \t]*(?:[#|>] ?)*(?:\.{3} )?")
_KEY: Final = (
    r"(?:udp )?(?:client|server|request|subrequest|upstream|host|referrer|context|previous value|bytes[ _/]\w+)"
)
_KEY_NEXT: Final = re.compile(rf"{_KEY}\b[^,\"]{{0,30}}:")
_KEYS: Final = frozenset(("client", "server", "request", "subrequest", "upstream", "host", "referrer"))
_KEY_BEGINS: Final = re.compile(r", ?([a-z]{1,10})$")
_KEY_ENDS: Final = re.compile(r"([a-z]{0,9}):")
_LATER_KEY: Final = re.compile(rf"(?:^|[,\s]){_KEY}: ?[\"\w<\[:*]")
_PLAIN_VALUE: Final = re.compile(r"\b(?:client|server): ?(?P<value>[^,\"]*)$")
_OPEN_KEY: Final = re.compile(r"(?P<key>[\w-]+): ?\"(?P<inside>[^\"]*)$")
_CUT_HEADER: Final = re.compile(
    r"\d{4}/\d\d/\d\d(?: \d\d(?::\d\d){0,2})?(?: \[\w{0,6}\]?)?(?: \d+#?)?$|\[(?:error|crit|alert|emerg|warn|info)\](?: \d+#?)?$",
    re.ASCII,
)
_REST_OF_HEADER: Final = re.compile(r"(?:\d\d:\d\d:\d\d |[:\d]{1,8} )?\[?\w{0,6}\] \d+#|\d*#?\d*: |\d+#\d+", re.ASCII)
_OTHERS: Final = re.compile(
    r"Traceback \(|File \"|[\w.]+(?:Error|Exception|Warning)\b|\{|nginx: |\S+ - \S* ?\[|\[?\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d \d\d:|"
    r"[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d|(?:INFO|ERROR|WARN|WARNING|DEBUG|CRITICAL)\b"
)
_REQUEST_LINE: Final = re.compile(r"(?:[A-Z]{3,9} )?\S+ HTTP/|HTTP/\d")
_METHODS: Final = frozenset(
    ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "PROPFIND", "TRACE")
)
_CONFIG_PLACE: Final = re.compile(
    r"\" in [\w/.:\\-]+:\d+$"
)  # `host not found in upstream "…" in /etc/nginx/nginx.conf:20`
_CONFIG_WORDS: Final = 'host not found in upstream "'
_CONFIG_REST: Final = re.compile(r'host not found in upstream "[^"\s]*(?:"(?: i?n?(?: /[\w/.:-]*)?)?)?$')
_CONFIG_PATH: Final = re.compile(r"\" in /[\w/.:-]*$")
_CONFIG_NAME: Final = re.compile(r"in upstream \"[^\"\s]*$")
_CUT_OFF: Final = re.compile(r"(?:\$|…|\.{3})$")
# every word of nginx's messages about connections (and of the errno texts in them): where a break is none of a word
_WORDS: Final = frozenset(
    word
    for phrase in (
        "upstream prematurely closed connection while reading response header from upstream client server request host referrer",
        "recv send readv writev connect failed connection reset by refused broken pipe no route to host network is unreachable",
        "upstream timed out operation resource temporarily unavailable cannot assign requested address permission denied",
        "sending to connecting proxying and upgraded SSL handshaking keepalive waiting for line headers body a an the so too be it",
        "no live upstreams not found in upstream could not be resolved server failure such file or directory unknown error",
        "upstream sent too big header invalid valid HTTP duplicate more data than specified unexpected large intended chunked",
        "epoll_wait kevent reported that client is closed temporarily disabled peer buffered temporary response bytes",
        "worker process exited on signal connections are enough many open files space left device FastCGI stderr PHP message",
        "could be made because target machine actively it attempt did properly respond after period of time established has host",
    )
    for word in phrase.lower().split()
)


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    writer: str | None


def unquote(text: str) -> str:
    """Return the line without an e-mail's `> `."""
    return _QUOTE.sub("", text, count=1)


def rejoin(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, with each wrapped entry of nginx as one line at the place of its first."""
    joined: list[Line] = []
    at = 0
    while at < len(lines):
        following, line = _entry(lines, at)
        joined.append(line)
        at = following
    return joined


def _entry(lines: Sequence[Line], at: int) -> tuple[int, Line]:
    """Return the index of the line after the entry that begins at `at`, and the entry as one line."""
    first = _piece(lines[at].text)
    if not _begins(first.text):
        return at + 1, lines[at]
    text, end, blank = first.text, at + 1, 0
    pieces = [_piece(line.text) for line in lines[at + 1 : at + _MAX_JOINED]]
    for index, piece in enumerate(pieces, start=at + 1):
        if not piece.text:
            blank += 1
            if blank > _MAX_BLANK:
                break
            continue
        if (piece.writer or first.writer) != (first.writer or piece.writer) or not _continues(
            text, piece.text, _ahead(pieces[index - at - 1 :][: _MAX_JOINED if _IN_STDERR in text else _LOOK_AHEAD])
        ):
            break
        text, end, blank = _join(text, piece.text), index + 1, 0
        if len(text) > _LONGEST:
            break
    return (end, replace(lines[at], text=text)) if end > at + 1 else (at + 1, lines[at])


def _piece(text: str) -> _Piece:
    """A physical line without quotes, prefixes, margins, and the backslash that a shell wants at its end."""
    stripped = strip(unquote(text))
    body = _MARGIN.sub("", stripped.text, count=1).strip()
    return _Piece(body.removesuffix("\\").rstrip(), stripped.writer)


def _begins(text: str) -> bool:
    return has_header(text) or begins_message(text) or _CUT_HEADER.search(text[-40:]) is not None


def _ahead(pieces: Sequence[_Piece]) -> str:
    """The next pieces up to one that begins something else: a message is told by the suffix that comes after it."""
    near = (piece.text for piece in pieces)
    return "\n".join(takewhile(lambda text: not has_header(text) and not _OTHERS.match(text), near))


def _continues(entry: str, piece: str, ahead: str) -> bool:
    """Tell whether the piece goes on with what the entry left open."""
    if _CUT_HEADER.search(entry) and not has_header(entry):
        return _REST_OF_HEADER.match(piece) is not None
    if has_header(piece) or _OTHERS.match(piece):
        return False
    if _CUT_OFF.search(entry):
        return False
    if _in_quotes(entry):
        return '"' in ahead or " " not in piece or _REQUEST_LINE.match(piece) is not None
    if _splits_key(entry, piece):
        return True
    if entry.count("(") > entry.count(")") and "client: " not in entry:
        return ")" in piece or piece[0].islower()
    if piece.startswith((", ", '"')) or (entry.endswith((",", ":")) and _KEY_NEXT.match(piece)):
        return True
    if (value := _PLAIN_VALUE.search(entry)) is not None:
        return bool(re.match(rf"\S*,? ?(?:$|{_KEY}:)", piece)) and (not value["value"] or " " not in piece[:2])
    if _LATER_KEY.search(piece):
        return _LATER_KEY.search(entry) is None or bool(_KEY_NEXT.match(piece)) or entry.endswith(",")
    in_message = _LATER_KEY.search(entry) is None
    if in_message and not _CONFIG_PLACE.search(entry) and _of_configuration(_join(entry, piece)):
        return True
    return in_message and (_LATER_KEY.search(ahead) is not None or " while " in f" {piece} " or _known_words(piece))


def _of_configuration(text: str) -> bool:
    """Tell whether the text is, or begins, a complaint about an upstream in the configuration."""
    at = text.find("host not ")
    return at >= 0 and (_CONFIG_WORDS.startswith(text[at:]) or _CONFIG_REST.match(text, at) is not None)


def _splits_key(entry: str, piece: str) -> bool:
    """The break went through a key: `…, requ` and `est: "GET`."""
    left, right = _KEY_BEGINS.search(entry), _KEY_ENDS.match(piece)
    return left is not None and right is not None and left[1] + right[1] in _KEYS


def _in_quotes(entry: str) -> bool:
    return entry.count('"') % 2 == 1


def _known_words(piece: str) -> bool:
    words = re.findall(r"[\w()]+", piece.lower())
    return bool(words) and all(word.strip("()") in _WORDS for word in words)


def _join(entry: str, piece: str) -> str:
    return entry + (_gap_in_quotes(entry, piece) if _in_quotes(entry) else _gap(entry, piece)) + piece


def _gap_in_quotes(entry: str, piece: str) -> str:
    """A URL has no spaces; a request line has two: behind the method, before the protocol."""
    m = _OPEN_KEY.search(entry)
    if _CONFIG_NAME.search(entry):
        return ""
    if m is None or m["key"] not in ("request", "subrequest", "upstream", "host", "referrer"):
        return " "
    inside = m["inside"]
    if m["key"] != "request" or not inside:
        return ""
    return " " if inside in _METHODS or re.match(r"HTTP/\d", piece) else ""


def _gap(entry: str, piece: str) -> str:
    if _splits_key(entry, piece) or piece.startswith((",", "#", ")")) or entry.endswith(("#", "*")):
        return ""
    if (value := _PLAIN_VALUE.search(entry)) is not None and value["value"]:
        return ", " if _KEY_NEXT.match(piece) else ""
    if re.search(r"\d$", entry) and re.match(r"[\d:]", piece) and not re.search(r"\d{4}/\d\d/\d\d$|:\d\d:\d\d$", entry):
        return ""
    if _CONFIG_PATH.search(entry):
        return ""
    left, right = re.search(r"\w+$", entry), re.match(r"\w+", piece)
    if left is None or right is None:
        return " "
    apart = left[0].lower() in _WORDS and right[0].lower() in _WORDS
    return "" if not apart and (left[0] + right[0]).lower() in _WORDS else " "
