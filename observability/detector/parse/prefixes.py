"""A line as a collector wrote it → its text, and what the prefixes said: time, stream, writer, and whether it goes on."""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

_SPLIT_BYTES = 16_000  # Docker cuts at 16 KiB (daemon/logger/copier.go); a last line without its line break is shorter
_COMPOSE_WIDTH = 160
_MAX_PREFIXES = 8  # compose over Docker over syslog over JSON is four; more is an attack


@dataclass(frozen=True, slots=True)
class Stripped:
    """The text without prefixes. `writer` tells apart programs that share one source; None: it did not say."""

    text: str
    at: datetime | None = None  # aware; the innermost stamp that has a zone
    stream: str | None = None  # "stdout" | "stderr"
    writer: str | None = None  # container, pod or program
    partial: bool = False  # Docker and CRI cut at 16 KiB: the next record goes on


_PARTS = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<clock>\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d{1,9}))?(?P<zone>Z|[+-]\d\d:?\d\d)",
    re.ASCII,
)
# ECMA-48 CSI sequences, also as rsyslog (#033) and less (^[) spell the escape character
_ANSI = re.compile(r"(?:\x1b|#033|\^\[)\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)")
_STAMP = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_DOCKER = re.compile(rf"(?P<at>{_STAMP})(?: (?P<stream>stdout|stderr) (?P<flag>[FP])(?:\s|$)| |\t|(?=[\^~])|$)")
_S6 = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}  ?")  # s6-log, in local time
# docker compose v1 `name_1  | `, v2 `name-1  | `, swarm `name.1.id@node    | `, PM2 `0|name  | `, supervisor-stdout
_COMPOSE = re.compile(
    r" ?(?:\d{1,3}\|)?(?!\d{1,3}\.\d)(?P<writer>[A-Za-z0-9][\w.@:/-]{0,120})(?: (?P<stream>stdout|stderr))?[ \t]*\|(?: |$)"
)
_POD = re.compile(r"\[(?P<writer>pod/[^\]\s]{1,300})\] ")  # kubectl logs --prefix
_PAAS = re.compile(r"\[(?P<short>err|out|inf)\]\s+(?=\S)")
_LOGCLI = re.compile(r'\{[a-zA-Z_]\w*="[^}\n]{0,1000}\}[ \t]+')
_PROGRAM = r"(?P<writer>[\w./@()#-]{1,64})(?:\[\d{1,10}\])?: ?"
_FACILITY = (
    r"(?:kern|user|mail|daemon|auth|authpriv|syslog|lpr|news|uucp|cron|ftp|local\d)"
    r"\.(?:debug|info|notice|warn|warning|err|error|crit|alert|emerg)"
)
# RFC 3164, with the month in any language (journalctl follows the locale), the year of logread, fractions of rsyslog
_SYSLOG = re.compile(
    rf"(?:<\d{{1,3}}>)?(?:[^\W\d_]{{2,4}}\.? )?[^\W\d_]{{3,5}}\.? {{1,2}}\d{{1,2}} \d\d:\d\d:\d\d(?:\.\d+)?(?: \d{{4}})? "
    rf"(?:{_FACILITY} )?(?:[\w.:-]{{1,255}} ){{0,2}}?{_PROGRAM}"
)
_BARE_SYSLOG = re.compile(rf"(?:{_FACILITY}:? )(?:{_PROGRAM}(?=\S))?")
_AFTER_STAMP = re.compile(r"[\w.:-]{1,255} (?P<writer>[\w./@-]{1,64})\[\d{1,10}\]: ")  # journalctl -o short-iso
# RFC 5424: <PRI>1 TIMESTAMP HOST APP PROCID MSGID SD MSG
_RFC5424 = re.compile(
    rf"<\d{{1,3}}>1 (?P<at>{_STAMP}|-) \S{{1,255}} (?P<writer>\S{{1,48}}) \S{{1,128}} \S{{1,32}} "
    r"(?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: \ufeff?|$)"
)
_EXPORT = re.compile(r"MESSAGE=")  # journalctl -o export
# by the first character: a line is tried against few of them
_BY_FIRST: dict[str, tuple[re.Pattern[str], ...]] = {
    "<": (_RFC5424, _SYSLOG),
    "[": (_POD, _PAAS),
    "{": (_LOGCLI,),
    "M": (_EXPORT, _SYSLOG),
    " ": (_COMPOSE,),
    **dict.fromkeys("0123456789", (_DOCKER, _S6, _COMPOSE)),
}
_OTHERS = (_COMPOSE, _SYSLOG, _BARE_SYSLOG)
# keys under which collectors put the line: Docker and Fluentd, Logstash, promtail, CloudWatch, Cloud Logging, journald
_WRAPPED_IN = ("log", "message", "msg", "line", "MESSAGE", "@message", "textPayload", "body", "_line")
_WRAPPED = frozenset(_WRAPPED_IN)
_CUT_JSON = re.compile(r'\{"(?:log|message|msg|line|MESSAGE)"\s*:\s*"')
_JSON_FIELD = re.compile(r'"(?:log|message|msg|line|MESSAGE|textPayload)"\s?:\s?"(?P<line>.*?)"?,?$')
_LOOSE_FIELD = re.compile(
    r'"(?P<key>[\w.@-]{1,64})"\s?:`?\s?(?:"(?P<text>(?:[^"\\]|\\.){0,4000})"|(?P<bare>-?\d{1,20}(?:\.\d{1,9})?)(?=[\s,}]))'
)
_LOOSE_LIMIT = 16_384
_DECODER = json.JSONDecoder(strict=False)  # json.loads makes one for each line
_LOGFMT = re.compile(r'(?:^|\s)(?:msg|message|log|line)="((?:[^"\\]|\\.)*)"')


