from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_data.distinct import distinct


@given(st.lists(st.integers(-2**63, 2**63 - 1)))
def test_each_value_comes_once_and_rising(values):
    assert distinct(np.array(values, dtype=np.int64)).tolist() == sorted(set(values))


@pytest.mark.parametrize("kind", ["int32", "uint64", "float64", "bool"])
def test_the_kind_of_number_stays(kind):
    assert distinct(np.array([1, 0, 1], dtype=kind)).dtype == kind
