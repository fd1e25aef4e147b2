"""What a team decided about texts of places: kept, undone, and carried into the locations that rest on it.

Decisions belong to the team, not to a collection: one holds for every row with its text, stored or still to come. They are
only ever added: undoing is a row of its own, which brings back what held before. A decision and the new locations of all its
rows are one transaction. Decisions made on invented data never touch real records, nor the reverse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import Connection, case, delete, func, insert, or_, select

from geo_data import schema
from geo_data.errors import InputError
from geo_data.keeping import rows
from geo_data.keeping.measure import measure
from geo_data.keeping.moments import microseconds
from geo_data.keeping.rows import Coded
from geo_data.keeping.store import MANY_REFS
from geo_data.keeping.tables import COLLECTIONS, EPISODES, LOCATIONS, RECORD, columns
from geo_data.keeping.team_tables import DECISION, DECISIONS, SYNTHETIC
from geo_data.keeping.write import fetch, insert_columns
from geo_data.placing.decisions import Decision, text_key
from geo_data.placing.taught import Taught

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

__all__ = ["SYNTHETIC", "Decided", "Outcome", "Ruling", "standing"]
Locate = Callable[[pd.DataFrame, Taught], pd.DataFrame]  # EPISODES, decisions -> LOCATIONS
TEXT_COLUMNS = tuple(f"{role}_location_text" for role in schema.ROLES)
_POINT = re.compile(r"\d{1,6} \d{1,7}")
OPEN_TIERS = ("P4", "P5")

OPEN_TEXT = schema.Table(
    "open_text",
    "A place that was written down and could not be placed, or only roughly: one row per episode and role.",
    (
        *(schema.LOCATIONS[name] for name in ("episode_ref", "person_ref", "role")),
        schema.Column("text", "text", "R", "The text as it was written", restricted=True),
        *(schema.LOCATIONS[name] for name in ("tier", "method", "matched", "reason", "own_address", "location_type",
                                              "responsible_la")),
    ),
)


@dataclass(frozen=True)
class Ruling:
    """A decision to be stored. `text` as written; without a point it names no place; `basis` is one of `BASES`."""

    text: str
    basis: str
    easting: float | None = None
    northing: float | None = None
    precision_m: float | None = None
    tier: str = "P5"
    note: str | None = None
    area: str | None = None
    alias: bool = False
    location_type: str | None = None

    def __post_init__(self) -> None:
        if not text_key(self.text):
            raise InputError("A decision needs a text.", where="decision")
        if self.location_type is not None and self.location_type not in schema.PLACE_TYPES:
            raise InputError("This is no kind of place.", where="location_type", fix=f"Use one of {', '.join(schema.PLACE_TYPES)}.")
        self.decision()

    def decision(self) -> Decision:
        """As the ladder takes it; refuses what it would not take."""
        given = {name: value for name in ("easting", "northing", "precision_m", "note", "area")
                 if (value := getattr(self, name)) is not None}
        return Decision(key=text_key(self.text), tier=self.tier, **given)

    def values(self) -> dict[str, Any]:
        return vars(self) | {"key": text_key(self.text)}


@dataclass(frozen=True)
class Outcome:
    """What deciding did: the numbers of the decisions, and how many episodes were placed anew in each collection."""

    ids: tuple[int, ...]
    episodes: dict[str, int]


class Decided:
    """The decisions in a store. Raises `StoreError` as the store does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- reading

    def history(self) -> pd.DataFrame:
        """Every decision and undoing, in order: a DECISION frame."""
        return self._store.frame(DECISION, select(*columns(DECISIONS, DECISION)).order_by(DECISIONS.c.id))

    def current(self, *, synthetic: bool) -> pd.DataFrame:
        """The decisions that hold now, one per text and area, latest last."""
        return standing(self.history(), synthetic=synthetic)

    def latest(self) -> int:
        """The number of the last decision or undoing: the key of what was made with them."""
        with self._store.reading() as connection:
            return int(connection.execute(select(func.max(DECISIONS.c.id))).scalar() or 0)

    def taught(self, *, synthetic: bool) -> Taught:
        """As `locate` takes them."""
        return _taught(self.current(synthetic=synthetic))

    def open_texts(self, collection: str) -> pd.DataFrame:
        """Places of a collection with a text, no fine point and no decision: an OPEN_TEXT frame."""
        text = case(*((LOCATIONS.c.role == role, EPISODES.c[f"{role}_location_text"]) for role in schema.ROLES))
        named = {"text": text.label("text")}
        chosen = (
            select(*(named[name] if name in named else LOCATIONS.c[name] for name in OPEN_TEXT.names))
            .join(EPISODES, (EPISODES.c.collection == LOCATIONS.c.collection) & (EPISODES.c.episode_ref == LOCATIONS.c.episode_ref))
            .where(LOCATIONS.c.collection == collection, LOCATIONS.c.tier.in_(OPEN_TIERS),
                   LOCATIONS.c.method != "team_decision", text.is_not(None),
                   self._store.readable(EPISODES))
            .order_by(LOCATIONS.c.location_id))
        return self._store.frame(OPEN_TEXT, chosen)

    # -- deciding

    def decide(self, actor: str, rulings: Sequence[Ruling], locate: Locate, *, synthetic: bool) -> Outcome:
        """Store decisions and place anew the rows that they change, all or nothing."""
        if not rulings:
            return Outcome((), {})
        made = [ruling.values() | {"undoes": None} for ruling in rulings]
        return self._add(actor, "decide place", made, locate, synthetic=synthetic)

    def undo(self, actor: str, decision: int, locate: Locate) -> Outcome:
        """Take a decision back: what held before it holds again. Raises `InputError` when it does not hold any more."""
        past = self.history()
        wanted = past[past["id"] == decision]
        if wanted.empty or decision not in set(standing(past, synthetic=bool(wanted["synthetic"].iloc[0]))["id"]):
            raise InputError("This decision does not hold any more.", where="decision", fix="Look at the list again.")
        said = wanted.iloc[0]
        undone = {"text": said["text"], "key": said["key"], "basis": "undo", "tier": "P5", "undoes": decision,
                  "area": None if pd.isna(said["area"]) else said["area"], "alias": bool(said["alias"])}
        return self._add(actor, "undo place", [undone], locate, synthetic=bool(said["synthetic"]))

    # -- inside

    def _add(self, actor: str, action: str, made: list[dict[str, Any]], locate: Locate, *, synthetic: bool) -> Outcome:
        now = microseconds(datetime.now(UTC))
        detail: dict[str, Any] = {"decisions": len(made), "basis": sorted({row["basis"] for row in made}), "synthetic": synthetic}
        with self._store.acting(actor, action, detail) as connection:
            blank = dict.fromkeys(DECISION.names[1:])
            ids = tuple(int(connection.execute(insert(DECISIONS).returning(DECISIONS.c.id).values(
                {**blank, **row, "at": now, "actor": actor, "synthetic": synthetic})).scalar_one()) for row in made)
            past = rows.frame(DECISION, connection.execute(select(*columns(DECISIONS, DECISION)).order_by(DECISIONS.c.id)).cursor)
            taught = _taught(standing(past, synthetic=synthetic))
            touched = Taught([Decision(key=row["key"]) for row in made], [row["key"] for row in made if row["alias"]])
            names = connection.execute(select(COLLECTIONS.c.name)).scalars().all()
            counts = {name: _relocate(connection, name, touched, lambda episodes: locate(episodes, taught))
                      for name in names if (name == SYNTHETIC) == synthetic}
            at_points = any(_POINT.fullmatch(row["key"]) for row in made)  # may say that a pile is one place
            for name, count in counts.items():
                if count or at_points:
                    measure(connection, name)
                    detail[f"episodes of {name}"] = count
            detail |= {"first": ids[0], "last": ids[-1]}
        return Outcome(ids, {name: count for name, count in counts.items() if count})


