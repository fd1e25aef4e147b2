"""Frozen reviews and kept results of one store.

A frozen version is never changed: what corrected records say otherwise is a version of its own. The store knows nothing of
what a version says: its content is text. Kept results are a cache and may be lost.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import Connection, delete, insert, select

from geo_data.keeping.engine import writing
from geo_data.keeping.moments import microseconds
from geo_data.keeping.review_tables import KEPT_RESULTS, REVIEW_VERSIONS, VERSION
from geo_data.keeping.tables import columns

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

MOST_KEPT = 200  # results of a collection; the oldest go first


class Reviews:
    """The reviews of one store. Every method raises `StoreError` as the store does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def versions(self, collection: str, settings: str | None = None, month: str | None = None) -> pd.DataFrame:
        """What was frozen, by settings, month and number: the columns of `VERSION`."""
        chosen = select(*columns(REVIEW_VERSIONS, VERSION)).where(REVIEW_VERSIONS.c.collection == collection)
        if settings is not None:
            chosen = chosen.where(REVIEW_VERSIONS.c.settings == settings)
        if month is not None:
            chosen = chosen.where(REVIEW_VERSIONS.c.month == month)
        order = (REVIEW_VERSIONS.c.settings, REVIEW_VERSIONS.c.month, REVIEW_VERSIONS.c.number)
        return self._store.frame(VERSION, chosen.order_by(*order))

    def freeze(self, collection: str, settings: str, month: str, content: str, *, data_version: str, actor: str) -> int:
        """Keep what the review of a month says, for good. Gives the number of the version: the last one's when it says the same."""
        told: dict[str, Any] = {"collection": collection, "month": month}
        with self._store.acting(actor, "freeze review", told) as connection:
            number, last = _last(connection, collection, settings, month)
            if last != content:
                number += 1
                connection.execute(insert(REVIEW_VERSIONS).values(
                    collection=collection, settings=settings, month=month, number=number, content=content,
                    data_version=data_version, frozen_at=microseconds(datetime.now(UTC)), actor=actor))
            told["version"] = number
        return number

    def kept(self, collection: str, what: str, settings: str, data_version: str) -> str | None:
        """A result that was kept for exactly these data and settings."""
        t = KEPT_RESULTS.c
        with self._store.reading() as connection:
            return connection.execute(select(t.content).where(
                t.collection == collection, t.what == what, t.settings == settings, t.data_version == data_version)).scalar()

    def keep(self, collection: str, what: str, settings: str, data_version: str, content: str) -> None:
        """Keep a result, in place of an older one for the same; beyond `MOST_KEPT` the oldest go."""
        t = KEPT_RESULTS.c
        with writing(self._store.engine) as connection:
            connection.execute(delete(KEPT_RESULTS).where(
                t.collection == collection, t.what == what, t.settings == settings, t.data_version == data_version))
            connection.execute(insert(KEPT_RESULTS).values(
                collection=collection, what=what, settings=settings, data_version=data_version, content=content,
                kept_at=microseconds(datetime.now(UTC))))
            newest = select(t.kept_at).where(t.collection == collection).order_by(t.kept_at.desc()).offset(MOST_KEPT - 1).limit(1)
            oldest = connection.execute(newest).scalar()
            if oldest is not None:
                connection.execute(delete(KEPT_RESULTS).where(t.collection == collection, t.kept_at < oldest))


def _last(connection: Connection, collection: str, settings: str, month: str) -> tuple[int, str]:
    t = REVIEW_VERSIONS.c
    found = connection.execute(select(t.number, t.content).where(
        t.collection == collection, t.settings == settings, t.month == month).order_by(t.number.desc()).limit(1)).first()
    return (int(found[0]), str(found[1])) if found else (0, "")
