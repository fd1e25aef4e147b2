"""Writing one file's records and locations inside the store's transaction."""

from __future__ import annotations

from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import csv
from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from geo_data import schema
from geo_data.keeping import rows
from geo_data.keeping.amend import Ints, Plan, Positions, Stored
from geo_data.keeping.engine import among
from geo_data.keeping.rows import Coded
from geo_data.keeping.tables import CONTENT, EPISODES, HISTORY, LOCATIONS
from geo_data.placing.pile_up import FINE, RECORDED

BATCH = 1_000  # what stays in the processor's cache


class Points(NamedTuple):
    """Recorded points, (n,), EPSG:27700 metres, each once."""

    easting: npt.NDArray[np.float64]
    northing: npt.NDArray[np.float64]


class Written(NamedTuple):
    """What of a file became current: how many episodes and locations, the points of these that may pile up, and their span in
    microseconds."""

    episodes: int
    places: int
    points: Points
    replaced: bool  # whether locations that were there before went away
    first_at: int | None
    last_at: int | None


class File:
    """The accepted rows of one file, made ready before the transaction begins.

    `references` are the distinct episode references, sorted; `reference` is each row's
    position among them, (n,); `extracted_at` and `row_hash` are (n,) too.
    """

    def __init__(self, episodes: pd.DataFrame, locations: pd.DataFrame) -> None:
        content = rows.code(CONTENT, episodes)
        self.content = content
        self.lines = episodes.index.to_numpy(np.int64)
        self.row_hash = rows.row_hash(content, without=["extracted_at"])
        self.extracted_at = rows.microseconds(episodes["extracted_at"])
        refs = content["episode_ref"]
        by_ref = np.argsort(refs.distinct)
        self.references: npt.NDArray[Any] = refs.distinct[by_ref]
        rank = np.empty(len(by_ref), np.intp)
        rank[by_ref] = np.arange(len(by_ref))
        self.reference: Positions = rank[refs.codes]
        self._index = pd.Index(self.references)
        self._belong(locations)

    def _belong(self, locations: pd.DataFrame) -> None:
        """Keep the locations and, for each, the position of its episode among the rows; refuse strangers."""
        reference = self._index.get_indexer(locations["episode_ref"])
        if (reference < 0).any():
            raise ValueError("locations: every episode_ref must be among the episodes")
        if len(self.references) == len(self.lines):
            row = np.argsort(self.reference)[reference]
        else:
            row = pd.Index(self.lines).get_indexer(locations.index)
            if (row < 0).any() or (self.reference[row] != reference).any():
                raise ValueError("locations: where a reference has several rows, the index must be the episode's")
        self._locations = rows.code(schema.LOCATIONS, locations)
        self._location_row = row
        self._location_order = np.argsort(locations["location_id"].to_numpy(object), kind="stable")

    def stored(self, connection: Connection, collection: str) -> Stored:
        """The stored current record of each reference."""
        chosen = select(EPISODES.c.episode_ref, EPISODES.c.row_hash, EPISODES.c.extracted_at, EPISODES.c.version)
        mine = among(connection, EPISODES.c.episode_ref, self.references.tolist())
        found = fetch(connection, chosen.where(EPISODES.c.collection == collection, mine))
        result = Stored(*(np.zeros(len(self.references), np.int64) for _ in range(3)))
        if found:
            refs, hashes, times, versions = zip(*found, strict=True)
            at = self._index.get_indexer(pd.Index(refs))
            result.row_hash[at] = np.array(hashes, np.int64)
            result.extracted_at[at] = rows.times(times)
            result.version[at] = np.array(versions, np.int64)
        return result

    def unseen(self, connection: Connection, collection: str, older: Positions) -> Positions:
        """Of the rows `older` those whose like is not in history yet, each once."""
        if not len(older):
            return older
        chosen = select(HISTORY.c.episode_ref, HISTORY.c.extracted_at, HISTORY.c.row_hash)
        mine = among(connection, HISTORY.c.episode_ref, self.references[np.unique(self.reference[older])].tolist())
        found = fetch(connection, chosen.where(HISTORY.c.collection == collection, mine))
        seen = {(ref, rows.NO_TIME if at is None else at, row_hash) for ref, at, row_hash in found}
        kept = []
        for position in older.tolist():
            row = self.reference[position]
            key = (self.references[row], int(self.extracted_at[position]), int(self.row_hash[position]))
            if key not in seen:
                seen.add(key)
                kept.append(position)
        return np.array(kept, np.intp)

    def write(self, connection: Connection, collection: str, source_id: int, step: Plan, older: Positions) -> Written:
        """Carry out `step`: what went before to history, then the new current records and their locations."""
        if len(step.confirmed):
            confirm = update(EPISODES).values(extracted_at=bindparam("at")).where(
                EPISODES.c.collection == collection, EPISODES.c.episode_ref == bindparam("ref"))
            refs, times = self.references[step.confirmed], step.confirmed_at.tolist()
            connection.execute(confirm, [{"ref": ref, "at": at} for ref, at in zip(refs, times, strict=True)])
        retire(connection, collection, self.references[step.replaced])
        for table, at, version, extracted_at in (
            (HISTORY, step.passed, step.passed_version, step.passed_extracted_at),
            (HISTORY, older, np.zeros(len(older), np.int64), self.extracted_at[older]),
            (EPISODES, step.current, step.current_version, step.current_extracted_at),
        ):
            insert_columns(connection, table, self._record(at, collection, source_id, version=version,
                                                    extracted_at=extracted_at))
        is_current = np.zeros(len(self.lines), bool)
        is_current[step.current] = True
        kept = self._location_order[is_current[self._location_row[self._location_order]]]
        columns = {name: column.take(kept) for name, column in self._locations.items()}
        insert_columns(connection, LOCATIONS, {"collection": Coded.same(collection, len(kept)), **columns})
        moments = self._locations["at"].take(kept)
        times = moments.distinct[np.unique(moments.codes[moments.codes >= 0])]
        span = (int(times.min()), int(times.max())) if len(times) else (None, None)
        return Written(len(step.current), len(kept), self._points(kept), len(step.replaced) > 0, *span)

    def _points(self, at: Positions) -> Points:
        """Of the locations `at` the recorded points beside which an address is written down (`tables.RECORDED_POINT`)."""
        said = {name: np.array([*column.distinct.tolist(), None], dtype=object)[column.codes[at]]
                for name in ("role", "method", "tier", "own_address") for column in [self._locations[name]]}
        addressed = np.zeros(len(at), dtype=bool)
        for role in schema.ROLES:
            mine = said["role"] == role
            addressed[mine] = self.content[f"{role}_location_text"].codes[self._location_row[at[mine]]] >= 0
        away = ~said["own_address"].astype(bool)
        use = at[addressed & away & np.isin(said["method"], RECORDED) & np.isin(said["tier"], FINE)]
        axes = [np.array([*self._locations[axis].distinct.tolist(), np.nan])[self._locations[axis].codes[use]]
                for axis in ("easting", "northing")]
        each = np.unique(np.column_stack(axes), axis=0)
        return Points(each[:, 0], each[:, 1])

    def _record(self, at: Positions, collection: str, source_id: int, *, version: Ints,
                extracted_at: Ints) -> dict[str, Coded]:
        """The rows `at` as stored records, column by column."""
        return {
            "collection": Coded.same(collection, len(at)),
            **{name: column.take(at) for name, column in self.content.items()},
            "extracted_at": Coded.of_times(extracted_at),
            "source_id": Coded.same(source_id, len(at)),
            "source_line": Coded.of(self.lines[at]),
            "version": Coded.of(version),
            "row_hash": Coded.of(self.row_hash[at]),
        }


