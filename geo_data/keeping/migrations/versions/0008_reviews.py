"""Frozen versions of reviews, and results that take long to count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names.split()]


def upgrade() -> None:
    op.create_table(
        "review_versions",
        *texts("collection settings month"),
        sa.Column("number", INTEGER, nullable=False),
        *texts("content data_version"),
        sa.Column("frozen_at", INTEGER, nullable=False),
        *texts("actor"),
        sa.PrimaryKeyConstraint("collection", "settings", "month", "number", name="pk_review_versions"),
    )
    op.create_table(
        "kept_results",
        *texts("collection what settings data_version content"),
        sa.Column("kept_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("collection", "what", "settings", "data_version", name="pk_kept_results"),
    )


def downgrade() -> None:
    for table in ("kept_results", "review_versions"):
        op.drop_table(table)
