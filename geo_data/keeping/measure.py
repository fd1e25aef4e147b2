"""What `collections` says of a collection: its version, size and span, and beside it its piles, after each change of its rows."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from geo_data.keeping.learned import apply
from geo_data.keeping.moments import microseconds
from geo_data.keeping.piles import grow, refresh
from geo_data.keeping.tables import COLLECTIONS, EPISODES, LOCATIONS
from geo_data.keeping.write import Written


def measure(connection: Connection, collection: str, received_at: datetime | None = None, written: Written | None = None) -> None:
    """Give the collection a new version, its size, its span and its piles; `received_at` when a file came.

    Counted from all rows; when `written` is all that changed, and only added, from what it added.
    """
    learned = apply(connection, collection)
    if written is not None and not written.replaced and not learned:
        size = _added(connection, collection, written)
        grow(connection, collection, written.points)
    else:
        size = _counted(connection, collection)
        refresh(connection, collection)
    if received_at:
        size["updated_at"] = microseconds(received_at)
    connection.execute(update(COLLECTIONS).where(COLLECTIONS.c.name == collection).values(version=secrets.token_hex(8), **size))


def renew(connection: Connection, collection: str) -> None:
    """Give the collection a new version: something beside its rows of episodes and locations has changed."""
    connection.execute(update(COLLECTIONS).where(COLLECTIONS.c.name == collection).values(version=secrets.token_hex(8)))


def _counted(connection: Connection, collection: str) -> dict[str, Any]:
    of = LOCATIONS.c.collection == collection
    places, first, last = connection.execute(
        select(func.count(), func.min(LOCATIONS.c.at), func.max(LOCATIONS.c.at)).where(of)).one()
    episodes = connection.execute(select(func.count()).where(EPISODES.c.collection == collection)).scalar_one()
    return {"episodes": episodes, "locations": places, "first_at": first, "last_at": last}


def _added(connection: Connection, collection: str, written: Written) -> dict[str, Any]:
    had = connection.execute(select(COLLECTIONS.c.episodes, COLLECTIONS.c.locations, COLLECTIONS.c.first_at, COLLECTIONS.c.last_at)
                             .where(COLLECTIONS.c.name == collection)).one()
    firsts, lasts = ([at for at in both if at is not None]
                     for both in ((had.first_at, written.first_at), (had.last_at, written.last_at)))
    return {"episodes": had.episodes + written.episodes, "locations": had.locations + written.places,
            "first_at": min(firsts, default=None), "last_at": max(lasts, default=None)}
