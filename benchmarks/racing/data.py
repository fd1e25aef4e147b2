"""Invented points for benchmarks: forces of 80 by 60 km, whole metres, five years from January 2020.

45 towns by Zipf's law; 37,500 postcodes a force by a radial gamma profile, 8 % of them rural, with lognormal weights. Of the
points 45 % lie on postcodes; 30 % in 320 institutions, each exactly one place, a third of them opening and a third
closing in the five years; 11 % at persistent, 5 % at emerging, 5 % at fading and 4 % at seasonal places of 60 to 250 m,
seven in ten of those snapped to one of 25 spots of the place. Up to 150,000 points are one force, more up to 43 side by side.
Children go missing again by a heavy-tailed law, five times on average.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.clustering.points import Points, build

DAYS = 1_827  # 2020-01-01 to 2024-12-31
DAY_US = 86_400_000_000
START_US = int(pd.Timestamp("2020-01-01", tz="UTC").value // 1_000)
POSTCODES, INSTITUTIONS, TOWNS, SPOTS = 37_500, 320, 45, 25
SHARES = {"postcode": 0.45, "institution": 0.30, "persistent": 0.11, "emerging": 0.05, "fading": 0.05, "seasonal": 0.04}
PLACES = {"persistent": 30, "emerging": 12, "fading": 12, "seasonal": 8}

Array = NDArray[Any]


def world(count: int, seed: int = 0) -> Points:
    """`count` points as columns in order of time; each is an episode of its own, in the role found."""
    forces = 1 if count <= 150_000 else min(round(count / 70_000), 43)
    chance = np.random.default_rng(seed)
    force = chance.integers(0, forces, count)
    ground = [_force(chance) for _ in range(forces)]
    kind = chance.choice(len(SHARES), count, p=list(SHARES.values()))
    xy, day = np.empty((count, 2)), chance.integers(0, DAYS, count)
    for number, (postcode, weight, sites) in enumerate(ground):
        for k, name in enumerate(SHARES):
            rows = np.flatnonzero((force == number) & (kind == k))
            if name == "postcode":
                xy[rows] = postcode[chance.choice(POSTCODES, len(rows), p=weight)]
            elif name == "institution":
                xy[rows], day[rows] = _institutions(chance, sites, day[rows])
            else:
                xy[rows], day[rows] = _places(chance, name, postcode, day[rows])
        xy[force == number] += (90_000.0 * (number % 7), 70_000.0 * (number // 7))
    child = chance.lognormal(0, 1.5, max(count // 5, 1))
    place = np.round(xy)
    return build(row=np.arange(count), time=START_US + day * DAY_US + DAY_US // 2,
                 person=chance.choice(len(child), count, p=child / child.sum()), episode=np.arange(count),
                 role=np.full(count, 2), easting=place[:, 0], northing=place[:, 1])


def _force(chance: np.random.Generator) -> tuple[Array, Array, Array]:
    """Postcodes, their weights, and the institutions of one force."""
    towns = chance.uniform((0, 0), (80_000, 60_000), (TOWNS, 2))
    share = 1 / np.arange(1, TOWNS + 1)
    angle = chance.uniform(0, 2 * np.pi, POSTCODES)
    arm = chance.gamma(2, 1_500, POSTCODES)[:, None] * np.column_stack((np.cos(angle), np.sin(angle)))
    postcode = towns[chance.choice(TOWNS, POSTCODES, p=share / share.sum())] + arm
    rural = chance.random(POSTCODES) < 0.08
    postcode[rural] = chance.uniform((0, 0), (80_000, 60_000), (int(rural.sum()), 2))
    weight = chance.lognormal(0, 1.1, POSTCODES)
    return postcode, weight / weight.sum(), postcode[chance.choice(POSTCODES, INSTITUTIONS, replace=False)]


def _institutions(chance: np.random.Generator, sites: Array, day: Array) -> tuple[Array, Array]:
    crowd = (np.arange(INSTITUTIONS) + 4.0) ** -0.85
    which = chance.choice(INSTITUTIONS, len(day), p=crowd / crowd.sum())
    change = chance.integers(200, DAYS - 200, INSTITUTIONS)
    opens, closes = np.zeros(INSTITUTIONS, np.int64), np.full(INSTITUTIONS, DAYS)
    opens[0::3], closes[1::3] = change[0::3], change[1::3]
    return sites[which], opens[which] + (day * (closes - opens)[which]) // DAYS


def _places(chance: np.random.Generator, name: str, postcode: Array, day: Array) -> tuple[Array, Array]:
    """Hotspots of one kind: where and when. Emerging ones grow in number over the years, fading ones shrink."""
    count = PLACES[name]
    which = chance.integers(0, count, len(day))
    centre, width = postcode[chance.choice(POSTCODES, count)], chance.uniform(60, 250, count)
    spot = centre[:, None, :] + chance.normal(0, 1, (count, SPOTS, 2)) * width[:, None, None]
    xy = centre[which] + chance.normal(0, 1, (len(day), 2)) * width[which, None]
    snapped = chance.random(len(day)) < 0.7
    xy[snapped] = spot[which[snapped], chance.integers(0, SPOTS, int(snapped.sum()))]
    ramp = np.floor(DAYS * np.sqrt(chance.random(len(day)))).astype(np.int64)
    if name == "emerging":
        return xy, ramp
    if name == "fading":
        return xy, DAYS - 1 - ramp
    if name == "seasonal":  # one quarter of each year
        return xy, np.minimum(day // 365 * 365 + (day % 365) // 4 + 91 * (which % 4), DAYS - 1)
    return xy, day
