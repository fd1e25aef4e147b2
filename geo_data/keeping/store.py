"""Where the rows are kept: one SQLite file by default, PostgreSQL by URL.

Every import is one transaction: a program killed half way, a full disk or a second
program importing at the same moment leaves all of a file stored or none of it.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any, Self

import numpy as np
import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    column,
    delete,
    insert,
    inspect,
    select,
    table,
)

from geo_data import schema
from geo_data.errors import StoreError
from geo_data.keeping import (  # noqa: F401 - METADATA knows every table
    access_tables,
    audit,
    concern_tables,
    migrations,
    release_tables,
    retention_tables,
    rows,
    saved_view_tables,
    work_tables,
)
from geo_data.keeping.amend import plan
from geo_data.keeping.audited import Audited
from geo_data.keeping.engine import check, forget, open_engine, place, writing
from geo_data.keeping.measure import measure
from geo_data.keeping.moments import microseconds
from geo_data.keeping.need_to_know import visible
from geo_data.keeping.piles import held, refresh
from geo_data.keeping.retention import close, stand, still_erased
from geo_data.keeping.review_tables import KEPT_RESULTS, REVIEW_VERSIONS
from geo_data.keeping.tables import (
    COLLECTION,
    COLLECTIONS,
    EPISODES,
    HISTORY,
    LOCATIONS,
    METADATA,
    RECORD,
    SOURCE,
    SOURCES,
    columns,
    packed,
)
from geo_data.keeping.team_tables import PILES
from geo_data.keeping.write import File
from geo_data.people import EVERYTHING, Reader
from geo_data.placing.pile_up import demote

PROGRAM = "the program"  # who acts when nobody is named
MANY_REFS = 500  # names in one question to the database


@dataclass(frozen=True)
class Source:
    """An imported file: where its rows came from. `rows` and `rejected` count rows of the file."""

    sha256: str
    filename: str
    profile: str
    received_at: datetime  # with its time zone
    rows: int
    rejected: int


@dataclass(frozen=True)
class Counts:
    """What became of the rows of an import; they add up to the rows handed to the store."""

    accepted: int = 0  # new episodes
    amended: int = 0  # newer records of known episodes
    unchanged: int = 0  # said what was already stored
    older: int = 0  # older than the current record: kept in history
    already_imported: bool = False  # the same file was imported before: nothing was done
    erased: int = 0  # of those unchanged: rows of episodes that were erased here
    current: tuple[int, ...] = field(default=(), compare=False, repr=False)  # lines of the rows that became current


class Store(Audited):
    """The database of one installation. Safe to share between threads.

    Opening makes the database when there is none and brings an old one up to date.
    Every method raises `StoreError` when the database is missing, broken, busy, full or
    out of reach; its text says what to do and never quotes a value of a row.
    """

    def __init__(self, url: str, seal: audit.Seal = audit.Seal()) -> None:  # noqa: B008 - an immutable pair
        """`url`: sqlite:///path/to/file.db or postgresql://user@host/database. `seal`: the audit's key and anchors."""
        self._engine = open_engine(url)
        self._seal = seal
        self._reader = EVERYTHING
        try:
            self._migrate()
        except BaseException:
            self._engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """For the other rooms of this folder."""
        return self._engine

    @property
    def seal(self) -> audit.Seal:
        """The audit's key and anchors, for the other rooms of this folder."""
        return self._seal

    def settle(self) -> None:
        """Bring an SQLite file to rest: all of it in the one file, none in its log."""
        forget(self._engine)

    def seen_by(self, reader: Reader) -> Self:
        """The same database with only the rows of episodes that `reader` may read, in everything that reads."""
        seen = copy.copy(self)
        seen._reader = reader
        return seen

    # -- reading

    def locations(self, collection: str, *, coded: bool = False, between: tuple[int, int] | None = None) -> pd.DataFrame:
        """All locations of a collection: a LOCATIONS frame in order of `location_id`.

        Recorded coordinates that different addresses share come as tier P4. `coded`: in order of time, texts as categories
        (`rows.frame`): in less memory, read in less time and faster to compare. `between`: only those at [first, last), in
        microseconds since 1970 UTC.
        """
        chosen = select(*packed(LOCATIONS, schema.LOCATIONS, self._engine.dialect.name)).where(LOCATIONS.c.collection == collection)
        if between:
            chosen = chosen.where(LOCATIONS.c.at >= between[0], LOCATIONS.c.at < between[1])
        if self._reader != EVERYTHING:
            chosen = chosen.join(EPISODES, (EPISODES.c.collection == LOCATIONS.c.collection)
                                 & (EPISODES.c.episode_ref == LOCATIONS.c.episode_ref)).where(self.readable(EPISODES))
        if not coded:
            chosen = chosen.order_by(LOCATIONS.c.location_id)
        with self.reading() as connection:
            found = rows.frame(schema.LOCATIONS, connection.execute(chosen).cursor, coded=coded, packed=True)
            found = demote(found, held(connection, collection))
        return found.sort_values("at", kind="stable", ignore_index=True) if coded else found

    def episodes(self, collection: str, refs: Collection[str] | None = None, only: Collection[str] | None = None) -> pd.DataFrame:
        """The current records (all, or those of `refs`), in order of `episode_ref`.

        Columns: EPISODES, then category, time_precision, source_id, source_line, version; of these `only` some, where a few will
        do: each costs as much to read as any other.
        """
        wanted = RECORD if only is None else RECORD.part(only)
        chosen = select(*columns(EPISODES, wanted)).where(EPISODES.c.collection == collection, self.readable(EPISODES))
        chosen = chosen.order_by(EPISODES.c.episode_ref)
        if refs is None:
            return self.frame(wanted, chosen)
        asked = sorted(set(refs))
        parts = [asked[k:k + MANY_REFS] for k in range(0, len(asked), MANY_REFS)]
        with self.reading() as connection:
            found = [rows.frame(wanted, connection.execute(chosen.where(EPISODES.c.episode_ref.in_(part))).cursor)
                     for part in parts]
        return pd.concat(found, ignore_index=True) if found else wanted.empty()

    def history(self, collection: str, episode_ref: str) -> pd.DataFrame:
        """The records of one episode that are not current, oldest extract first; columns as `episodes`.

        `version` 0 marks a record that was already older than the current one when it arrived.
        """
        chosen = select(*columns(HISTORY, RECORD))
        chosen = chosen.where(HISTORY.c.collection == collection, HISTORY.c.episode_ref == episode_ref, self.readable(HISTORY))
        return self.frame(RECORD, chosen.order_by(HISTORY.c.extracted_at, HISTORY.c.version, HISTORY.c.id))

    def collections(self) -> pd.DataFrame:
        """One row per collection, by name: nature, episodes, locations, version, updated_at, first_at, last_at."""
        return self.frame(COLLECTION, select(*columns(COLLECTIONS, COLLECTION)).order_by(COLLECTIONS.c.name))

    def sources(self, collection: str) -> pd.DataFrame:
        """The imported files of a collection, in order of import."""
        chosen = select(*columns(SOURCES, SOURCE)).where(SOURCES.c.collection == collection)
        return self.frame(SOURCE, chosen.order_by(SOURCES.c.id))

    def version(self, collection: str) -> str:
        """A text that is another after every import and for every other reader: the key of caches. Empty: no such collection."""
        with self.reading() as connection:
            chosen = select(COLLECTIONS.c.version).where(COLLECTIONS.c.name == collection)
            held = connection.execute(chosen).scalar() or ""
        return f"{held}-{self._reader.key}" if held and self._reader.key else held

    @property
    def part(self) -> bool:
        """Whether this store's reader may read a part of the rows alone."""
        return self._reader != EVERYTHING

    def reads(self, version: str) -> bool:
        """Whether `version` is one of this store's reader: made for the same need-to-know."""
        return version.partition("-")[2] == self._reader.key

    def readable(self, table: Table) -> ColumnElement[bool]:
        """The condition that a row of `table` (episodes or their history) is one that this store's reader may read."""
        return visible(table, self._reader)

    def imported(self, collection: str, sha256: str) -> bool:
        """Whether the collection has this file already."""
        with self.reading() as connection:
            return _has(connection, collection, sha256)

    # -- writing

    def import_(
        self, collection: str, nature: str, episodes: pd.DataFrame, locations: pd.DataFrame, source: Source,
        *, actor: str = PROGRAM,
    ) -> Counts:
        """Store the accepted rows of one file, all or none of them, and enter it in the audit.

        `episodes`: EPISODES columns, and category and time_precision when known; the index is
        the line of the file. `locations`: LOCATIONS of these episodes; where a reference has
        several rows in the file, each location carries the index of its episode.

        The same file (SHA-256) again changes nothing. A file without an acceptable row is not
        remembered, so that it can be tried again with another profile. Raises `StoreError`,
        also when the collection holds another nature; `ValueError` when the two frames do not
        belong together.
        """
        if episodes.empty:
            return Counts()
        with self.reading() as connection:
            gone = still_erased(connection, self._seal.key, collection, episodes["episode_ref"])
        back = int(gone.sum())  # rows of erased episodes never come back
        locations = locations[~locations["episode_ref"].isin(episodes.loc[gone, "episode_ref"])] if back else locations
        episodes = episodes[~gone]
        if episodes.empty:
            return Counts(unchanged=back, erased=back)
        told: dict[str, Any] = {"collection": collection, "sha256": source.sha256, "profile": source.profile,
                                "rows": source.rows, "rejected": source.rejected}
        if self.imported(collection, source.sha256):  # before the work; asked again inside the transaction
            self.note(actor, "import", told | {"already_imported": True})
            return Counts(unchanged=len(episodes), already_imported=True)
        file = File(episodes, locations)
        with self.acting(actor, "import", told) as connection:
            self._enter(connection, collection, nature)
            if _has(connection, collection, source.sha256):
                told["already_imported"] = True
                return Counts(unchanged=len(episodes), already_imported=True)
            stored = file.stored(connection, collection)
            step = plan(file.reference, file.extracted_at, file.lines, file.row_hash, stored)
            older = file.unseen(connection, collection, step.older)
            counts = Counts(step.accepted, step.amended, step.unchanged + len(step.older) - len(older) + back, len(older),
                            erased=back, current=tuple(file.lines[step.current].tolist()))
            source_id = _record(connection, collection, source, counts)
            written = file.write(connection, collection, source_id, step, older)
            stand(connection, collection, file.references[np.unique(file.reference[step.current])].tolist())
            measure(connection, collection, source.received_at, written)
            told |= {"accepted": counts.accepted, "amended": counts.amended, "unchanged": counts.unchanged,
                     "older": counts.older, "erased_before": back}
        return counts

    def clear(self, collection: str, actor: str = PROGRAM) -> None:
        """Delete a collection with its history, sources and reviews, and overwrite what it held; the audit stays.

        Backups, and on PostgreSQL the server's own logs, are outside its reach.
        """
        told: dict[str, Any] = {"collection": collection}
        with self.acting(actor, "clear", told) as connection:
            held = select(COLLECTIONS.c.episodes).where(COLLECTIONS.c.name == collection)
            told["episodes"] = connection.execute(held).scalar() or 0
            for kept in (*work_tables.OF_COLLECTION, retention_tables.KEPT_DATES, PILES, LOCATIONS, HISTORY, EPISODES, SOURCES,
                         KEPT_RESULTS, REVIEW_VERSIONS):
                connection.execute(delete(kept).where(kept.c.collection == collection))
            close(connection, collection, actor)
            connection.execute(delete(COLLECTIONS).where(COLLECTIONS.c.name == collection))
        forget(self._engine)

    def check(self) -> None:
        """Read every page of an SQLite file and raise `StoreError` if one is damaged; a PostgreSQL
        server checks its own. For the start of a server: a second or two for each 100 MB not yet
        in memory, which opening alone does not spend.
        """
        check(self._engine)

    # -- inside

    def _enter(self, connection: Connection, collection: str, nature: str) -> None:
        """Make the collection if it is new; refuse another nature than its own."""
        known = connection.execute(select(COLLECTIONS.c.nature).where(COLLECTIONS.c.name == collection)).scalar()
        if known is None:
            connection.execute(insert(COLLECTIONS).values(
                name=collection, nature=nature, version="", updated_at=0, episodes=0, locations=0))
        elif known != nature:
            raise StoreError(f"The collection '{collection}' holds '{known}' and never takes '{nature}'.",
                             fix="Import into a collection of its own.", where=place(self._engine))

    def _migrate(self) -> None:
        with self.reading() as connection:
            present = _version(connection)
        if present == migrations.HEAD:
            return
        where = place(self._engine)
        if present and not migrations.known(present):
            raise StoreError("The database was made by a newer version of the program.",
                             fix="Use that version, or another database.", where=where)
        with writing(self._engine) as connection:
            present = _version(connection)  # another process may have been faster
            if not present and _foreign(connection):
                raise StoreError("The database belongs to another program.", fix="Use another database.", where=where)
            if present != migrations.HEAD:
                migrations.upgrade(connection)
                for name in connection.execute(select(COLLECTIONS.c.name)).scalars().all():
                    refresh(connection, name)


