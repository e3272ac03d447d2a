"""The first tables."""

from __future__ import annotations

from alembic import op

from signage.office.database.tables import Base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table as it is described today; until the first release this is the only step."""
    Base.metadata.create_all(op.get_bind())
