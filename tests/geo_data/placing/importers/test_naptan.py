from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo_data.errors import InputError
from geo_data.placing.importers.naptan import KINDS
from geo_data.placing.kinds import PLACE_TYPE, station_names
from geo_data.schema import PLACE_TYPES
from tests.geo_data.placing.importers.conftest import Import
from tests.geo_data.placing.importers.made import NAPTAN_HEADER, csv, stop
from tests.shared_data import shared

STOPS = [
    stop("1", "Loom Arms", "BCT", 390_000, 413_000, Street="Weaver Row", ParentLocalityName="Rochdale"),
    stop("2", "Loom Arms", "BCT", 390_060, 413_020, Street="Weaver Row", Suburb="Belfield"),
    stop("3", "Loom Arms", "BCT", 425_000, 565_000, Street="A9664", LocalityName="Byker", ShortCommonName="The Loom"),
    stop("4", "Railway Station", "RSE", 391_000, 414_000, LocalityName="Amblecote Green", Street="road to nowhere"),
    stop("5", "Gone Inn", "BCT", 391_000, 414_000, Status="inactive"),
    stop("6", "Loughview", "BCT", 333_000, 374_000, GridType="IrishOS"),
    stop("7", "By degrees", "BCT", "", "", GridType="", Latitude="53.6155", Longitude="-2.1561"),
    stop("8", "Cable", "LCB", 391_000, 414_000),
    stop("1", "Loom Arms", "BCT", 390_000, 413_000),
]


def test_stops_stations_and_streets(tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "Stops.csv"
    path.write_bytes(csv([NAPTAN_HEADER, *STOPS], end="\n"))
    about, held = import_("naptan", path)
    assert about["counts"] == {"rows": 9, "active": 5, "features": 4, "streets": 3, "localities": 2}
    features, streets = held.features, held.streets
    near, far = (features[row] for row in features.find("loom arms"))
    assert (near.easting, near.northing, near.radius_m, near.kind, near.street) == (390_030, 413_010, 50, "bus_stop", "Weaver Row")
    assert (near.locality, near.town) == ("Amblecote Green", "Rochdale") and far.easting == 425_000
    assert features.inside("Belfield").tolist() == [near.row] and features.find("The Loom").tolist() == [far.row]
    station = features[int(features.find("Amblecote Green station")[0])]
    assert (station.name, station.kind, station.radius_m) == ("Amblecote Green railway station", "rail_station", 80)
    assert abs(features[int(features.find("By degrees")[0])].easting - 389_769) < 5
    assert [streets[row].kind for row in streets.find("a9664")] == ["numbered"] and streets.find("road to nowhere").size == 0
    assert [streets[row].locality for row in streets.find("Weaver row")] == ["Amblecote Green"]
    (place,) = held.places("Amblecote green")  # no settlement that is known without the file
    assert np.hypot(place.easting - 390_200, place.northing - 413_200) < 500 <= place.precision_m
    assert [(place.easting, place.precision_m) for place in held.places("Byker")] == [(425_000, 500)]


@pytest.mark.parametrize(("name", "kind", "locality", "shown", "leads"), [
    ("Rochdale Town Centre (Manchester Metrolink)", "tram_stop", "Rochdale", "Rochdale Town Centre Metrolink stop",
     "Rochdale Town Centre metrolink stop"),
    ("Monkseaton (Tyne and Wear Metro Station)", "tram_stop", "Monkseaton", "Monkseaton Metro station", "Monkseaton metro"),
    ("Manchester Piccadilly Rail Station", "rail_station", "", "Manchester Piccadilly railway station", "Manchester Piccadilly"),
    ("Bus Station", "bus_station", "Blyth", "Blyth bus station", "Blyth interchange"),
])
def test_how_stations_are_called(name: str, kind: str, locality: str, shown: str, leads: str) -> None:
    found, others = station_names(name, kind, locality, {"blyth", "monkseaton"})
    assert found == shown and leads in others and ("Monkseaton" in others) is False
    assert station_names("Loom Arms", "bus_stop", "Blyth", set()) == ("Loom Arms", [])


def test_every_kind_has_a_place_type() -> None:
    assert set(KINDS.values()) <= set(PLACE_TYPE) and set(PLACE_TYPE.values()) <= set(PLACE_TYPES)


@pytest.mark.parametrize("missing", ["ATCOCode", "Status", "Longitude"])
def test_a_file_without_a_column_is_refused(missing: str, tmp_path: Path, import_: Import) -> None:
    at = NAPTAN_HEADER.index(missing)
    path = tmp_path / "Stops.csv"
    path.write_bytes(csv([row[:at] + row[at + 1 :] for row in (NAPTAN_HEADER, STOPS[0])]))
    with pytest.raises(InputError, match=missing):
        import_("naptan", path)


def test_northumberland(import_: Import) -> None:
    about, held = import_("naptan", shared("geocoding", "310Stops.csv"))
    assert about["counts"]["rows"] == 3_110 and about["counts"]["active"] == 3_084
    assert [held.features[row].kind for row in held.features.find("Haltwhistle station")] == ["rail_station"]
    assert len(held.streets.find("A68")) > 10 and held.streets.inside("Ramshope").size > 0
