"""What is known of each episode beside its places: where the record came from, when, and how the agencies responded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import select

from geo_data import schema
from geo_data.keeping.tables import EPISODES, SOURCES

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

FACTS = schema.Table(
    "facts",
    "One row per episode, of the current records: source, times and response; no place.",
    (
        *(schema.EPISODES[name] for name in (
            "episode_ref", "person_ref", "source_system", "recording_force", "responsible_la", "placing_authority", "episode_type",
            "care_status", "last_seen_at", "reported_at", "found_at", "extracted_at", "prevention_interview", "rhi_offered",
            "rhi_accepted", "rhi_completed_at", "sharing_restriction", "review_by")),
        schema.Column("time_precision", "text", "O", "How exactly the times of the record are known"),
        schema.Column("version", "int", "R", "Which current record of the episode this is"),
        schema.Column("profile", "text", "R", "Profile that mapped the columns of its file"),
        schema.Column("received_at", "datetime", "R", "When the file with this record was imported"),
    ),
)


def facts(store: Store, collection: str) -> pd.DataFrame:
    """The FACTS of a collection that the store's reader may read, in order of `episode_ref`."""
    named = {column.name: column for column in EPISODES.columns}
    named |= {"profile": SOURCES.c.profile, "received_at": SOURCES.c.received_at}
    chosen = (select(*(named[name] for name in FACTS.names)).join(SOURCES, SOURCES.c.id == EPISODES.c.source_id)
              .where(EPISODES.c.collection == collection, store.readable(EPISODES)).order_by(EPISODES.c.episode_ref))
    return store.frame(FACTS, chosen)
