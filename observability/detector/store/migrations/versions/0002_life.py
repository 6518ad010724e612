"""What people and rules have made of each incident."""

import sqlalchemy as sa
from alembic import op

revision = "0002_life"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("incidents", sa.Column("life", sa.Text))
    op.add_column("incidents", sa.Column("due_us", sa.BigInteger))
    op.create_index("ix_incidents_due", "incidents", ["due_us"])


def downgrade() -> None:
    op.drop_index("ix_incidents_due", "incidents")
    op.drop_column("incidents", "due_us")
    op.drop_column("incidents", "life")
