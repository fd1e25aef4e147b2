"""The row hash tells a changed record from an unchanged one, everywhere and always."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from geo_data import schema
from geo_data.keeping import rows
from geo_data.keeping.tables import CONTENT
from geo_data.schema import Column, Table
from tests.geo_data.made import episodes

TABLE = Table("all kinds", "", (
    Column("a", "text", "O", ""), Column("b", "int", "O", ""), Column("c", "float", "O", ""),
    Column("d", "bool", "R", ""), Column("e", "datetime", "O", ""), Column("f", "date", "O", ""),
))
FRAME = TABLE.conform(pd.DataFrame({
    "a": ["é", None, ""], "b": [1, 2, None], "c": [0.5, None, -2.0], "d": [True, False, False],
    "e": pd.to_datetime(["2025-01-01T00:00:00.000001Z", None, "1969-12-31T23:59:59Z"], format="ISO8601"),
    "f": pd.to_datetime(["2025-01-01", None, "1969-12-31"]),
}))


GOLDEN = [8572917094559694368, 5367189133080467055, 4304866069893281931]  # of FRAME; stored databases hold such


def _hash(frame: pd.DataFrame, table: Table = TABLE) -> list[int]:
    return rows.row_hash(rows.code(table, frame)).tolist()


def test_the_hash_is_the_same_in_every_run_and_version() -> None:
    assert _hash(FRAME) == GOLDEN


def test_rows_hash_alone_whatever_their_order_index_or_dtype() -> None:
    expected = _hash(FRAME)
    assert _hash(FRAME.iloc[[2, 0, 1]]) == [expected[at] for at in (2, 0, 1)]
    assert [_hash(FRAME.iloc[[at]])[0] for at in range(3)] == expected
    loose = FRAME.assign(a=FRAME["a"].astype(object), b=FRAME["b"].astype("float64"), e=FRAME["e"].dt.as_unit("ns"))
    assert _hash(loose.set_index(pd.Index([7, 7, 7]))) == expected
    assert _hash(FRAME.assign(c=[0.5, np.nan, -2.0])) == expected
    assert _hash(FRAME.assign(c=0.0)) == _hash(FRAME.assign(c=-0.0))


def test_a_column_added_later_and_empty_changes_no_hash() -> None:
    wider = Table("wider", "", (Column("new", "text", "O", ""), *TABLE.columns))
    assert _hash(FRAME, wider) == _hash(FRAME)
    assert _hash(FRAME.assign(new="x"), wider) != _hash(FRAME)


@pytest.mark.parametrize("column", CONTENT.columns, ids=lambda column: column.name)
def test_every_column_counts_but_the_time_of_extraction(column: Column) -> None:
    other = {"text": "zz", "enum": "zz", "enum_multi": "zz", "int": 3, "float": 3.5, "bool": True,
             "datetime": pd.Timestamp("2001-01-01T00:00Z"), "date": pd.Timestamp("2001-01-01")}[column.kind]
    frame = episodes(["R-1"])
    plain, changed = (rows.row_hash(rows.code(CONTENT, made), without=["extracted_at"])[0]
                      for made in (frame, frame.assign(**{column.name: other})))
    assert (plain == changed) == (column.name == "extracted_at")


def test_values_do_not_move_between_columns_unseen() -> None:
    one = pd.DataFrame({"placing_authority": ["E08000021"], "responsible_la": [None]})
    two = one.rename(columns={"placing_authority": "responsible_la", "responsible_la": "placing_authority"})
    assert _hash(one, schema.EPISODES) != _hash(two, schema.EPISODES)


def test_a_hundred_thousand_different_rows_have_different_hashes() -> None:
    frame = pd.DataFrame({"a": [f"R-{number}" for number in range(100_000)], "b": np.arange(100_000) % 97})
    assert len(set(_hash(frame))) == 100_000


def test_no_value_that_is_read_joined_is_empty_or_holds_the_separator() -> None:
    for name in rows.enumerated(schema.LOCATIONS):
        allowed = schema.LOCATIONS[name].allowed
        assert allowed and all(value and rows.SEPARATOR not in value for value in allowed)


def test_joined_values_come_back_each_in_its_column() -> None:
    table = Table("two kinds", "", (Column("x", "enum", "R", ""), Column("n", "int", "O", ""), Column("y", "enum", "O", "")))
    with closing(sqlite3.connect(":memory:")) as database:
        cursor = database.execute(f"select 1, 'p{rows.SEPARATOR}q' union all select null, 'r{rows.SEPARATOR}' union all "
                                  f"select 3, 'p{rows.SEPARATOR}q'")
        found = rows.frame(table, cursor, packed=True)
        assert rows.frame(table, database.execute("select 1, '' where 0"), packed=True).equals(table.empty())
    expected = pd.DataFrame({"x": ["p", "r", "p"], "n": [1, None, 3], "y": ["q", None, "q"]})
    pd.testing.assert_frame_equal(found, table.conform(expected))
