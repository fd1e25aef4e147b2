"""Who is who: edges between clusters of different windows, shifts of the centre, and names."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.clusters import Clusters
from scoping.points import Floats, Ints, Points
from scoping.runs import distinct
from scoping.windows import ZONE

OVERLAP = 0.3
BOOTSTRAPS = 200
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O 1 I L U: ids are read out on the telephone


class Edges:
    """Footprint overlaps; those of neighbouring windows are computed together, others when asked for."""

    def __init__(self, clusters: Clusters, windows: int) -> None:
        self._footprints = clusters.footprints
        self._box = clusters.footprints.boxes()
        self._known: dict[tuple[int, int], tuple[float, float]] = {}
        begin = np.searchsorted(clusters.summary["window"].to_numpy(), np.arange(windows + 1))
        spans = [np.arange(begin[k], begin[k + 1]) for k in range(windows)]
        pairs = [self._close(old, new) for old, new in pairwise(spans)]
        if pairs:
            self._learn(np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs]))

    def between(self, old: Ints, new: Ints) -> list[tuple[int, int]]:
        """(position in `old`, cluster of `new`) of every overlap >= 0.3, the largest shared area first."""
        a, b = self._close(old, new)
        fresh = [k for k, pair in enumerate(zip(a.tolist(), b.tolist(), strict=True)) if pair not in self._known]
        self._learn(a[fresh], b[fresh])
        position = {cluster: i for i, cluster in enumerate(old.tolist())}
        found = []
        for i, j in zip(a.tolist(), b.tolist(), strict=True):
            ratio, shared = self._known[i, j]
            if ratio >= OVERLAP:
                found.append((-shared, position[i], j))
        return [(i, j) for _, i, j in sorted(found)]

    def _close(self, a: Ints, b: Ints) -> tuple[Ints, Ints]:
        """Pairs whose bounding boxes meet."""
        if not len(a) or not len(b):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        p, q = self._box[a][:, None, :], self._box[b][None, :, :]
        meet = (p[..., 0] < q[..., 2]) & (q[..., 0] < p[..., 2]) & (p[..., 1] < q[..., 3]) & (q[..., 1] < p[..., 3])
        i, j = np.nonzero(meet)
        return a[i], b[j]

    def _learn(self, a: Ints, b: Ints) -> None:
        ratio, shared = self._footprints.overlaps(a, b)
        # square centimetres: the order of edges must not hang on the last bits of a sum
        values = zip(np.round(ratio, 9).tolist(), np.round(shared, 4).tolist(), strict=True)
        self._known.update(zip(zip(a.tolist(), b.tolist(), strict=True), values, strict=True))


def moved(clusters: Clusters, points: Points, before: Ints, after: Ints, eps: float) -> NDArray[np.bool_]:
    """Is the shift of the centre above eps/2 and above twice its bootstrap standard error, children resampled?"""
    e, n = (clusters.summary[axis].to_numpy() for axis in ("easting", "northing"))
    shift = np.hypot(e[after] - e[before], n[after] - n[before])
    result = np.zeros(len(after), dtype=bool)
    order = np.argsort(clusters.member, kind="stable")
    begin = np.searchsorted(clusters.member[order], np.arange(len(e) + 1))
    for k in np.flatnonzero(shift > eps / 2):
        visits = [clusters.visit[order[begin[cluster]:begin[cluster + 1]]] for cluster in (before[k], after[k])]
        variance = sum(_centre_variance(points, each) for each in visits)
        result[k] = shift[k] > 2 * np.sqrt(variance)
    return result


def _centre_variance(points: Points, visits: Ints) -> float:
    """Variance of the centre (m2, both axes together) when the children are drawn again with replacement."""
    sites = len(points.site_e)
    child, place = np.divmod(distinct(points.person[visits] * sites + points.site[visits]), sites)
    _, child = np.unique(child, return_inverse=True)
    e, n = points.site_e[place], points.site_n[place]
    sums = np.column_stack((np.bincount(child, e - e.min()), np.bincount(child, n - n.min()), np.bincount(child)))
    sums = sums[np.lexsort(sums.T)]  # children in an order of their own, not that of the rows
    draws = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), BOOTSTRAPS)
    totals: Floats = draws.astype(np.float64) @ sums
    return float((totals[:, :2] / totals[:, 2:]).var(axis=0).sum())


def name(clusters: Clusters, cluster: int, start: pd.Timestamp, taken: set[str]) -> str:
    """"H2403-K7": month of birth and a hash of the birth's core sites; longer when taken, and then in `taken`.

    Made of the content alone: neither row order nor later windows change it.
    """
    discs = clusters.footprints.discs
    low, high = np.searchsorted(discs.group, [cluster, cluster + 1])
    sites = np.round(np.column_stack((discs.n[low:high], discs.e[low:high])) * 100).astype("<i8")  # centimetres
    local = start.tz_convert(ZONE)
    digest = hashlib.blake2b(local.date().isoformat().encode() + sites.tobytes(), digest_size=16).digest()
    number, text = int.from_bytes(digest, "big"), ""
    while len(text) < 2 or f"H{local:%y%m}-{text}" in taken:
        number, digit = divmod(number, len(ALPHABET))
        text += ALPHABET[digit]
    taken.add(f"H{local:%y%m}-{text}")
    return f"H{local:%y%m}-{text}"
