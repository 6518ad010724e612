"""What was in flight when a process died: stage journal to `<domain>.stage.interrupted` events, each told once."""

from collections.abc import Iterable
from pathlib import Path

from observability import events
from observability.journal import JournalWriter, Record, in_flight, latest
from observability.lines import LineWriter, timestamp


def find_interrupted(path: Path | None, *, since_ns: int) -> tuple[Record, ...]:
    """Return what was running in the life that began at monotonic `since_ns`; nothing where the child kept no journal."""
    try:
        data = path.read_bytes() if path is not None else b""
    except OSError:
        return ()
    return in_flight(latest(data, since_ns=since_ns))


def tell(records: Iterable[Record], log: LineWriter) -> None:
    """Write one event for each."""
    for record in records:
        log.event(
            "warning",
            f"{record.domain}.{events.STAGE_INTERRUPTED}",
            {
                "pid": record.pid,
                "stage": record.stage,
                "request_id": record.request_id or None,
                "trace_id": record.trace_id or None,
                "job_id": record.job_id or None,
                "route": record.route or None,
                "rows_done": record.rows_done,
                "rows": record.rows_total,
                "rss_bytes": record.rss_bytes,
                "moved_at": timestamp(record.wall_ns),
            },
        )


def close_records(path: Path | None, records: Iterable[Record]) -> None:
    """Mark them as told, in the journal. Only while nobody else writes it: between two lives.

    What is still open at the start of a supervisor belongs to a life that nobody could speak for: supervisor and child
    were killed together, as with a container.
    """
    records = tuple(records)
    if path is None or not records:
        return
    try:
        journal = JournalWriter(path)
    except OSError:
        return
    for record in records:
        journal.append(
            edge="interrupted",
            domain=record.domain,
            stage=record.stage,
            request_id=record.request_id,
            job_id=record.job_id,
            trace_id=int(record.trace_id or "0", 16),
            route=record.route,
            rows_done=record.rows_done,
            rows_total=record.rows_total,
        )
    journal.close()
