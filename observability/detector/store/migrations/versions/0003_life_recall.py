"""Indexes for what is looked up among many incidents: by fingerprint, and the list with each of its filters."""

from alembic import op

revision = "0003_life_recall"
down_revision = "0002_life"

_LIST = ["first_seen_us", "id", "state", "severity", "cause", "route", "synthetic"]


def upgrade() -> None:
    op.create_index("ix_incidents_fingerprint", "incidents", ["fingerprint", "first_seen_us", "id"])
    op.drop_index("ix_incidents_state", "incidents")
    op.drop_index("ix_incidents_first_seen", "incidents")
    op.create_index("ix_incidents_list", "incidents", _LIST)


def downgrade() -> None:
    op.drop_index("ix_incidents_list", "incidents")
    op.create_index("ix_incidents_first_seen", "incidents", ["first_seen_us", "id"])
    op.drop_index("ix_incidents_fingerprint", "incidents")
    op.create_index("ix_incidents_state", "incidents", ["state"])
