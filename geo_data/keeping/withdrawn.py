"""Episodes that their source takes back: their record becomes history, and no older extract brings it back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import delete, insert, select

from geo_data.keeping.engine import among
from geo_data.keeping.measure import measure
from geo_data.keeping.moments import microseconds
from geo_data.keeping.retention import still_erased
from geo_data.keeping.tables import EPISODES, HISTORY, columns
from geo_data.keeping.work_tables import WITHDRAWAL, WITHDRAWN
from geo_data.keeping.write import fetch, retire

if TYPE_CHECKING:
    from geo_data.keeping.store import Store


class Withdrawal(NamedTuple):
    """How many references were of an episode that went, of one extracted later, which stays, and of none that was ever held."""

    gone: int = 0
    later: int = 0
    unknown: int = 0


def withdraw(store: Store, collection: str, refs: Collection[str], at: datetime, actor: str) -> Withdrawal:
    """Take the episodes `refs` out of the current records, as of the extract of `at`.

    A record extracted later than `at` stays. Of an erased episode nothing is written down. One transaction with its audit entry.
    """
    asked = sorted(set(refs))
    told: dict[str, object] = {"collection": collection, "asked": len(asked)}
    moment = microseconds(at)
    with store.acting(actor, "withdraw episodes", told) as connection:
        named = pd.Series(asked, dtype=object)
        asked = named[~still_erased(connection, store.seal.key, collection, named)].tolist()
        chosen = select(EPISODES.c.episode_ref, EPISODES.c.extracted_at).where(
            EPISODES.c.collection == collection, among(connection, EPISODES.c.episode_ref, asked))
        held: dict[str, int | None] = dict(fetch(connection, chosen))
        gone = [ref for ref in asked if ref in held and (held[ref] or 0) <= moment]
        told_later = select(WITHDRAWN.c.episode_ref).where(  # a file of deletions that comes late takes back no later one
            WITHDRAWN.c.collection == collection, WITHDRAWN.c.at >= moment, among(connection, WITHDRAWN.c.episode_ref, asked))
        past = select(HISTORY.c.episode_ref).where(
            HISTORY.c.collection == collection, among(connection, HISTORY.c.episode_ref, asked))
        known = set(held) | {ref for ref, in fetch(connection, past)}
        newer = set(held).difference(gone) | {ref for ref, in fetch(connection, told_later)}
        kept = [ref for ref in asked if ref not in newer]
        told["withdrawn"] = len(gone)
        retire(connection, collection, np.array(gone, dtype=object))
        for start in range(0, len(kept), 500):
            part = kept[start:start + 500]
            connection.execute(delete(WITHDRAWN).where(WITHDRAWN.c.collection == collection, WITHDRAWN.c.episode_ref.in_(part)))
            connection.execute(insert(WITHDRAWN), [{"collection": collection, "episode_ref": ref, "at": moment} for ref in part])
        if gone:
            measure(connection, collection)
    return Withdrawal(len(gone), len(held) - len(gone), len(asked) - len(known))


def without(store: Store, collection: str, episodes: pd.DataFrame) -> pd.Series:
    """Aligned with EPISODES: whether the row is from before its episode was withdrawn, and must not come back."""
    chosen = select(*columns(WITHDRAWN, WITHDRAWAL)).where(WITHDRAWN.c.collection == collection)
    gone = store.frame(WITHDRAWAL, chosen)
    if gone.empty:
        return pd.Series(False, index=episodes.index)
    at = episodes["episode_ref"].map(gone.set_index("episode_ref")["at"])
    return (at.notna() & ~(episodes["extracted_at"] > at)).astype(bool)
