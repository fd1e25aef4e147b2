"""The table of views that people keep of a screen."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from geo_data import schema
from geo_data.keeping.tables import INTEGER, METADATA, TYPES

NAME_LENGTH = 60
SAVED_VIEW = schema.Table(
    "saved_view",
    "The filters of a screen under a name.",
    (
        schema.Column("id", "int", "R", "Number of the view"),
        schema.Column("owner", "text", "R", "Who kept it"),
        schema.Column("team", "bool", "R", "Whether the whole team sees it"),
        schema.Column("collection", "text", "R", "The collection that it was made of"),
        schema.Column("name", "text", "R", "What it is called", max_length=NAME_LENGTH),
        schema.Column("view", "text", "R", "The filters as JSON: codes and numbers, nothing typed"),
        schema.Column("at", "datetime", "R", "When it was kept"),
    ),
)
SAVED_VIEWS = Table(
    "saved_views", METADATA,
    Column("id", INTEGER, primary_key=True, autoincrement=True),
    *(Column(c.name, TYPES[c.kind], nullable=False) for c in SAVED_VIEW.columns[1:]),
    Index(None, "owner"),
)
