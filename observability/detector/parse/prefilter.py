"""Raw bytes or a line → can there be a signal in it at all? By literals only: it decides what is parsed.

The engine is exchangeable: any `Find` that yields the offsets of literals in a chunk (bytes.find here; Hyperscan is faster).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

Find = Callable[[bytes, Sequence[bytes]], Iterator[int]]

# One of these stands in every line of nginx that is a signal of trouble: words of nginx_words.py, and what an access log says
NGINX_TROUBLE: Final[tuple[bytes, ...]] = (
    *(b"[error]", b"[crit]", b"[alert]", b"[emerg]"),
    *(
        b"prematurely",
        b"timed out",
        b"no live upstreams",
        b"too large",
        b"upstream sent",
        b"temporarily disabled",
        b" failed (",
        b"exited on signal",
    ),
    *(b'" 499 ', b'" 500 ', b'" 502 ', b'" 503 ', b'" 504 ', b'" 413 ', b'" 408 '),
    *(b'"status":"5', b'"status": "5', b'"status":5', b'"status": 5', b'"status":"499"', b'"status":499'),
)
# One of these stands in every single line that tells of a process, or of an exception without its frames
PROCESS_WORDS: Final[tuple[str, ...]] = (
    *("Error", "Exception", "rror:", "xception", "Traceback", "Fatal", "fatal", "abort", "corruption", "dumped"),
    *("exit", "Exit", "kill", "Kill", "KILL", "OOM", "oom", "emory", "signal", "SIG", "TIMEOUT", "died", "terminated"),
    *(
        "segfault",
        "trap ",
        "fault",
        "tarted",
        "Listening",
        "Shutting",
        "shutdown",
        "Stopping",
        "stopped",
        "Booting",
        "State",
    ),
    *("failed to", "MERCY", "HARAKIRI", "spawned", "Segm", "can't open", "No module", "not found", "destroyed"),
)


def find_literals(chunk: bytes, needles: Sequence[bytes]) -> Iterator[int]:
    """Yield the offset of every occurrence of every needle, needle after needle (memchr-speed, no state)."""
    for needle in needles:
        at = chunk.find(needle)
        while at >= 0:
            yield at
            at = chunk.find(needle, at + len(needle))


def trouble_spans(chunk: bytes, find: Find = find_literals) -> list[tuple[int, int]]:
    """Return (begin, end) of the lines of a chunk in which nginx may tell of trouble, in order, without line breaks."""
    spans: set[tuple[int, int]] = set()
    for at in find(chunk, NGINX_TROUBLE):
        end = chunk.find(b"\n", at)
        spans.add((chunk.rfind(b"\n", 0, at) + 1, len(chunk) if end < 0 else end))
    return sorted(spans)


def may_tell_of_process(text: str) -> bool:
    """Tell whether a line that stands alone is worth a look by the readers of Python text and of process lines."""
    return any(word in text for word in PROCESS_WORDS)


def may_be_access(text: str) -> bool:
    """Tell whether a line may be of an access log: a request line, or nginx's own quoting of one."""
    return "HTTP/" in text or ("[" in text and '" ' in text)
