"""The tables of what left the team.

    release_grids     one row per collection: the addresses that its regions are drawn from, kept from the first release on
    editions          one row per published period: its content, frozen
    snapshots         one row per file that was made, with its hash; only a recall is ever added
    snapshot_files    the file itself, for those it was released to; taken out when it is called back
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint

from geo_data import schema
from geo_data.keeping.tables import INTEGER, METADATA, TEXT, TYPES

FORMATS = ("png", "pdf", "svg", "pptx", "html", "gpkg", "geojson", "kml", "csv", "xlsx")

SNAPSHOT = schema.Table(
    "snapshot",
    "A file that was made for someone outside the team.",
    (
        schema.Column("id", "int", "R", "Number of the snapshot"),
        schema.Column("snapshot_id", "text", "R", "What is printed on it: a short text that its content gives"),
        schema.Column("sha256", "text", "R", "SHA-256 of the file's bytes"),
        schema.Column("bytes", "int", "R", "Size of the file"),
        schema.Column("format", "text", "R", "Kind of file"),
        schema.Column("collection", "text", "R", "Collection that it tells of"),
        schema.Column("tier", "text", "R", "Tier that it was released to"),
        schema.Column("role", "text", "R", "Role of the places (found, pickup, last_seen)"),
        schema.Column("period", "text", "R", "Period that it tells of"),
        schema.Column("title", "text", "R", "Its title"),
        schema.Column("author_role", "text", "R", "Role of who made it"),
        schema.Column("purpose", "text", "R", "What it was made for"),
        schema.Column("parameters", "text", "R", "JSON of the parameters"),
        schema.Column("made_at", "datetime", "R", "When it was made"),
        schema.Column("actor", "text", "R", "Who made it, as the audit has it"),
        schema.Column("review_by", "date", "R", "Until when it may be kept"),
        schema.Column("recalled_at", "datetime", "O", "When it was called back"),
        schema.Column("recall_reason", "text", "O", "Why"),
    ),
)

GRIDS = Table(
    "release_grids", METADATA,
    Column("collection", TEXT, primary_key=True),
    Column("stamp", TEXT, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
EDITIONS = Table(
    "editions", METADATA,
    *(Column(name, TEXT, nullable=False) for name in ("collection", "tier", "role", "filters", "period", "content", "actor")),
    Column("number", INTEGER, nullable=False),  # counts from 1 within the collection
    Column("released_at", INTEGER, nullable=False),
    PrimaryKeyConstraint("collection", "tier", "role", "filters", "period"),
    UniqueConstraint("collection", "number"),
)
SNAPSHOTS = Table(
    "snapshots", METADATA,
    Column("id", INTEGER, primary_key=True, autoincrement=True),
    *(Column(c.name, TYPES[c.kind], nullable=c.need != "R") for c in SNAPSHOT.columns[1:]),
    UniqueConstraint("collection", "sha256"),
)
FILES = Table(
    "snapshot_files", METADATA,
    Column("snapshot", INTEGER, ForeignKey("snapshots.id"), primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
