"""Fields to one bounded JSON line, and one write per line: what every process of ours logs with (DESIGN section 5).

Light on purpose: the supervisor uses it without structlog.
"""

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

import orjson

Clock = Callable[[], int]  # nanoseconds since the epoch
Fields = Mapping[str, object]
Level = Literal["debug", "info", "warning", "error", "critical"]

MAX_LINE_BYTES: Final = 64 * 1024
REDACTED: Final = "[redacted]"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECRET_WORDS: Final = frozenset(
    {"token", "password", "passwd", "pwd", "passphrase", "secret", "authorization", "dsn", "cookie", "credential"}
    | {"credentials", "apikey"}
)
_WORDS: Final = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]+")
_URL_PASSWORD: Final = re.compile(rb"(://[^\s/:@\"]*):[^\s/@\"]+@")
# Valid JSON as they stand, but a terminal acts on them: DEL, C1, line separators, directional overrides.
_UNSAFE: Final = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]")
_OPTIONS: Final = orjson.OPT_NON_STR_KEYS
_MAX_DEPTH: Final = 6
_MAX_REPR: Final = 500


@dataclass(frozen=True, slots=True)
class Source:
    """Who logs: on every line of a process."""

    service: str
    version: str
    instance: str
    pid: int


def timestamp(at_ns: int) -> str:
    """Return RFC 3339 in UTC with microseconds: 2025-11-07T19:00:19.123456Z."""
    at = _EPOCH + timedelta(microseconds=at_ns // 1000)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at.year < 1000 else at.isoformat(timespec="microseconds")[:-6] + "Z"


def encode(fields: Fields, *, max_bytes: int = MAX_LINE_BYTES) -> bytes:
    """Return one line with its line break: secrets replaced, control characters escaped, at most `max_bytes`. Never raises."""
    line = _serialise(_redact(fields))
    if len(line) >= max_bytes:
        line = _serialise(_shorten(fields, max_bytes))
    return _disarm(line) + b"\n"


@lru_cache(maxsize=2048)
def is_secret(key: str) -> bool:
    """Tell whether a field of this name may hold a secret: access_token, Authorization, SENTRY_DSN, apiKey."""
    words = [word.lower() for word in _WORDS.findall(key)]
    return any(word in _SECRET_WORDS for word in words) or ("api" in words and "key" in words)


def _redact(fields: Fields, depth: int = 0) -> dict[str, object]:
    return {str(key): REDACTED if is_secret(str(key)) else _clean(value, depth) for key, value in fields.items()}


def _clean(value: object, depth: int) -> object:
    if type(value) in (str, int, float, bool, type(None)):
        return value
    if depth >= _MAX_DEPTH:
        return _text_of(value)
    if isinstance(value, Mapping):
        return _redact(value, depth + 1)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item, depth + 1) for item in value]
    return value


def _serialise(fields: Fields) -> bytes:
    try:
        return orjson.dumps(fields, default=_text_of, option=_OPTIONS)
    except (TypeError, RecursionError):  # a lone surrogate, an integer over 64 bits
        return orjson.dumps(_plain(fields), default=_text_of, option=_OPTIONS)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {_utf8(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else str(value)
    return _utf8(_text_of(value))


def _utf8(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _text_of(value: object) -> str:
    """Return some text for any value: a field that cannot be shown must not cost the line."""
    try:
        text = value if isinstance(value, str) else str(value) if isinstance(value, (os.PathLike,)) else repr(value)
    except Exception as error:  # noqa: BLE001 — the edge: a stranger's __repr__ may raise anything
        return f"<{type(value).__name__}: {type(error).__name__} in repr>"
    return _utf8(text if isinstance(value, str) else text[:_MAX_REPR])


def _shorten(fields: Fields, max_bytes: int) -> dict[str, object]:
    """Return the fields with long values cut, so that the ones that name and join the event survive."""
    room = max(64, max_bytes // 8)
    short: dict[str, object] = {"truncated": True}
    used = 256
    for key, value in _redact(fields).items():
        kept = _cut(value, room)
        size = len(_serialise({key: kept})) * 2  # escapes of `_disarm` may double it
        if used + size > max_bytes:
            continue
        used += size
        short[key] = kept
    return short


def _cut(value: object, room: int) -> object:
    if isinstance(value, (Mapping, Sequence)) and not isinstance(value, str):
        value = _serialise({"": value}).decode("utf-8")[4:-1]
    if not isinstance(value, str) or len(value) <= room:
        return value
    head, tail = room // 3, room // 3  # a traceback's last lines say more than its middle
    return f"{value[:head]} … {len(value) - head - tail} characters cut … {value[-tail:]}"


def _disarm(line: bytes) -> bytes:
    if b"://" in line:
        line = _URL_PASSWORD.sub(rb"\1:" + REDACTED.encode() + b"@", line)
    return _UNSAFE.sub(lambda match: b"\\u%04x" % ord(match[0].decode("utf-8")), line)


class LineWriter:
    """Writes each event as one `os.write` to a descriptor, unbuffered. A full disk loses lines and says later how many."""

    def __init__(
        self, fd: int, source: Source, *, clock: Clock = time.time_ns, max_bytes: int = MAX_LINE_BYTES
    ) -> None:
        self.fd = fd
        self.source = source
        self.lost = 0
        self._clock = clock
        self._max_bytes = max_bytes

    def event(self, level: Level, event: str, fields: Fields) -> None:
        """Write one event. A field named like a standard one wins: `pid` of a process event is that process's own.

        Never raises: a log that fails must not fail the request.
        """
        source = self.source
        line: dict[str, object] = {
            "ts": timestamp(self._clock()),
            "level": level,
            "event": event,
            "service": source.service,
            "version": source.version,
            "instance": source.instance,
            "pid": source.pid,
        }
        line.update((key, value) for key, value in fields.items() if value is not None)
        if self.lost:
            line["lines_lost"] = self.lost
        self.write(encode(line, max_bytes=self._max_bytes))

    def write(self, line: bytes) -> None:
        """Write bytes that are whole lines already."""
        rest = memoryview(line)
        try:
            while rest:  # a pipe may take less than the whole line
                rest = rest[os.write(self.fd, rest) :]
        except OSError:
            self.lost += 1
            return
        self.lost = 0
