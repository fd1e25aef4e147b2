"""Which rows of episodes a reader may read, as a condition of every query that reads them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, or_, select, true

from geo_data.keeping.tables import COLLECTIONS
from geo_data.people import EVERYTHING, Reader

AGENCY_COLUMNS = ("responsible_la", "placing_authority", "recording_force")
PUBLIC = "public_sample"  # published already: no handling restriction, no agency


def visible(table: Table, reader: Reader) -> ColumnElement[bool]:
    """True for rows of public sample data, and for those whose handling and agency the reader's work needs.

    A row whose handling restriction is missing is not shown: what is not known is denied.
    """
    if reader == EVERYTHING:
        return true()
    needed: ColumnElement[bool] = table.c.sharing_restriction.in_(sorted(reader.restrictions))
    if reader.areas is not None:
        needed &= or_(*(table.c[name].in_(sorted(reader.areas)) for name in AGENCY_COLUMNS))
    return needed | table.c.collection.in_(select(COLLECTIONS.c.name).where(COLLECTIONS.c.nature == PUBLIC))
