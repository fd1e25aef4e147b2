"""The first tables: collections, sources, episodes and their history, locations.

The columns stand here as they were at this version: later changes of the declarations
are steps of their own.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "": TEXT, "integer": INTEGER, "float": sa.Double(), "boolean": sa.Boolean(),
}

# name[:type], text when no type is given
COLLECTIONS = """
name nature episodes:integer locations:integer version updated_at:integer first_at:integer last_at:integer
"""
SOURCES = """
collection
sha256 filename profile received_at:integer rows:integer accepted:integer amended:integer
unchanged:integer older:integer rejected:integer
"""
RECORD = """
collection
episode_ref person_ref source_system extracted_at:integer recording_force responsible_la placing_authority
placed_out_of_area age_at_episode:integer gender care_status legal_status placement_type placement_urn
episode_type missing_from_type last_seen_at:integer reported_at:integer found_at:integer risk_level_initial
risk_level_highest last_seen_location_text last_seen_postcode last_seen_uprn last_seen_easting:float
last_seen_northing:float last_seen_latitude:float last_seen_longitude:float last_seen_location_type
last_seen_precision pickup_location_text pickup_postcode pickup_uprn pickup_easting:float pickup_northing:float
pickup_latitude:float pickup_longitude:float pickup_location_type pickup_precision pickup_at:integer pickup_mode
pickup_basis found_location_text found_postcode found_uprn found_easting:float found_northing:float
found_latitude:float found_longitude:float found_location_type found_precision found_by found_at_own_address
found_with_adult_of_concern harm_reported exploitation_concern prevention_interview rhi_offered rhi_accepted
rhi_completed_at:integer location_source intel_grade sharing_restriction review_by:integer category
time_precision source_id:integer source_line:integer version:integer row_hash:integer
"""
LOCATIONS = """
collection
location_id episode_ref person_ref role at:integer at_precision easting:float northing:float precision_m:float
tier method matched reason location_type own_address:boolean location_source age_band strand missing_from_type
responsible_la category sharing_restriction review_by:integer
"""


def columns(declared: str, required: str) -> list[sa.Column[Any]]:
    named = [part.partition(":") for part in declared.split()]
    return [sa.Column(name, TYPES[kind], nullable=name not in required.split()) for name, _, kind in named]


def number() -> sa.Column[Any]:
    return sa.Column("id", INTEGER, autoincrement=True, nullable=False)


def upgrade() -> None:
    op.create_table(
        "collections",
        *columns(COLLECTIONS, "name nature episodes locations version updated_at"),
        sa.PrimaryKeyConstraint("name", name="pk_collections"),
    )
    op.create_table(
        "sources",
        number(),
        *columns(SOURCES, SOURCES.replace(":integer", "")),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
        sa.ForeignKeyConstraint(["collection"], ["collections.name"], name="fk_sources_collections"),
        sa.UniqueConstraint("collection", "sha256", name="uq_sources"),
    )
    required = "collection episode_ref person_ref source_id source_line version row_hash"
    op.create_table(
        "episodes",
        *columns(RECORD, required),
        sa.PrimaryKeyConstraint("collection", "episode_ref", name="pk_episodes"),
        sa.ForeignKeyConstraint(["collection"], ["collections.name"], name="fk_episodes_collections"),
    )
    op.create_table(
        "episode_history",
        number(),
        *columns(RECORD, required),
        sa.PrimaryKeyConstraint("id", name="pk_episode_history"),
        sa.ForeignKeyConstraint(["collection"], ["collections.name"], name="fk_episode_history_collections"),
    )
    op.create_index("ix_episode_history", "episode_history", ["collection", "episode_ref"])
    op.create_table(
        "locations",
        *columns(LOCATIONS, "collection location_id episode_ref person_ref role own_address"),
        sa.PrimaryKeyConstraint("collection", "location_id", name="pk_locations"),
        sa.ForeignKeyConstraint(["collection", "episode_ref"], ["episodes.collection", "episodes.episode_ref"],
                                name="fk_locations_episodes"),
    )
    op.create_index("ix_locations", "locations", ["collection", "episode_ref"])


def downgrade() -> None:
    for table in ("locations", "episode_history", "episodes", "sources", "collections"):
        op.drop_table(table)
