"""The register of releases: grids, editions, snapshots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names.split()]


def upgrade() -> None:
    op.create_table(
        "release_grids",
        *texts("collection stamp"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("collection", name="pk_release_grids"),
    )
    op.create_table(
        "editions",
        *texts("collection tier role filters period content actor"),
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("released_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("collection", "tier", "role", "filters", "period", name="pk_editions"),
        sa.UniqueConstraint("collection", "number", name="uq_editions"),
    )
    op.create_table(
        "snapshots",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        *texts("snapshot_id sha256"),
        sa.Column("bytes", INTEGER, nullable=False),
        *texts("format collection tier role period title author_role purpose parameters"),
        sa.Column("made_at", INTEGER, nullable=False),
        *texts("actor"),
        sa.Column("review_by", INTEGER, nullable=False),
        sa.Column("recalled_at", INTEGER),
        sa.Column("recall_reason", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_snapshots"),
        sa.UniqueConstraint("collection", "sha256", name="uq_snapshots"),
    )


def downgrade() -> None:
    for table in ("snapshots", "editions", "release_grids"):
        op.drop_table(table)
