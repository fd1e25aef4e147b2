"""Opening a database: SQLite by a file's path, PostgreSQL by a URL; and what its errors mean.

SQLite: write-ahead log, so that readers never wait; every commit reaches the disk
(synchronous=FULL); deleted content is overwritten (secure_delete). Python's own
transaction handling is off and each transaction begins as what it is, a reader's
(BEGIN) or a writer's (BEGIN IMMEDIATE), so that no reader has to become a writer.

PostgreSQL: psycopg 3. Time limits on connecting, on statements, on locks and on a dead
network, any of which a URL may set otherwise; one writer at a time by an advisory lock.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ARRAY,
    URL,
    ColumnElement,
    Connection,
    Engine,
    Text,
    any_,
    create_engine,
    event,
    func,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from geo_data.errors import StoreError

READ_WAIT_MS, WRITE_WAIT_MS = 10_000, 120_000  # for another program
READ_LIMIT_MS, WRITE_LIMIT_MS = 120_000, 600_000  # for one statement on whole tables (PostgreSQL)
WAL_KEPT_BYTES = 16 << 20  # the log is cut back to this after a large import
# at most, of a database file, a connection: readers are many; an import goes to all parts of the indexes
READ_CACHE_KB, WRITE_CACHE_KB = 2 << 10, 512 << 10
LOCK_KEY = 0x53434F50  # any number, the same in every process of the program
POSTGRES_OPTIONS = {
    "connect_timeout": "5", "tcp_user_timeout": "8000",
    "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3",
    "options": "-c statement_timeout=8000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
}
_WRITER = "scoping_writer"

_URL_FIX = "Give sqlite:///path/to/file.db or postgresql://user@host/database."
_BROKEN = ("The database is damaged or is not a database.", "Put the file aside and restore the last backup.")
_BUSY = ("Another program is writing to the database.", "Wait until its import has ended, then try again.")
_FULL = ("The disk is full; nothing of this step was kept.", "Free some space, then try again.")
_DENIED = ("The database cannot be opened or written.", "Check the folder, its permissions and the disk.")
_READ_ONLY = ("The database cannot be written: it is read only at the moment.",
              "Nothing can be shown or changed that must be entered in the audit. Ask who runs the database; nothing is half done.")
_NO_ANSWER = ("The database server does not answer or refuses the sign-in.",
              "Check that it runs, and the address, database and user in the store's URL.")
_SQLITE = {  # by the beginning of the error's name
    "SQLITE_CORRUPT": _BROKEN, "SQLITE_NOTADB": _BROKEN, "SQLITE_BUSY": _BUSY, "SQLITE_LOCKED": _BUSY,
    "SQLITE_FULL": _FULL, "SQLITE_READONLY": _READ_ONLY, "SQLITE_CANTOPEN": _DENIED, "SQLITE_PERM": _DENIED,
    "SQLITE_IOERR": ("The disk could not be read or written; nothing of this step was kept.", "Check the disk."),
}
_POSTGRES = {  # by the beginning of the SQLSTATE (PostgreSQL documentation, appendix A)
    "55P03": _BUSY, "40": _BUSY,
    "57014": ("The database took too long to answer.", "Try again; if it stays, ask who runs the server."),
    "53100": _FULL, "25006": _READ_ONLY, "42501": _DENIED, "28": _NO_ANSWER, "3D": _NO_ANSWER, "08": _NO_ANSWER,
    "57P": _NO_ANSWER, "XX001": _BROKEN, "XX002": _BROKEN,
}


def open_engine(url: str) -> Engine:
    """An engine for `url`; makes an SQLite file's folder (mode 0700) and file (0600) when absent."""
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
            return _open_postgres(parsed.set(drivername="postgresql+psycopg"))
        if parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:"):
            return _open_sqlite(parsed)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StoreError("The store's URL cannot be read.", fix=_URL_FIX, where="store") from None
    raise StoreError("The store's URL names no SQLite file and no PostgreSQL database.", fix=_URL_FIX, where="store")


