"""Who may come in: people and signed-in browsers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "people",
        *(sa.Column(name, TEXT, nullable=False) for name in ("name", "roles", "agency", "areas", "added_by")),
        sa.Column("added_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_people"),
    )
    op.create_table(
        "sign_ins",
        *(sa.Column(name, TEXT, nullable=False) for name in ("id", "person", "name")),
        sa.Column("started", INTEGER, nullable=False),
        sa.Column("seen", INTEGER, nullable=False),
        sa.Column("ended", INTEGER, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins", "sign_ins", ["person"])


def downgrade() -> None:
    for table in ("sign_ins", "people"):
        op.drop_table(table)
