"""The clusters of all windows: shared among threads, run by run, so that it can be watched and stopped."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from geo_data.errors import ScopingError
from scoping.clustering.points import Ints, Points
from scoping.parameters import Parameters
from scoping.windows import Windows

if TYPE_CHECKING:
    from scoping.clustering.dbscan import Ground

RUN_VISITS = 2_000_000  # points times windows between two looks at whether to stop

Part = tuple[Ints, ...]  # of a run of windows, as `dbscan.solve` gives it
Stop = Callable[[], bool]
Result = TypeVar("Result")


class Stopped(ScopingError):
    """The work was stopped on request; nothing of it is kept."""


@dataclass(frozen=True)
class Dials:
    """What of the parameters the clusters of a window hang on."""

    eps_m: float
    minimum: int
    by_children: bool

    @classmethod
    def of(cls, parameters: Parameters) -> Dials:
        return cls(float(parameters.eps_m), int(parameters.min_children), parameters.count == "children")


def slices(points: Points, windows: Windows) -> tuple[Ints, Ints]:
    """The points of each window, [low, high) in order of time."""
    low = np.searchsorted(points.time, windows.start_us, side="left").astype(np.int64)
    high = np.searchsorted(points.time, windows.end_us, side="left").astype(np.int64)
    return low, np.maximum(low, high)


def solve(points: Points, low: Ints, high: Ints, dials: Dials, stop: Stop | None = None) -> list[Part]:
    """The clusters of the windows, run by run, in order. Raises `Stopped` soon after `stop()` is true."""
    from scoping.clustering import dbscan  # compiled: see scoping.clustering.compiling

    ground, folk = ground_of(points, dials.eps_m), _folk(points, dials)
    edges = np.concatenate(([0], np.cumsum(high - low)))

    def some(share: int, shares: int) -> list[Part]:
        first, until = np.searchsorted(edges[1:], [edges[-1] * part // shares for part in (share, share + 1)], side="right")
        until = len(low) if share + 1 == shares else until
        state = dbscan.empty_state(ground, folk, points.persons)
        parts: list[Part] = []
        for a, z in _runs(edges, 0 if share == 0 else int(first), int(until)):
            if stop is not None and stop():
                raise Stopped("The clusters were not finished: they were no longer wanted.")
            parts.append(dbscan.solve(low[a:z], high[a:z], ground, folk, state, dials.eps_m, dials.minimum, dials.by_children))
        return parts

    return [part for parts in shared(some, len(low)) for part in parts]


def ground_of(points: Points, eps_m: float) -> Ground:
    """The sites in strips of height eps. The last two are kept: a change of any other dial needs no new one."""
    from scoping.clustering.dbscan import PLACE, Ground
    from scoping.clustering.strips import strips

    kept = points.grounds
    if eps_m not in kept:
        line, strip = strips(points.site_e, points.site_n, eps_m)
        rank = np.empty(len(line), np.int32)
        rank[line] = np.arange(len(line), dtype=np.int32)
        while len(kept) > 1:
            kept.pop(next(iter(kept)), None)
        place = np.empty(len(line), PLACE)
        place["e"], place["n"], place["strip"], place["site"] = points.site_e[line], points.site_n[line], strip, line
        kept[eps_m] = Ground(line, rank, place)
    ground: Ground = kept[eps_m]
    return ground


def _folk(points: Points, dials: Dials) -> Any:
    from scoping.clustering.dbscan import Folk

    if dials.by_children:
        return Folk(points.site, points.person, *points.presences)
    return Folk(points.site, points.person, np.empty(0, np.int32), np.zeros(1, np.int64), np.empty(0, np.int64))


def _runs(edges: Ints, first: int, until: int) -> list[tuple[int, int]]:
    """The windows [first, until) in runs of about `RUN_VISITS`."""
    runs, a = [], first
    while a < until:
        z = int(np.searchsorted(edges, edges[a] + RUN_VISITS, side="right")) - 1
        z = min(max(z, a + 1), until)
        runs.append((a, z))
        a = z
    return runs


def shared(job: Callable[[int, int], Result], pieces: int) -> list[Result]:
    """job(share, shares) on as many threads as the machine runs well, at most one a piece."""
    from scoping.clustering.compiling import threads

    shares = max(1, min(threads(), pieces))
    if shares == 1:
        return [job(0, 1)]
    with ThreadPoolExecutor(shares) as pool:
        return list(pool.map(job, range(shares), [shares] * shares))


def window_share(low: Ints, high: Ints, share: int, shares: int) -> tuple[int, int]:
    """The windows [first, until) of a share: of all points of all windows about one in `shares`."""
    edges = np.searchsorted(np.cumsum(high - low), np.arange(shares + 1) / shares * (high - low).sum(), side="left")
    return (0 if share == 0 else int(edges[share])), (len(low) if share + 1 == shares else int(edges[share + 1]))


def joined(parts: list[Part]) -> tuple[NDArray[Any], ...]:
    """The columns of `dbscan.solve` of all parts."""
    kinds = (np.int32, np.int32, np.int64, np.int32, np.int32, np.int64)
    return tuple(np.concatenate([np.empty(0, kind), *(part[k] for part in parts)]) for k, kind in enumerate(kinds))
