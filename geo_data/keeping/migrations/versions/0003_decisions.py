"""Decisions of a team on texts about places."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("at", INTEGER, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("basis", TEXT, nullable=False),
        sa.Column("easting", sa.Double()),
        sa.Column("northing", sa.Double()),
        sa.Column("precision_m", sa.Double()),
        sa.Column("tier", TEXT, nullable=False),
        sa.Column("note", TEXT),
        sa.Column("area", TEXT),
        sa.Column("alias", sa.Boolean(), nullable=False),
        sa.Column("location_type", TEXT),
        sa.Column("undoes", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions", "decisions", ["key"])


def downgrade() -> None:
    op.drop_table("decisions")
