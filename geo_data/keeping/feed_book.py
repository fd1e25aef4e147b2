"""What the daily feed brought: one row for every file that was dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import insert, select

from geo_data.keeping.moments import microseconds
from geo_data.keeping.tables import columns
from geo_data.keeping.work_tables import FEED_FILE, FEED_FILES

if TYPE_CHECKING:
    from geo_data.keeping.store import Store


@dataclass(frozen=True)
class Handled:
    """A file that was dealt with; `outcome` is one of `OUTCOMES`."""

    source: str
    filename: str
    sha256: str
    outcome: str
    collection: str | None = None
    rows: int = 0
    accepted: int = 0
    amended: int = 0
    unchanged: int = 0
    rejected: int = 0
    reason: str | None = None


def enter(store: Store, handled: Handled, at: datetime, actor: str) -> None:
    """Write it down, with its audit entry."""
    said = {name: value for name, value in vars(handled).items() if value is not None and name not in ("reason", "filename")}
    with store.acting(actor, "feed file", said) as connection:
        connection.execute(insert(FEED_FILES).values(**vars(handled), at=microseconds(at)))


def files(store: Store) -> pd.DataFrame:
    """Every file of the feed in order: a FEED_FILE frame."""
    return store.frame(FEED_FILE, select(*columns(FEED_FILES, FEED_FILE)).order_by(FEED_FILES.c.id))
