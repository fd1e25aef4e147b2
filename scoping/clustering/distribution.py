"""The same clusters from many machines: runs of windows are tasks, each with its own slice of the points.

Windows do not hang on one another, so nothing overlaps, nothing is merged at seams, and the answer is that of one process
bit by bit. What is sent are the places, times order and numbers of children of the run's points: no reference, no row.

`client` is a `dask.distributed.Client`, or anything with `submit(function, *arguments)` that gives futures with
`result()`, such as an executor of `concurrent.futures`. Workers need this package installed. A task that is lost with its
worker is run again by Dask; one that fails is an error here.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scoping.clustering import solving
from scoping.clustering.points import Ints, Points
from scoping.clustering.solving import Dials, Part, Stop, Stopped

TASK_POINTS = 150_000  # at most in a task, unless one window has more: some 4 MB to send
TASK_VISITS = 4_000_000  # points times windows of a task: about a second's work


class Client(Protocol):
    """Where tasks are handed in."""

    def submit(self, function: Any, /, *arguments: Any) -> Any: ...


def solve(client: Client, points: Points, low: Ints, high: Ints, dials: Dials, *, stop: Stop | None = None) -> list[Part]:
    """As `solving.solve`, by the client's workers. Raises what a task raised."""
    tasks = [(a, z, int(low[a:z].min()), int(max(high[a:z].max(), low[a:z].min()))) for a, z in runs(low, high)]
    places = [np.unique(points.site[first:until]) for _, _, first, until in tasks]
    futures = [client.submit(_task, *_sent(points, first, until, sites, dials), low[a:z] - first, high[a:z] - first,
                             dials.eps_m, dials.minimum, dials.by_children)
               for (a, z, first, until), sites in zip(tasks, places, strict=True)]
    parts: list[Part] = []
    for future, sites in zip(futures, places, strict=True):
        if stop is not None and stop():
            for waiting in futures:
                waiting.cancel()
            raise Stopped("The clusters were not finished: they were no longer wanted.")
        core_site, sizes, counts, border_site, border_label, borders = future.result()
        parts.append((sites[core_site].astype(np.int32), sizes, counts, sites[border_site].astype(np.int32), border_label, borders))
    return parts


def runs(low: Ints, high: Ints) -> list[tuple[int, int]]:
    """Windows [a, z) of each task: as many as its points and visits allow, at least one."""
    found, a = [], 0
    while a < len(low):
        z, first, until, visits = a, low[a], high[a], 0
        while z < len(low):
            first, until, visits = min(first, low[z]), max(until, high[z]), visits + high[z] - low[z]
            if z > a and (until - first > TASK_POINTS or visits > TASK_VISITS):
                break
            z += 1
        found.append((a, z))
        a = z
    return found


def _sent(points: Points, first: int, until: int, sites: Ints, dials: Dials) -> tuple[NDArray[Any], ...]:
    """Site and child of each point of the slice, numbered within it, and the sites' places."""
    child = np.unique(points.person[first:until], return_inverse=True)[1] if dials.by_children else np.zeros(until - first)
    site = np.searchsorted(sites, points.site[first:until])
    return site.astype(np.int32), child.astype(np.int32), points.site_e[sites], points.site_n[sites]


def _task(site: NDArray[Any], child: NDArray[Any], site_e: NDArray[Any], site_n: NDArray[Any], *run: Any) -> Part:
    """One run of windows, on a worker: its low, high, eps, minimum, and whether children are counted."""
    count = np.arange(len(site))
    points = Points(count, count, child.astype(np.int64), count, count, site.astype(np.int64), site_e, site_n)
    low, high, *dials = run
    return solving.joined(solving.solve(points, low, high, Dials(*dials)))
