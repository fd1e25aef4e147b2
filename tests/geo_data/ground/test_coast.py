"""Coast and borders of a printed map: houses are on land, open sea is not, and a moor near the shore is no sea."""

import numpy as np
import shapely

from geo_data.ground import coast
from tests.geo_data.ground.test_outlines import gazetteer

BOUNDS = (395_000.0, 297_000.0, 420_000.0, 311_000.0)


def town(west, south, code, wide=8_000, tall=8_000):
    east, north = np.meshgrid(np.arange(west, west + wide, 400), np.arange(south, south + tall, 400))
    return east.ravel() + 100, north.ravel() + 100, np.full(east.size, code)


def island(*towns):
    """A gazetteer of towns whose districts are called by their codes."""
    e, n, code = (np.concatenate(each) for each in zip(*towns, strict=True))
    made = gazetteer(e, n, code)
    made.base.arrays["districts"] = np.array(["", "E08000021", "E08000022", "E06000047"])
    return made, e, n


def test_every_house_is_on_land_and_the_open_sea_is_not():
    made, e, n = island(town(400_000, 300_000, 1), town(408_000, 300_000, 2))
    land = shapely.union_all(coast.borders(made, *BOUNDS).land)
    assert shapely.contains_xy(shapely.buffer(land, 300.0), e, n).all()
    assert not shapely.contains_xy(land, 395_500, 297_500) and not shapely.contains_xy(land, 418_500, 304_000)
    assert shapely.area(land) < 18_500 * 10_500  # the shore hugs the houses


def test_districts_and_forces_are_parted_once():
    made, *_ = island(town(400_000, 300_000, 1), town(408_000, 300_000, 2), town(416_000, 300_000, 3))
    found = coast.borders(made, *BOUNDS)
    assert len(found.districts) == 1 and len(found.forces) == 1  # Newcastle and North Tyneside, one force; County Durham, another
    assert abs(shapely.get_coordinates(found.districts)[:, 0].mean() - 408_000) < 600
    assert abs(shapely.get_coordinates(found.forces)[:, 0].mean() - 416_000) < 600
    assert [name for name, _ in found.areas] == ["Newcastle upon Tyne", "North Tyneside", "County Durham"]


def test_ground_without_houses_inside_the_land_is_land():
    ring = [town(400_000, 300_000, 1, 12_000, 1_000), town(400_000, 308_000, 1, 12_000, 1_000),
            town(400_000, 300_000, 1, 1_000, 9_000), town(411_000, 300_000, 1, 1_000, 9_000)]
    made, *_ = island(*ring)
    assert shapely.contains_xy(shapely.union_all(coast.borders(made, *BOUNDS).land), 406_000, 304_500)


def test_where_there_is_no_sea_all_is_land_and_without_postcodes_there_is_nothing():
    made, *_ = island(town(340_000, 240_000, 1, 120_000, 120_000))
    inner = coast.borders(made, 395_000.0, 297_000.0, 405_000.0, 303_000.0).land
    assert shapely.contains(shapely.union_all(inner), shapely.box(395_000, 297_000, 405_000, 303_000))
    far = coast.borders(made, 100_000.0, 900_000.0, 110_000.0, 910_000.0)
    assert not len(far.land) and not len(far.districts) and not far.areas


def test_a_postcode_alone_in_open_sea_is_no_land_and_no_error():
    made, *_ = island((np.array([405_000.0]), np.array([304_000.0]), np.array([1])))
    assert not len(coast.borders(made, *BOUNDS).land)


def test_a_corner_is_cut_and_the_ends_of_a_line_stay():
    line = coast.rounded(np.array([shapely.LineString([(0, 0), (10, 0), (10, 10)])]))[0]
    assert line.coords[0] == (0, 0) and line.coords[-1] == (10, 10) and not line.intersects(shapely.Point(10, 0))
