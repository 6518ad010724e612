"""One `stage` gives log events, a span, a metric, breadcrumbs and journal records, and they agree."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from observability.journal import JournalWriter, read
from observability.stage import Outcome, Stages, Value, stages
from tests.unit.observability.conftest import Lines


class BadListError(Exception):
    """The user's list is at fault."""

    code = "no_data_rows"


@dataclass(frozen=True, slots=True)
class Sinks:
    stage: Stages
    registry: CollectorRegistry
    spans: InMemorySpanExporter
    journal: Path
    breadcrumbs: list[tuple[str, dict[str, Value]]]


@pytest.fixture
def sinks(tmp_path: Path, lines: Lines) -> Iterator[Sinks]:
    registry, spans, breadcrumbs = CollectorRegistry(), InMemorySpanExporter(), list[tuple[str, dict[str, Value]]]()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    journal = JournalWriter(tmp_path / "journal", capacity=64)
    stage = stages("upload", ("read", "draw"), problems=(BadListError,))
    stage.connect(
        registry=registry,
        journal=journal,
        tracer_provider=provider,
        breadcrumb=lambda message, data: breadcrumbs.append((message, data)),
    )
    yield Sinks(stage, registry, spans, tmp_path / "journal", breadcrumbs)
    journal.close()


def count(registry: CollectorRegistry, stage: str, outcome: str) -> float | None:
    return registry.get_sample_value("upload_stage_duration_seconds_count", {"stage": stage, "outcome": outcome})


async def test_a_stage_that_succeeds_leaves_the_same_story_everywhere(sinks: Sinks, lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1", job_id="j1", route="POST /upload"):
        async with sinks.stage("draw", rows=3) as s:
            s.progress(3)
            s.set(pages=1)
    started, finished = lines()
    assert started.items() >= {"event": "upload.stage.started", "stage": "draw", "rows": 3, "request_id": "r1"}.items()
    assert finished.items() >= {"event": "upload.stage.finished", "outcome": "ok", "pages": 1, "rows_done": 3}.items()
    assert finished["duration_s"] >= 0
    (span,) = sinks.spans.get_finished_spans()
    assert span.name == "upload.draw"
    assert dict(span.attributes or {}) == {
        "upload.rows": 3,
        "upload.pages": 1,
        "upload.rows_done": 3,
        "upload.outcome": "ok",
    }
    assert count(sinks.registry, "draw", "ok") == 1
    assert [message for message, _ in sinks.breadcrumbs] == ["upload.draw started", "upload.draw ok"]
    records = read(sinks.journal)
    assert [(r.edge, r.stage, r.request_id, r.job_id, r.rows_done) for r in records] == [
        ("started", "draw", "r1", "j1", None),
        ("moved", "draw", "r1", "j1", 3),
        ("finished", "draw", "r1", "j1", 3),
    ]
    assert (
        {r.trace_id for r in records}
        == {started["trace_id"], finished["trace_id"]}
        == {f"{span.context.trace_id:032x}"}
    )


ENDS: dict[str, tuple[type[BaseException], Outcome, str]] = {
    "a problem of the user's list is no error": (BadListError, "problem", "info"),
    "an unexpected exception is one": (PermissionError, "error", "error"),
    "a cancelled task is neither": (asyncio.CancelledError, "cancelled", "warning"),
    "a generator that was closed is cancelled": (GeneratorExit, "cancelled", "warning"),
}


@pytest.mark.parametrize(("kind", "outcome", "level"), ENDS.values(), ids=ENDS)
async def test_the_outcome_follows_from_the_exception(
    sinks: Sinks, lines: Lines, kind: type[BaseException], outcome: Outcome, level: str
) -> None:
    with pytest.raises(kind):
        async with sinks.stage("read"):
            raise kind("B17 holds 590123412345x")
    failed = lines()[-1]
    assert (failed["event"], failed["outcome"], failed["level"]) == ("upload.stage.failed", outcome, level)
    assert ("exception.stacktrace" in failed) == (outcome == "error")
    assert count(sinks.registry, "read", outcome) == 1
    (span,) = sinks.spans.get_finished_spans()
    assert (span.status.status_code == StatusCode.ERROR) == (outcome == "error")
    assert read(sinks.journal)[-1].edge == "failed"


async def test_a_problem_is_named_by_its_code_never_by_the_users_text(sinks: Sinks, lines: Lines) -> None:
    with pytest.raises(BadListError):
        async with sinks.stage("read"):
            raise BadListError("B17 holds 590123412345x")
    assert (lines()[-1]["problem"], lines()[-1]["handled"]) == ("no_data_rows", True)
    assert "590123412345x" not in str(lines())


async def test_lines_within_a_stage_carry_it_and_lines_after_it_do_not(sinks: Sinks, lines: Lines) -> None:
    async with sinks.stage("read"):
        structlog.get_logger().info("x.inside")
    structlog.get_logger().info("x.after")
    by_event = {line["event"]: line for line in lines()}
    assert by_event["x.inside"]["stage"] == "read"
    assert "stage" not in by_event["x.after"]
    assert "trace_id" not in by_event["x.after"]


async def test_stages_side_by_side_do_not_mix(sinks: Sinks, lines: Lines) -> None:
    async def work(request_id: str, name: str) -> None:
        structlog.contextvars.bind_contextvars(request_id=request_id)
        async with sinks.stage(name):
            await asyncio.sleep(0)

    await asyncio.gather(work("r1", "read"), work("r2", "draw"))
    assert {(line["request_id"], line["stage"]) for line in lines()} == {("r1", "read"), ("r2", "draw")}


def test_a_stage_is_a_plain_context_manager_too(sinks: Sinks) -> None:
    with sinks.stage("read"):
        pass
    assert count(sinks.registry, "read", "ok") == 1


def test_every_stage_and_outcome_counts_from_zero(sinks: Sinks) -> None:
    assert {count(sinks.registry, s, o) for s in ("read", "draw") for o in ("ok", "problem", "error", "cancelled")} == {
        0
    }


def test_the_metric_leads_to_the_trace(sinks: Sinks) -> None:
    with sinks.stage("read"):
        pass
    (span,) = sinks.spans.get_finished_spans()
    encode, _ = choose_encoder("application/openmetrics-text")
    assert f'# {{trace_id="{span.context.trace_id:032x}"}}' in encode(sinks.registry).decode()


def test_progress_on_each_row_gives_one_record_in_50_ms(tmp_path: Path, lines: Lines) -> None:
    journal = JournalWriter(tmp_path / "journal", capacity=64)
    stage = stages("upload", ("draw",))
    millis = iter(range(1_000_000))
    stage.connect(registry=CollectorRegistry(), journal=journal, monotonic_ns=lambda: next(millis) * 1_000_000)
    with stage("draw", rows=200) as s:  # each row takes a millisecond
        for row in range(200):
            s.progress(row)
    assert [(r.edge, r.rows_done) for r in read(tmp_path / "journal")] == [
        ("started", None),
        *(("moved", row) for row in (0, 50, 100, 150)),
        ("finished", 199),
    ]
    assert lines()[-1]["duration_s"] == 0.201
    journal.close()


def test_a_stage_that_does_not_exist_is_refused(sinks: Sinks) -> None:
    with pytest.raises(ValueError, match="upload has no stage 'publish': read, draw"):
        sinks.stage("publish")


def test_unconnected_it_still_logs(lines: Lines) -> None:
    with stages("import", ("fetch",))("fetch"):
        pass
    assert [line["event"] for line in lines()] == ["import.stage.started", "import.stage.finished"]
