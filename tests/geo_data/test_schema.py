"""Frames of a table are their holder's own, however they were made."""

from __future__ import annotations

import pandas as pd
import pytest

from geo_data.schema import EPISODES, LOCATIONS, REJECTS, Table


@pytest.mark.parametrize("table", [EPISODES, LOCATIONS, REJECTS])
def test_what_is_done_to_a_frame_touches_no_other(table: Table) -> None:
    first = table.empty()
    first["more"] = "changed"
    assert table.empty().empty and table.empty().columns.tolist() == table.names
    given = table.conform(pd.DataFrame(index=[7, 7]))
    made, kept = table.conform(given), given.copy()
    made[table.names[0]] = "changed"
    pd.testing.assert_frame_equal(given, kept)


@pytest.mark.parametrize("table", [EPISODES, LOCATIONS, REJECTS])
def test_columns_of_any_order_and_type_conform_and_what_lacks_is_missing(table: Table) -> None:
    whole = table.conform(pd.DataFrame(index=pd.Index([3, 3, 1], name="row")))
    assert [str(dtype) for dtype in whole.dtypes] == [column.dtype for column in table.columns]
    for other in (whole[whole.columns[::-1]], whole.astype(object), whole.assign(more=1), whole[table.names[:2]]):
        pd.testing.assert_frame_equal(table.conform(other), whole)
