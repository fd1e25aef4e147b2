"""Laws of the detection bench: equal false alarms, strong plants found soon, and nothing known before it happened."""

import numpy as np
import pytest

from geo_data.errors import ParameterError
from scoping.change import detection
from scoping.change.detection import COLUMNS, METHODS, WEEKS, Bench, World, bench, evidence, world

SMALL = Bench(per_month=60, rates=(10.0,), worlds=4, null_worlds=10)


def places():
    chance = np.random.default_rng(1)
    return chance.uniform(400_000, 420_000, 500), chance.uniform(400_000, 420_000, 500)


def test_a_strong_plant_is_found_soon_at_the_allowed_number_of_false_alarms():
    told = []
    table = bench(*places(), SMALL, lambda done, total: told.append((done, total)))
    assert tuple(table.columns) == COLUMNS and table["method"].tolist() == list(METHODS)
    assert (table["false_alarms_a_year"] <= SMALL.alarms).all()
    scan = table.set_index("method").loc["scan"]
    assert scan["found"] == 1 and scan["median_days"] <= 14 and scan["low"] < 1
    assert told[-1] == (14, 14)
    assert table.equals(bench(*places(), SMALL))


def test_a_week_knows_nothing_later():
    held = world(*places(), SMALL, 5.0, np.random.default_rng(2))
    known = held.day < 7 * 4
    early = World(held.easting[known], held.northing[known], held.day[known], held.plant)
    for method, seen in evidence(held, 4).items():
        assert all(np.array_equal(a, b) for a, b in zip(seen, evidence(early, 4)[method], strict=True))


def test_quiet_plants_lie_in_quiet_squares_and_at_a_record():
    chance = np.random.default_rng(3)
    busy, lone = np.full(400, 400_100.0), 410_000 + 2_000.0 * np.arange(9)
    e, n = np.append(busy, lone), np.append(busy, lone)
    plants = {world(e, n, Bench(quiet=True), 0, chance).plant[0] for _ in range(30)}
    assert 400_100.0 not in plants and plants <= set(lone)
    assert 400_100.0 in {world(e, n, Bench(), 0, chance).plant[0] for _ in range(30)}


def test_worlds_have_the_rates_asked_for():
    held = world(*places(), Bench(per_month=280), 5.0, np.random.default_rng(4))
    near = np.hypot(held.easting - held.plant[0], held.northing - held.plant[1]) < 400
    assert 30 <= (near & (held.day >= 0)).sum() <= 95  # 60 planted, and some background
    assert abs(len(held.day) - 60 - 280 / 28 * 449) < 300
    assert held.day.min() >= -365 and held.day.max() < 7 * WEEKS


def test_a_threshold_lets_the_allowed_share_of_weeks_through():
    quiet = np.sort(np.random.default_rng(5).normal(size=520))
    assert (quiet > detection._threshold(quiet, 4.0)).sum() == 39  # 4 * 7 / 365 of 520 weeks
    rarity = detection._rarity(np.array([quiet[0], quiet[-1], quiet[-1] + 2]), quiet)
    assert (np.diff(rarity) > 0).all()


@pytest.mark.parametrize("wrong", [{"per_month": 1}, {"worlds": 0}, {"rates": ()}, {"rates": (0.0,)}, {"alarms": 0.0},
                                   {"seed": -1}])
def test_dials_are_checked(wrong):
    with pytest.raises(ParameterError):
        Bench(**wrong)
