"""Signed-in browsers as rows that can be ended, and the people whose roles are kept here.

The sign-in provider says who somebody is; whether their browser is still let in is decided here, at every step: not
when it was signed out, not after half an hour without a step, not after eight hours. An ended row is kept, so that a
copied cookie never makes it anew; and no cookie makes a row unless it was issued within the last minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from sqlalchemy import delete, insert, select, update

from geo_data.errors import AccessError, InputError
from geo_data.keeping.access_tables import PEOPLE, PERSON, SIGN_IN, SIGN_INS
from geo_data.keeping.engine import writing
from geo_data.keeping.moments import EPOCH, microseconds, moment
from geo_data.keeping.tables import columns
from geo_data.people import AGENCIES, ROLES, Person

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=8)
FRESH = timedelta(minutes=5)  # a sign-in older than this makes no row
SEEN_EVERY = timedelta(minutes=1)  # so that not every step writes
COOKIE = "_streamlit_user"
_AGAIN = "Sign in again."


class Known(NamedTuple):
    """Who the provider says it is: its identifier, the audit's name, and when it said so (None: it did not say)."""

    id: str
    name: str
    issued: datetime | None


def sign_in_id(cookies: Mapping[str, str]) -> str:
    """The name of a browser's sign-in: SHA-256 of its cookie with all its parts; empty when it has none.

    A long cookie is split: the first then holds only how many parts there are, so all are taken in order.
    """
    if COOKIE not in cookies:
        return ""
    parts = [cookies[COOKIE]]
    while (name := f"{COOKIE}_{len(parts)}") in cookies:
        parts.append(cookies[name])
    return sha256("\n".join(parts).encode()).hexdigest()


