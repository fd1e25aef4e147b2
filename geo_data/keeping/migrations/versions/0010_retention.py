"""What is to be erased by agreement of two people, and what was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("collection", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("episodes", INTEGER, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("proposed_by", TEXT, nullable=False),
        sa.Column("proposed_at", INTEGER, nullable=False),
        sa.Column("decided_by", TEXT, nullable=True),
        sa.Column("decided_at", INTEGER, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_table(
        "erasure_items",
        sa.Column("erasure", INTEGER, nullable=False),
        sa.Column("episode_ref", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("erasure", "episode_ref", name="pk_erasure_items"),
        sa.ForeignKeyConstraint(["erasure"], ["erasures.id"], name="fk_erasure_items_erasures"),
    )
    op.create_table(
        "erased",
        sa.Column("collection", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("collection", "mark", name="pk_erased"),
    )


def downgrade() -> None:
    for table in ("erased", "erasure_items", "erasures"):
        op.drop_table(table)
