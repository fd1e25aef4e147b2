"""The tables of what a team decides and receives, beside the episodes themselves.

    decisions         one row per decision on a text about a place, or per undoing of one; nothing is ever changed
    pile_ups          one row per coordinate of a collection that different addresses share
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table

from geo_data import schema
from geo_data.keeping.tables import INTEGER, METADATA, TEXT, TYPES

SYNTHETIC = "demo"  # the collection of invented data
BASES = ("candidate", "typed", "pin", "no_place", "imported", "undo")

DECISION = schema.Table(
    "decision",
    "What a team said about a text: where it lies, that it names no place, or that an earlier decision is undone.",
    (
        schema.Column("id", "int", "R", "Number of the decision"),
        schema.Column("at", "datetime", "R", "When"),
        schema.Column("actor", "text", "R", "Who decided"),
        schema.Column("synthetic", "bool", "R", "Made on invented data: never holds for real records, nor the reverse"),
        schema.Column("key", "text", "R", "The text in its one form (`geo_data.placing.decisions.text_key`)", restricted=True),
        schema.Column("text", "text", "R", "The text as it was written", restricted=True),
        schema.Column("basis", "enum", "R", "How it was decided", allowed=BASES),
        schema.Column("easting", "float", "O", "Easting, metres (EPSG:27700); missing: no place", restricted=True),
        schema.Column("northing", "float", "O", "Northing, metres (EPSG:27700)", restricted=True),
        schema.Column("precision_m", "float", "O", "Radius in metres within which the place lies"),
        schema.Column("tier", "enum", "R", "Precision tier; P5: no place", allowed=tuple(schema.TIERS)),
        schema.Column("note", "text", "O", "What the text was matched to", restricted=True),
        schema.Column("area", "text", "O", "The area in which it holds; missing: everywhere"),
        schema.Column("alias", "bool", "R", "Holds also behind words such as 'near' and 'outside'"),
        schema.Column("location_type", "enum", "O", "Kind of place", allowed=tuple(schema.PLACE_TYPES)),
        schema.Column("undoes", "int", "O", "The decision that this row undoes"),
    ),
)

PILE = schema.Table(
    "pile",
    "A coordinate that different addresses share: worked out anew whenever locations change.",
    (
        schema.LOCATIONS["easting"],
        schema.LOCATIONS["northing"],
        schema.Column("texts", "int", "R", "How many different addresses"),
        schema.Column("rows", "int", "R", "How many locations"),
    ),
)

DECISIONS = Table(
    "decisions", METADATA,
    Column("id", INTEGER, primary_key=True, autoincrement=True),
    *(Column(c.name, TYPES[c.kind], nullable=c.need != "R") for c in DECISION.columns[1:]),
    Index(None, "key"),
)
PILES = Table(
    "pile_ups", METADATA,
    Column("collection", TEXT, ForeignKey("collections.name"), nullable=False),
    *(Column(c.name, TYPES[c.kind], nullable=False) for c in PILE.columns),
    PrimaryKeyConstraint("collection", "easting", "northing"),
)
