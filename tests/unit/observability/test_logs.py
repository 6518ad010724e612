"""Loggers to lines: ids that are bound stand on every line, libraries' lines have the same shape, errors are told whole."""

import logging
import warnings
from pathlib import Path

import orjson
import structlog
from opentelemetry.sdk.trace import TracerProvider

from observability.lines import LineWriter
from observability.logs import configure_logs, get_logger
from tests.unit.observability.conftest import Lines


def test_what_is_bound_stands_on_every_line(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1", job_id="j1"):
        get_logger().info("upload.accepted", rows=3)
    (line,) = lines()
    assert (
        line.items()
        >= {"event": "upload.accepted", "level": "info", "request_id": "r1", "job_id": "j1", "rows": 3}.items()
    )


def test_the_current_span_gives_trace_id_and_span_id(lines: Lines) -> None:
    with TracerProvider().get_tracer("t").start_as_current_span("work") as span:
        get_logger().info("x.done")
    (line,) = lines()
    assert line["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert line["span_id"] == f"{span.get_span_context().span_id:016x}"


def test_an_exception_is_told_with_type_message_and_trace(lines: Lines) -> None:
    try:
        Path("/does/not/exist").read_bytes()
    except FileNotFoundError:
        get_logger().error("x.failed", exc_info=True)
    (line,) = lines()
    assert line["exception.type"] == "FileNotFoundError"
    assert line["exception.message"] == "[Errno 2] No such file or directory: '/does/not/exist'"
    assert line["exception.stacktrace"].startswith("Traceback (most recent call last):\n")
    assert "exc_info" not in line


def test_errors_are_reported_and_the_event_id_stands_on_the_line(writer: LineWriter, lines: Lines) -> None:
    reported: list[BaseException] = []

    def report(found: BaseException) -> str:
        reported.append(found)
        return "e" * 32

    error = ValueError("x")
    configure_logs(writer, report=report)
    get_logger().error("x.failed", exc_info=error)
    get_logger().warning("x.retried", exc_info=error)
    assert reported == [error]
    assert [line.get("sentry_event_id") for line in lines()] == ["e" * 32, None]


def test_lines_of_libraries_have_the_same_shape(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        logging.getLogger("asyncio").error("Task %s was destroyed", "t1", exc_info=ValueError("x"))
    (line,) = lines()
    assert line.items() >= {"event": "log.recorded", "level": "error", "logger": "asyncio", "service": "labels"}.items()
    assert (
        line.items() >= {"message": "Task t1 was destroyed", "request_id": "r1", "exception.type": "ValueError"}.items()
    )


def test_a_library_with_a_wrong_format_string_still_gives_its_line(lines: Lines) -> None:
    (ours,) = (handler for handler in logging.getLogger().handlers if type(handler).__module__ == "observability.logs")
    ours.emit(logging.LogRecord("x", logging.WARNING, __file__, 1, "%d of %d", (1,), None))
    assert lines()[0]["message"] == "%d of %d <TypeError while formatting>"


def test_warnings_are_lines(lines: Lines) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert "DeprecationWarning: old" in lines()[0]["message"]


def test_lines_below_the_level_cost_nothing_and_are_not_written(writer: LineWriter, lines: Lines) -> None:
    configure_logs(writer, level="warning")
    get_logger().info("x.done")
    logging.getLogger("x").info("done")
    assert lines() == []


def test_aiohttps_own_access_lines_are_left_out(lines: Lines) -> None:
    logging.getLogger("aiohttp.access").info("GET / 200")
    assert lines() == []


def test_a_line_break_in_a_field_does_not_break_the_line(lines: Lines, tmp_path: Path) -> None:
    get_logger().info("x.done", name='a\n{"event":"forged"}')
    (line,) = (tmp_path / "log").read_bytes().splitlines()
    assert orjson.loads(line)["name"] == 'a\n{"event":"forged"}'
