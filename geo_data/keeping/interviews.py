"""Return interviews entered by hand, and the places that they told of, beside the records of the sources.

Both are only added to. What is entered by hand stands before what the record says until a newer entry. Places that were learned
are located as any other and join the locations of the episode with their basis; they stay when the record is amended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import case, func, insert, or_, select, update

from geo_data import schema
from geo_data.errors import InputError
from geo_data.keeping.measure import measure, renew
from geo_data.keeping.moments import microseconds
from geo_data.keeping.tables import EPISODES, columns
from geo_data.keeping.work_tables import INTERVIEW, INTERVIEWS, LEARNED, LEARNED_PLACE

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

DUE_US = 72 * 3_600_000_000  # an interview is due 72 hours after the return
ENTERED = ("rhi_offered", "rhi_accepted", "rhi_completed_at")


@dataclass(frozen=True)
class Told:
    """A place that an interview told of. `answer` is a row of `geocode` for its text."""

    episode_ref: str
    role: str
    text: str
    basis: str
    answer: dict[str, Any]
    location_type: str | None = None
    location_source: str = "rhi"

    def __post_init__(self) -> None:
        allowed = {"role": schema.ROLES, "basis": schema.EPISODES["pickup_basis"].allowed,
                   "location_source": schema.EPISODES["location_source"].allowed, "location_type": (None, *schema.PLACE_TYPES)}
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise InputError("A learned place needs a role, a basis and a source that there are.", where=name)
        if not self.text.strip() or len(self.text) > 200:
            raise InputError("A learned place needs a text of at most 200 characters.", where="place")


class Interviews:
    """The interviews in a store. Raises `StoreError` as the store does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def entries(self, collection: str) -> pd.DataFrame:
        """Everything entered by hand, in order: an INTERVIEW frame."""
        return self._store.frame(INTERVIEW, select(*columns(INTERVIEWS, INTERVIEW)).where(INTERVIEWS.c.collection == collection)
                           .order_by(INTERVIEWS.c.id))

    def over(self, collection: str, facts: pd.DataFrame) -> pd.DataFrame:
        """FACTS, or some columns of EPISODES, with the latest entries by hand in place of what the records say.

        `episode_ref` must be among them; of the columns of `ENTERED` those that are there are amended. Whatever counts interviews
        goes through here.
        """
        latest = self.entries(collection).drop_duplicates("episode_ref", keep="last").set_index("episode_ref")
        if latest.empty:
            return facts
        held = facts["episode_ref"].isin(latest.index)
        of = latest.reindex(facts["episode_ref"])
        said = {name: pd.Series(of[name].array, index=facts.index) for name in ENTERED if name in facts.columns}
        return facts.assign(**{name: facts[name].mask(held, entered) for name, entered in said.items()})

    def missed(self, collection: str, now: datetime) -> tuple[int, int, int]:
        """Counted where the rows lie: returns for which an interview was due before `now`, those of them without one, and the
        children of the former. An episode counts once its latest entry by hand, else its record, says that it applies.
        """
        due = microseconds(now) - DUE_US
        latest = select(INTERVIEWS.c.episode_ref, func.max(INTERVIEWS.c.id).label("id")).where(
            INTERVIEWS.c.collection == collection).group_by(INTERVIEWS.c.episode_ref).subquery()
        by_hand = select(INTERVIEWS).join(latest, latest.c.id == INTERVIEWS.c.id).subquery()
        entered = by_hand.c.id.is_not(None)
        offered = case((entered, by_hand.c.rhi_offered), else_=EPISODES.c.rhi_offered)
        held = case((entered, by_hand.c.rhi_completed_at), else_=EPISODES.c.rhi_completed_at)
        counted = (func.count(), func.count(case((held.is_(None), 1))), func.count(EPISODES.c.person_ref.distinct()))
        chosen = select(*counted).select_from(
            EPISODES.outerjoin(by_hand, by_hand.c.episode_ref == EPISODES.c.episode_ref)).where(
            EPISODES.c.collection == collection, self._store.readable(EPISODES), EPISODES.c.found_at < due,
            or_(offered.is_(None), offered != "NA", held.is_not(None)))
        with self._store.reading() as connection:
            returned, without, children = connection.execute(chosen).one()
        return int(returned), int(without), int(children)

    def enter(self, actor: str, collection: str, episode_ref: str, *, offered: str, accepted: str,
              completed_at: datetime | None = None) -> None:
        """Write down how an interview stands. Raises `InputError` when the parts do not go together."""
        if offered not in schema.YES_NO_NA or accepted not in schema.YES_NO_NA:
            raise InputError("Offered and accepted are Y, N, NA or NK.", where="interview")
        if (accepted == "Y" and offered != "Y") or (completed_at is not None and accepted != "Y"):
            raise InputError("An interview is held only when it was accepted, and accepted only when it was offered.",
                             where="interview", fix="Say that it was offered and accepted.")
        if completed_at is not None and (completed_at.tzinfo is None or completed_at > datetime.now(UTC)):
            raise InputError("An interview was held at a time that has passed.", where="interview")
        with self._store.acting(actor, "enter interview", {"collection": collection}) as connection:
            self._known(connection, collection, episode_ref)
            connection.execute(insert(INTERVIEWS).values(
                at=microseconds(datetime.now(UTC)), actor=actor, collection=collection, episode_ref=episode_ref,
                rhi_offered=offered, rhi_accepted=accepted, rhi_completed_at=microseconds(completed_at) if completed_at else None))
            renew(connection, collection)

    def learn(self, actor: str, collection: str, told: Told) -> int:
        """Add a place to the locations of its episode; its number."""
        found = {name: None if pd.isna(told.answer[name]) else told.answer[name]
                 for name in ("easting", "northing", "precision_m", "tier", "method", "matched", "reason")}
        detail = {"collection": collection, "role": told.role, "tier": found["tier"]}
        with self._store.acting(actor, "learn place", detail) as connection:
            self._known(connection, collection, told.episode_ref)
            number = connection.execute(insert(LEARNED).returning(LEARNED.c.id).values(
                at=microseconds(datetime.now(UTC)), actor=actor, collection=collection, episode_ref=told.episode_ref,
                role=told.role, text=told.text.strip(), basis=told.basis, location_source=told.location_source,
                location_type=told.location_type,
                gone=False, **found)).scalar_one()
            measure(connection, collection)
        return int(number)

    def forget(self, actor: str, collection: str, number: int) -> None:
        """Take a learned place back."""
        with self._store.acting(actor, "take back learned place", {"collection": collection, "place": number}) as connection:
            mine = (LEARNED.c.id == number) & (LEARNED.c.collection == collection)
            connection.execute(update(LEARNED).where(mine).values(gone=True))
            measure(connection, collection)

    def learned(self, collection: str) -> pd.DataFrame:
        """The learned places that stand and whose episode the reader may read: a LEARNED_PLACE frame."""
        readable = select(EPISODES.c.episode_ref).where(EPISODES.c.collection == collection, self._store.readable(EPISODES))
        return self._store.frame(LEARNED_PLACE, select(*columns(LEARNED, LEARNED_PLACE)).where(
            LEARNED.c.collection == collection, ~LEARNED.c.gone, LEARNED.c.episode_ref.in_(readable)).order_by(LEARNED.c.id))

    def _known(self, connection: Any, collection: str, episode_ref: str) -> None:
        known = select(EPISODES.c.episode_ref).where(EPISODES.c.collection == collection, EPISODES.c.episode_ref == episode_ref,
                                                     self._store.readable(EPISODES))
        if connection.execute(known).scalar() is None:
            raise InputError("There is no such episode.", where="episode", fix="Choose one of the list.")
