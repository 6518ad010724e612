"""Indexes for what is looked up among many incidents: by fingerprint, and the list of those in one state."""

from alembic import op

revision = "0003_life_recall"
down_revision = "0002_life"


def upgrade() -> None:
    op.create_index("ix_incidents_fingerprint", "incidents", ["fingerprint", "first_seen_us", "id"])
    op.drop_index("ix_incidents_state", "incidents")
    op.create_index("ix_incidents_state", "incidents", ["state", "first_seen_us", "id"])


def downgrade() -> None:
    op.drop_index("ix_incidents_fingerprint", "incidents")
    op.drop_index("ix_incidents_state", "incidents")
    op.create_index("ix_incidents_state", "incidents", ["state"])
