"""The database's tables, built from the declarations in `geo_data.schema`.

    collections       one row per collection: its nature, its version, its size
    sources           one row per imported file: where every stored row came from
    episodes          the current record of each episode
    episode_history   every other record of it: superseded ones, and ones that arrived late
    locations         one row per episode and role, of the current records
    audit             one row per act, chained (`geo_data.keeping.audit`); triggers refuse to change it

Times and dates are kept as whole microseconds since 1970-01-01 UTC in a 64-bit integer:
exact, the same in both databases, and read without parsing. Text is compared byte by
byte in both (PostgreSQL: collation "C"), so that one order holds everywhere. Columns
other than identifiers may be missing: what is required depends on the collection's
nature and is checked by `geo_data.reading.validate` before anything reaches the store.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
    literal_column,
)
from sqlalchemy.types import TypeEngine

from geo_data import schema
from geo_data.keeping.rows import SEPARATOR, enumerated
from geo_data.placing.pile_up import FINE, RECORDED

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
INTEGER = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER is a rowid key in SQLite

TYPES: dict[schema.Kind, TypeEngine[Any]] = {
    "text": TEXT,
    "enum": TEXT,
    "enum_multi": TEXT,
    "int": INTEGER,
    "datetime": INTEGER,
    "date": INTEGER,
    "float": Double(),
    "bool": Boolean(),
}

CONTENT = schema.Table(
    "content",
    "What a record of an episode says: the declared columns, and two that an import may bring along.",
    (
        *schema.EPISODES.columns,
        schema.Column("category", "text", "O", "Crime type of public sample data; missing for episodes"),
        schema.Column("time_precision", "text", "O", "How exactly the times of the record are known"),
    ),
)
RECORD = schema.Table(
    "record",
    "A stored record: what it says, and where it came from.",
    (
        *CONTENT.columns,
        schema.Column("source_id", "int", "R", "The imported file that the record came from"),
        schema.Column("source_line", "int", "R", "Its line in that file, the header being line 1"),
        schema.Column("version", "int", "R", "Which current record of the episode this is or was, from 1; "
                                             "0: older than the current record when it arrived, so never current"),
    ),
)
SOURCE = schema.Table(
    "source",
    "An imported file.",
    (
        schema.Column("id", "int", "R", "Number of the import"),
        schema.Column("sha256", "text", "R", "SHA-256 of the file's bytes"),
        schema.Column("filename", "text", "R", "Name of the file, without its folder"),
        schema.Column("profile", "text", "R", "Profile that mapped its columns"),
        schema.Column("received_at", "datetime", "R", "When it was imported"),
        schema.Column("rows", "int", "R", "Rows of the file"),
        schema.Column("accepted", "int", "R", "Rows that were new episodes"),
        schema.Column("amended", "int", "R", "Rows that became a newer record of a known episode"),
        schema.Column("unchanged", "int", "R", "Rows that said what was already stored"),
        schema.Column("older", "int", "R", "Rows older than the current record: kept in history"),
        schema.Column("rejected", "int", "R", "Refused rows"),
    ),
)
COLLECTION = schema.Table(
    "collection",
    "A kind of data kept apart from the others.",
    (
        schema.Column("name", "text", "R", "Name of the collection"),
        schema.Column("nature", "enum", "R", "What its rows are; never mixed"),
        schema.Column("episodes", "int", "R", "Episodes stored"),
        schema.Column("locations", "int", "R", "Locations stored"),
        schema.Column("version", "text", "R", "Another text after every import: the key of caches"),
        schema.Column("updated_at", "datetime", "R", "When the last import was received"),
        schema.Column("first_at", "datetime", "O", "Earliest time of a location"),
        schema.Column("last_at", "datetime", "O", "Latest time of a location"),
    ),
)

METADATA = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(referred_table_name)s",
                       "uq": "uq_%(table_name)s", "ix": "ix_%(table_name)s"}
)


def declared(table: schema.Table, required: frozenset[str] = frozenset()) -> list[Column[Any]]:
    """The columns of a schema table as the database keeps them; `required` ones, and yes-or-no ones, are never NULL."""
    return [Column(c.name, TYPES[c.kind], nullable=c.name not in required and c.kind != "bool") for c in table.columns]


def required(table: schema.Table) -> frozenset[str]:
    """Names of the columns that no row may leave blank."""
    return frozenset(c.name for c in table.columns if c.need == "R")


_RECORD_KEYS = frozenset({"episode_ref", "person_ref", "source_id", "source_line", "version"})

COLLECTIONS = Table(
    "collections", METADATA,
    *declared(COLLECTION, required(COLLECTION)),
    PrimaryKeyConstraint("name"),
)
SOURCES = Table(
    "sources", METADATA,
    Column("id", INTEGER, primary_key=True, autoincrement=True),
    Column("collection", TEXT, ForeignKey("collections.name"), nullable=False),
    *declared(SOURCE, required(SOURCE))[1:],
    UniqueConstraint("collection", "sha256"),
)
EPISODES = Table(
    "episodes", METADATA,
    Column("collection", TEXT, ForeignKey("collections.name"), nullable=False),
    *declared(RECORD, _RECORD_KEYS),
    Column("row_hash", INTEGER, nullable=False),
    PrimaryKeyConstraint("collection", "episode_ref"),
)
HISTORY = Table(
    "episode_history", METADATA,
    Column("id", INTEGER, primary_key=True, autoincrement=True),
    Column("collection", TEXT, ForeignKey("collections.name"), nullable=False),
    *declared(RECORD, _RECORD_KEYS),
    Column("row_hash", INTEGER, nullable=False),
    Index(None, "collection", "episode_ref"),
)
LOCATIONS = Table(
    "locations", METADATA,
    Column("collection", TEXT, nullable=False),
    *declared(schema.LOCATIONS, frozenset({"location_id", "episode_ref", "person_ref", "role"})),
    PrimaryKeyConstraint("collection", "location_id"),
    ForeignKeyConstraint(["collection", "episode_ref"], ["episodes.collection", "episodes.episode_ref"]),
    Index(None, "collection", "episode_ref"),  # without it every deleted episode costs a scan
    Index("ix_locations_at", "collection", "at"),  # one window of a million episodes is there at once
)


def _among(column: Column[Any], values: tuple[str, ...]) -> ColumnElement[bool]:
    return column.in_([literal_column(f"'{value}'") for value in values])  # not as parameters: the index must be recognised


# recorded points that look exact: those that may pile up (`geo_data.keeping.piles`)
RECORDED_POINT = and_(_among(LOCATIONS.c.method, RECORDED), _among(LOCATIONS.c.tier, FINE), ~LOCATIONS.c.own_address)
Index("ix_locations_point", LOCATIONS.c.collection, LOCATIONS.c.easting, LOCATIONS.c.northing,
      sqlite_where=RECORDED_POINT, postgresql_where=RECORDED_POINT)

AUDIT_ENTRY = schema.Table(
    "audit_entry",
    "One act, and who did it.",
    (
        schema.Column("seq", "int", "R", "Number of the entry, from 1 without gaps"),
        schema.Column("at", "datetime", "R", "When"),
        schema.Column("actor", "text", "R", "Who: the person signed in, or the program"),
        schema.Column("action", "text", "R", "What was done or refused"),
        schema.Column("detail", "text", "R", "Identifiers and counts, as JSON; never a value of a row"),
        schema.Column("prev", "text", "R", "Hash of the entry before"),
        schema.Column("hash", "text", "R", "HMAC-SHA256 of this entry"),
    ),
)
AUDIT = Table(
    "audit", METADATA,
    *declared(AUDIT_ENTRY, required(AUDIT_ENTRY)),
    PrimaryKeyConstraint("seq"),
)


def columns(table: Table, of: schema.Table) -> list[Column[Any]]:
    """The columns of `table` that `of` declares, in that order."""
    return [table.c[name] for name in of.names]


def packed(table: Table, of: schema.Table, dialect: str) -> list[ColumnElement[Any]]:
    """As `columns`, for `rows.frame(packed=True)`: those that take one of a few values come last, as one text.

    Half of what reading a row costs is a Python object for each of its values.
    """
    few = [table.c[name] for name in enumerated(of)]
    if dialect == "sqlite":  # the concat that joins there came with version 3.44
        one: ColumnElement[Any] = func.printf(SEPARATOR.join(["%s"] * len(few)), *few)
    else:
        one = func.concat(few[0], *(each for column in few[1:] for each in (SEPARATOR, column)))  # a missing one is empty there
    return [*(table.c[name] for name in of.names if name not in enumerated(of)), one]
