"""How long records are kept: what is due for review, what two people agree to erase, what somebody may be told of themselves.

Nothing is erased by itself. A record whose review date has passed is listed; somebody decides to keep it until another date, or
proposes to erase it; another person approves. An erased episode leaves every table that names it, with its history and places;
the counts are made anew, and the audit, which holds no value of a row, stays whole. A later file does not bring it back.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import Connection, delete, func, insert, select, update

from geo_data import schema
from geo_data.errors import InputError
from geo_data.keeping.measure import measure
from geo_data.keeping.moments import EPOCH, microseconds
from geo_data.keeping.retention_tables import ERASED, ERASURE, ERASURE_ITEMS, ERASURES, REASONS
from geo_data.keeping.tables import EPISODES, HISTORY, LOCATIONS, METADATA, RECORD, columns
from geo_data.keeping.work_tables import INTERVIEW, INTERVIEWS, LEARNED, LEARNED_PLACE

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

DUE = schema.Table(
    "due",
    "Episodes whose review date has passed.",
    tuple(schema.EPISODES[name] for name in ("episode_ref", "person_ref", "reported_at", "recording_force", "responsible_la",
                                             "sharing_restriction", "review_by")),
)
MOST = 50_000  # episodes of one proposal
_STEP = 500  # references in one statement


class Retention:
    """Review, erasure and subject access in a store. Raises `InputError` for what cannot be done, and `StoreError`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- review

    def due(self, collection: str, today: date) -> pd.DataFrame:
        """Current records whose review date is before `today`, longest overdue first: a DUE frame."""
        chosen = select(*columns(EPISODES, DUE)).where(
            EPISODES.c.collection == collection, EPISODES.c.review_by < _day(today), self._store.readable(EPISODES))
        return self._store.frame(DUE, chosen.order_by(EPISODES.c.review_by, EPISODES.c.episode_ref))

    def keep(self, actor: str, collection: str, refs: Sequence[str], until: date, today: date) -> int:
        """Reviewed, and still needed: a new review date after `today`. How many records were given it."""
        if until <= today:
            raise InputError("The next review must lie in the future.", where="until")
        told: dict[str, Any] = {"collection": collection, "until": until.isoformat()}
        with self._store.acting(actor, "keep after review", told) as connection:
            kept = 0
            for some in _steps(refs):
                for table in (EPISODES, LOCATIONS):
                    done = connection.execute(update(table).where(
                        table.c.collection == collection, table.c.episode_ref.in_(some)).values(review_by=_day(until)))
                    kept += done.rowcount if table is EPISODES else 0
            told["episodes"] = kept
            measure(connection, collection)
        return kept

    # -- erasure by two people

    def propose(self, actor: str, collection: str, refs: Sequence[str], reason: str) -> int:
        """Propose to erase episodes; the number of the proposal. Nothing is erased yet."""
        wanted = sorted(set(refs))
        if reason not in REASONS:
            raise InputError("There is no such reason to erase.", where="reason", fix=f"Use {', '.join(REASONS)}.")
        if not 0 < len(wanted) <= MOST:
            raise InputError(f"A proposal holds 1 to {MOST:,} episodes.", where="erasure")
        told: dict[str, Any] = {"collection": collection, "episodes": len(wanted), "reason": reason}
        with self._store.acting(actor, "propose erasure", told) as connection:
            if _count(connection, collection, wanted) != len(wanted):
                raise InputError("Some of these episodes are not in the store.", where="erasure", fix="Look at the list again.")
            number = int(connection.execute(insert(ERASURES).returning(ERASURES.c.id).values(
                collection=collection, reason=reason, episodes=len(wanted), state="open", proposed_by=actor,
                proposed_at=_now())).scalar_one())
            connection.execute(insert(ERASURE_ITEMS), [{"erasure": number, "episode_ref": ref} for ref in wanted])
            told["erasure"] = number
        return number

    def approve(self, actor: str, number: int) -> int:
        """Erase what another person proposed; how many episodes. Backups made before still hold them."""
        told: dict[str, Any] = {"erasure": number}
        with self._store.acting(actor, "erase", told) as connection:
            proposal = self._open(connection, number)
            if proposal.proposed_by == actor:
                raise InputError("Whoever proposed an erasure cannot approve it.", where=f"erasure {number}",
                                 fix="Ask a second person.")
            refs = list(connection.execute(select(ERASURE_ITEMS.c.episode_ref).where(ERASURE_ITEMS.c.erasure == number)).scalars())
            told |= {"collection": proposal.collection, "proposed_by": proposal.proposed_by, "reason": proposal.reason,
                     "episodes": self._erase(connection, proposal.collection, refs)}
            self._decide(connection, number, "erased", actor)
        self._store.settle()
        return int(told["episodes"])

    def withdraw(self, actor: str, number: int) -> None:
        """Take a proposal back, or refuse it."""
        with self._store.acting(actor, "withdraw erasure", {"erasure": number}) as connection:
            self._open(connection, number)
            self._decide(connection, number, "withdrawn", actor)

    def proposals(self) -> pd.DataFrame:
        """Every proposal, newest first: an ERASURE frame."""
        return self._store.frame(ERASURE, select(*columns(ERASURES, ERASURE)).order_by(ERASURES.c.id.desc()))

    # -- subject access

    def subject(self, actor: str, collection: str, person_ref: str) -> dict[str, pd.DataFrame]:
        """All that is kept of one person: current records, earlier ones, places. Entered in the audit. Raises `InputError`."""
        found: dict[str, pd.DataFrame] = {}
        for name, table, declared in (("episodes", EPISODES, RECORD), ("earlier records", HISTORY, RECORD),
                                      ("places", LOCATIONS, schema.LOCATIONS)):
            chosen = select(*columns(table, declared)).where(table.c.collection == collection, table.c.person_ref == person_ref)
            if table is not LOCATIONS:
                chosen = chosen.where(self._store.readable(table))
            else:
                chosen = chosen.where(table.c.episode_ref.in_(found["episodes"]["episode_ref"].tolist()))
            found[name] = self._store.frame(declared, chosen.order_by(table.c.episode_ref))
        for name, table, declared in (("interviews", INTERVIEWS, INTERVIEW), ("places learned", LEARNED, LEARNED_PLACE)):
            found[name] = self._store.frame(declared, select(*columns(table, declared)).where(
                table.c.collection == collection, table.c.episode_ref.in_(found["episodes"]["episode_ref"].tolist())))
        if all(frame.empty for frame in found.values()):
            raise InputError("The store holds nothing of such a person.", where="person_ref",
                             fix="Give the pseudonym as the source wrote it.")
        self._store.note(actor, "subject access", {"collection": collection, "rows": {n: len(f) for n, f in found.items()}})
        return found

    # -- inside

    def _erase(self, connection: Connection, collection: str, refs: list[str]) -> int:
        erased = 0
        for some in _steps(refs):
            for table in reversed(METADATA.sorted_tables):
                if "episode_ref" not in table.c or table is ERASURE_ITEMS:
                    continue
                where = table.c.episode_ref.in_(some)
                done = connection.execute(delete(table).where(where & (table.c.collection == collection)
                                                              if "collection" in table.c else where))
                erased += done.rowcount if table is EPISODES else 0
        marks = [{"collection": collection, "mark": mark_of(self._store.seal.key, ref)} for ref in refs]
        known = set(connection.execute(select(ERASED.c.mark).where(ERASED.c.collection == collection)).scalars())
        if new := [mark for mark in marks if mark["mark"] not in known]:
            connection.execute(insert(ERASED), new)
        measure(connection, collection)
        return erased

    @staticmethod
    def _open(connection: Connection, number: int) -> Any:
        found = connection.execute(select(ERASURES).where(ERASURES.c.id == number)).first()
        if found is None or found.state != "open":
            raise InputError("There is no open proposal of this number.", where=f"erasure {number}", fix="Look at the list again.")
        return found

    @staticmethod
    def _decide(connection: Connection, number: int, state: str, actor: str) -> None:
        connection.execute(delete(ERASURE_ITEMS).where(ERASURE_ITEMS.c.erasure == number))
        connection.execute(update(ERASURES).where(ERASURES.c.id == number).values(state=state, decided_by=actor, decided_at=_now()))


