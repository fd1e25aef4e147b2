"""The tables of what is to be erased, and what was.

    erasures          one row per proposal to erase episodes: who proposed it, why, and what a second person decided
    erasure_items     the episodes of a proposal that is still open; gone with them once it is decided
    erased            a keyed hash of each erased reference, so that a later file does not bring it back
    kept_dates        until when a reviewed episode is kept, so that a later file does not bring back an earlier date
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table

from geo_data import schema
from geo_data.keeping.tables import INTEGER, METADATA, TEXT, declared, required

REASONS = {
    "review": "reviewed: no longer needed",
    "request": "the person's request was granted",
    "error": "recorded in error",
    "order": "ordered by a court or the regulator",
}
STATES = ("open", "erased", "withdrawn")

ERASURE = schema.Table(
    "erasure",
    "A proposal to erase episodes, and what became of it.",
    (
        schema.Column("id", "int", "R", "Number of the proposal"),
        schema.Column("collection", "text", "R", "Where the episodes are"),
        schema.Column("reason", "enum", "R", "Why", allowed=tuple(REASONS)),
        schema.Column("episodes", "int", "R", "How many episodes"),
        schema.Column("state", "enum", "R", "Open, erased or withdrawn", allowed=STATES),
        schema.Column("proposed_by", "text", "R", "Who proposed it"),
        schema.Column("proposed_at", "datetime", "R", "When"),
        schema.Column("decided_by", "text", "O", "Who decided: for an erasure somebody else"),
        schema.Column("decided_at", "datetime", "O", "When"),
    ),
)
KEPT_DATE = schema.Table(
    "kept_date",
    "Until when an episode is kept after a review.",
    (
        schema.Column("collection", "text", "R", "The data set"),
        schema.EPISODES["episode_ref"],
        schema.Column("until", "date", "R", "The next review"),
    ),
)
ERASURES = Table(
    "erasures", METADATA,
    Column("id", INTEGER, primary_key=True, autoincrement=True),
    *declared(ERASURE, required(ERASURE))[1:],
)
ERASURE_ITEMS = Table(
    "erasure_items", METADATA,
    Column("erasure", INTEGER, ForeignKey("erasures.id"), nullable=False),
    Column("episode_ref", TEXT, nullable=False),
    PrimaryKeyConstraint("erasure", "episode_ref"),
)
ERASED = Table(
    "erased", METADATA,
    Column("collection", TEXT, nullable=False),
    Column("mark", TEXT, nullable=False),
    PrimaryKeyConstraint("collection", "mark"),
)
KEPT_DATES = Table(
    "kept_dates", METADATA,
    *declared(KEPT_DATE, required(KEPT_DATE)),
    PrimaryKeyConstraint("collection", "episode_ref"),
)