class SignIns:
    """The rows of signed-in browsers. Raises `AccessError` where somebody is not let in, `StoreError` as the store does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def admit(self, sign_in: str, who: Known, now: datetime) -> None:
        """Let this step happen, or raise `AccessError`; at the first step after signing in, make the row."""
        started, seen, ended = self._row(sign_in)
        if started is None:
            self._begin(sign_in, who, now)
            return
        if ended is not None:
            raise AccessError("You have signed out.", fix=_AGAIN)
        if reason := _over(started, seen, now):
            self.end(sign_in, who.name, now, reason)
            raise AccessError(reason, fix=_AGAIN)
        if now - seen > SEEN_EVERY:
            with writing(self._store.engine) as connection:
                connection.execute(update(SIGN_INS).where(SIGN_INS.c.id == sign_in).values(seen=microseconds(now)))

    def alive(self, sign_in: str, now: datetime) -> bool:
        """Whether a browser is signed in at this moment."""
        started, seen, ended = self._row(sign_in)
        return started is not None and ended is None and not _over(started, seen, now)

    def end(self, sign_in: str, actor: str, now: datetime, reason: str = "signed out") -> None:
        with self._store.acting(actor, "sign out", {"sign_in": sign_in[:12], "reason": reason}) as connection:
            connection.execute(update(SIGN_INS).where(SIGN_INS.c.id == sign_in, SIGN_INS.c.ended.is_(None)).values(
                ended=microseconds(now)))

    def end_all(self, name: str, actor: str, now: datetime) -> int:
        """End every sign-in of a person; how many were alive."""
        told: dict[str, object] = {"person": name}
        with self._store.acting(actor, "end sign-ins", told) as connection:
            done = connection.execute(update(SIGN_INS).where(SIGN_INS.c.name == name, SIGN_INS.c.ended.is_(None)).values(
                ended=microseconds(now)))
            told["ended"] = done.rowcount
        return int(done.rowcount)

    def living(self, now: datetime) -> pd.DataFrame:
        """Browsers that are signed in: name, started, seen."""
        chosen = select(*columns(SIGN_INS, SIGN_IN)).where(
            SIGN_INS.c.ended.is_(None), SIGN_INS.c.seen >= microseconds(now - IDLE), SIGN_INS.c.seen <= microseconds(now + FRESH),
            SIGN_INS.c.started >= microseconds(now - LONGEST))
        found = self._store.frame(SIGN_IN, chosen.order_by(SIGN_INS.c.name, SIGN_INS.c.started))
        return found[["name", "started", "seen"]]

    def _row(self, sign_in: str) -> tuple[datetime | None, datetime, datetime | None]:
        with self._store.reading() as connection:
            row = connection.execute(select(SIGN_INS.c.started, SIGN_INS.c.seen, SIGN_INS.c.ended).where(
                SIGN_INS.c.id == sign_in)).first()
        if row is None:
            return None, EPOCH, None
        return moment(row.started), moment(row.seen), None if row.ended is None else moment(row.ended)

    def _begin(self, sign_in: str, who: Known, now: datetime) -> None:
        if who.issued is None or not -timedelta(minutes=1) <= now - who.issued <= FRESH:
            self._store.note(who.name, "refused", {"reason": "sign-in is not fresh", "sign_in": sign_in[:12]})
            raise AccessError("This sign-in is not fresh.", fix=_AGAIN)
        with self._store.acting(who.name, "sign in", {"sign_in": sign_in[:12]}) as connection:
            connection.execute(insert(SIGN_INS).values(id=sign_in, person=who.id, name=who.name, started=microseconds(now),
                                                       seen=microseconds(now), ended=None))


class People:
    """The team's own table of roles, for providers that do not tell them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, person: Person, actor: str, now: datetime) -> None:
        """Enter somebody, or change what they may do. Raises `InputError`."""
        name = person.name.strip().lower()
        for wrong, what, known in ((not person.roles <= set(ROLES) or not person.roles, "role", ROLES),
                                   (person.agency not in AGENCIES, "kind of agency", AGENCIES)):
            if wrong:
                raise InputError(f"There is no such {what}.", fix=f"Use {', '.join(known)}.")
        if not name or not person.areas:
            raise InputError("A person needs a name and the areas whose rows they may see.", fix="Give GSS codes, forces, or *.")
        told = {"person": name, "roles": sorted(person.roles), "agency": person.agency, "areas": sorted(person.areas)}
        with self._store.acting(actor, "set role", told) as connection:
            connection.execute(delete(PEOPLE).where(PEOPLE.c.name == name))
            connection.execute(insert(PEOPLE).values(
                name=name, roles=",".join(sorted(person.roles)), agency=person.agency, areas="|".join(sorted(person.areas)),
                added_by=actor, added_at=microseconds(now)))

    def remove(self, name: str, actor: str) -> None:
        with self._store.acting(actor, "remove person", {"person": name.strip().lower()}) as connection:
            if not connection.execute(delete(PEOPLE).where(PEOPLE.c.name == name.strip().lower())).rowcount:
                raise InputError("There is no such person.", fix="See 'scoping people list'.")

    def all(self) -> pd.DataFrame:
        return self._store.frame(PERSON, select(*columns(PEOPLE, PERSON)).order_by(PEOPLE.c.name))

    def find(self, who: Known) -> Person:
        """The person as they stand in the table now; without roles when they do not."""
        with self._store.reading() as connection:
            row = connection.execute(select(PEOPLE).where(PEOPLE.c.name == who.name.strip().lower())).first()
        if row is None:
            return Person(who.id, who.name, frozenset())
        return Person(who.id, who.name, _set(row.roles.split(",")) & frozenset(ROLES), row.agency, _set(row.areas.split("|")))


def _set(parts: Iterable[str]) -> frozenset[str]:
    return frozenset(part for part in parts if part)


def _over(started: datetime, seen: datetime, now: datetime) -> str:
    if max(started, seen) - now > FRESH:  # else a clock that was an hour ahead would give an hour more
        return "The server's clock was set back."
    if now - seen > IDLE:
        return "You were away for more than half an hour."
    return "You have been signed in for eight hours." if now - started > LONGEST else ""
