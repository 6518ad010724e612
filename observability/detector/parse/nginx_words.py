"""nginx's own words at the start of a message → the kind of DESIGN section 7. Further right, a path may imitate them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from observability.detector.parse.nginx_errno import Trouble, trouble_of
from observability.detector.signals import UpstreamKind

# What stands after the last "while": c->log->action in nginx
_AT_UPSTREAM = re.compile(r"upstream|proxying connection|upgraded|in http auth state|auth server", re.I)
_AT_CLIENT = re.compile(r"\bclient\b|processing HTTP/[23]|sending response|request (?:line|headers?|body)", re.I)
_READING = re.compile(r"(?:recv|readv?|WSARecv|SSL_read)", re.I)
_ASIDE = re.compile(r"resolving|certificate status|logging request|requesting certificate", re.I)

_BY_TROUBLE: dict[Trouble, UpstreamKind] = {
    "refused": "upstream_refused",
    "reset": "upstream_reset",
    "timeout": "upstream_timeout",
    "unreachable": "upstream_unreachable",
    "exhausted": "nginx_exhausted",
    "tls": "upstream_ssl",
    "other": "other_upstream",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What decides: the message without its suffix, the text after its last "while", whether an upstream is named."""

    message: str
    phase: str | None
    has_upstream: bool


_Rule = Callable[[Said], UpstreamKind | None]


def kind_of(said: Said) -> UpstreamKind | None:
    """Return the kind, or None: nginx says nothing of an upstream, a body or itself."""
    for start, decide in RULES:
        if start.match(said.message):
            return decide(said) if callable(decide) else decide
    return None


def _connect(said: Said) -> UpstreamKind | None:
    """ngx_event_connect_peer() and the test in ngx_http_upstream_test_connect(); OCSP and resolvers connect, too."""
    if said.phase is not None and (_ASIDE.search(said.phase) or not _AT_UPSTREAM.search(said.phase)):
        return None
    trouble = trouble_of(said.message)
    if trouble == "exhausted":
        return "nginx_exhausted"
    return _BY_TROUBLE[trouble] if trouble else "other_upstream"


def _failed_fragment(said: Said) -> UpstreamKind | None:
    """The paste begins in the middle: "failed (113: No route to host) while connecting to upstream"."""
    return _connect(said) if said.phase and _AT_UPSTREAM.search(said.phase) else None


def _transfer(said: Said) -> UpstreamKind | None:
    """A read or write broke: ngx_recv, ngx_readv_chain, ngx_send, ngx_writev_chain, sendfile and their Windows kin."""
    trouble = trouble_of(said.message)
    if trouble is None or trouble == "exhausted":
        return "nginx_exhausted" if trouble else None
    if said.phase is None:
        return _BY_TROUBLE[trouble] if said.has_upstream or trouble in ("reset", "refused") else None
    if _ASIDE.search(said.phase):
        return None
    if _AT_UPSTREAM.search(said.phase):
        return _BY_TROUBLE[trouble]
    if trouble != "reset" or not _AT_CLIENT.search(said.phase):
        return None
    # the response is read and sent in one phase: what could not be *read* is the upstream's
    read_from_upstream = "sending" in said.phase and _READING.match(said.message) is not None
    return "upstream_reset" if read_from_upstream else "client_abort"


def _handshake(said: Said) -> UpstreamKind | None:
    """TLS broke. With the client it is the client's business: only "to upstream" counts (ngx_event_openssl.c)."""
    at_upstream = bool(_AT_UPSTREAM.search(said.phase)) if said.phase is not None else said.has_upstream
    if not at_upstream:
        return None
    trouble = trouble_of(said.message)
    return _BY_TROUBLE[trouble] if trouble in ("reset", "timeout", "refused") else "upstream_ssl"


def _closed(said: Said) -> UpstreamKind | None:
    return "upstream_reset" if trouble_of(said.message) == "reset" else "upstream_closed_early"


def _resolve(said: Said) -> UpstreamKind | None:
    return None if said.phase and _ASIDE.search(said.phase) else "upstream_host_not_found"


def _fastcgi_stderr(said: Said) -> UpstreamKind | None:
    """What the application wrote: PHP's fatal errors count, its notices and warnings do not."""
    return (
        "other_upstream"
        if re.search(r"PHP (?:Fatal|Parse) error|Uncaught (?:\w+\\)*\w*(?:Error|Exception)", said.message)
        else None
    )


def _file(said: Said) -> UpstreamKind | None:
    """open() "…" failed (N: …): the path is the client's. Exhausted only where no other verdict stands in the line."""
    verdicts = re.findall(r"\bfailed (\(\d{1,5}: [^)]*\))", said.message)
    return "nginx_exhausted" if verdicts and all(trouble_of(found) == "exhausted" for found in verdicts) else None


