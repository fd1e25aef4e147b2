"""Moving every episode inside its cell and month leaves every file as it was: each format, the group's page, a year's profile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from geo_data.grid import to_wgs84
from scoping.attack import invented
from scoping.parameters import Parameters
from scoping.showing import disclosure, formats, pack_files
from scoping.showing.pack import pack
from scoping.showing.periods import Period
from scoping.showing.publication import Chosen
from tests.scoping.showing.test_formats import ABOUT, snapshot
from tests.scoping.showing.test_pack import NOBODY, TODAY
from tests.scoping.showing.test_publication import LAWS, TIERS, content
from tests.scoping.showing.towns import ADDRESSES, moved, town, towns

PERIODS = st.sampled_from(["2024-01", "2024-03", "2024-Q1", "2024-H1", "2024"])
FILES = (*formats.FORMATS, *(f"pack {kind}" for kind in pack_files.FORMATS))


def a_year(frame):
    """The half-year's records as those of a whole year, of which the rest is empty; and EPISODES of invented children."""
    last = pd.Timestamp("2024-12-31 23:00", tz="UTC")
    frame = frame.assign(at=frame["at"].where(frame.index < len(frame) - 1, last))
    return frame, invented.episodes(frame, invented.facts(frame, 1))


def release(frame, episodes, tier, period):
    asked = disclosure.Publication(Period.parse(period), ADDRESSES, (), episodes, cut_off="2025-01-01")
    return disclosure.release(Chosen(frame, Parameters(roles=("found",))), None, tier, synthetic=True, publish=asked)


def made(given_, kind):
    names = {name: f"Place {k}" for k, name in enumerate(sorted(set(given_.hotspots["hotspot_id"])))}
    taken = replace(snapshot(), release=given_, about=ABOUT, names=names, _kept={})
    if kind.startswith("pack "):
        return pack_files.make(pack(taken, NOBODY, TODAY), [kind.split()[1]])[0].data
    return formats.make(taken, [kind], to_wgs84)[0].data


@LAWS
@given(towns(), TIERS, PERIODS, st.integers(0, 9), st.sampled_from(FILES))
def test_moving_every_episode_inside_its_cell_and_month_changes_no_byte_of_any_file(frame, tier, period, seed, kind):
    frame, episodes = a_year(frame)
    one = release(frame, episodes, tier, period)
    other = release(moved(frame, seed), invented.moved(episodes, seed), tier, period)
    assert content(one) == content(other)
    assert made(one, kind) == made(other, kind)


def test_the_towns_publish_places_and_groups_often():
    places = groups = halves = 0
    for seed in range(20):
        frame, episodes = a_year(town(np.random.default_rng(seed), 100, 24, [(0, 0), (0, 1), (2, 3)], [0, 2]))
        edition = release(frame, episodes, "rmg", "2024").editions[-1]
        places += bool(edition.places)
        groups += sum(bool(group.low) and group.title != "" for group in edition.people) >= 4
        halves += bool(release(frame, episodes, "rmg", "2024-H1").editions[-1].places)
    assert places >= 15 and groups >= 15 and halves >= 15
