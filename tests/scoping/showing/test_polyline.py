from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from scoping.clustering.footprints import Discs, Footprints
from scoping.showing.polyline import arcs, encode, numbers
from tests.scoping.showing.polylines import corners, ends, rows

DEGREES = st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, np.pi))
PLACES = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=12, unique=True)
M = 1 / 111_195.0  # a degree of the sphere, on its equator


def test_the_example_of_the_format_is_written_as_its_authors_write_it_with_the_turns_between():
    [text] = encode(np.array([38.5, 40.7, 43.252]), np.array([-120.2, -120.95, -126.453]), np.zeros(3), np.array([0]))
    assert text == "_p~iF~ps|U" + "?" + "_ulLnnqC" + "?" + "_mqNvxq`@" + "?"


@settings(deadline=None)
@given(st.lists(st.lists(DEGREES, min_size=1, max_size=5), max_size=4))
def test_what_is_written_is_read_back_to_a_metre_and_a_degree_and_a_half(lines):
    every = np.array([corner for line in lines for corner in line]).reshape(-1, 3)
    begin = np.cumsum([0, *(len(line) for line in lines)])[:-1]
    texts = encode(*every.T, begin)
    assert len(texts) == len(lines)
    for line, text in zip(lines, texts, strict=True):
        np.testing.assert_allclose(np.array(ends(text))[:, :2], np.array(line)[:, :2], atol=0.6e-5)
        np.testing.assert_allclose(np.array(ends(text))[:, 2], np.array(line)[:, 2], atol=np.pi / 125)


@given(st.lists(st.lists(st.tuples(*[st.integers(0, 2**29)] * 3), max_size=4), max_size=4))
def test_rows_of_numbers_are_read_back(tables):
    begin = np.cumsum([0, *(len(table) for table in tables)])[:-1]
    texts = numbers(np.array([row for table in tables for row in table], np.int64).reshape(-1, 3), begin)
    assert [rows(text, 3) for text in texts] == [[list(row) for row in table] for table in tables]


@settings(deadline=None, max_examples=60)
@given(PLACES, st.sampled_from([75.0, 125.0, 250.0]))
def test_a_footprint_is_drawn_from_its_arcs_as_it_is(places, radius):
    e, n = np.array(places, dtype=np.float64).T
    found = Footprints(Discs(np.zeros(len(e), np.int64), e, n, radius), 1)
    for ring in found.rings(np.array([0]))[0]:
        open_, begin = ring[:-1], np.array([0])
        kept, turn = arcs(open_, begin, radius)
        assert len(kept) <= len(open_) and turn.max() <= np.pi
        [text] = encode(open_[kept, 1] * M, open_[kept, 0] * M, turn, begin)  # on the equator a degree is one way and the other
        read = shapely.make_valid(shapely.Polygon(np.array(corners(text))[:, ::-1] / M))
        was = shapely.make_valid(shapely.Polygon(ring))
        assert shapely.buffer(shapely.symmetric_difference(read, was), -(5.0 + radius / 40)).is_empty


def test_a_disc_takes_two_arcs_and_a_square_stays_a_square():
    angle = np.arange(12) * np.pi / 6
    disc = np.column_stack((np.cos(angle), np.sin(angle))) * 125
    square = np.array([[0, 0], [500, 0], [500, 500], [0, 500.0]])
    kept, turn = arcs(np.concatenate((disc, square)), np.array([0, 12]), 125.0)
    assert kept.tolist() == [0, 6, 12, 13, 14, 15]
    np.testing.assert_allclose(turn, [np.pi, np.pi, 0, 0, 0, 0])
    kept, turn = arcs(np.concatenate((disc, square)), np.array([0, 12]), 0.0)
    assert kept.tolist() == list(range(16)) and not turn.any()


def test_a_corner_that_is_nowhere_is_refused():
    with pytest.raises(ValueError, match="nowhere"):
        encode(np.array([54.0, np.nan]), np.array([-1.0, -1.0]), np.zeros(2), np.array([0]))
