"""Places learned from interviews, put among the locations of their episodes whenever those change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, String, case, cast, delete, insert, literal, select

from geo_data import schema
from geo_data.keeping.tables import LOCATIONS
from geo_data.keeping.work_tables import LEARNED

_OWN = ("role", "easting", "northing", "precision_m", "tier", "method", "matched", "reason", "location_type", "location_source")
MARK = ":learned:"


def apply(connection: Connection, collection: str) -> bool:
    """Make the collection's locations hold exactly the learned places that stand, of the episodes that are there.

    Child, time and what the analysis filters by are taken over from the record's own location: found, else last seen.
    Gives whether any place was ever learned.
    """
    mine, here = LEARNED.c.collection == collection, LOCATIONS.c.collection == collection
    if not connection.execute(select(LEARNED.c.id).where(mine).limit(1)).first():
        return False
    connection.execute(delete(LOCATIONS).where(here, LOCATIONS.c.location_id.contains(MARK, autoescape=True)))
    base = LEARNED.c.episode_ref + case((LEARNED.c.role == "found", ":found"), else_=":last_seen")
    name_of: dict[str, ColumnElement[Any]] = {name: LEARNED.c[name] for name in _OWN}
    name_of |= {"location_id": LEARNED.c.episode_ref + MARK + cast(LEARNED.c.id, String), "own_address": literal(False)}
    names = ["collection", *schema.LOCATIONS.names]
    chosen = (select(*(name_of.get(name, LOCATIONS.c[name]) for name in names))
              .join(LOCATIONS, here & (LOCATIONS.c.location_id == base)).where(mine, ~LEARNED.c.gone))
    connection.execute(insert(LOCATIONS).from_select(names, chosen))
    return True
