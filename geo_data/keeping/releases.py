"""The register of releases: what was published of each period, and every file that was made of it.

A period that is registered never changes and is never taken out: what is published next is compared with it. Editions, grid,
files and the audit's entry are one transaction. The register knows nothing of what an edition says: its content is text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, delete, func, insert, select, update

from geo_data.errors import DisclosureError, InputError
from geo_data.keeping.moments import microseconds, moment
from geo_data.keeping.release_tables import EDITIONS, FILES, GRIDS, SNAPSHOT, SNAPSHOTS
from geo_data.keeping.tables import columns
from geo_data.reading.times import LONDON

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

MAX_TEXT = 200  # characters of a title, purpose or reason


EDITION_KEYS = ("tier", "role", "filters", "period", "content")
FILE_KEYS = ("snapshot_id", "sha256", "bytes", "format", "tier", "role", "period", "title", "author_role", "purpose", "parameters",
             "review_by")


class Register:
    """The register of one store. Every method raises `StoreError` as the store does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- reading

    def editions(self, collection: str) -> list[str]:
        """The content of every registered period of a collection, in order of registration."""
        with self._store.reading() as connection:
            chosen = select(EDITIONS.c.content).where(EDITIONS.c.collection == collection).order_by(EDITIONS.c.number)
            return [str(content) for content in connection.execute(chosen).scalars()]

    def grid(self, collection: str) -> bytes | None:
        """The addresses that the collection's regions are drawn from, as they were registered."""
        with self._store.reading() as connection:
            return connection.execute(select(GRIDS.c.content).where(GRIDS.c.collection == collection)).scalar()

    def snapshots(self) -> pd.DataFrame:
        """The files that were made, the latest first: the columns of `SNAPSHOT`."""
        return self._store.frame(SNAPSHOT, select(*columns(SNAPSHOTS, SNAPSHOT)).order_by(SNAPSHOTS.c.id.desc()))

    def find(self, sha256: str) -> pd.DataFrame:
        """The files with this hash: none when it was not made here or has been changed since."""
        return self._store.frame(SNAPSHOT, select(*columns(SNAPSHOTS, SNAPSHOT)).where(SNAPSHOTS.c.sha256 == sha256.lower()))

    def kept(self, tiers: Collection[str], today: date) -> pd.DataFrame:
        """The files of these tiers that can be had here: kept, not called back, not past their review date; the latest first."""
        day = microseconds(datetime.combine(today, time(), UTC))
        chosen = select(*columns(SNAPSHOTS, SNAPSHOT)).join(FILES, FILES.c.snapshot == SNAPSHOTS.c.id).where(
            SNAPSHOTS.c.tier.in_(list(tiers)), SNAPSHOTS.c.recalled_at.is_(None), SNAPSHOTS.c.review_by >= day)
        return self._store.frame(SNAPSHOT, chosen.order_by(SNAPSHOTS.c.id.desc()))

    def fetch(self, number: int, tiers: Collection[str], today: date, actor: str) -> bytes:
        """A file of `kept`, as it left: checked against its hash, and entered in the audit before it is given. `InputError`."""
        found = self.kept(tiers, today)
        mine = found[found["id"] == number]
        with self._store.reading() as connection:
            content = connection.execute(select(FILES.c.content).where(FILES.c.snapshot == number)).scalar()
        if mine.empty or content is None:
            raise InputError("This file can no longer be had here.", where="register",
                             fix="It was called back, or its review date has passed. Ask whoever released it.")
        if sha256(content).hexdigest() != mine.iloc[0]["sha256"]:
            raise InputError("The kept file is not as it left.", where="register", fix="Ask whoever released it for another.")
        self._store.note(actor, "download release", {"snapshot": number, "sha256": str(mine.iloc[0]["sha256"])[:16]})
        return bytes(content)

    # -- writing

    def enter(self, collection: str, actor: str, *, seen: int, editions: Sequence[Mapping[str, str]],
              snapshots: Sequence[Mapping[str, Any]] = (), grid: tuple[str, bytes] | None = None) -> None:
        """Register what is about to leave, all or nothing. `seen`: registered periods that the release was compared with.

        `editions` have the keys `EDITION_KEYS`, `snapshots` the keys `FILE_KEYS` (`review_by` a date) and, when the file is
        to be kept for those it is meant for, `content`. `grid`: its stamp
        and content, kept at the first release.

        Raises `DisclosureError` when another release was registered since: it may be the same period, or one that
        this one would give away by difference; or one of the files, byte for byte, was called back. A file that was registered
        before is not entered again.
        """
        now = datetime.now(UTC)
        detail: dict[str, Any] = {
            "collection": collection, "periods": [f"{each['tier']} {each['role']} {each['period']}" for each in editions][:30],
            "files": [f"{each['format']} {each['sha256'][:16]}" for each in snapshots],
            "snapshot": sorted({each["snapshot_id"] for each in snapshots})}
        with self._store.acting(actor, "release", detail) as connection:
            held = select(func.count()).where(EDITIONS.c.collection == collection)
            if connection.execute(held).scalar_one() != seen and editions:
                raise DisclosureError("Someone else has released in the meantime.", where="register",
                                      fix="Ask for the release again: what they released will be taken into account.")
            if grid is not None and editions:
                _keep_grid(connection, collection, *grid)
            for number, each in enumerate(editions, start=seen + 1):
                connection.execute(insert(EDITIONS).values(
                    collection=collection, number=number, actor=actor, released_at=microseconds(now),
                    **{name: each[name] for name in EDITION_KEYS}))
            for made in snapshots:
                _enter_file(connection, collection, actor, microseconds(now), made)

    def recall(self, number: int, reason: str, actor: str) -> None:
        """Call a file back: whoever verifies it is told. Raises `InputError` when there is no such file or it was recalled."""
        reason = _text(reason, "reason")
        with self._store.acting(actor, "recall", {"snapshot": number}) as connection:
            done = connection.execute(update(SNAPSHOTS).where(SNAPSHOTS.c.id == number, SNAPSHOTS.c.recalled_at.is_(None)).values(
                recalled_at=microseconds(datetime.now(UTC)), recall_reason=reason))
            connection.execute(delete(FILES).where(FILES.c.snapshot == number))
            if not done.rowcount:
                raise InputError("There is no such file, or it was recalled before.", where="register",
                                 fix="See 'scoping releases list'.")

    def forget(self, collection: str, actor: str) -> None:
        """Take a collection out of the register: for invented data that are about to be invented anew, and for nothing else."""
        with self._store.acting(actor, "forget releases", {"collection": collection}) as connection:
            mine = select(SNAPSHOTS.c.id).where(SNAPSHOTS.c.collection == collection)
            connection.execute(delete(FILES).where(FILES.c.snapshot.in_(mine)))
            for kept in (EDITIONS, SNAPSHOTS, GRIDS):
                connection.execute(delete(kept).where(kept.c.collection == collection))


