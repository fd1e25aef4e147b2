"""The tables of what a Risk Management Group decides. Rows are only ever added; taking back is a row of its own.

    concerns      a place that came before the group
    verdicts      what was decided about it at a review
    actions       what is done about it, one row a version
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from geo_data import concern, schema
from geo_data.keeping.tables import INTEGER, METADATA, TYPES


def _columns(table: schema.Table, *own: str) -> list[Column[object]]:
    return [Column(c.name, TYPES[c.kind], nullable=c.need != "R") for c in table.columns if c.name not in ("id", *own)]


def _kept(name: str, of: schema.Table) -> Table:
    return Table(
        name, METADATA,
        Column("id", INTEGER, primary_key=True, autoincrement=True),
        *_columns(of, "concern"),
        Column("concern", INTEGER, ForeignKey("concerns.id"), nullable=False),
        Index(None, "concern"),
    )


CONCERNS = Table(
    "concerns", METADATA,
    Column("id", INTEGER, primary_key=True, autoincrement=True),
    *_columns(concern.CONCERN),
    Index(None, "collection"),
)
VERDICTS = _kept("verdicts", concern.VERDICT)
ACTIONS = _kept("actions", concern.ACTION)
