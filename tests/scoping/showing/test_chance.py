"""What chance alone would give on a published page: foretold as other worlds without a change give it, and nothing finer in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing import disclosure
from scoping.showing.periods import Period
from tests.scoping.showing.test_formats import snapshot
from tests.scoping.showing.towns import ADDRESSES, BLOCK_E, BLOCK_N, moved
from tests.scoping.worlds import locations

SPOTS = ((0, 0), (1, 0), (2, 3), (3, 3), (3, 0), (0, 3))
MONTHS = pd.period_range("2023-04", "2024-06", freq="M")


def steady(seed, each=4.2):
    """A world in which nothing changes: at every spot about as many children each month, no child twice at the same place."""
    rng = np.random.default_rng(seed)
    rows = [(spot, month) for spot in SPOTS for month in MONTHS for _ in range(rng.poisson(each))]
    e = [BLOCK_E + 500.0 * column + rng.uniform(0, 499) for (_, column), _ in rows]
    n = [BLOCK_N + 500.0 * row + rng.uniform(0, 499) for (row, _), _ in rows]
    at = [month.start_time.tz_localize("Europe/London").tz_convert("UTC") + pd.Timedelta(hours=float(rng.uniform(2, 650)))
          for _, month in rows]
    ends = [MONTHS[0].start_time.tz_localize("UTC") + pd.Timedelta(hours=1), MONTHS[-1].end_time.tz_localize("UTC").floor("min")
            - pd.Timedelta(hours=2)]
    return locations(np.array([*e, 10_000.0, 10_000.0]), np.array([*n, 10_000.0, 10_000.0]), [*at, *ends],
                     [*range(len(rows)), "first", "last"], location_type="street")


def release(frame, period="2024-06", tier="rmg", before=()):
    publish = disclosure.Publication(Period.parse(period), ADDRESSES, tuple(before))
    return disclosure.release(scope(frame, Parameters(roles=("found",))), None, tier, publish=publish)


def test_it_foretells_what_worlds_without_change_give():
    """Over twelve worlds what is foretold, beside what is seen there."""
    foretold, seen = np.zeros(3), np.zeros(3)
    for seed in range(12):
        made = release(steady(seed))
        now = made.hotspots[made.hotspots["window"] == len(made.labels) - 1]["change"].tolist()
        foretold += [made.editions[-1].chance[name] for name in ("reactivated", "below", "grew")]
        seen += [now.count(name) for name in ("reactivated", "below", "grew")]
    assert seen[:2].min() >= 6  # that something comes and goes by chance, or this proves nothing
    assert np.abs(foretold - seen).max() / 12 <= 0.5 and foretold[2] <= 4


def test_a_place_that_truly_began_stands_beside_a_small_number():
    frame = steady(3)
    left, bottom = BLOCK_E + 1_500.0, float(BLOCK_N)  # the spot (0, 3), which touches no other
    spot = frame["easting"].between(left, left + 499.9) & frame["northing"].between(bottom, bottom + 499.9)
    frame = frame[~spot | (frame["at"] >= "2024-06-01")]
    names = [f"N{k}" for k in range(14)]
    many = frame[frame["at"] >= "2024-06-02"].iloc[:14].assign(easting=left + 100.0, northing=bottom + 100.0, person_ref=names,
                                                               episode_ref=names, location_id=names)
    frame = pd.concat([frame.iloc[:-2], many, frame.iloc[-2:]], ignore_index=True)
    made = release(frame)
    assert "born" in made.hotspots["change"].tolist() and made.editions[-1].chance["born"] <= 1


@pytest.mark.parametrize(("tier", "period"), [("rmg", "2024-06"), ("briefing", "2024-05"), ("rmg", "2024-Q2")])
def test_neither_moving_inside_cell_and_month_nor_names_nor_order_change_it(tier, period):
    frame = steady(1)
    plain = [each.dump() for each in release(frame, period, tier).editions]
    assert '"chance":{' in plain[-1]
    assert [each.dump() for each in release(moved(frame, 5), period, tier).editions] == plain
    names = {name: f"Z{k}" for k, name in enumerate(np.random.default_rng(2).permutation(frame["person_ref"].unique()))}
    other = frame.assign(person_ref=frame["person_ref"].map(names)).sample(frac=1, random_state=3, ignore_index=True)
    assert [each.dump() for each in release(other, period, tier).editions] == plain


def test_it_is_frozen_and_said_and_where_it_was_not_counted_that_is_said():
    made = release(steady(1))
    again = release(steady(2), before=made.editions)
    assert again.editions == made.editions
    assert "chance" not in made.editions[0].dump()  # too early to call anything new
    assert "was not counted" in dict(snapshot().facts())["By chance"]
