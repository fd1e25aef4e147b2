"""What is asked of one frame again and again is worked out once, and never for other windows."""

import numpy as np
import pandas as pd
import pytest

from scoping import windows
from scoping.clustering.visitors import different_in
from scoping.columns import WINDOWS_KEPT, Columns
from scoping.parameters import WindowScheme
from tests.scoping.worlds import locations


def rows():
    return locations([1_000.0] * 4, [1_000.0] * 4, ["2025-03-05", "2025-03-03", None, "2025-03-04"], list("abba"))


def cut(scheme, first="2025-03-01", last="2025-04-30"):
    return windows.make(WindowScheme.parse(scheme), *(pd.Timestamp(day, tz="UTC") for day in (first, last)), None, None)


def test_rows_without_a_time_come_first_and_the_same_child_has_one_number():
    columns = Columns(rows())
    assert columns.order.tolist() == [2, 1, 3, 0] and columns.rising.tolist() == sorted(columns.at.tolist())
    assert columns.child.tolist() == [0, 1, 1, 0] and (columns.role >= 0).all() and len(columns) == 4


def test_each_scheme_of_windows_has_its_own_answer_and_the_last_few_are_kept():
    columns, asked = Columns(rows()), []
    schemes = [cut("month"), cut("rolling:91d:28d"), cut("days:28"), cut("days:14"), cut("days:7"),
               cut("month", last="2025-04-02")]  # the same edges, and a last window that is not yet full
    assert (schemes[0].start_us == schemes[-1].start_us).all() and len(schemes) > WINDOWS_KEPT
    for each in (*schemes, schemes[-1]):
        assert columns.cut("number", each, lambda each=each: asked.append(each) or len(each)) == len(each)
    assert len(asked) == len(schemes)
    columns.cut("number", schemes[0], lambda: asked.append(None) or 0)  # the oldest gave way
    assert len(asked) == len(schemes) + 1
    assert columns.cut("other", schemes[-1], lambda: "another answer") == "another answer"


@pytest.mark.parametrize("groups", [1, 30, 64])
def test_different_codes_in_groups_are_those_that_a_set_holds(groups):
    chance = np.random.default_rng(groups)
    group, code = chance.integers(-1, groups, 500).astype(np.int8), chance.integers(-1, 20, 500).astype(np.int32)
    held = [{c for g, c in zip(group.tolist(), code.tolist(), strict=True) if g == k and c >= 0} for k in range(groups)]
    assert different_in(group, groups, code, 20).tolist() == [len(each) for each in held]
