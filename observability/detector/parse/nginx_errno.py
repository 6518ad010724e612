"""The `(N: text)` that nginx puts behind a failed call → what happened to the connection, on every system it runs on."""

import re
from typing import Literal

Trouble = Literal["refused", "reset", "timeout", "unreachable", "exhausted", "tls", "other"]

# "(111: Connection refused)" of ngx_log_errno(); a space may have come in by translation. OpenSSL's "(SSL: …)" and the
# X.509 "(20:unable to get …)", without a space, are no errno.
_ERRNO = re.compile(r"\(\s?(?P<errno>\d{1,5})\s?[:：]\s(?P<text>[^()\"]{0,300})", re.ASCII)
_TLS = re.compile(r"\(SSL:")

# The words first: numbers differ between systems (61 is ECONNREFUSED on BSD, ENODATA on Linux), words of glibc, musl,
# BSD and Windows (FormatMessage) do not overlap.
_WORDS: tuple[tuple[re.Pattern[str], Trouble], ...] = (
    (re.compile(r"refused", re.I), "refused"),
    (re.compile(r"timed out|did not properly respond|Operation timeout", re.I), "timeout"),
    (re.compile(r"reset by peer|forcibly closed|Broken pipe|connection abort|aborted by|not connected", re.I), "reset"),
    (
        re.compile(r"too many open files|no file descriptors|No space left|quota|Cannot allocate|Out of memory", re.I),
        "exhausted",
    ),
    (re.compile(r"not enough space on the disk|No buffer space|insufficient system resources", re.I), "exhausted"),
    (
        re.compile(r"No route to host|unreachable|Host is down|Network is down|No such file|Permission denied", re.I),
        "unreachable",
    ),
    (re.compile(r"cannot find the (?:file|path)|forbidden by its access permissions", re.I), "unreachable"),
)
# errno of Linux; of FreeBSD and macOS; of Winsock; of Solaris: for "(104: Unknown error)" and texts in other languages
_NUMBERS: dict[int, Trouble] = {
    **dict.fromkeys((111, 61, 10061, 146), "refused"),
    **dict.fromkeys((104, 103, 32, 54, 53, 10053, 10054, 131, 130, 107), "reset"),
    **dict.fromkeys((110, 60, 10060, 145), "timeout"),
    **dict.fromkeys(
        (113, 101, 112, 100, 65, 64, 51, 50, 10065, 10051, 10064, 10050, 148, 128, 2, 3, 13, 10013), "unreachable"
    ),
    **dict.fromkeys((24, 23, 28, 12, 122, 69, 105, 10024, 10055), "exhausted"),
}


def errno_of(message: str) -> int | None:
    """Return the number in the first `(N: text)`, or None."""
    m = _ERRNO.search(message)
    return int(m["errno"]) if m else None


def trouble_of(message: str) -> Trouble | None:
    """Return what the operating system said, or None where the message holds no error of it."""
    if _TLS.search(message):
        return "tls"
    if (m := _ERRNO.search(message)) is None:
        return None
    by_words = next((trouble for words, trouble in _WORDS if words.search(m["text"])), None)
    return by_words or _NUMBERS.get(int(m["errno"]), "other")
