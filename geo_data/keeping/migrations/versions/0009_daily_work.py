"""Files that arrived, records withdrawn, return interviews, places learned, referral counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "feed_files",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("at", INTEGER, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("filename", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("collection", TEXT),
        sa.Column("rows", INTEGER, nullable=False),
        sa.Column("accepted", INTEGER, nullable=False),
        sa.Column("amended", INTEGER, nullable=False),
        sa.Column("unchanged", INTEGER, nullable=False),
        sa.Column("rejected", INTEGER, nullable=False),
        sa.Column("reason", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_feed_files"),
    )
    op.create_table(
        "withdrawn",
        sa.Column("collection", TEXT, nullable=False),
        sa.Column("episode_ref", TEXT, nullable=False),
        sa.Column("at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("collection", "episode_ref", name="pk_withdrawn"),
        sa.ForeignKeyConstraint(["collection"], ["collections.name"], name="fk_withdrawn_collections"),
    )
    op.create_table(
        "interviews",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("at", INTEGER, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("collection", TEXT, nullable=False),
        sa.Column("episode_ref", TEXT, nullable=False),
        sa.Column("rhi_offered", TEXT, nullable=False),
        sa.Column("rhi_accepted", TEXT),
        sa.Column("rhi_completed_at", INTEGER),
        sa.PrimaryKeyConstraint("id", name="pk_interviews"),
        sa.ForeignKeyConstraint(["collection"], ["collections.name"], name="fk_interviews_collections"),
    )
    op.create_index("ix_interviews", "interviews", ["collection", "episode_ref"])
    op.create_table(
        "learned",
        sa.Column("id", INTEGER, autoincrement=True, nullable=False),
        sa.Column("at", INTEGER, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("collection", TEXT, nullable=False),
        sa.Column("episode_ref", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("basis", TEXT, nullable=False),
        sa.Column("location_source", TEXT),
        sa.Column("location_type", TEXT),
        sa.Column("easting", sa.Double()),
        sa.Column("northing", sa.Double()),
        sa.Column("precision_m", sa.Double()),
        sa.Column("tier", TEXT, nullable=False),
        sa.Column("method", TEXT, nullable=False),
        sa.Column("matched", TEXT),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_learned"),
        sa.ForeignKeyConstraint(["collection"], ["collections.name"], name="fk_learned_collections"),
    )
    op.create_index("ix_learned", "learned", ["collection", "episode_ref"])
    op.create_table(
        "referrals",
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("agency", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("area", TEXT, nullable=False),
        sa.Column("referrals", INTEGER, nullable=False),
        sa.Column("received_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("synthetic", "agency", "month", "area", name="pk_referrals"),
    )


def downgrade() -> None:
    for table in ("referrals", "learned", "interviews", "withdrawn", "feed_files"):
        op.drop_table(table)
