"""The tables of reviews.

    review_versions   what a review said when it was frozen, version by version; rows are only ever added
    kept_results      what takes long to count (expected by chance), by data version and settings: a cache, counts only
"""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, Table

from geo_data import schema
from geo_data.keeping.tables import INTEGER, METADATA, TEXT, TYPES

VERSION = schema.Table(
    "review version",
    "A review of a month as it was frozen.",
    (
        schema.Column("collection", "text", "R", "Collection that it tells of"),
        schema.Column("settings", "text", "R", "JSON of the parameters"),
        schema.Column("month", "text", "R", "Month of the review, 2025-03"),
        schema.Column("number", "int", "R", "Version, from 1"),
        schema.Column("content", "text", "R", "JSON of the ledger's rows"),
        schema.Column("data_version", "text", "R", "The data's version that it was made from"),
        schema.Column("frozen_at", "datetime", "R", "When it was frozen"),
        schema.Column("actor", "text", "R", "Who froze it, as the audit has it"),
    ),
)

REVIEW_VERSIONS = Table(
    "review_versions", METADATA,
    *(Column(c.name, TYPES[c.kind], nullable=False) for c in VERSION.columns),
    PrimaryKeyConstraint("collection", "settings", "month", "number"),
)
KEPT_RESULTS = Table(
    "kept_results", METADATA,
    *(Column(name, TEXT, nullable=False) for name in ("collection", "what", "settings", "data_version", "content")),
    Column("kept_at", INTEGER, nullable=False),
    PrimaryKeyConstraint("collection", "what", "settings", "data_version"),
)