def _version(connection: Connection) -> str:
    """The database's version; empty when the store never touched it."""
    if not inspect(connection).has_table(migrations.VERSION_TABLE):
        return ""
    return connection.execute(select(column("version_num")).select_from(table(migrations.VERSION_TABLE))).scalar() or ""


def _foreign(connection: Connection) -> bool:
    """Whether an unversioned database holds someone else's tables; a PostgreSQL database may be shared."""
    present = set(inspect(connection).get_table_names()) - {migrations.VERSION_TABLE}
    return bool(present if connection.dialect.name == "sqlite" else present & set(METADATA.tables))


def _has(connection: Connection, collection: str, sha256: str) -> bool:
    same = select(SOURCES.c.id).where(SOURCES.c.collection == collection, SOURCES.c.sha256 == sha256)
    return connection.execute(same).scalar() is not None


def _record(connection: Connection, collection: str, source: Source, counts: Counts) -> int:
    """Write the file's row of `sources`; its id."""
    return int(connection.execute(insert(SOURCES).returning(SOURCES.c.id).values(
        collection=collection, sha256=source.sha256, filename=PurePath(source.filename).name, profile=source.profile,
        received_at=microseconds(source.received_at), rows=source.rows, rejected=source.rejected,
        accepted=counts.accepted, amended=counts.amended, unchanged=counts.unchanged, older=counts.older,
    )).scalar_one())
