"""Naming points: the settlement and the postcode sector, never finer."""

from __future__ import annotations

import re

import numpy as np

from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.naming import describe


def test_a_point_in_a_town_is_named_by_town_and_sector(gazetteer: Gazetteer) -> None:
    assert describe(gazetteer, [389_735.0], [413_358.0]).tolist() == ["Rochdale OL16 1"]


def test_no_name_is_finer_than_a_sector(gazetteer: Gazetteer) -> None:
    rng = np.random.default_rng(1)
    named = describe(gazetteer, rng.uniform(380_000, 420_000, 300), rng.uniform(390_000, 430_000, 300))
    assert (named != "").all()
    assert not any(re.search(r"\d[A-Z]{2}$", name) for name in named)


def test_a_missing_point_has_no_name_and_open_sea_no_sector(gazetteer: Gazetteer) -> None:
    assert describe(gazetteer, [np.nan], [np.nan]).tolist() == [""]
    assert not re.search(r"[A-Z]{1,2}\d+ \d", describe(gazetteer, [480_000.0], [616_000.0])[0])


def test_a_sorting_office_is_no_part_of_town(gazetteer: Gazetteer) -> None:
    office = gazetteer.sector("NE99 5")  # several hundred postcodes within a hundred metres
    assert office is not None and office.precision_m < 150
    assert "NE99" not in describe(gazetteer, [office.easting], [office.northing])[0]
