"""Who is who: edges between clusters of different windows, shifts of the centre, and names."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.clustering.clusters import Clusters
from scoping.clustering.points import Floats, Ints
from scoping.clustering.runs import expand
from scoping.windows import ZONE

OVERLAP = 0.3
_NONE = np.empty(0, np.int64), np.empty(0, np.int64)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O 1 I L U: ids are read out on the telephone


class Edges:
    """Which footprints overlap; of neighbouring windows together, of others when asked for.

    Bounds of the areas decide nearly all pairs. Areas themselves are worked out where the bounds leave open whether the
    overlap is one, and of edges that compete for a cluster: the largest shared area goes first.
    """

    def __init__(self, clusters: Clusters, windows: int) -> None:
        self._footprints = clusters.footprints
        self._box = clusters.footprints.boxes()
        self._least, self._most = clusters.footprints.area_bounds()
        self._window = clusters.summary["window"].to_numpy()
        begin = np.searchsorted(self._window, np.arange(windows + 1))
        spans = [np.arange(a, b) for a, b in pairwise(begin)]
        pairs = [self._close(old, new) for old, new in pairwise(spans)]
        old, new = (np.concatenate([np.empty(0, np.int64), *side]) for side in zip(*pairs, strict=True)) if pairs else _NONE
        edge, shared = self._edges(old, new)
        self._old, self._new = old[edge], new[edge]
        self._shared = self._ranked(self._old, self._new, shared[edge])
        self._begin = np.searchsorted(self._old, np.arange(len(self._window) + 1))

    def between(self, old: Ints, new: Ints) -> tuple[Ints, Ints]:
        """(position in `old`, cluster of `new`) of every overlap >= 0.3; of those that compete the largest shared area first.

        The clusters `new` are of one window and rise, `old` are of windows before it.
        """
        if not len(old) or not len(new):
            return _NONE
        at, pair = expand(self._begin[old], self._begin[old + 1])
        asked = np.zeros(len(self._window), dtype=bool)
        asked[new] = True
        known = asked[self._new[pair]]
        position, cluster, shared = at[known], self._new[pair[known]], self._shared[pair[known]]
        earlier = np.flatnonzero(self._window[old] < self._window[new[0]] - 1)
        a, b = self._close(old[earlier], new)
        edge, areas = self._edges(a, b)
        if edge.any():
            place = np.empty(len(self._window), np.int64)
            place[old] = np.arange(len(old))
            position, cluster = np.concatenate((position, place[a[edge]])), np.concatenate((cluster, b[edge]))
            shared = np.concatenate((shared, areas[edge]))
        rank = np.where(_rivals(old[position], cluster), self._ranked(old[position], cluster, shared), 0.0)
        order = np.lexsort((cluster, position, -rank))
        return position[order], cluster[order]

    def _close(self, old: Ints, new: Ints) -> tuple[Ints, Ints]:
        """Pairs whose bounding boxes share enough for an edge: a footprint shares no more than its box."""
        from scoping.change.ledger_loops import close

        a, b = close(old, new, self._box, OVERLAP * self._least)
        return a, b

    def _edges(self, a: Ints, b: Ints) -> tuple[NDArray[np.bool_], Floats]:
        """Which of these pairs overlap enough, and the area that they share where it had to be worked out, else NaN."""
        enough = OVERLAP * np.minimum(self._most[a], self._most[b])
        low, high = self._footprints.shared_bounds(a, b, enough)
        edge, shared = low >= enough, np.full(len(a), np.nan)
        open_ = np.flatnonzero(~edge & (high >= OVERLAP * np.minimum(self._least[a], self._least[b])))
        if len(open_):
            ratio, shared[open_] = self._footprints.overlaps(a[open_], b[open_])
            edge[open_] = np.round(ratio, 9) >= OVERLAP
        return edge, shared

    def _ranked(self, a: Ints, b: Ints, shared: Floats) -> Floats:
        """`shared`, to the square centimetre and of all that compete: the order must not hang on the last bits of a sum."""
        shared = shared.copy()
        unknown = np.flatnonzero(_rivals(a, b) & np.isnan(shared))
        if len(unknown):
            shared[unknown] = self._footprints.overlaps(a[unknown], b[unknown])[1]
        return np.round(shared, 4)


def _rivals(a: Ints, b: Ints) -> NDArray[np.bool_]:
    """Which pairs share a cluster with another of the same two windows."""
    if not len(a):
        return np.zeros(0, dtype=bool)
    several: NDArray[np.bool_] = (np.bincount(a)[a] > 1) | (np.bincount(b)[b] > 1)
    return several


def moved(clusters: Clusters, before: Ints, after: Ints, eps: float) -> NDArray[np.bool_]:
    """Is the shift of the centre above eps/2 and above twice its standard error?

    The variance is the bootstrap's when children are drawn again, in closed form.
    """
    e, n = (clusters.summary[axis].to_numpy() for axis in ("easting", "northing"))
    shift = np.hypot(e[after] - e[before], n[after] - n[before])
    far: NDArray[np.bool_] = (shift > eps / 2) & (shift > 2 * np.sqrt(clusters.variance[before] + clusters.variance[after]))
    return far


def names(clusters: Clusters, births: Ints, windows: Ints, starts: pd.DatetimeIndex) -> list[str]:
    """"H2403-K7": month of birth and a hash of the birth's core sites; longer when it is taken already.

    `births`: the cluster of each birth, in order; `windows`: its window, which begins at `starts`. Made of the content alone:
    neither row order nor later windows change it.
    """
    discs = clusters.footprints.discs
    low, high = (np.searchsorted(discs.group, births, side=side).tolist() for side in ("left", "right"))
    sites = np.round(np.column_stack((discs.n, discs.e)) * 100).astype("<i8")  # centimetres
    days = starts.tz_convert(ZONE).date[windows]
    taken: dict[str, None] = {}
    for first, until, day in zip(low, high, days, strict=True):
        digest = hashlib.blake2b(day.isoformat().encode() + sites[first:until].tobytes(), digest_size=16).digest()
        number, text = int.from_bytes(digest, "big"), f"H{day:%y%m}-"
        for _ in range(2):
            number, text = number // len(ALPHABET), text + ALPHABET[number % len(ALPHABET)]
        while text in taken:
            number, text = number // len(ALPHABET), text + ALPHABET[number % len(ALPHABET)]
        taken[text] = None
    return list(taken)
