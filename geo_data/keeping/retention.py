"""How long records are kept: what is due for review, what two people agree to erase, what somebody may be told of themselves.

Nothing is erased by itself. A record whose review date has passed is listed; somebody decides to keep it until another date, or
proposes to erase it; another person approves. An erased episode leaves every table that names it, with its history and places;
the counts are made anew, and the audit, which holds no value of a row, stays whole. A later file does not bring it back.

An episode that its source has taken back has no current record, yet its history is kept: its last record stands for it here.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import Connection, Select, Table, delete, func, insert, literal, or_, select, true, union_all, update

from geo_data import schema
from geo_data.errors import InputError
from geo_data.keeping.engine import among
from geo_data.keeping.measure import measure
from geo_data.keeping.moments import EPOCH, microseconds
from geo_data.keeping.retention_tables import ERASED, ERASURE, ERASURE_ITEMS, ERASURES, KEPT_DATES, REASONS
from geo_data.keeping.tables import EPISODES, HISTORY, LOCATIONS, METADATA, RECORD, columns
from geo_data.keeping.work_tables import INTERVIEW, INTERVIEWS, LEARNED, LEARNED_PLACE, WITHDRAWAL, WITHDRAWN

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

DUE = schema.Table(
    "due",
    "Episodes whose review date has passed.",
    (
        *(schema.EPISODES[name] for name in ("episode_ref", "person_ref", "reported_at", "recording_force", "responsible_la",
                                             "sharing_restriction", "review_by")),
        schema.Column("withdrawn", "bool", "R", "Taken back by its source: kept in history alone"),
    ),
)
_SAID = DUE.part([name for name in DUE.names if name != "withdrawn"])
_HOLD = (EPISODES, HISTORY, WITHDRAWN)  # any of them names an episode that something is kept of
MOST = 50_000  # episodes of one proposal
_STEP = 500  # references in one statement


class Retention:
    """Review, erasure and subject access in a store. Raises `InputError` for what cannot be done, and `StoreError`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- review

    def due(self, collection: str, today: date) -> pd.DataFrame:
        """Episodes whose review date is before `today`, longest overdue first, those withdrawn by their source too: a DUE frame."""
        current, gone = (
            select(*columns(table, _SAID), literal(table is HISTORY).label("withdrawn")).where(
                table.c.collection == collection, table.c.review_by < _day(today), self._store.readable(table))
            for table in (EPISODES, HISTORY))
        both = union_all(current, gone.where(HISTORY.c.id.in_(_last_withdrawn(collection)))).subquery()
        return self._store.frame(DUE, select(*both.c).order_by(both.c.review_by, both.c.episode_ref))

    def keep(self, actor: str, collection: str, refs: Sequence[str], until: date, today: date) -> int:
        """Reviewed, and still needed: a new review date after `today`. How many episodes were given it.

        A later file's review date holds only where it is later still (`stand`).
        """
        if until <= today:
            raise InputError("The next review must lie in the future.", where="until")
        told: dict[str, Any] = {"collection": collection, "until": until.isoformat()}
        day = {"review_by": _day(until)}
        with self._store.acting(actor, "keep after review", told) as connection:
            known = _held(connection, collection, refs, (EPISODES, HISTORY))
            for some in _steps(sorted(known)):
                mine = {table: (table.c.collection == collection) & table.c.episode_ref.in_(some)
                        for table in (EPISODES, LOCATIONS, HISTORY, KEPT_DATES)}
                for table in (EPISODES, LOCATIONS):
                    connection.execute(update(table).where(mine[table]).values(day))
                gone = HISTORY.c.id.in_(_last_withdrawn(collection, some))
                connection.execute(update(HISTORY).where(mine[HISTORY], gone).values(day))
                connection.execute(delete(KEPT_DATES).where(mine[KEPT_DATES]))
                connection.execute(insert(KEPT_DATES), [{"collection": collection, "episode_ref": ref, "until": _day(until)}
                                                        for ref in some])
            told["episodes"] = len(known)
            measure(connection, collection)
        return len(known)

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
            if len(_held(connection, collection, wanted)) != len(wanted):
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
            if emptied := self._strike(connection, proposal.collection, refs, actor):
                told["withdrawn_for_nothing_is_left"] = emptied
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
        """All that is kept of one person: records, earlier ones, places, and what was entered beside them. Entered in the audit.

        Raises `InputError` when that is nothing.
        """
        found: dict[str, pd.DataFrame] = {}
        for name, table in (("episodes", EPISODES), ("earlier records", HISTORY)):
            found[name] = self._store.frame(RECORD, select(*columns(table, RECORD)).where(
                table.c.collection == collection, table.c.person_ref == person_ref,
                self._store.readable(table)).order_by(table.c.episode_ref))
        refs = sorted({*found["episodes"]["episode_ref"], *self._withdrawn_of(collection, person_ref)})
        for name, table, declared in (
            ("places", LOCATIONS, schema.LOCATIONS), ("interviews", INTERVIEWS, INTERVIEW),
            ("places learned", LEARNED, LEARNED_PLACE), ("withdrawals", WITHDRAWN, WITHDRAWAL),
        ):
            found[name] = self._store.frame(declared, select(*columns(table, declared)).where(
                table.c.collection == collection, table.c.episode_ref.in_(refs)).order_by(table.c.episode_ref))
        if all(frame.empty for frame in found.values()):
            raise InputError("The store holds nothing of such a person.", where="person_ref",
                             fix="Give the pseudonym as the source wrote it.")
        self._store.note(actor, "subject access", {"collection": collection, "rows": {n: len(f) for n, f in found.items()}})
        return found

    # -- inside

    def _withdrawn_of(self, collection: str, person_ref: str) -> list[str]:
        """The episodes of a person that their source has taken back; as their last record says whose they are."""
        chosen = select(*columns(HISTORY, RECORD.part(["episode_ref"]))).where(
            HISTORY.c.id.in_(_last_withdrawn(collection)), HISTORY.c.person_ref == person_ref, self._store.readable(HISTORY))
        return list(self._store.frame(RECORD.part(["episode_ref"]), chosen)["episode_ref"])

    def _erase(self, connection: Connection, collection: str, refs: list[str]) -> int:
        erased = len(_held(connection, collection, refs))
        for some in _steps(refs):
            for table in reversed(METADATA.sorted_tables):
                if "episode_ref" not in table.c or table is ERASURE_ITEMS:
                    continue
                where = table.c.episode_ref.in_(some)
                connection.execute(delete(table).where(where & (table.c.collection == collection)
                                                       if "collection" in table.c else where))
        marks = [{"collection": collection, "mark": mark_of(self._store.seal.key, ref)} for ref in refs]
        known = set(connection.execute(select(ERASED.c.mark).where(ERASED.c.collection == collection)).scalars())
        if new := [mark for mark in marks if mark["mark"] not in known]:
            connection.execute(insert(ERASED), new)
        measure(connection, collection)
        return erased

    def _strike(self, connection: Connection, collection: str, refs: list[str], actor: str) -> int:
        """Take erased episodes off the proposals that are still open; how many of these have nothing left, and are withdrawn."""
        others = select(ERASURES.c.id).where(ERASURES.c.collection == collection, ERASURES.c.state == "open")
        touched: set[int] = set()
        for some in _steps(refs):
            named = ERASURE_ITEMS.c.erasure.in_(others) & ERASURE_ITEMS.c.episode_ref.in_(some)
            touched.update(connection.execute(select(ERASURE_ITEMS.c.erasure).where(named)).scalars())
            connection.execute(delete(ERASURE_ITEMS).where(named))
        emptied = 0
        for number in sorted(touched):
            left = connection.execute(select(func.count()).where(ERASURE_ITEMS.c.erasure == number)).scalar_one()
            if left:
                connection.execute(update(ERASURES).where(ERASURES.c.id == number).values(episodes=left))
            else:
                self._decide(connection, number, "withdrawn", actor)
                emptied += 1
        return emptied

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


