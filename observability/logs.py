"""structlog and stdlib logging to JSON lines on one descriptor: `configure_logs` once per process, then `get_logger()`."""

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, Final, cast

import structlog
from opentelemetry import trace
from structlog.contextvars import merge_contextvars
from structlog.typing import FilteringBoundLogger

from observability import events
from observability.failures import exception_fields
from observability.lines import Level, LineWriter

Report = Callable[[BaseException], str | None]  # sends to Sentry, returns the event id
_NUMBERS: Final[dict[Level, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
_EventDict = MutableMapping[str, Any]


def get_logger() -> FilteringBoundLogger:
    """Return the logger of this process. Event names are constants of `events`; variable parts go into fields."""
    return cast(FilteringBoundLogger, structlog.get_logger())


def configure_logs(writer: LineWriter, *, level: Level = "info", report: Report | None = None) -> None:
    """Send structlog, `logging` and `warnings` of this process to `writer`. `report` is called once per exception."""
    structlog.configure(
        processors=[merge_contextvars, _add_trace, _Exceptions(report), _Deliver(writer)],
        wrapper_class=structlog.make_filtering_bound_logger(_NUMBERS[level]),
        logger_factory=structlog.ReturnLoggerFactory(),
        cache_logger_on_first_use=False,  # a second configure (tests, selftest) must reach module-level loggers too
    )
    root = logging.getLogger()
    root.handlers[:] = [_StdlibHandler()]
    root.setLevel(max(_NUMBERS[level], logging.INFO))  # libraries' debug lines may hold what they carry
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)  # `http.request.finished` says it, with ids
    logging.captureWarnings(capture=True)


def _add_trace(_: object, __: str, event: _EventDict) -> _EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event[events.TRACE_ID] = f"{context.trace_id:032x}"
        event[events.SPAN_ID] = f"{context.span_id:016x}"
    return event


class _Exceptions:
    """Turns `exc_info` into `exception.*`, fingerprint and Sentry event id."""

    def __init__(self, report: Report | None) -> None:
        self._report = report

    def __call__(self, _: object, method: str, event: _EventDict) -> _EventDict:
        error = _exception_of(event.pop("exc_info", None))
        if error is None:
            return event
        event.update(exception_fields(error))
        if self._report is not None and method in ("error", "critical", "exception"):
            event[events.SENTRY_EVENT_ID] = self._report(error)
        return event


def _exception_of(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple) and len(exc_info) == 3:
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    if exc_info:
        return sys.exception()
    return None


class _Deliver:
    """The last processor: hands the finished fields to the writer."""

    def __init__(self, writer: LineWriter) -> None:
        self._writer = writer

    def __call__(self, _: object, method: str, event: _EventDict) -> str:
        name = str(event.pop("event", ""))
        self._writer.event("error" if method == "exception" else cast(Level, method), name, event)
        raise structlog.DropEvent  # written; structlog has nothing left to do


class _StdlibHandler(logging.Handler):
    """Gives lines of libraries the same shape: event `log.recorded`, their text in `message`."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception as error:  # noqa: BLE001 — the edge: a wrong format string of a library
            message = f"{record.msg} <{type(error).__name__} while formatting>"
        level = record.levelname.lower()
        get_logger().log(
            record.levelno if level in _NUMBERS else logging.INFO,
            events.LOG_RECORDED,
            logger=record.name,
            message=message,
            exc_info=record.exc_info,
        )
