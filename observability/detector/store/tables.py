"""Tables of the store. Times are whole microseconds of UTC since 1970: both databases keep and order them exactly."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

METADATA: Final = MetaData()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER PRIMARY KEY only

INCIDENTS: Final = Table(
    "incidents",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("cause", String(32), nullable=False),
    Column("route", Text),
    Column("fingerprint", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("first_seen_us", BigInteger, nullable=False),
    Column("last_seen_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),  # DESIGN section 8, without life, links and notifications
    Column("life", Text),  # JSON; NULL: nobody and nothing has touched it yet
    Column("due_us", BigInteger),  # when its life changes by itself
    # The list's order, and all that it is filtered by: what does not fit is passed over without its document being read.
    Index("ix_incidents_list", "first_seen_us", "id", "state", "severity", "cause", "route", "synthetic"),
    Index("ix_incidents_fingerprint", "fingerprint", "first_seen_us", "id"),
    Index("ix_incidents_due", "due_us"),
)
OUTBOX: Final = Table(
    "outbox",
    METADATA,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("channel", String(32), nullable=False),
    Column("incident_id", String(64), nullable=False),
    Column("change", String(16), nullable=False),
    Column("document", Text, nullable=False),  # as it was at this change
    Column("created_us", BigInteger, nullable=False),
    Column("line_us", BigInteger),  # when the newest line behind this change was read
    Index("ix_outbox_channel", "channel", "incident_id", "id"),
    sqlite_autoincrement=True,  # an id is never used again: it is that of a notification, also after its row is gone
)
ATTEMPTS: Final = Table(
    "attempts",
    METADATA,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("incident_id", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("change", String(16), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("fields", Text, nullable=False),  # JSON: what the channel needs to update its notification
    Index("ix_attempts_incident", "incident_id", "id"),
)
CHECKPOINTS: Final = Table(
    "checkpoints",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("file_id", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
)
STATE: Final = Table(
    "state",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("json", Text, nullable=False),
)


def to_us(at: datetime) -> int:
    """Return an aware time as microseconds."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    """Return microseconds as an aware time."""
    return _EPOCH + timedelta(microseconds=us)