def _socket(said: Said) -> UpstreamKind | None:
    """Any other failed call: nginx ran out of something, or could not even begin to connect."""
    if trouble_of(said.message) == "exhausted":
        return "nginx_exhausted"
    return "other_upstream" if said.phase and "connecting to upstream" in said.phase else None


def _start(words: str) -> re.Pattern[str]:
    return re.compile(words, re.I)


_CALL = r"\w{2,40} ?\(\)"
# In the order they are tried; a line cut off in the middle of a word still decides. Sources: src/http/ngx_http_upstream.c,
# modules/ngx_http_{proxy,fastcgi,uwsgi,scgi,grpc,memcached}_module.c, src/stream/ngx_stream_proxy_module.c,
# src/event/ngx_event_{connect,openssl,pipe}.c, src/core/ngx_{connection,resolver}.c, src/os/unix/ngx_process.c
RULES: tuple[tuple[re.Pattern[str], UpstreamKind | _Rule | None], ...] = (
    (_start(rf"{_CALL} reported that (?:the )?client (?:prematurely clos|closed prem)"), "client_abort"),
    (_start(r"(?:an |the )?client (?:prematurely clos|closed prematurely|canceled stream|aborted)"), "client_abort"),
    (_start(r"client timed ?out"), "client_timeout"),
    (_start(r"client intended to send too large (?:chunked )?body"), "client_body_too_large"),
    (
        _start(rf"(?:{_CALL} reported that )?(?:the )?upstream (?:prematurely clos|closed prem|prematurely?$)"),
        "upstream_closed_early",
    ),
    (_start(rf"{_CALL} reported that (?:the )?upstream closed"), _closed),  # ngx_event_pipe.c
    (_start(r"(?:proxy_connect: )?upstream (?:server )?(?:connect(?:ion)? )?timed? ?o"), "upstream_timeout"),
    (_start(r"no live up"), "no_live_upstreams"),
    (_start(r"host not found in ups"), "upstream_host_not_found"),
    (_start(r"\S{1,255} could not be resolved\b"), _resolve),
    (_start(r"no resolver defined to resolve"), _resolve),
    (_start(r"upstream sent too (?:big|large) h(?!ttp)"), "upstream_too_big_header"),
    (_start(r"upstream SSL cert|upstream sent no SSL"), "upstream_ssl"),
    (_start(r"upstream split a header line"), None),  # ngx_http_fastcgi_module.c: info
    (
        _start(r"upstream sent (?:invalid|no valid|duplicate|unknown|truncated|\")[^:]*header"),
        "upstream_invalid_header",
    ),
    (_start(r"upstream sent (?:more|less) data than specified"), "upstream_invalid_header"),
    (
        _start(r"upstream sent (?:duplicate|no valid|invalid head|invalid sta|unknown \"Transfer|\"Content-Le)"),
        "upstream_invalid_header",
    ),
    (
        _start(
            r"upstream (?:sent|prematurely sent|violated|rejected|returned|response body|buffer is too)"
            r"|upstream servers? (?:temporarily dis|are busy)"
        ),
        "other_upstream",
    ),
    (_start(r"memcached sent|invalid URL prefix in|(?:no|invalid) (?:host|port) in upstream"), "other_upstream"),
    (_start(r"FastCGI sent in stderr"), _fastcgi_stderr),
    (_start(r"\[lua\] "), _socket),
    (
        _start(r"(?:worker|cache manager|cache loader|unknown) process \d+ exited (?:on signal|with fatal)"),
        "nginx_worker_exit",
    ),
    (_start(r"\d+ worker_connections are not|the new socket has number \d+, but only"), "nginx_exhausted"),
    (_start(r"ngx_slab_alloc\(\) failed: no memory|could not allocate (?:new session|node)"), "nginx_exhausted"),
    (_start(rf"(?:{_CALL} reported that )?connect ?\(\) (?:to .{{1,300}}? )?failed"), _connect),
    (_start(r"failed ?\(\d"), _failed_fragment),
    (
        _start(r"peer closed connection in SSL|SSL handshake timed|SSL_(?:do_handshake|connect|shutdown) ?\(\) failed"),
        _handshake,
    ),
    (
        _start(r"(?:recv\w{0,4}|readv?|send(?:to|msg|file\w*)?|writev|SSL_(?:read|write|sendfile)\w*) ?\(\) failed"),
        _transfer,
    ),
    (_start(r"(?:WSARecv|WSASend|TransmitFile|kevent) ?\(\) (?:failed|reported about an closed)"), _transfer),
    (
        _start(
            r"\w{2,40} ?\(\) (?:to )?\"|\w{2,40} ?\(\"|(?:fork|malloc|mmap|posix_memalign|pipe|accept4?)\b[^\"]{0,80}failed"
        ),
        _file,
    ),
    (_start(r"\w{2,40} ?\([^\"()]{0,120}\) (?:\S{1,120} )?failed ?\("), _socket),
)