def retire(connection: Connection, collection: str, references: npt.NDArray[Any]) -> None:
    """Copy the current records of `references` to history, and delete them and their locations."""
    if not len(references):
        return
    keys = [{"ref": ref} for ref in references]
    mine = (EPISODES.c.collection == collection, EPISODES.c.episode_ref == bindparam("ref"))
    copied = [column.name for column in EPISODES.columns]
    connection.execute(
        insert(HISTORY).from_select(copied, select(*(EPISODES.c[name] for name in copied)).where(*mine)), keys)
    connection.execute(delete(LOCATIONS).where(LOCATIONS.c.collection == collection,
                                               LOCATIONS.c.episode_ref == bindparam("ref")), keys)
    connection.execute(delete(EPISODES).where(*mine), keys)


def fetch(connection: Connection, chosen: Any) -> list[Any]:
    """All rows as the driver gives them."""
    cursor = connection.execute(chosen).cursor
    return list(cursor.fetchall()) if cursor is not None else []


def insert_columns(connection: Connection, table: Table, columns: dict[str, Coded]) -> None:
    """Insert rows given column by column, (n,) each: COPY on PostgreSQL, batches on SQLite.

    A column without any value is left to the table: most of an export's columns are blank, and each value costs its binding.
    """
    told = {name: column for name, column in columns.items() if not column.blank}
    if not told:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, told)
        return
    compiled = str(insert(table).compile(dialect=connection.dialect, column_keys=list(told)))
    values = zip(*(column.values() for column in told.values()), strict=True)
    while batch := list(islice(values, BATCH)):
        connection.exec_driver_sql(compiled, batch)


def _copy(connection: Connection, table: Table, columns: dict[str, Coded]) -> None:
    """As CSV: every value in quotation marks, a missing one without, as both sides have it."""
    from psycopg import sql  # where it is called, as in `engine`

    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns)))
    made = pa.table({name: column.arrow() for name, column in columns.items()})
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in made.to_batches(max_chunksize=BATCH):
            text = pa.BufferOutputStream()
            csv.write_csv(batch, text, csv.WriteOptions(include_header=False, quoting_style="all_valid"))
            copy.write(text.getvalue().to_pybytes())
