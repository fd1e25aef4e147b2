"""Locations of concern, what was decided about them and what is done."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _row(name: str, *own: sa.Column[Any]) -> None:
    of = [] if name == "concerns" else [sa.ForeignKeyConstraint(["concern"], ["concerns.id"], name=f"fk_{name}_concerns")]
    op.create_table(
        name,
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("at", INTEGER, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        *own,
        sa.Column("undoes", INTEGER),
        *([] if name == "concerns" else [sa.Column("concern", INTEGER, nullable=False)]),
        *of,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}", name, ["collection" if name == "concerns" else "concern"])


def upgrade() -> None:
    _row("concerns", *(sa.Column(name, TEXT, nullable=False) for name in ("collection", "role", "name", "place_type", "cells")))
    _row("verdicts", *(sa.Column(name, TEXT, nullable=False) for name in ("review", "verdict")), sa.Column("reason", TEXT))
    _row("actions", sa.Column("action", INTEGER, nullable=False),
         *(sa.Column(name, TEXT, nullable=False) for name in ("kind", "owner", "agency")),
         *(sa.Column(name, INTEGER, nullable=False) for name in ("starts", "review_by")), sa.Column("expires", INTEGER),
         sa.Column("status", TEXT, nullable=False), sa.Column("result", TEXT))


def downgrade() -> None:
    for name in ("actions", "verdicts", "concerns"):
        op.drop_table(name)
