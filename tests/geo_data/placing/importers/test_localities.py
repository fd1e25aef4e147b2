from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.placing.gazetteer_part import Part
from geo_data.placing.importers.localities import LEAST_RADIUS_M, LINK_M, MOST_PEOPLE, arrays
from geo_data.placing.named_areas import NamedAreas


def made(rows: list[tuple[str, float, float]], **how: int) -> dict[str, Any]:
    shown = sorted({name for name, _, _ in rows})
    number = np.array([shown.index(name) for name, _, _ in rows], dtype=np.int64)
    e, n = (np.array([row[axis] for row in rows], dtype=np.float64) for axis in (1, 2))
    return arrays(number, np.array(shown, dtype=object), e, n, **({"least": 1, "people": 40} | how))


NAMES = st.sampled_from(["Weavers Green", "Loomsworth", "Nether Loom"])
EASTINGS, NORTHINGS = st.integers(0, 40).map(lambda k: 500.0 * k), st.integers(0, 3).map(lambda k: 20_000.0 * k + 300_000)
ROWS = st.lists(st.tuples(NAMES, EASTINGS, NORTHINGS), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, least=st.integers(1, 6))
def test_each_place_stands_on_enough_things_and_holds_nine_in_ten(rows: list[tuple[str, float, float]], least: int) -> None:
    held = made(rows, least=least)
    for label, e, n, radius, people in zip(*(held.get(f"place_{name}", ()) for name in ("name", "e", "n", "radius", "population")),
                                           strict=True):
        own = [row for row in rows if row[0] == label and row[2] == 20_000 * round((n - 300_000) / 20_000) + 300_000]
        assert radius >= LEAST_RADIUS_M and people % 40 == 0 and least <= people / 40 <= len(own)
        apart = sorted(abs(row[1] - e) for row in own)[:int(people / 40)]
        assert sum(away <= radius + 1 for away in apart) >= 0.9 * (people / 40) - 1


def test_things_far_apart_are_two_places_and_steps_join_one() -> None:
    chained = [("Loomsworth", 400_000.0 + LINK_M * k, 300_000.0) for k in range(3)]
    assert made(chained)["place_e"].tolist() == [400_000 + LINK_M]
    assert len(made([("Loomsworth", 400_000.0, 300_000.0), ("Loomsworth", 400_000.0 + LINK_M + 1, 300_000.0)])["place_e"]) == 2


@pytest.mark.parametrize("name", ["Prospect Road", "High Street", "Barn Close", "Church", "Lane", "Road", "Market", "By", "", "12"])
def test_a_street_or_a_building_is_no_place(name: str) -> None:
    assert not made([(name, 400_000.0, 300_000.0)] * 50)
    assert made([(f"{name} Weavers Green", 400_000.0, 300_000.0)])["place_name"].tolist() == [f"{name} Weavers Green"]


def test_an_estimate_makes_no_town() -> None:
    assert made([("Loomsworth", 400_000.0, 300_000.0)] * 5_000)["place_population"].tolist() == [MOST_PEOPLE]


def test_a_known_settlement_keeps_its_name_and_people_and_reaches_as_far_as_either_tells() -> None:
    base = Part(made([("Loomsworth", 400_000.0, 300_000.0)], people=7_000), "", "base")
    wide = Part(made([("Loomsworth", 400_000.0 + e, 300_500.0) for e in (-1_500.0, 0.0, 1_500.0)]), "", "listed", imported=True)
    far = Part(made([("Loomsworth", 500_000.0, 300_000.0)]), "", "far", imported=True)
    near, other = NamedAreas([base, wide, far]).settlements("loomsworth")
    assert (near.easting, near.population, near.precision_m) == (400_000, 7_000, wide.arrays["place_radius"][0])
    assert near.precision_m > 1_000 and other.easting == 500_000
    assert NamedAreas([base]).settlements("loomsworth")[0].precision_m == LEAST_RADIUS_M