def is_missing(url: str) -> bool:
    """Whether `url` names an SQLite file that is not there: opening it would make an empty database of that name."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return False  # told where it is opened
    named = parsed.database or ""
    return parsed.get_backend_name() == "sqlite" and named not in ("", ":memory:") and not named.startswith("file:") and not Path(
        named).exists()


def place(engine: Engine) -> str:
    """Where the database is, for messages: file, or server and database; never a password."""
    url = engine.url
    return str(url.database) if url.drivername == "sqlite" else f"{url.host or 'local server'}/{url.database or ''}"


def _open_sqlite(url: URL) -> Engine:
    path = Path(str(url.database))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"The database file cannot be made or opened ({error.strerror}).", fix=_DENIED[1],
                         where=str(path)) from None
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (f"busy_timeout={READ_WAIT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
                       "secure_delete=ON", "trusted_schema=OFF", "temp_store=MEMORY", f"journal_size_limit={WAL_KEPT_BYTES}"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writer = connection.get_execution_options().get(_WRITER, False)
        connection.exec_driver_sql(f"PRAGMA busy_timeout={WRITE_WAIT_MS if writer else READ_WAIT_MS}")
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writer else 'ON'}")
        connection.exec_driver_sql(f"PRAGMA cache_size=-{WRITE_CACHE_KB if writer else READ_CACHE_KB}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _open_postgres(url: URL) -> Engine:
    return create_engine(url, hide_parameters=True, pool_pre_ping=True,
                         connect_args={key: value for key, value in POSTGRES_OPTIONS.items() if key not in url.query})


@contextmanager
def reading(engine: Engine, *, however_long: bool = False) -> Iterator[Connection]:
    """A transaction that reads, all of it as things stand at its first query; whole tables may take up to two minutes."""
    with _told(engine), engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            _limit(connection, **({"statement_timeout": 0, "idle_in_transaction_session_timeout": 0} if however_long
                                  else {"statement_timeout": READ_LIMIT_MS}))
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """The one transaction that writes, all or nothing; others wait for it up to two minutes."""
    with _told(engine), engine.connect().execution_options(**{_WRITER: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            _limit(connection, lock_timeout=WRITE_WAIT_MS, statement_timeout=WRITE_LIMIT_MS,
                   idle_in_transaction_session_timeout=WRITE_LIMIT_MS)
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        yield connection


def _limit(connection: Connection, **milliseconds: int) -> None:
    """Set PostgreSQL's time limits for this transaction."""
    for name, limit in milliseconds.items():
        connection.execute(text("SELECT set_config(:name, :limit, true)"), {"name": name, "limit": str(limit)})


def among(connection: Connection, column: ColumnElement[str], texts: Collection[str]) -> ColumnElement[bool]:
    """The condition that `column` is one of `texts`, however many: one parameter, and an index on the column serves."""
    given = list(texts)
    if connection.dialect.name == "postgresql":
        return column == any_(literal(given, ARRAY(Text)))
    return column.in_(select(func.json_each(json.dumps(given)).table_valued("value").c.value))


def check(engine: Engine) -> None:
    """Raise `StoreError` when a page of an SQLite file is damaged."""
    with reading(engine) as connection:
        is_file = connection.dialect.name == "sqlite"
        told = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() if is_file else "ok"
    if told != "ok":
        raise StoreError(_BROKEN[0], fix=_BROKEN[1], where=place(engine))


def forget(engine: Engine) -> None:
    """Empty SQLite's log, which still holds what a transaction deleted."""
    if engine.dialect.name != "sqlite":
        return
    with _told(engine), engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA busy_timeout={READ_WAIT_MS}")
        busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreError("Deleted, but another program still reads the old content and the log keeps it.",
                         fix="Close the other programs, then clear again.", where=place(engine))


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Turn the database's errors into `StoreError`, without their text: it may quote values of rows."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, (SQLAlchemyError, sqlite3.Error, *_psycopg("Error"))):
            raise
        cause: Any = error.orig if isinstance(error, DBAPIError) else error
        what, fix = _meaning(cause)
        raise StoreError(what, fix=fix, where=place(engine)) from None


def _psycopg(name: str) -> tuple[type[BaseException], ...]:
    """This class of its errors, where PostgreSQL's driver is in use: SQLite's programs need not load it (a fifth of a second)."""
    driver = sys.modules.get("psycopg")
    return (getattr(driver, name),) if driver else ()


def _meaning(cause: Any) -> tuple[str, str]:
    name = getattr(cause, "sqlite_errorname", None) or ""
    state = getattr(cause, "sqlstate", None) or ""
    for begins, told in (_SQLITE if name else _POSTGRES).items():
        if (name or state).startswith(begins):
            return told
    if isinstance(cause, _psycopg("OperationalError")) and not state:  # no server answered
        return _NO_ANSWER
    kind = " ".join(part for part in (type(cause).__name__, name or state) if part)
    return f"The database refused a step ({kind}); nothing of it was kept.", "Report this with the name in brackets."
