"""One analyst's data while the dials are turned: what can be used again is kept, within a memory budget.

Rows become columns once. A change of role or filter picks among them without sorting again; a change of eps keeps
points and sites, one of the least number of children the strips of sites as well; windows that were solved with the
same dials are not solved again, whichever scheme asks for them. All of it lies in memory and goes with the session.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from itertools import pairwise
from threading import RLock

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.errors import InputError, ParameterError
from geo_data.memory import size_of
from scoping.clustering import solving
from scoping.clustering.clusters import Clusters, assemble
from scoping.clustering.points import Ints, Points, take
from scoping.clustering.solving import Dials, Part, Stop
from scoping.columns import Columns
from scoping.parameters import Parameters
from scoping.windows import Windows

POINTS_KEPT = 3  # choices of role and filters
BUDGET_MB = 256


class Explorer:
    """Points and clusters of one LOCATIONS frame. Safe to share between threads, which then wait for one another."""

    def __init__(self, locations: pd.DataFrame, budget_mb: int = BUDGET_MB) -> None:
        """`budget_mb`: clusters kept beside the columns, in MiB; 0 keeps none. Raises `ParameterError` when negative."""
        if budget_mb < 0:
            raise ParameterError("The memory budget cannot be negative.", where="budget_mb")
        self._lock = RLock()
        self._budget = budget_mb * 2**20
        good = (locations["at"].notna() & locations["easting"].notna() & locations["northing"].notna()).to_numpy()
        self._all = take(locations, good)
        self.columns = Columns(locations)
        self._points: OrderedDict[bytes, Points] = OrderedDict()
        self._answers: OrderedDict[tuple[int, Dials], list[Clusters]] = OrderedDict()

    def points(self, keep: NDArray[np.bool_]) -> Points:
        """The points of the rows that `keep` marks. Raises `InputError` when one has no coordinates or no time."""
        key = hashlib.blake2b(np.packbits(keep).tobytes(), digest_size=16).digest()
        with self._lock:
            if key not in self._points:
                chosen = keep[self._all.row]
                if np.count_nonzero(chosen) != np.count_nonzero(keep):
                    raise InputError("A row without coordinates or time cannot be clustered.", fix="Gate the rows first.",
                                     where="at, easting, northing")
                while len(self._points) >= POINTS_KEPT:
                    _, gone = self._points.popitem(last=False)
                    for known in [known for known in self._answers if known[0] == id(gone)]:
                        del self._answers[known]
                self._points[key] = self._all.part(chosen)
            self._points.move_to_end(key)
            return self._points[key]

    def clusters(self, points: Points, windows: Windows, parameters: Parameters, *, stop: Stop | None = None) -> Clusters:
        """As `clusters.cluster`. `points` are this explorer's. Raises `solving.Stopped` soon after `stop()` is true."""
        low, high = solving.slices(points, windows)
        dials = Dials.of(parameters)
        with self._lock:
            kept = self._kept(points, dials)
            for known in kept:
                if np.array_equal(known.low, low) and np.array_equal(known.high, high):
                    return known
            found = assemble(points, low, high, parameters, _completed(points, low, high, parameters, kept=kept, stop=stop))
            self._keep(points, dials, found)
            return found

    @property
    def held_mb(self) -> float:
        """MiB of the clusters that are kept."""
        return sum(_bytes(each) for kept in self._answers.values() for each in kept) / 2**20

    def _kept(self, points: Points, dials: Dials) -> list[Clusters]:
        key = (id(points), dials)
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key, [])

    def _keep(self, points: Points, dials: Dials, found: Clusters) -> None:
        """The least recent dials give way; an answer larger than the budget is not kept."""
        if all(points is not ours for ours in self._points.values()) or _bytes(found) > self._budget:
            return
        self._answers.setdefault((id(points), dials), []).append(found)
        self._answers.move_to_end((id(points), dials))
        while self.held_mb * 2**20 > self._budget:
            oldest = next(iter(self._answers))
            self._answers[oldest].pop(0)
            if not self._answers[oldest]:
                del self._answers[oldest]


def _completed(points: Points, low: Ints, high: Ints, parameters: Parameters, *, kept: list[Clusters],
               stop: Stop | None) -> list[Part]:
    """The answer of each window in order, from the kept ones where one of them has it."""
    known = {span: (each, k) for each in kept
             for k, span in enumerate(zip(each.low.tolist(), each.high.tolist(), strict=True))}
    spans = list(zip(low.tolist(), high.tolist(), strict=True))
    missing = np.flatnonzero([span not in known for span in spans])
    dials = Dials.of(parameters)
    if len(missing) == len(spans):
        return solving.solve(points, low, high, dials, stop)
    if len(missing):
        fresh = assemble(points, low[missing], high[missing], parameters,
                         solving.solve(points, low[missing], high[missing], dials, stop))
        known |= {spans[w]: (fresh, k) for k, w in enumerate(missing.tolist())}
    sources = [known[span] for span in spans]
    cuts = [w for w in range(1, len(spans)) if not (sources[w][0] is sources[w - 1][0] and sources[w][1] == sources[w - 1][1] + 1)]
    return [sources[a][0].windows(sources[a][1], sources[a][1] + z - a) for a, z in pairwise([0, *cuts, len(spans)])]


def _bytes(clusters: Clusters) -> int:
    """Its points are not counted, which are the explorer's own."""
    return size_of(clusters, but=(Points,))