def mark_of(key: bytes, ref: str) -> str:
    """What is left of an erased reference: it tells whether a reference is this one, and nothing to who lacks the key."""
    return hmac.new(key, b"erased\n" + ref.encode(), sha256).hexdigest()


def still_erased(connection: Connection, key: bytes, collection: str, refs: pd.Series) -> pd.Series:
    """Which of these references were erased, as booleans in their order."""
    known = set(connection.execute(select(ERASED.c.mark).where(ERASED.c.collection == collection)).scalars())
    if not known:
        return pd.Series(False, index=refs.index)
    gone = {ref for ref in refs.unique() if mark_of(key, str(ref)) in known}
    return refs.isin(gone)


def _steps(refs: Sequence[str]) -> list[list[str]]:
    wanted = sorted(set(refs))
    return [wanted[at:at + _STEP] for at in range(0, len(wanted), _STEP)]


def _count(connection: Connection, collection: str, refs: list[str]) -> int:
    return sum(int(connection.execute(select(func.count()).where(
        EPISODES.c.collection == collection, EPISODES.c.episode_ref.in_(some))).scalar_one()) for some in _steps(refs))


def _day(day: date) -> int:
    return (day.toordinal() - EPOCH.toordinal()) * 86_400_000_000


def _now() -> int:
    return microseconds(datetime.now(UTC))
