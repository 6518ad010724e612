"""The table of jobs: SQLAlchemy Core, the same on SQLite and PostgreSQL."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from observability.ids import JobId, RequestId
from service.jobs.model import Job, Upload

METADATA: Final = sa.MetaData()

jobs: Final = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("state", sa.String(32), nullable=False, index=True),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("request_id", sa.String(64), nullable=False),
    sa.Column("traceparent", sa.String(64), nullable=False),
    sa.Column("executor", sa.String(128), nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("stage", sa.String(32)),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("table", sa.JSON, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("verified", sa.JSON(none_as_null=True)),
    sa.Column("next_start", sa.Integer),
    sa.Column("problem", sa.JSON(none_as_null=True)),
    sa.Column("finished", sa.DateTime(timezone=True), index=True),
    sa.Column("expired", sa.Boolean, nullable=False),
    sa.Column("idempotency_key", sa.String(255), unique=True),
    sa.Column("body_hash", sa.String(64)),
)


def to_row(job: Job) -> dict[str, Any]:
    """Return the columns of a new job."""
    return {
        "id": job.id,
        "state": job.state,
        "file_name": job.upload.name,
        "sha256": job.upload.sha256,
        "size_bytes": job.upload.size_bytes,
        "options": job.upload.options,
        "request_id": job.request_id,
        "traceparent": job.traceparent,
        "executor": job.executor,
        "created": job.created,
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "attempts": job.attempts,
        "version": job.version,
        "table": dict(job.table),
        "counts": dict(job.counts),
        "verified": job.verified,
        "next_start": job.next_start,
        "problem": job.problem,
        "finished": job.finished,
        "expired": job.expired,
    }


def from_row(row: Mapping[str, Any]) -> Job:
    """Return the job of a row."""
    return Job(
        id=JobId(row["id"]),
        state=row["state"],
        upload=Upload(row["file_name"], row["sha256"], row["size_bytes"], row["options"]),
        request_id=RequestId(row["request_id"]),
        traceparent=row["traceparent"],
        executor=row["executor"],
        created=_aware(row["created"]),
        stage=row["stage"],
        done=row["done"],
        total=row["total"],
        attempts=row["attempts"],
        version=row["version"],
        table=row["table"],
        counts=row["counts"],
        verified=row["verified"],
        next_start=row["next_start"],
        problem=row["problem"],
        finished=_aware(row["finished"]) if row["finished"] is not None else None,
        expired=row["expired"],
    )


def _aware(value: datetime) -> datetime:
    """SQLite keeps no zone; what we write is UTC."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
