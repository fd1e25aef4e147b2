"""A whole store into another: from file to server and back, a backup, a restore. All of it or nothing, and read back.

The source is read in one snapshot while others go on writing to it. The target must be empty; everything is written in one
transaction and compared with the snapshot, row by row, before that transaction is committed. A backup is such a copy into
a new SQLite file, whatever the source; a restore is such a copy out of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Connection, LargeBinary, Table, func, insert, select, text

from geo_data.errors import StoreError
from geo_data.keeping import audit
from geo_data.keeping.engine import reading, writing
from geo_data.keeping.store import Store
from geo_data.keeping.tables import METADATA

Progress = Callable[[float, str], None]
Row = tuple[Any, ...]
BATCH, FEW = 5_000, 4  # rows in memory at a time; of tables that hold whole files


class Copied(NamedTuple):
    """What a copy did: rows of each table that were written and read back, and the end of the audit that came with them."""

    rows: dict[str, int]
    source: str
    target: str
    anchor: audit.Anchor


def copy(source: Store, target: Store, actor: str, action: str = "copy store", progress: Progress | None = None, *,
         named: str | None = None) -> Copied:
    """Copy everything from `source` into the empty `target` and compare every row. Raises `StoreError`; then nothing is kept.

    `named`: what the source is called where it is told of, when its own place says nothing.
    """
    called = named or source.place
    tell = progress or (lambda _fraction, _text: None)
    tables = METADATA.sorted_tables
    with reading(source.engine, however_long=True) as have, writing(target.engine) as take:
        _must_be_empty(take, target.place)
        total = {table.name: int(have.execute(select(func.count()).select_from(table)).scalar_one()) for table in tables}
        every, done = max(1, sum(total.values())), 0
        for table in tables:
            with closing(_batches(have, table)) as batches:
                for batch in batches:
                    _insert(take, table, batch)
                    done += len(batch)
                    tell(0.6 * done / every, f"Copying {table.name}")
            _continue_numbers(take, table)
        done = 0
        for table in tables:
            for number in _compare(have, take, table, target.place):
                tell(0.6 + 0.4 * (done + number) / every, f"Comparing {table.name}")
            done += total[table.name]
        detail = {"from": called[-150:], "to": target.place[-150:], "rows": total}
        anchor = audit.append(take, target.seal.key, actor, action, detail)
    audit.keep_anchor(target.seal.anchors, target.place, anchor, "restore")
    tell(1.0, "Copied and compared")
    return Copied(total, called, target.place, anchor)


def backup(store: Store, file: Path, actor: str, progress: Progress | None = None) -> Copied:
    """A backup of `store` as a new SQLite file (mode 0600), read back; entered in the audit of both. Raises `StoreError`."""
    if file.exists():
        raise StoreError("There is a file of this name already; a backup never replaces one.", where=str(file), fix="Name another.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with Store(f"sqlite:///{unfinished}", store.seal._replace(anchors=None)) as made:
            done = copy(store, made, actor, "back up", progress)
            made.settle()
        unfinished.replace(file)
    finally:
        for left in (unfinished, *(unfinished.with_name(unfinished.name + end) for end in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)
    store.note(actor, "back up", {"file": file.name[-100:], "rows": sum(done.rows.values())})
    return done._replace(target=str(file))


def restore(file: Path, store: Store, actor: str, progress: Progress | None = None) -> tuple[Copied, audit.Verdict]:
    """Everything of a backup into the empty `store`; what was copied, and whether its audit is whole. Raises `StoreError`."""
    if not file.is_file():
        raise StoreError("There is no such backup.", where=str(file))
    with _aside(file, store) as read, Store(f"sqlite:///{read}", store.seal._replace(anchors=None)) as kept:
        kept.check()
        done = copy(kept, store, actor, "restore", progress, named=str(file))
    return done, store.verify()


# -- inside

@contextmanager
def _aside(file: Path, store: Store) -> Iterator[Path]:
    """A copy of a backup beside the store's own file (a server's: in the system's temporary folder), gone afterwards.

    Opening a database brings it up to date, and a backup stays as it was made.
    """
    url = store.engine.url
    beside = Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else None
    with ExitStack() as left:
        try:
            copied = Path(left.enter_context(TemporaryDirectory(prefix=".restore-", dir=beside))) / "backup.db"
            for end in ("", "-wal"):  # a log is there only where the file is no backup, but a store that was not brought to rest
                if (part := file.with_name(file.name + end)).is_file():
                    shutil.copyfile(part, copied.with_name(copied.name + end))
        except OSError as error:
            raise StoreError(f"The backup cannot be copied to be read ({error.strerror}).", where=str(file),
                             fix="Check the file, and that there is room for it once more beside the store.") from None
        yield copied


def _must_be_empty(connection: Connection, where: str) -> None:
    for table in METADATA.sorted_tables:
        if connection.execute(select(*table.primary_key.columns).limit(1)).first():
            raise StoreError("The target holds something already; a copy never mixes with it.", where=where,
                             fix="Name a new file or an empty database.")


def _batches(connection: Connection, table: Table) -> Generator[list[Row]]:
    """The rows in order of the key, as Python values that both drivers take."""
    chosen = select(*table.columns).order_by(*table.primary_key.columns).compile(dialect=connection.dialect)
    driver: Any = connection.connection
    cursor = driver.cursor(name=table.name) if connection.dialect.name == "postgresql" else driver.cursor()  # named: on the server
    many = FEW if any(isinstance(column.type, LargeBinary) for column in table.columns) else BATCH
    flags = [at for at, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
    with closing(cursor):
        cursor.execute(str(chosen))
        while batch := cursor.fetchmany(many):
            yield [_flagged(row, flags) for row in batch] if flags else batch


def _flagged(row: Row, flags: list[int]) -> Row:
    """SQLite has no truth values but 0 and 1."""
    changed = list(row)
    for at in flags:
        changed[at] = None if row[at] is None else bool(row[at])
    return tuple(changed)


def _insert(connection: Connection, table: Table, batch: list[Row]) -> None:
    if connection.dialect.name == "postgresql":
        from psycopg import sql  # where it is called, as in `engine`

        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns))
        driver: Any = connection.connection
        with driver.cursor() as cursor, cursor.copy(statement) as taken:
            for row in batch:
                taken.write_row(row)
        return
    compiled = str(insert(table).compile(dialect=connection.dialect))
    connection.exec_driver_sql(compiled, batch)


def _continue_numbers(connection: Connection, table: Table) -> None:
    """PostgreSQL's own numbering goes on after the copied rows, as SQLite's does by itself."""
    number = table.autoincrement_column
    if connection.dialect.name != "postgresql" or number is None or number.autoincrement is not True:
        return
    last = connection.execute(select(func.max(number))).scalar()
    connection.execute(text("SELECT setval(pg_get_serial_sequence(:table, :name), :last, :used)"),
                       {"table": table.name, "name": number.name, "last": last or 1, "used": last is not None})


def _compare(have: Connection, take: Connection, table: Table, where: str) -> Iterator[int]:
    """Every row of both in order of the key; yields how many were equal so far. Raises `StoreError` at the first that is not."""
    number, none = 0, list[Row]()
    with closing(_batches(have, table)) as left, closing(_batches(take, table)) as right:
        for ours, theirs in zip_longest(left, right, fillvalue=none):
            if ours != theirs:
                row = next((at for at, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
                raise StoreError(f"Row {number + row + 1:,} of '{table.name}' is not the same after copying; nothing was kept.",
                                 where=where, fix="Check both disks, then try again.")
            number += len(ours)
            yield number
