"""Synthetic towns for the published tiers: addresses, and records at the edges of cells and months."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing.disclosure import Publication, release
from scoping.showing.partition import Addresses
from scoping.showing.periods import Period
from tests.scoping.worlds import locations

BLOCK_E, BLOCK_N = 400_000, 600_000  # south-west corner of a 4,000 m block
MONTHS = pd.period_range("2024-01", "2024-06", freq="M")
DAYS = ("first", "last", "middle")
# a dense quarter of 500 m cells, a quarter that is poor but for one cell, and two with almost nothing
COUNTS = np.zeros((8, 8), dtype=np.int64)
COUNTS[:4, :4] = 30
COUNTS[4:, :4] = 3
COUNTS[4, 0] = 40
COUNTS[:4, 4:] = 1
COUNTS[7, 7] = 2
_ROW, _COLUMN = np.divmod(np.arange(64), 8)
ADDRESSES = Addresses(_COLUMN + BLOCK_E // 500, _ROW + BLOCK_N // 500, COUNTS.ravel())
SPOTS = ((0, 0), (0, 1), (1, 0), (2, 3), (3, 3), (6, 1), (1, 6))  # row, column: neighbours, lone ones, sparse ones


@st.composite
def towns(draw, most_children: int = 24):
    """A LOCATIONS frame: many episodes of some children, mostly at few spots, in few months, at the edges of both."""
    children = draw(st.integers(12, most_children))
    count = draw(st.integers(40, 110))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    spots = [SPOTS[k] for k in rng.choice(len(SPOTS), size=rng.integers(1, 4), replace=False)]
    months = rng.choice(len(MONTHS), size=rng.integers(1, 4), replace=False)
    return town(rng, count, children, spots, months)


def town(rng, count, children, spots, months):
    """`count` episodes; nine in ten at the spots and months, the rest anywhere in the block and the half-year."""
    e, n, at = [], [], []
    for _ in range(count):
        stray = rng.random() < 0.1
        row, column = rng.integers(0, 8, 2) if stray else spots[rng.integers(len(spots))]
        month = MONTHS[rng.integers(len(MONTHS)) if stray else months[rng.integers(len(months))]]
        e.append(BLOCK_E + 500 * column + rng.choice([0.0, 499.9, rng.uniform(0, 500)]))
        n.append(BLOCK_N + 500 * row + rng.choice([0.0, 499.9, rng.uniform(0, 500)]))
        at.append(_moment(month, rng))
    at += [_edge(MONTHS[0], 0), _edge(MONTHS[-1], 1)]  # so that every month is whole
    return locations(np.array([*e, 10_000.0, 10_000.0]), np.array([*n, 10_000.0, 10_000.0]), at,
                     [*rng.integers(0, children, count), "first", "last"],
                     location_type=str(rng.choice(["street", "friend_address"])))


def _edge(month, end):
    day = month.end_time.floor("D") if end else month.start_time
    return (day + pd.Timedelta(hours=23.9 * end)).tz_localize("Europe/London").tz_convert("UTC")


def _moment(month, rng):
    start, end = _edge(month, 0), _edge(month, 1)
    return [start, end, start + (end - start) * rng.random()][rng.integers(3)]


def moved(frame, seed=0):
    """Every record anywhere else in its own 500 m cell and at any moment of its own local month."""
    rng = np.random.default_rng(seed)
    local = frame["at"].dt.tz_convert("Europe/London").dt.tz_localize(None).dt.to_period("M")
    at = [_moment(month, rng) for month in local[:-2]] + list(frame["at"][-2:])
    shift = rng.uniform(0, 499.99, (2, len(frame)))
    return frame.assign(easting=np.floor(frame["easting"] / 500) * 500 + shift[0],
                        northing=np.floor(frame["northing"] / 500) * 500 + shift[1], at=pd.Series(at, index=frame.index))


def published(frame, tier="briefing", period="2024-03", before=(), rules=None, synthetic=False, **dials):
    scoped = scope(frame, Parameters(**({"roles": ("found",)} | dials)))
    asked = Publication(Period.parse(period), ADDRESSES, tuple(before), cut_off="2024-07-01")
    return release(scoped, rules, tier, synthetic=synthetic, publish=asked)


def content(given):
    """All that a release says, as text."""
    return "\n".join(each.dump() for each in (*given.editions, *given.fresh)) + given.reason
