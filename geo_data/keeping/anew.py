"""Records held, placed anew once the gazetteer knows more: those of which a place is written down and known only roughly.

What was placed finely stays, and so does what a team decided. A file imported again does not do this: its rows say what is
held already, so their locations stay as they are. Places learned from interviews stay too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import Select, and_, delete, distinct, func, or_, select

from geo_data import schema
from geo_data.errors import StoreError
from geo_data.keeping import rows
from geo_data.keeping.learned import MARK
from geo_data.keeping.measure import measure
from geo_data.keeping.rows import Coded
from geo_data.keeping.store import MANY_REFS
from geo_data.keeping.tables import COLLECTIONS, EPISODES, LOCATIONS, columns
from geo_data.keeping.write import insert_columns

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

ROUGH = ("P4", "P5")
WRITTEN = ("location_text", "postcode", "uprn")  # what the gazetteer may know
_PLACED = ["easting", "northing", "precision_m", "tier", "method", "matched", "reason"]
_AT_ONCE = 2_000  # episodes located at a time


@dataclass(frozen=True)
class Anew:
    """What placing anew did to a collection: places looked at, those that are placed otherwise now, and all by tier."""

    places: int
    changed: int
    before: dict[str, int]
    after: dict[str, int]


def roughly(store: Store, collection: str) -> int:
    """How many records have a place that is written down and known only roughly."""
    counted = _rough(store, collection, select(func.count(distinct(LOCATIONS.c.episode_ref))))
    with store.reading() as connection:
        return int(connection.execute(counted).scalar_one())


def place_anew(store: Store, collection: str, locate: Callable[[pd.DataFrame], pd.DataFrame], actor: str,
               progress: Callable[[int, int], None] | None = None) -> Anew:
    """Locate these places again, EPISODES -> LOCATIONS by `locate`; what comes out otherwise is written in one transaction.

    `progress(done, all)` counts episodes. Raises `StoreError`, also when the rows changed meanwhile: then nothing is kept.
    """
    with store.reading() as connection:
        version = connection.execute(_version(collection)).scalar()
    chosen = _rough(store, collection, select(*columns(LOCATIONS, schema.LOCATIONS)))
    held = store.frame(schema.LOCATIONS, chosen.order_by(LOCATIONS.c.location_id)).set_index("location_id", drop=False)
    found = _located(store, collection, held, locate, progress or (lambda _done, _all: None))
    ours, theirs = held.loc[found.index, _PLACED].astype(object), found[_PLACED].astype(object)
    other = found[(ours.ne(theirs) & ~(ours.isna() & theirs.isna())).any(axis=1)]
    done = Anew(len(held), len(other), _tiers(held), _tiers(pd.concat([held.drop(other.index), other])))
    with store.acting(actor, "place anew", {"collection": collection, **vars(done)}) as connection:
        if connection.execute(_version(collection)).scalar() != version:
            raise StoreError("The rows changed while they were placed; nothing of it was kept.", where=collection,
                             fix="Run it again when no file is being imported.")
        if len(other):
            ids = other.index.tolist()
            for start in range(0, len(ids), MANY_REFS):
                connection.execute(delete(LOCATIONS).where(LOCATIONS.c.collection == collection,
                                                           LOCATIONS.c.location_id.in_(ids[start:start + MANY_REFS])))
            insert_columns(connection, LOCATIONS, {"collection": Coded.same(collection, len(ids)),
                                                   **rows.code(schema.LOCATIONS, other)})
            measure(connection, collection)
    return done


def _rough(store: Store, collection: str, chosen: Select[Any]) -> Select[Any]:
    """`chosen` of the locations that are rough although a place is written down."""
    written = or_(*(and_(LOCATIONS.c.role == role, or_(*(EPISODES.c[f"{role}_{name}"].is_not(None) for name in WRITTEN)))
                    for role in schema.ROLES))
    return chosen.select_from(LOCATIONS.join(
        EPISODES, (EPISODES.c.collection == LOCATIONS.c.collection) & (EPISODES.c.episode_ref == LOCATIONS.c.episode_ref))).where(
        LOCATIONS.c.collection == collection, LOCATIONS.c.tier.in_(ROUGH), LOCATIONS.c.method != "team_decision",
        ~LOCATIONS.c.location_id.contains(MARK, autoescape=True), written, store.readable(EPISODES))


def _located(store: Store, collection: str, held: pd.DataFrame, locate: Callable[[pd.DataFrame], pd.DataFrame],
             tell: Callable[[int, int], None]) -> pd.DataFrame:
    """The same locations as the gazetteer answers now, by `location_id`; fewer when a record went away meanwhile."""
    refs = sorted(set(held["episode_ref"]))
    parts = [schema.LOCATIONS.empty().set_index("location_id", drop=False)]
    for start in range(0, len(refs), _AT_ONCE):
        records = store.episodes(collection, refs[start:start + _AT_ONCE])
        made = locate(records).set_index("location_id", drop=False)
        parts.append(made[made.index.isin(held.index)])
        tell(min(start + _AT_ONCE, len(refs)), len(refs))
    return schema.LOCATIONS.conform(pd.concat(parts[1:] or parts))


def _version(collection: str) -> Select[tuple[str]]:
    return select(COLLECTIONS.c.version).where(COLLECTIONS.c.name == collection)


def _tiers(locations: pd.DataFrame) -> dict[str, int]:
    return {str(tier): int(n) for tier, n in locations["tier"].value_counts().sort_index().items() if n}
