"""The primitive that a pipeline uses: one `stage(...)` is a span, two log events, a metric, breadcrumbs and journal records.

stage = stages("upload", ("receive", "read", "check"), problems=(UploadProblem,))     # at import, in one place
stage.connect(registry=registry, journal=journal, tracer_provider=provider)           # once, where the process is wired

async with stage("read", rows=len(rows)) as s:
    s.progress(row)            # the row that was reached: what is left to say when the process dies here
    s.set(sheet=sheet.title)   # fields of the span and of `upload.stage.finished`
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Literal

import structlog
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import Span, SpanContext, Status, StatusCode, TracerProvider
from prometheus_client import CollectorRegistry, Histogram
from structlog.contextvars import get_contextvars

from observability import events
from observability.failures import qualified_name
from observability.journal import Clock, Edge, JournalWriter
from observability.logs import get_logger

Value = str | int | float | bool
Outcome = Literal["ok", "problem", "error", "cancelled"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("ok", "problem", "error", "cancelled")
Breadcrumb = Callable[[str, dict[str, Value]], None]  # message, data

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_MOVE_EVERY_NS: Final = 50_000_000  # a stage that reports each row must not push the others out of the ring


def stages(domain: str, names: tuple[str, ...], *, problems: tuple[type[Exception], ...] = ()) -> "Stages":
    """Return the primitive for one pipeline. `problems` are failures that the user is told about and nobody is paged for."""
    return Stages(domain, names, problems)


class Stages:
    """Makes the stages of one pipeline. Works unconnected, then without metrics, journal and spans."""

    def __init__(self, domain: str, names: tuple[str, ...], problems: tuple[type[Exception], ...]) -> None:
        self.domain = domain
        self.names = names
        self.problems = problems
        self.journal: JournalWriter | None = None
        self.durations: Histogram | None = None
        self.breadcrumb: Breadcrumb | None = None
        self.monotonic_ns: Clock = time.monotonic_ns
        self.tracer = trace.get_tracer(__name__)

    def connect(
        self,
        *,
        registry: CollectorRegistry,
        journal: JournalWriter | None = None,
        tracer_provider: TracerProvider | None = None,
        breadcrumb: Breadcrumb | None = None,
        monotonic_ns: Clock = time.monotonic_ns,
    ) -> None:
        """Give the pipeline its sinks. Each stage and outcome exists in the histogram from now on, so that rate() sees 0."""
        self.journal = journal
        self.breadcrumb = breadcrumb
        self.monotonic_ns = monotonic_ns
        self.tracer = trace.get_tracer(__name__, tracer_provider=tracer_provider)
        self.durations = Histogram(
            f"{self.domain}_stage_duration_seconds",
            f"Time that one stage of the {self.domain} pipeline took.",
            ("stage", "outcome"),
            buckets=_BUCKETS,
            registry=registry,
        )
        for name in self.names:
            for outcome in OUTCOMES:
                self.durations.labels(name, outcome)

    def __call__(self, name: str, *, rows: int | None = None, **fields: Value) -> "Stage":
        """Return the stage as a context manager, `with` or `async with`. `rows` is the total that `progress` counts towards."""
        if name not in self.names:
            raise ValueError(f"{self.domain} has no stage {name!r}: {', '.join(self.names)}")
        return Stage(self, name, rows, fields)


class Stage:
    """One run of one stage."""

    def __init__(self, of: Stages, name: str, rows: int | None, fields: dict[str, Value]) -> None:
        self.name = name
        self.rows_done: int | None = None
        self._of = of
        self._rows = rows
        self._fields = fields if rows is None else {"rows": rows, **fields}
        self._moved_ns: int | None = None

    def set(self, **fields: Value) -> None:
        """Add fields to the span and to the closing event. Never what a user wrote: counts, sizes, closed words."""
        self._fields.update(fields)

    def progress(self, rows_done: int) -> None:
        """Note the row reached. Cheap enough for each row: the journal takes one record in 50 ms."""
        self.rows_done = rows_done
        now = self._of.monotonic_ns()
        if self._moved_ns is None or now - self._moved_ns >= _MOVE_EVERY_NS:
            self._moved_ns = now
            self._record("moved")

    async def __aenter__(self) -> "Stage":
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace_back: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace_back)

    def __enter__(self) -> "Stage":
        self._started_ns = self._of.monotonic_ns()
        self._span: Span = self._of.tracer.start_span(f"{self._of.domain}.{self.name}")
        self._attached = otel_context.attach(trace.set_span_in_context(self._span))
        self._context: SpanContext = self._span.get_span_context()
        self._bound = structlog.contextvars.bind_contextvars(stage=self.name)
        self._record("started")
        get_logger().info(self._event(events.STAGE_STARTED), **self._fields)
        self._leave_breadcrumb("started")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace_back: TracebackType | None
    ) -> None:
        duration_s = (self._of.monotonic_ns() - self._started_ns) / 1e9
        outcome = self._outcome(error)
        if self.rows_done is not None:
            self._fields["rows_done"] = self.rows_done
        try:
            self._record("finished" if error is None else "failed")
            self._log(outcome, error, duration_s)
            self._observe(outcome, duration_s)
            self._leave_breadcrumb(outcome)
        finally:
            self._end_span(outcome, error)

    def _outcome(self, error: BaseException | None) -> Outcome:
        if error is None:
            return "ok"
        if isinstance(error, self._of.problems):
            return "problem"
        return "cancelled" if isinstance(error, (asyncio.CancelledError, GeneratorExit)) else "error"

    def _log(self, outcome: Outcome, error: BaseException | None, duration_s: float) -> None:
        log, fields = get_logger(), {**self._fields, "duration_s": round(duration_s, 6), "outcome": outcome}
        if error is None:
            log.info(self._event(events.STAGE_FINISHED), **fields)
        elif outcome == "error":
            log.error(self._event(events.STAGE_FAILED), exc_info=error, **fields)
        elif outcome == "problem":
            log.info(self._event(events.STAGE_FAILED), handled=True, problem=_code_of(error), **fields)
        else:
            log.warning(self._event(events.STAGE_FAILED), **fields)

    def _observe(self, outcome: Outcome, duration_s: float) -> None:
        if self._of.durations is None:
            return
        exemplar = {"trace_id": f"{self._context.trace_id:032x}"} if self._context.trace_flags.sampled else None
        self._of.durations.labels(self.name, outcome).observe(duration_s, exemplar)

    def _end_span(self, outcome: Outcome, error: BaseException | None) -> None:
        if self._span.is_recording():
            self._span.set_attributes({f"{self._of.domain}.{key}": value for key, value in self._fields.items()})
            self._span.set_attribute(f"{self._of.domain}.outcome", outcome)
            if error is not None:
                self._span.set_attribute("error.type", qualified_name(type(error)))
            if error is not None and outcome == "error":
                self._span.record_exception(error)
                self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()
        otel_context.detach(self._attached)
        with contextlib.suppress(ValueError):  # an async generator that is collected is closed in another context
            structlog.contextvars.reset_contextvars(**self._bound)

    def _record(self, edge: Edge) -> None:
        if self._of.journal is None:
            return
        known = get_contextvars()
        self._of.journal.append(
            edge=edge,
            domain=self._of.domain,
            stage=self.name,
            request_id=str(known.get(events.REQUEST_ID, "")),
            job_id=str(known.get(events.JOB_ID, "")),
            route=str(known.get(events.ROUTE, "")),
            trace_id=self._context.trace_id,
            span_id=self._context.span_id,
            rows_done=self.rows_done,
            rows_total=self._rows,
        )

    def _leave_breadcrumb(self, edge: str) -> None:
        if self._of.breadcrumb is not None:
            self._of.breadcrumb(f"{self._of.domain}.{self.name} {edge}", dict(self._fields))

    def _event(self, name: str) -> str:
        return f"{self._of.domain}.{name}"


def _code_of(error: BaseException) -> str:
    """Return the problem's stable code, else its type. Not its text, which may quote the user's file."""
    code = getattr(error, "code", None)
    return code if isinstance(code, str) else type(error).__name__
