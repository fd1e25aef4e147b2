"""Who is who: edges between clusters of different windows, shifts of the centre, and names."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.clustering.clusters import Clusters
from scoping.clustering.points import Ints
from scoping.windows import ZONE

OVERLAP = 0.3
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
        self._known: dict[tuple[int, int], bool] = {}
        self._shared: dict[tuple[int, int], float] = {}
        begin = np.searchsorted(clusters.summary["window"].to_numpy(), np.arange(windows + 1))
        spans = [np.arange(begin[k], begin[k + 1]) for k in range(windows)]
        pairs = [self._close(old, new) for old, new in pairwise(spans)]
        if pairs:
            self._learn(np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs]))
            self._measure(_rivals([pair for pair, edge in self._known.items() if edge]))

    def between(self, old: Ints, new: Ints) -> list[tuple[int, int]]:
        """(position in `old`, cluster of `new`) of every overlap >= 0.3; of those that compete the largest shared area first."""
        a, b = self._close(old, new)
        pairs = list(zip(a.tolist(), b.tolist(), strict=True))
        fresh = [k for k, pair in enumerate(pairs) if pair not in self._known]
        if fresh:
            self._learn(a[fresh], b[fresh])
        position = {cluster: i for i, cluster in enumerate(old.tolist())}
        edges = [pair for pair in pairs if self._known[pair]]
        rivals = _rivals(edges)
        self._measure([pair for pair in rivals if pair not in self._shared])
        order = {pair: -self._shared[pair] for pair in rivals}
        found = sorted((order.get((i, j), 0.0), position[i], j) for i, j in edges)
        return [(i, j) for _, i, j in found]

    def _close(self, a: Ints, b: Ints) -> tuple[Ints, Ints]:
        """Pairs whose bounding boxes share enough for an edge: a footprint shares no more than its box."""
        if not len(a) or not len(b):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        p, q = self._box[a][:, None, :], self._box[b][None, :, :]
        wide = np.minimum(p[..., 2], q[..., 2]) - np.maximum(p[..., 0], q[..., 0])
        high = np.minimum(p[..., 3], q[..., 3]) - np.maximum(p[..., 1], q[..., 1])
        least = OVERLAP * np.minimum(self._least[a][:, None], self._least[b][None, :])
        i, j = np.nonzero((wide > 0) & (high > 0) & (wide * high >= 0.999 * least))
        return a[i], b[j]

    def _learn(self, a: Ints, b: Ints) -> None:
        enough = OVERLAP * np.minimum(self._most[a], self._most[b])
        low, high = self._footprints.shared_bounds(a, b, enough)
        sure = low >= enough
        never = high < OVERLAP * np.minimum(self._least[a], self._least[b])
        pairs = list(zip(a.tolist(), b.tolist(), strict=True))
        self._known.update(zip(pairs, sure.tolist(), strict=True))
        self._measure([pairs[k] for k in np.flatnonzero(~sure & ~never).tolist()])

    def _measure(self, pairs: list[tuple[int, int]]) -> None:
        """The areas of these pairs, worked out."""
        if not pairs:
            return
        ratio, shared = self._footprints.overlaps(*np.array(pairs, dtype=np.int64).T)
        # square centimetres: the order of edges must not hang on the last bits of a sum
        self._known.update(zip(pairs, (np.round(ratio, 9) >= OVERLAP).tolist(), strict=True))
        self._shared.update(zip(pairs, np.round(shared, 4).tolist(), strict=True))


def _rivals(edges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those that share a cluster with another of the same two windows."""
    olds, news = Counter(i for i, _ in edges), Counter(j for _, j in edges)
    return [pair for pair in edges if olds[pair[0]] > 1 or news[pair[1]] > 1]


def moved(clusters: Clusters, before: Ints, after: Ints, eps: float) -> NDArray[np.bool_]:
    """Is the shift of the centre above eps/2 and above twice its standard error?

    The variance is the bootstrap's when children are drawn again, in closed form.
    """
    e, n = (clusters.summary[axis].to_numpy() for axis in ("easting", "northing"))
    shift = np.hypot(e[after] - e[before], n[after] - n[before])
    far: NDArray[np.bool_] = (shift > eps / 2) & (shift > 2 * np.sqrt(clusters.variance[before] + clusters.variance[after]))
    return far


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
