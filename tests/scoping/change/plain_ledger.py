"""The ledger word for word, hotspot by hotspot, with every overlap worked out: what the compiled walk must equal.

Rows are (place, window, cluster, shape, word, parents, last window, seen, before, arrived), places numbered as they come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoping.change.identity import OVERLAP
from scoping.change.known_places import YEAR_US, baseline
from scoping.change.ledger import MISSES, STAY_CHILDREN


@dataclass
class Place:
    number: int
    last: int
    last_window: int
    arrived: int
    seen: int = 0
    misses: int = 0
    live: bool = True
    forming: bool = False
    known: bool = False


class Plain:
    def __init__(self, scoped, no_data):
        self.clusters, self.points = scoped.clusters, scoped.points
        self.windows, self.parameters = scoped.windows, scoped.parameters
        self.places, self.rows, self.empty, self.earlier = [], [], no_data, False
        counted = self.clusters.summary["children" if self.parameters.count == "children" else "points"]
        self.enough = (counted >= self.parameters.enter).tolist()
        for window in range(len(self.windows)):
            self.step(window)

    def between(self, places, clusters):
        """(place, cluster) of every overlap, the largest shared area first."""
        pairs = [(place, cluster) for place in places for cluster in clusters]
        if not pairs:
            return []
        old, new = np.array([(place.last, cluster) for place, cluster in pairs]).T
        ratio, shared = self.clusters.footprints.overlaps(old, new)
        found = sorted((-round(area, 4), place.number, cluster)
                       for (place, cluster), share, area in zip(pairs, ratio, shared, strict=True) if round(share, 9) >= OVERLAP)
        return [(self.places[number], cluster) for _, number, cluster in found]

    def step(self, window):
        live = [place for place in self.places if place.live]
        if self.empty[window]:
            for place in live:
                if not place.forming:
                    self.write(place, window, -1, "no_data")
            return
        new = range(*self.clusters.opens[window:window + 2].tolist())
        edges = self.between(live, new)
        parents = {cluster: [p for p, c in edges if c == cluster and not p.forming] for cluster in new}
        heirs = pairs_off((p, c) for p, c in edges if not p.forming)
        seeds = pairs_off((p, c) for p, c in edges if p.forming and not parents[c])
        year_ago = self.windows.start_us[window] - YEAR_US
        gone = [p for p in self.places if not p.live and p.known and self.windows.end_us[p.last_window] > year_ago]
        back = self.between(gone, [c for c in new if not parents[c]])
        returning = pairs_off(back)
        for cluster in new:
            old, heir = parents[cluster], heirs.get(cluster) or returning.get(cluster) or seeds.get(cluster)
            if len(old) > 1:
                word = "merged"
            elif old:
                word = "split" if sum(p is old[0] for p, _ in edges) > 1 else "stable"
            elif not self.earlier:
                word = "first"
            elif not self.enough[cluster]:
                word = "forming"
            else:
                word = "reactivated" if any(c == cluster for _, c in back) or (heir and heir.known) else "born"
            before = heir.last if heir and word == "stable" else -1
            if heir is None:
                heir = Place(len(self.places), cluster, window, window)
                self.places.append(heir)
            heir.last, heir.last_window, heir.misses, heir.live, heir.seen = cluster, window, 0, True, heir.seen + 1
            heir.arrived = window if word in ("born", "reactivated") else heir.arrived
            heir.forming, heir.known = word == "forming", heir.known or word != "forming"
            self.write(heir, window, cluster, word, old if word in ("merged", "split") else (), before)
        self.rest([p for p in live if p.last_window != window], window, {p.number for p, _ in edges})
        self.earlier = True

    def rest(self, places, window, absorbed):
        for place in places:
            partial = self.windows.partial[window]
            if place.number in absorbed or place.forming:
                place.live = place.number not in absorbed and bool(partial)
            elif partial:
                self.write(place, window, -1, "no_data")
            else:
                place.misses = place.misses + 1 if self.children_near(place.last, window) < STAY_CHILDREN else 0
                place.live = place.misses < MISSES
                self.write(place, window, -1, "below" if place.live else "dissolved")

    def write(self, place, window, cluster, word, parents=(), before=-1):
        self.rows.append((place.number, window, cluster, place.last, word, {p.number for p in parents}, place.last_window,
                          place.seen, before, place.arrived))

    def at(self, clusters, reach, window):
        """The children of the window at the sites within `reach` of a core site of the clusters."""
        there = slice(self.clusters.low[window], self.clusters.high[window])
        site = self.points.site[there]
        opens = self.clusters.core_open
        core = np.concatenate([self.clusters.core_site[opens[c]:opens[c + 1]] for c in clusters])
        e, n = self.points.site_e, self.points.site_n
        near = ((e[site][:, None] - e[core]) ** 2 + (n[site][:, None] - n[core]) ** 2 <= reach**2).any(axis=1)
        return set(self.points.person[there][near].tolist())

    def children_near(self, cluster, window):
        return len(self.at([cluster], self.parameters.eps_m, window))

    def counts(self):
        """(now, before) of every row whose window can be tested and whose place was fixed before it; (0, 0) of the others."""
        skip = self.empty | self.windows.partial
        told = []
        for place, window, _, _, word, *_ in self.rows:
            start = self.windows.start_us[window]
            past = [] if skip[window] or word == "forming" else baseline(self.windows, window, skip)
            fixed = [row[2] for row in self.rows if row[0] == place and row[2] >= 0
                     and start - YEAR_US < self.windows.end_us[row[1]] <= start]
            if not past or not fixed:
                told.append((0, 0))
                continue
            reach = self.parameters.eps_m / 2
            told.append((len(self.at(fixed, reach, window)), sum(len(self.at(fixed, reach, k)) for k in past)))
        return told


def pairs_off(edges):
    """Cluster to place, each once, the first edge first."""
    heirs, taken = {}, set()
    for place, cluster in edges:
        if cluster not in heirs and place.number not in taken:
            heirs[cluster] = place
            taken.add(place.number)
    return heirs
