"""What a value takes of memory, and that others may go on with it meanwhile."""

import numpy as np
import pandas as pd
import pytest

from geo_data.memory import LONG, size_of


def test_sizes_count_each_array_once():
    array = np.zeros(1000)
    assert size_of(array) == 8000 and 8000 <= size_of((array, array, {"x": [array]})) < 8200
    assert size_of((pd.Series(array), array), but=(pd.Series,)) == 16 + 8000


@pytest.mark.parametrize("rows", [1000, LONG])
def test_a_frame_takes_what_its_columns_take(rows):
    frame = pd.DataFrame({"number": np.zeros(rows), "small": np.zeros(rows, np.int16), "kind": pd.Categorical(["a"] * rows),
                          "at": pd.date_range("2025-01-01", periods=rows, tz="UTC"),
                          "text": pd.Series(["abc"] * rows, dtype="str")})
    exact = int(frame.memory_usage(deep=False).sum())
    assert 0.6 * exact < size_of(frame) < 1.4 * exact
    assert size_of(frame["number"]) == 8 * rows


def test_a_value_may_grow_while_it_is_measured():
    """Another thread asks a result for its outlines, which are kept in it, at that very moment."""
    class Part:
        def __init__(self, whole):
            self.whole = whole

        @property
        def __dict__(self):
            self.whole.later = "outlines"
            return {}

    class Whole:
        def __init__(self):
            self.part = Part(self)
            self.array = np.zeros(10)

    whole = Whole()
    assert size_of(whole) >= 80 and whole.later == "outlines"
