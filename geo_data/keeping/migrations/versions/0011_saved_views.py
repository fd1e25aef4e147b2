"""Views that people keep of a screen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("team", sa.Boolean(), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("collection", "name", "view")),
        sa.Column("at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
    )
    op.create_index("ix_saved_views", "saved_views", ["owner"])


def downgrade() -> None:
    op.drop_table("saved_views")
