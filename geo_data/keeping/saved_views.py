"""Views that people keep of a screen: filters by name, for oneself or for the whole team. Nothing of a record is in one."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import delete, func, insert, or_, select

from geo_data.errors import InputError
from geo_data.keeping.moments import microseconds
from geo_data.keeping.saved_view_tables import NAME_LENGTH, SAVED_VIEW, SAVED_VIEWS
from geo_data.keeping.tables import columns

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

VIEW_LENGTH, MOST = 4_000, 100


class SavedViews:
    """The views kept in a store. Reading and writing raise `StoreError`; what cannot be kept raises `InputError`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, owner: str, collection: str) -> pd.DataFrame:
        """SAVED_VIEW rows that `owner` may use: their own, then the team's, each by name."""
        mine = or_(SAVED_VIEWS.c.owner == owner, SAVED_VIEWS.c.team)
        chosen = select(*columns(SAVED_VIEWS, SAVED_VIEW)).where(mine, SAVED_VIEWS.c.collection == collection)
        found = self._store.frame(SAVED_VIEW, chosen.order_by(SAVED_VIEWS.c.name, SAVED_VIEWS.c.id))
        return found.iloc[(found["owner"] != owner).argsort(kind="stable")].reset_index(drop=True)

    def keep(self, owner: str, collection: str, name: str, view: dict[str, Any], *, team: bool = False) -> None:
        """Keep a view; one of the same owner, collection and name is replaced."""
        name = re.sub(r"\s+", " ", name).strip()
        if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
            raise InputError(f"A view needs a name of at most {NAME_LENGTH} letters.", where="name")
        body = json.dumps(view, sort_keys=True)
        if len(body) > VIEW_LENGTH:
            raise InputError("There are too many filters to keep.", fix="Choose fewer kinds of place.", where="view")
        same = (SAVED_VIEWS.c.owner == owner) & (SAVED_VIEWS.c.collection == collection) & (SAVED_VIEWS.c.name == name)
        with self._store.acting(owner, "keep view", {"collection": collection, "team": team}) as connection:
            connection.execute(delete(SAVED_VIEWS).where(same))
            held = connection.execute(select(func.count()).where(SAVED_VIEWS.c.owner == owner)).scalar_one()
            if held >= MOST:
                raise InputError(f"No more than {MOST} views can be kept.", fix="Delete some.", where="view")
            connection.execute(insert(SAVED_VIEWS).values(owner=owner, team=team, collection=collection, name=name, view=body,
                                                          at=microseconds(datetime.now(UTC))))

    def forget(self, owner: str, number: int) -> None:
        """Delete a view of `owner`; another's stays."""
        with self._store.acting(owner, "delete view", {"view": number}) as connection:
            gone = connection.execute(delete(SAVED_VIEWS).where(SAVED_VIEWS.c.id == number, SAVED_VIEWS.c.owner == owner))
            if not gone.rowcount:
                raise InputError("Only whoever kept a view can delete it.", where="view")


def read(view: str) -> dict[str, Any]:
    """The filters of a kept view; nothing of it when it cannot be read."""
    try:
        found = json.loads(view)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
