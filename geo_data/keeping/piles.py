"""Coordinates of a collection at which different addresses pile up: worked out in the transaction that changes its locations."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Select,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
)

from geo_data import schema
from geo_data.keeping import rows
from geo_data.keeping.rows import Coded
from geo_data.keeping.tables import EPISODES, LOCATIONS, RECORDED_POINT, columns
from geo_data.keeping.team_tables import DECISIONS, PILE, PILES, SYNTHETIC
from geo_data.keeping.write import Points, fetch, insert_columns
from geo_data.placing.pile_up import MANY, piles

_KEY = (LOCATIONS.c.collection, LOCATIONS.c.easting, LOCATIONS.c.northing)
TOUCHED = Table("touched_points", MetaData(), *(Column(column.name, column.type) for column in _KEY), prefixes=["TEMPORARY"])


def refresh(connection: Connection, collection: str) -> None:
    """Work out the collection's piles anew."""
    connection.execute(delete(PILES).where(PILES.c.collection == collection))
    _keep(connection, collection, _found(connection, collection))


def grow(connection: Connection, collection: str, points: Points) -> None:
    """Work out the piles at `points`, (n,) each, where locations with an address were added: nothing else has changed."""
    if not len(points.easting):
        return
    TOUCHED.create(connection)
    insert_columns(connection, TOUCHED, {"collection": Coded.same(collection, len(points.easting)),
                                         "easting": Coded.of(points.easting), "northing": Coded.of(points.northing)})
    found = _found(connection, collection, TOUCHED)
    TOUCHED.drop(connection)
    if len(found):  # with more addresses than before, a pile stays one
        connection.execute(delete(PILES).where(
            PILES.c.collection == collection, PILES.c.easting == bindparam("e"), PILES.c.northing == bindparam("n")),
            [{"e": e, "n": n} for e, n in found[["easting", "northing"]].itertuples(index=False, name=None)])
    _keep(connection, collection, found)


def _found(connection: Connection, collection: str, touched: Table | None = None) -> pd.DataFrame:
    """The piles among all points, or those among the points `touched`: columns of PILE."""
    points = pd.DataFrame(fetch(connection, _points(collection, touched)), columns=["easting", "northing", "text", "rows"])
    found = piles(points)
    known = _one_place(connection, collection) if len(found) else frozenset()
    new = [name_of(e, n) not in known for e, n in zip(found["easting"], found["northing"], strict=True)]
    return found[np.array(new, dtype=bool)]  # an empty list would choose no column instead of no row


def _keep(connection: Connection, collection: str, found: pd.DataFrame) -> None:
    if len(found):
        connection.execute(insert(PILES), [
            {"collection": collection, "easting": e, "northing": n, "texts": texts, "rows": many}
            for e, n, texts, many in found[PILE.names].itertuples(index=False, name=None)])


def name_of(easting: float, northing: float) -> str:
    """What a team's decision calls a coordinate: the `text_key` of "easting, northing"."""
    return f"{easting:.0f} {northing:.0f}"


def _one_place(connection: Connection, collection: str) -> frozenset[str]:
    """Coordinates of which the team has decided that their addresses are one place, by `name_of`."""
    undone = select(DECISIONS.c.undoes).where(DECISIONS.c.undoes.is_not(None))
    chosen = select(DECISIONS.c.key).where(DECISIONS.c.synthetic == (collection == SYNTHETIC), DECISIONS.c.tier != "P5",
                                           DECISIONS.c.undoes.is_(None), DECISIONS.c.id.not_in(undone))
    return frozenset(connection.execute(chosen).scalars())


def held(connection: Connection, collection: str) -> pd.DataFrame:
    """The collection's piles: a PILE frame in order of the coordinates."""
    chosen = select(*columns(PILES, PILE)).where(PILES.c.collection == collection).order_by(PILES.c.easting, PILES.c.northing)
    return rows.frame(PILE, connection.execute(chosen).cursor)


def _points(collection: str, touched: Table | None) -> Select[tuple[float, float, str, int]]:
    """Coordinates (of `touched`, when given) that `MANY` or more locations share, with each address written down there and how
    often it is."""
    shared: FromClause = (
        select(*_KEY).where(LOCATIONS.c.collection == collection, RECORDED_POINT) if touched is None else
        select(*touched.c).join(LOCATIONS, _same(touched)).where(RECORDED_POINT)
    ).group_by(*(_KEY if touched is None else touched.c)).having(func.count() >= MANY).subquery()
    text = case(*((LOCATIONS.c.role == role, EPISODES.c[f"{role}_location_text"]) for role in schema.ROLES))
    # the collection comes from `shared`: a condition of its own on the locations makes SQLite begin with all of them
    return (select(LOCATIONS.c.easting, LOCATIONS.c.northing, text, func.count()).select_from(shared)
            .join(LOCATIONS, _same(shared))
            .join(EPISODES, (EPISODES.c.collection == LOCATIONS.c.collection) & (EPISODES.c.episode_ref == LOCATIONS.c.episode_ref))
            .where(RECORDED_POINT, text.is_not(None)).group_by(LOCATIONS.c.easting, LOCATIONS.c.northing, text))


def _same(points: FromClause) -> ColumnElement[bool]:
    """That a location lies at a row of `points`."""
    return and_(*(column == points.c[column.name] for column in _KEY))