def standing(history: pd.DataFrame, *, synthetic: bool) -> pd.DataFrame:
    """Of all decisions those that hold: not undone, and the latest of their text and area."""
    mine = history[history["synthetic"] == synthetic]
    undone = set(mine["undoes"].dropna())
    held = mine[mine["undoes"].isna() & ~mine["id"].isin(undone)]
    latest = held.assign(area=held["area"].fillna("")).drop_duplicates(["key", "area"], keep="last").index
    return held.loc[latest].reset_index(drop=True)


def _taught(held: pd.DataFrame) -> Taught:
    decisions = []
    for row in held.to_dict("records"):
        given = {name: row[name] for name in ("easting", "northing", "precision_m", "note", "area") if not pd.isna(row[name])}
        decisions.append(Decision(key=str(row["key"]), tier=str(row["tier"]), **given))
    return Taught(decisions, held.loc[held["alias"], "key"])


def _relocate(connection: Connection, collection: str, touched: Taught, locate: Callable[[pd.DataFrame], pd.DataFrame]) -> int:
    """Place anew the episodes of a collection that have a text of `touched`; how many they are."""
    refs = _with_texts(connection, collection, touched)
    if not refs:
        return 0
    mine = EPISODES.c.collection == collection
    if len(refs) <= MANY_REFS:
        mine = mine & EPISODES.c.episode_ref.in_(refs)
    record = rows.frame(RECORD, connection.execute(select(*columns(EPISODES, RECORD)).where(mine)
                                                   .order_by(EPISODES.c.episode_ref)).cursor)
    found = locate(record[record["episode_ref"].isin(refs)].reset_index(drop=True))
    for start in range(0, len(refs), MANY_REFS):
        connection.execute(delete(LOCATIONS).where(LOCATIONS.c.collection == collection,
                                                   LOCATIONS.c.episode_ref.in_(refs[start:start + MANY_REFS])))
    coded = rows.code(schema.LOCATIONS, found)
    insert_columns(connection, LOCATIONS, {"collection": Coded.same(collection, len(found)), **coded})
    return len(refs)


def _with_texts(connection: Connection, collection: str, touched: Taught) -> list[str]:
    """The episodes that have a touched text in any role, in order."""
    texts = [EPISODES.c[name] for name in TEXT_COLUMNS]
    chosen = select(EPISODES.c.episode_ref, *texts).where(
        EPISODES.c.collection == collection, or_(*(text.is_not(None) for text in texts)))
    known: dict[str | None, bool] = {None: False}
    refs = []
    for ref, *said in fetch(connection, chosen):
        for text in said:
            if text not in known:
                known[text] = touched.find(text_key(text)) is not None
        if any(known[text] for text in said):
            refs.append(ref)
    return sorted(refs)

