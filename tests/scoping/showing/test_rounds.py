from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.grid import to_bng, to_wgs84
from scoping.clustering.footprints import Discs, Footprints
from scoping.clustering.rings import Rings
from scoping.showing.rounds import LETTERS, encode, numbers, rounds, stays
from tests.scoping.showing.rounds_read import outlines, rows

PLACES = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=12, unique=True)
WHERE = np.array([389_000.0, 413_000.0])  # Rochdale: metres of EPSG:27700


def told(*features):
    """Features of outlines of open rings: the outlines, and where each feature begins."""
    every = [[np.concatenate((ring, ring[:1])) for ring in outline] for feature in features for outline in feature]
    return Rings.of(every), np.cumsum([0, *map(len, features)])[:-1]


def drawn(feature, radius):
    """What is drawn, in metres, as shapes."""
    return [shapely.union_all([shapely.make_valid(shapely.Polygon(np.column_stack(to_bng(*np.array(ring).T)))) for ring in outline])
            for outline in outlines(feature, radius)]


def rings(places, radius):
    e, n = np.array(places, dtype=np.float64).T
    found = Footprints(Discs(np.zeros(len(e), np.int64), e + WHERE[0], n + WHERE[1], radius), 1)
    return [ring[:-1] for ring in found.rings(np.array([0]))[0]]


def same(one, other, metres):
    return shapely.buffer(shapely.symmetric_difference(one, other), -metres).is_empty


@given(st.lists(st.lists(st.tuples(*[st.integers(0, 2**29)] * 3), max_size=4), max_size=4))
def test_rows_of_numbers_are_read_back(tables):
    begin = np.cumsum([0, *(len(table) for table in tables)])[:-1]
    texts = numbers(np.array([row for table in tables for row in table], np.int64).reshape(-1, 3), begin)
    assert [rows(text, 3) for text in texts] == [[list(row) for row in table] for table in tables]


def test_no_letter_means_anything_to_json_html_or_a_template():
    assert len(set(LETTERS)) == 64 and all(letter.isalnum() or letter in "-_" for letter in LETTERS)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.lists(PLACES, min_size=1, max_size=3), min_size=1, max_size=3), st.sampled_from([75.0, 125.0, 250.0]))
def test_footprints_are_drawn_as_they_are(features, radius):
    """Whether their rings go as discs or, where rounding would change them, as corners."""
    every = [[rings(places, radius) for places in feature] for feature in features]
    for feature, written in zip(every, encode(*told(*every), radius, to_wgs84), strict=True):
        for outline, seen in zip(feature, drawn(written, radius), strict=True):
            was = shapely.union_all([shapely.make_valid(shapely.Polygon(ring)) for ring in outline])
            assert same(was, seen, 5.0 + radius / 40)


def test_most_footprints_go_as_discs_and_a_place_is_written_once():
    chance = np.random.default_rng(4)
    every = [[rings(np.unique(chance.integers(0, 700, (size, 2)), axis=0), 125.0) for size in (5, 9, 14)] for _ in range(60)]
    written = encode(*told(*every), 125.0, to_wgs84)
    by_corners = sum(len(ring) for feature in every for outline in feature for ring in outline)
    assert sum(len(feature["rings"]) for feature in written) < 0.6 * by_corners  # letters for corners: four each would be written
    both = encode(*told([every[0][2], every[0][2]]), 125.0, to_wgs84)[0]
    alone = encode(*told([every[0][2]]), 125.0, to_wgs84)[0]
    assert both["discs"] == alone["discs"] and len(both["rings"]) <= 2 * len(alone["rings"]) + 1