def stand(connection: Connection, collection: str, refs: Sequence[str]) -> None:
    """Give the records of `refs`, just written, the dates until which they are kept, where a file's are earlier or missing."""
    kept = select(KEPT_DATES.c.episode_ref).where(KEPT_DATES.c.collection == collection)
    if connection.execute(kept.limit(1)).first() is None:
        return
    known = list(connection.execute(kept.where(among(connection, KEPT_DATES.c.episode_ref, refs))).scalars())
    for table in (EPISODES, LOCATIONS) if known else ():
        until = select(KEPT_DATES.c.until).where(
            KEPT_DATES.c.collection == collection, KEPT_DATES.c.episode_ref == table.c.episode_ref).scalar_subquery()
        connection.execute(update(table).where(
            table.c.collection == collection, among(connection, table.c.episode_ref, known),
            or_(table.c.review_by.is_(None), table.c.review_by < until)).values(review_by=until))


def close(connection: Connection, collection: str, actor: str) -> None:
    """Withdraw the open proposals of a collection that goes away, with what they name."""
    mine = (ERASURES.c.collection == collection, ERASURES.c.state == "open")
    connection.execute(delete(ERASURE_ITEMS).where(ERASURE_ITEMS.c.erasure.in_(select(ERASURES.c.id).where(*mine))))
    connection.execute(update(ERASURES).where(*mine).values(state="withdrawn", decided_by=actor, decided_at=_now()))


def _steps(refs: Sequence[str]) -> list[list[str]]:
    wanted = sorted(set(refs))
    return [wanted[at:at + _STEP] for at in range(0, len(wanted), _STEP)]


def _held(connection: Connection, collection: str, refs: Sequence[str], tables: Sequence[Table] = _HOLD) -> set[str]:
    """Which of these episodes something is kept of."""
    return {ref for table in tables for some in _steps(refs) for ref in connection.execute(
        select(table.c.episode_ref).where(table.c.collection == collection, table.c.episode_ref.in_(some))).scalars()}


def _last_withdrawn(collection: str, refs: Sequence[str] | None = None) -> Select[Any]:
    """The ids in history of the last records of episodes (all, or `refs`) that have no current one. Version 0 was never current."""
    past = HISTORY.alias("past")
    current = select(EPISODES.c.episode_ref).where(
        EPISODES.c.collection == collection, EPISODES.c.episode_ref == past.c.episode_ref)
    asked = true() if refs is None else past.c.episode_ref.in_(refs)
    return select(func.max(past.c.id)).where(
        past.c.collection == collection, past.c.version > 0, asked, ~current.exists()).group_by(past.c.episode_ref)


def _day(day: date) -> int:
    return (day.toordinal() - EPOCH.toordinal()) * 86_400_000_000


def _now() -> int:
    return microseconds(datetime.now(UTC))
