"""Has the recording changed rather than the world? Gaps in a feed, and an agency whose volume jumps everywhere at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import bdtrc  # the binomial tail, without the weight of scipy.stats

from scoping.clustering.points import Floats, Ints

JUMP = 3.0  # times its earlier rate
ENOUGH = 20  # recent records of the agency outside its busiest place
SURE = 1e-4
GAP_DAYS = 14
LATE = 1e-3


@dataclass(frozen=True)
class Jump:
    """An agency (code), and by how much its recent records outside its busiest place exceed its earlier rate."""

    agency: int
    times: float
    days: int


def jumps(agency: Ints, age: Ints, easting: Floats, northing: Floats, *, lengths: Sequence[int], days: int, radius: float
          ) -> list[Jump]:
    """Agencies whose records rose at least `JUMP`-fold in the last days, even without the place at which most are new.

    A new hotspot raises its agency's volume too, so the busiest circle of the recent records is left out, before and after.
    The count is held against the exact binomial tail of its earlier rate.
    """
    found = []
    for code in np.unique(agency):
        mine = np.flatnonzero(agency == code)
        best: Jump | None = None
        for length in lengths:
            recent = mine[age[mine] < length]
            if len(recent) < ENOUGH:
                continue
            at = np.column_stack([easting[recent], northing[recent]])
            tree = cKDTree(at)
            busiest = at[int(np.argmax(tree.query_ball_point(at, radius, return_length=True)))]
            apart = (easting[mine] - busiest[0]) ** 2 + (northing[mine] - busiest[1]) ** 2 > radius**2
            now, before = int((apart & (age[mine] < length)).sum()), int((apart & (age[mine] >= length)).sum())
            times = now / length / max(before / (days - length), 1 / (days - length))
            if now >= ENOUGH and times >= JUMP and bdtrc(now - 1, now + before, length / days) < SURE:
                best = Jump(int(code), times, length) if best is None or times > best.times else best
        if best is not None:
            found.append(best)
    return found


def gaps(age: Ints, days: int) -> list[tuple[int, int]]:
    """Runs of at least 14 days without a record, as (oldest, youngest) ages, that the rate does not explain."""
    held = np.unique(age)
    edges = np.concatenate(([-1], held, [days]))
    rate = len(age) / days
    return [(int(old) - 1, int(young) + 1) for young, old in pairwise(edges)
            if old - young - 1 >= GAP_DAYS and np.exp(-rate * (old - young - 1)) < LATE / days]


def late(age: Ints, days: int) -> int:
    """Days at the end without a record that the rate does not explain; 0 when there are none."""
    silent = int(age.min()) if len(age) else 0
    return silent if silent and np.exp(-len(age) / days * silent) < LATE else 0
