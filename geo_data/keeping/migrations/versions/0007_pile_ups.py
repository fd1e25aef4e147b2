"""Coordinates at which different addresses pile up; the store works out those of what it holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pile_ups",
        sa.Column("collection", TEXT, nullable=False),
        sa.Column("easting", sa.Double(), nullable=False),
        sa.Column("northing", sa.Double(), nullable=False),
        sa.Column("texts", INTEGER, nullable=False),
        sa.Column("rows", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("collection", "easting", "northing", name="pk_pile_ups"),
        sa.ForeignKeyConstraint(["collection"], ["collections.name"], name="fk_pile_ups_collections"),
    )


def downgrade() -> None:
    op.drop_table("pile_ups")