def _keep_grid(connection: Connection, collection: str, stamp: str, content: bytes) -> None:
    held = connection.execute(select(GRIDS.c.stamp).where(GRIDS.c.collection == collection)).scalar()
    if held is None:
        connection.execute(insert(GRIDS).values(collection=collection, stamp=stamp, content=content))
    elif held != stamp:
        raise DisclosureError("The collection's releases are drawn on another grid.", where="grid",
                              fix="Ask for the release again.")


def _enter_file(connection: Connection, collection: str, actor: str, now: int, made: Mapping[str, Any]) -> None:
    same = select(SNAPSHOTS.c.recalled_at).where(SNAPSHOTS.c.collection == collection, SNAPSHOTS.c.sha256 == made["sha256"])
    known = connection.execute(same).first()
    if known is not None:
        if known.recalled_at is not None:
            day = f"{moment(known.recalled_at).astimezone(ZoneInfo(LONDON)):%d %B %Y}".lstrip("0")
            raise DisclosureError(
                f"This very file was called back on {day}: whoever verifies it would still be told so.", where="register",
                fix="Change its purpose or title, or make it on another day: then the two can be told apart.")
        return
    row = {name: made[name] for name in FILE_KEYS}
    row |= {name: _text(str(made[name]), name.replace("_", " ")) for name in ("title", "purpose", "author_role")}
    row["review_by"] = microseconds(datetime.combine(made["review_by"], time(), UTC))
    number = connection.execute(insert(SNAPSHOTS).returning(SNAPSHOTS.c.id).values(
        **row, collection=collection, actor=actor, made_at=now)).scalar_one()
    if "content" in made:
        connection.execute(insert(FILES).values(snapshot=number, content=made["content"]))


def _text(text: str, what: str) -> str:
    plain = " ".join(text.replace("\0", " ").split())[:MAX_TEXT]
    if not plain:
        raise InputError(f"A {what} is needed.", where=what)
    return plain
