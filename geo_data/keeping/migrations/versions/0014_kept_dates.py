"""Until when a reviewed episode is kept, beside its record, which a later file replaces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "kept_dates",
        sa.Column("collection", TEXT, nullable=False),
        sa.Column("episode_ref", TEXT, nullable=False),
        sa.Column("until", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("collection", "episode_ref", name="pk_kept_dates"),
    )


def downgrade() -> None:
    op.drop_table("kept_dates")
