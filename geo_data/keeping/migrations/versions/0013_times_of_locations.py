"""An index of the times of locations, so that the window a page begins with is read without all the others."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_locations_at", "locations", ["collection", "at"])


def downgrade() -> None:
    op.drop_index("ix_locations_at", "locations")
