"""Alarms keep what they say in English, too: with the figures that only the moment knew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; empty in the alarms of before."""
    op.add_column("alarm", sa.Column("message_en", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("alarm", "message_en")