def strip(text: str) -> Stripped:
    """Return the text behind every known prefix. A line without one comes back as it is."""
    stripped = Stripped(_plain(text).lstrip("\ufeff"))
    for _ in range(_MAX_PREFIXES):
        following = _docker_record(stripped) if stripped.text.startswith("{") else None
        following = following or _strip_one(stripped)
        if following is None:
            return stripped
        stripped = following
    return stripped


def unwrap(text: str) -> str | None:
    """Return the line that a collector put into JSON (`{"message": "…"}`) or logfmt, or None: it is not so wrapped."""
    if text.startswith('"'):  # a line of a record that was printed over several
        m = _JSON_FIELD.match(text)
        return _unescape(m["line"]) if m else None
    if text.startswith("{"):
        record = load_object(text)
        return _cut_json(text) if record is None else wrapped_line(record)
    if 'msg="' in text or 'message="' in text:
        m = _LOGFMT.search(text)
        return m[1].replace('\\"', '"') if m else None
    return None


def load_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object in the text, or None. Never raises, however deep or broken it is."""
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _plain(text: str) -> str:
    """The text without colours."""
    return _ANSI.sub("", text) if "\x1b" in text or "#033" in text or "^[" in text else text


def loose_object(text: str) -> dict[str, Any]:
    """Return the fields that can still be read in a JSON object whose end or quotes a paste has lost."""
    return {
        m["key"]: m["text"] if m["text"] is not None else m["bare"] for m in _LOOSE_FIELD.finditer(text[:_LOOSE_LIMIT])
    }


def _strip_one(stripped: Stripped) -> Stripped | None:
    for pattern in _BY_FIRST.get(stripped.text[:1], _OTHERS):
        if (
            (pattern is not _COMPOSE or "|" in stripped.text[:_COMPOSE_WIDTH])
            and (m := pattern.match(stripped.text)) is not None
            and m.end()
        ):
            return _without(stripped, m)
    if stripped.at is not None and (m := _AFTER_STAMP.match(stripped.text)) is not None:
        return _without(stripped, m)
    return None


def _without(stripped: Stripped, m: re.Match[str]) -> Stripped:
    said = m.groupdict()
    stream = {"err": "stderr", "out": "stdout"}.get(said.get("short") or "")
    return Stripped(
        text=stripped.text[m.end() :],
        at=parse_stamp(said.get("at") or "") or stripped.at,
        stream=said.get("stream") or stream or stripped.stream,
        writer=said.get("writer") or stripped.writer,
        partial=said.get("flag") == "P" or stripped.partial,
    )


def _docker_record(stripped: Stripped) -> Stripped | None:
    """Docker's json-file driver: only the last record of a line ends in a line break."""
    if '"log"' not in stripped.text or (record := load_object(stripped.text)) is None:
        return _journal_record(stripped) if '"__REALTIME_TIMESTAMP"' in stripped.text else None
    log, stream, time = record.get("log"), record.get("stream"), record.get("time")
    if not isinstance(log, str) or not (isinstance(stream, str) or isinstance(time, str)):
        return None
    return Stripped(
        text=_plain(log.rstrip("\r\n")),
        at=parse_stamp(time if isinstance(time, str) else "") or stripped.at,
        stream=stream if isinstance(stream, str) else stripped.stream,
        writer=stripped.writer,
        partial=not log.endswith("\n") and len(log.encode("utf-8", "replace")) >= _SPLIT_BYTES,
    )


def _journal_record(stripped: Stripped) -> Stripped | None:
    """`journalctl -o json`: MESSAGE is text, or the list of its bytes where it is not UTF-8."""
    record = load_object(stripped.text) or {}
    message = record.get("MESSAGE")
    if isinstance(message, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in message):
        message = bytes(message).decode("utf-8", "backslashreplace")
    if not isinstance(message, str):
        return None
    program = record.get("SYSLOG_IDENTIFIER") or record.get("_COMM")
    return replace(
        stripped,
        text=_plain(message),
        at=_microseconds(record.get("__REALTIME_TIMESTAMP")) or stripped.at,
        writer=program if isinstance(program, str) else stripped.writer,
    )


def wrapped_line(record: dict[str, Any]) -> str | None:
    """Return the line that a collector put into a record, or None: it carries none."""
    if _WRAPPED.isdisjoint(record):
        return None
    return next((value for key in _WRAPPED_IN if isinstance(value := record.get(key), str)), None)


def _cut_json(text: str) -> str | None:
    """A record whose end was cut off in a paste: what is left of the line in it."""
    if (m := _CUT_JSON.match(text)) is None:
        return None
    return _unescape(text[m.end() :])


def _unescape(text: str) -> str:
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")


def parse_stamp(text: str) -> datetime | None:
    """Return the aware time of an RFC 3339 stamp, nanoseconds cut to microseconds; None where it is no such stamp."""
    if not text:
        return None
    m = _PARTS.fullmatch(text)
    if m is None:
        return None
    zone = "+00:00" if m["zone"] == "Z" else f"{m['zone'][:3]}:{m['zone'][-2:]}"
    try:
        return datetime.fromisoformat(f"{m['day']}T{m['clock']}.{(m['fraction'] or '0')[:6].ljust(6, '0')}{zone}")
    except ValueError:
        return None


def _microseconds(value: object) -> datetime | None:
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 17:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(value))
