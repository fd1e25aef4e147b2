"""An index of the recorded points, so that an import looks only at what it brings; released files, for those they are meant for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RECORDED_POINT = {
    "sqlite": "method IN ('coordinates_bng', 'coordinates_wgs84') AND tier IN ('P1', 'P2', 'P3') AND own_address = 0",
    "postgresql": "method IN ('coordinates_bng', 'coordinates_wgs84') AND tier IN ('P1', 'P2', 'P3') AND NOT own_address",
}


def upgrade() -> None:
    op.create_index("ix_locations_point", "locations", ["collection", "easting", "northing"],
                    sqlite_where=sa.text(RECORDED_POINT["sqlite"]), postgresql_where=sa.text(RECORDED_POINT["postgresql"]))
    op.create_table(
        "snapshot_files",
        sa.Column("snapshot", INTEGER, autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot", name="pk_snapshot_files"),
        sa.ForeignKeyConstraint(["snapshot"], ["snapshots.id"], name="fk_snapshot_files_snapshots"),
    )


def downgrade() -> None:
    op.drop_table("snapshot_files")
    op.drop_index("ix_locations_point", "locations")
