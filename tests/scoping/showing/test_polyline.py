from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoping.showing.polyline import encode
from tests.scoping.showing.polylines import corners

DEGREES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def test_the_example_of_the_format_is_written_as_its_authors_write_it():
    assert encode(np.array([38.5, 40.7, 43.252]), np.array([-120.2, -120.95, -126.453]), np.array([0])) == [
        "_p~iF~ps|U_ulLnnqC_mqNvxq`@"]


@settings(deadline=None)
@given(st.lists(st.lists(DEGREES, min_size=1, max_size=5), max_size=4))
def test_what_is_written_is_read_back_to_a_metre(lines):
    every = np.array([corner for line in lines for corner in line]).reshape(-1, 2)
    begin = np.cumsum([0, *(len(line) for line in lines)])[:-1]
    texts = encode(every[:, 0], every[:, 1], begin)
    assert len(texts) == len(lines)
    for line, text in zip(lines, texts, strict=True):
        np.testing.assert_allclose(corners(text), line, atol=0.6e-5)


def test_a_corner_that_is_nowhere_is_refused():
    with pytest.raises(ValueError, match="nowhere"):
        encode(np.array([54.0, np.nan]), np.array([-1.0, -1.0]), np.array([0]))
