import numpy as np
import pytest
import shapely

from scoping.clustering.footprints import SAGITTA_M, Discs, Footprints


def drawn(discs, count, segments=256):
    shapes = np.empty(count, dtype=object)
    shapes[:] = shapely.buffer(shapely.multipoints(shapely.points(discs.e, discs.n), indices=discs.group), discs.radius,
                               quad_segs=segments)
    return shapes


def groups(seed, count, lattice=1.0):
    chance = np.random.default_rng(seed)
    size = chance.integers(1, 25, count)
    group = np.repeat(np.arange(count), size)
    centre = chance.uniform(0, 600, (count, 2))[group] + (400_000, 560_000)
    place = centre + chance.normal(0, 120, (len(group), 2))
    place = np.unique(np.column_stack((group, np.round(place / lattice) * lattice)), axis=0)
    return Discs(place[:, 0].astype(np.int64), place[:, 1], place[:, 2], 125.0)


@pytest.mark.parametrize("lattice", [0.001, 1.0, 25.0, 125.0])
def test_areas_and_overlaps_are_those_of_finely_drawn_polygons(lattice):
    discs = groups(4, 40, lattice)
    footprints = Footprints(discs, 40)
    shapes = drawn(discs, 40, segments=96)
    np.testing.assert_allclose(footprints.area, shapely.area(shapes), rtol=1e-4)
    a, b = (pair.ravel() for pair in np.meshgrid(np.arange(40), np.arange(40)))
    ratio, shared = footprints.overlaps(a, b)
    oracle = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    np.testing.assert_allclose(shared, oracle, rtol=2e-4, atol=20)
    np.testing.assert_allclose(ratio[a == b], 1.0)


def test_places_close_together_in_great_number_have_the_area_of_finely_drawn_polygons():
    e, n = np.random.default_rng(6).permutation(np.indices((30, 24)).reshape(2, -1) * 17.0, axis=1)
    discs = Discs(np.repeat([0, 1], [700, 20]), e, n, 125.0)
    shapes = drawn(discs, 2)
    footprints = Footprints(discs, 2)
    np.testing.assert_allclose(footprints.area, shapely.area(shapes), rtol=1e-4)
    np.testing.assert_allclose(footprints.overlaps(np.array([0]), np.array([1]))[1], shapely.area(shapes[0] & shapes[1]), rtol=1e-4)


def test_the_overlap_of_two_discs_is_the_lens():
    r, d = 125.0, 100.0
    footprints = Footprints(Discs(np.array([0, 1]), np.array([0.0, d]), np.zeros(2), r), 2)
    lens = 2 * r * r * np.arccos(d / (2 * r)) - d / 2 * np.sqrt(4 * r * r - d * d)
    _, shared = footprints.overlaps(np.array([0]), np.array([1]))
    assert shared[0] == pytest.approx(lens)
    assert footprints.area.tolist() == pytest.approx([np.pi * r * r] * 2)


def test_touching_and_distant_discs_share_nothing():
    discs = Discs(np.array([0, 1, 2]), np.array([0.0, 250.0, 5_000.0]), np.zeros(3), 125.0)
    _, shared = Footprints(discs, 3).overlaps(np.array([0, 0]), np.array([1, 2]))
    assert shared.tolist() == pytest.approx([0, 0], abs=1e-6)


def test_the_same_sites_have_the_same_outline_and_others_have_not():
    e, n = np.array([[0.0, 0], [50, 50], [0, 0], [50, 50], [0, 0], [51, 50]]).T
    discs = Discs(np.array([0, 0, 1, 1, 2, 2]), e, n, 125.0)
    same = Footprints(discs, 3).same
    assert same[0] == same[1] != same[2]


@pytest.mark.parametrize("lattice", [0.001, 25.0, 125.0])
def test_drawn_rings_follow_the_outline(lattice):
    count = 150
    discs = groups(5, count, lattice)
    footprints = Footprints(discs, count)
    outlines, first = np.unique(footprints.same, return_index=True)
    fine = drawn(discs, count, segments=32)[first]
    for rings, item in zip(footprints.rings(outlines), fine, strict=True):
        assert all((ring[0] == ring[-1]).all() for ring in rings)
        mine = shapely.union_all([shapely.make_valid(shapely.Polygon(ring)) for ring in rings])
        # where discs meet in a point a gap may be open or enclosed: close it before filling
        closed = shapely.get_parts(shapely.buffer(item, 0.5))
        filled = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(closed)))
        assert shapely.buffer(shapely.difference(item, mine), -SAGITTA_M).is_empty
        assert shapely.difference(mine, filled).area < 1.0


def test_no_groups_no_footprints():
    none = Footprints(Discs(np.empty(0, np.int64), np.empty(0), np.empty(0), 125.0), 0)
    assert len(none.area) == len(none.rings(np.empty(0, np.int64))) == len(none.boxes()) == 0


@pytest.mark.parametrize("lattice", [0.001, 25.0])
def test_bounds_hold_the_areas_and_what_is_shared(lattice):
    footprints = Footprints(groups(9, 60, lattice), 60)
    low, high = footprints.area_bounds()
    assert (low <= footprints.area).all() and (footprints.area <= high).all()
    assert (low > 0.6 * footprints.area).all() and (high < 1.5 * footprints.area).all()
    a, b = (pair.ravel() for pair in np.meshgrid(np.arange(60), np.arange(60)))
    _, shared = footprints.overlaps(a, b)
    low, high = footprints.shared_bounds(a, b, np.full(len(a), np.inf))
    assert (low <= shared + 1e-6).all() and (shared <= high + 1e-6).all()
    assert (low > 0).mean() > 0.5  # they bound something
    enough = shared / 2 + 1
    some, none = footprints.shared_bounds(a, b, enough)
    assert (some == low).all() and (np.isinf(none) == (low >= enough)).all()


def test_overlaps_of_a_few_are_those_of_all():
    discs = groups(10, 60)
    all_of_them, few = Footprints(discs, 60), Footprints(discs, 60)
    a, b = np.array([3, 17, 40]), np.array([4, 18, 2])
    for whole, part in zip(all_of_them.overlaps(*np.indices((60, 60)).reshape(2, -1)), few.overlaps(a, b), strict=True):
        np.testing.assert_allclose(part, whole.reshape(60, 60)[a, b], rtol=1e-9, atol=1e-6)
    assert "_arcs" not in few.__dict__  # it has not drawn the others