def test_a_disc_is_one_place_and_a_square_stays_a_square():
    angle = np.arange(12) * np.pi / 6
    disc = np.column_stack((np.cos(angle), np.sin(angle))) * 125 + WHERE
    square = np.array([[0, 0], [500, 0], [500, 500], [0, 500.0]]) + WHERE
    found = rounds(np.concatenate((disc, square)), np.array([0, 12]), 125.0)
    assert found.straight.tolist() == [False, True]
    np.testing.assert_allclose(found.centre[0], WHERE, atol=1e-6)
    np.testing.assert_allclose(found.turn[0], 2 * np.pi)
    one, other = encode(*told([[disc]], [[square, disc]]), 125.0, to_wgs84)
    assert rows(one["rings"], 1) == [[2], [0]] and len(rows(one["discs"], 2)) == 1
    assert same(drawn(one, 125.0)[0], shapely.Point(WHERE).buffer(125.0), 3.0)
    assert same(drawn(other, 125.0)[0], shapely.union(shapely.Polygon(square), shapely.Point(WHERE).buffer(125.0)), 3.0)
    [fixed] = encode(*told([[square]]), 0.0, to_wgs84)  # a release of cells has no radius
    assert fixed["discs"] == "" and same(drawn(fixed, 0.0)[0], shapely.Polygon(square), 1.0)


def test_an_arc_that_rounding_turns_about_is_left_out_and_its_ring_still_goes_as_discs():
    """A disc that reaches just beyond where two others meet shows less of itself than rounding moves its centre."""
    beyond = np.sqrt(125.0**2 - 90**2) + 0.1 - 125.0
    every = [rings([(shift, 0), (shift + 180, 0), (shift + 90, beyond)], 125.0) for shift in np.linspace(0, 2, 20)]
    for ring, written in zip(every, encode(*told(*([ring] for ring in every)), 125.0, to_wgs84), strict=True):
        found = rounds(ring[0], np.array([0]), 125.0)
        assert 0 < found.turn.min() < 0.1 and len(ring) == 1
        assert rows(written["rings"], 1)[0] == [2 * len(found.centre)]
        assert same(drawn(written, 125.0)[0], shapely.make_valid(shapely.Polygon(ring[0])), 8.0)


def test_two_discs_that_all_but_part_are_drawn_whole():
    pair = rings([(0, 0), (249, 0)], 125.0)
    found = rounds(np.concatenate(pair), np.array([0]), 125.0)
    assert len(found.centre) == 2
    np.testing.assert_allclose(stays(found.centre, found.begin, 125.0), found.turn, atol=1e-6)
    [written] = encode(*told([pair]), 125.0, to_wgs84)
    assert drawn(written, 125.0)[0].area > 1.95 * np.pi * 125**2


@pytest.mark.parametrize("apart", [(250, 0), (150, 200), (70, 240)])
@pytest.mark.parametrize("corner", [(389_000, 413_000), (530_000, 180_000), (425_000, 565_000), (180_000, 40_000)])
def test_discs_that_touch_are_drawn_wherever_they_lie(apart, corner):
    """Places recorded to ten metres: rounding may part them, and then no disc may vanish, neither of a pair nor of a chain."""
    chance = np.random.default_rng(7)
    shifts = chance.integers(0, 3_000, (150, 2)) * 10
    move = np.array(corner) - WHERE
    pairs = [rings([shift + move, shift + move + apart], 125.0) for shift in shifts]
    chains = [rings([shift + move, shift + move + [90, 10], shift + move + [90, 10] + apart], 125.0) for shift in shifts]
    for ring, written in zip(every := pairs + chains, encode(*told(*([ring] for ring in every)), 125.0, to_wgs84), strict=True):
        assert same(shapely.union_all([shapely.make_valid(shapely.Polygon(part)) for part in ring]), drawn(written, 125.0)[0], 8.0)


def test_what_is_nowhere_or_empty_is_refused_and_nothing_is_nothing():
    square = np.array([[0, 0], [500, 0], [500, 500.0]])
    with pytest.raises(ValueError, match="nowhere"):
        encode(*told([[square * np.nan]]), 125.0, to_wgs84)
    with pytest.raises(ValueError, match="without a ring"):
        encode(*told([[square], []]), 125.0, to_wgs84)
    assert encode(*told(), 125.0, to_wgs84) == []
