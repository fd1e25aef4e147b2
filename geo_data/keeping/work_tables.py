"""The tables of the daily work: files that arrived, records withdrawn, return interviews, places learned, referral counts.

    feed_files        one row per file of the watched folder that was dealt with
    withdrawn         one row per episode that its source has taken back
    interviews        what was entered by hand about return interviews; the latest row of an episode holds
    learned           places that an interview told of, as they were located
    referrals         counts of referrals by agency, month and area: no persons
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table
from sqlalchemy.schema import SchemaItem

from geo_data import schema
from geo_data.keeping.tables import INTEGER, METADATA, TEXT, TYPES

OUTCOMES = ("imported", "repeated", "quarantined", "withdrawn")
_EPISODE = (schema.Column("collection", "text", "R", "The data set"), schema.EPISODES["episode_ref"])
_ENTRY = (
    schema.Column("id", "int", "R", "Number of the entry"),
    schema.Column("at", "datetime", "R", "When"),
    schema.Column("actor", "text", "R", "Who"),
)

FEED_FILE = schema.Table(
    "feed_file",
    "A file of the watched folder, and what became of it.",
    (
        _ENTRY[0],
        _ENTRY[1],
        schema.Column("source", "text", "R", "The folder in which it lay: one for each sender"),
        schema.Column("filename", "text", "R", "Its name"),
        schema.Column("sha256", "text", "R", "SHA-256 of its bytes"),
        schema.Column("outcome", "enum", "R", "What became of it", allowed=OUTCOMES),
        schema.Column("collection", "text", "O", "The data set it went to"),
        *(schema.Column(name, "int", "R", f"Rows {name}") for name in ("rows", "accepted", "amended", "unchanged", "rejected")),
        schema.Column("reason", "text", "O", "Why it was put aside, or what else must be known of it"),
    ),
)
WITHDRAWAL = schema.Table(
    "withdrawal",
    "An episode that its source has taken back: its record is history, and no extract from before brings it back.",
    (*_EPISODE, schema.Column("at", "datetime", "R", "The extract that no longer has it")),
)
INTERVIEW = schema.Table(
    "interview",
    "What was entered by hand about a return interview.",
    (*_ENTRY, *_EPISODE, *(schema.EPISODES[name] for name in ("rhi_offered", "rhi_accepted", "rhi_completed_at"))),
)
LEARNED_PLACE = schema.Table(
    "learned_place",
    "A place that an interview told of, beside those of the record.",
    (
        *_ENTRY, *_EPISODE,
        schema.LOCATIONS["role"],
        schema.Column("text", "text", "R", "The place as it was told", restricted=True),
        schema.Column("basis", "enum", "R", "How it is known", allowed=schema.EPISODES["pickup_basis"].allowed),
        *(schema.LOCATIONS[name] for name in ("location_source", "location_type", "easting", "northing", "precision_m", "tier",
                                              "method", "matched", "reason")),
        schema.Column("gone", "bool", "R", "Taken back"),
    ),
)
REFERRAL = schema.Table(
    "referral",
    "How many referrals an agency made in a month and area.",
    (
        schema.Column("synthetic", "bool", "R", "Invented"),
        schema.Column("agency", "text", "R", "Who referred", max_length=80),
        schema.Column("month", "text", "R", "Month, as 2025-03", pattern=r"\d{4}-(0[1-9]|1[0-2])"),
        schema.Column("area", "text", "R", "GSS code or name of the area", max_length=80),
        schema.Column("referrals", "int", "R", "How many", low=0, high=100_000),
        schema.Column("received_at", "datetime", "R", "When the count was imported"),
    ),
)


def _table(name: str, declared: schema.Table, *more: SchemaItem) -> Table:
    """`declared` as a table; an id numbers itself, and a collection is one that exists."""
    made: list[Column[Any]] = []
    for c in declared.columns:
        if c.name == "id":
            made.append(Column("id", INTEGER, primary_key=True, autoincrement=True))
        elif c.name == "collection" and c.need == "R":
            made.append(Column("collection", TEXT, ForeignKey("collections.name"), nullable=False))
        else:
            made.append(Column(c.name, TYPES[c.kind], nullable=c.need != "R" and c.kind != "bool"))
    return Table(name, METADATA, *made, *more)


FEED_FILES = _table("feed_files", FEED_FILE)
WITHDRAWN = _table("withdrawn", WITHDRAWAL, PrimaryKeyConstraint("collection", "episode_ref"))
INTERVIEWS = _table("interviews", INTERVIEW, Index(None, "collection", "episode_ref"))
LEARNED = _table("learned", LEARNED_PLACE, Index(None, "collection", "episode_ref"))
REFERRALS = _table("referrals", REFERRAL, PrimaryKeyConstraint("synthetic", "agency", "month", "area"))
OF_COLLECTION = (WITHDRAWN, INTERVIEWS, LEARNED)
