"""A line → can there be a signal in it at all? By literals only: it decides which parsers look at it."""

from typing import Final

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
    *(
        "failed to",
        "MERCY",
        "HARAKIRI",
        "spawned",
        "Segm",
        "can't open",
        "No module",
        "not found",
        "destroyed",
        "Connection in use",
        "exec",
    ),
    *(
        "No such file",
        "crashed",
        "error while",
        "nstruction",
        "Restarting",
        "FATAL",
        "limit",
        "deadlock",
        "non-zero",
        "was sent",
        "invalid pointer",
    ),
)


def may_tell_of_process(text: str) -> bool:
    """Tell whether a line that stands alone is worth a look by the readers of Python text and of process lines."""
    return any(word in text for word in PROCESS_WORDS)


def may_be_access(text: str) -> bool:
    """Tell whether a line may be of an access log: a request line, or nginx's own quoting of one."""
    return "HTTP/" in text or ("[" in text and '" ' in text)
