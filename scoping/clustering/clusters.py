"""DBSCAN in every window at once, counting distinct children (METHODS 2.4).

scikit-learn's DBSCAN (Ester et al. 1996; Schubert et al. 2017) is the definition. With
`count="episodes"` the core points, their partition and the noise are those of
`sklearn.cluster.DBSCAN(eps, min_samples)` in each window; with `count="children"` a point
is core when at least `min_children` different children lie within eps, and the two agree
when every point has its own child. A border point joins its nearest core site, ties to the
site first in (northing, easting) order: scikit-learn's border points depend on row order,
these never do. A cluster's number is the rank of its first core site in that same order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.schema import ROLES
from scoping.clustering import distribution, solving
from scoping.clustering.distribution import Client
from scoping.clustering.footprints import Discs, Footprints
from scoping.clustering.nearby import Nearby
from scoping.clustering.once import once
from scoping.clustering.points import Floats, Ints, Points
from scoping.clustering.runs import expand
from scoping.clustering.solving import Part, Stop
from scoping.parameters import Parameters
from scoping.windows import Windows


@dataclass(frozen=True)
class Clusters:
    """`summary`: one row a (window, label), in that order: `children`, `episodes` (distinct), `points`, `top_share`
    (largest child's share of the episodes), `n_eff` (1 / sum of squared shares), `easting`, `northing` (mean over
    distinct child and site), points of each role. `variance` (m2, one entry a row of `summary`): of that centre.

    `core_site` lists every core site of every cluster, cluster by cluster, those of cluster k from `core_open[k]`;
    `border_site` and `border_label` (within the window) the border sites, those of window w from `border_open[w]`.
    """

    points: Points
    radius: float  # eps / 2
    low: Ints  # the points of window w are low[w] to high[w] in order of time
    high: Ints
    opens: Ints  # the first row of the summary of each window
    core_site: Ints
    core_open: Ints
    border_site: Ints
    border_label: Ints
    border_open: Ints

    def windows(self, first: int, until: int) -> Part:
        """The windows [first, until) of it, as `solving.solve` gives them; views, not copies."""
        a, z = self.opens[first], self.opens[until]
        edges = slice(self.border_open[first], self.border_open[until])
        return (self.core_site[self.core_open[a]:self.core_open[z]], np.diff(self.core_open[a:z + 1]).astype(np.int32),
                np.diff(self.opens[first:until + 1]), self.border_site[edges], self.border_label[edges],
                np.diff(self.border_open[first:until + 1]))

    @property
    def summary(self) -> pd.DataFrame:
        """One row a (window, label)."""
        return self._told[0]

    @property
    def variance(self) -> Floats:
        """m2, of each cluster's centre."""
        return self._told[1]

    @once
    def _told(self) -> tuple[pd.DataFrame, Floats]:
        return _summary(self.points, low=self.low, high=self.high, opens=self.opens, core_open=self.core_open,
                        core_site=self.core_site, border_open=self.border_open, border_site=self.border_site,
                        border_label=self.border_label)

    @once
    def footprints(self) -> Footprints:
        """Unions of discs on the core sites; group = row of the summary."""
        group = np.repeat(np.arange(len(self.summary)), np.diff(self.core_open))
        discs = Discs(group, self.points.site_e[self.core_site], self.points.site_n[self.core_site], self.radius)
        return Footprints(discs, len(self.summary))

    @property
    def near(self) -> Nearby:
        """The neighbours of each site within eps and eps/2: large, and kept with the points alone, where
        these hold them: else a ledger is all that asks."""
        return self.points.near or Nearby(self.points.site_e, self.points.site_n, 2 * self.radius)

    @once
    def visit(self) -> Ints:
        """Position in the points of every (window, point), window by window."""
        return expand(self.low, self.high)[1]

    @once
    def member(self) -> NDArray[np.int32]:
        """Row of the summary of every (window, point); -1 noise."""
        from scoping.clustering.tallies import memberships

        edges = np.concatenate(([0], np.cumsum(self.high - self.low)))
        found = np.empty(edges[-1], np.int32)

        def some(share: int, shares: int) -> None:
            a, z = solving.window_share(self.low, self.high, share, shares)
            memberships(found[edges[a]:edges[z]], self.low[a:z], self.high[a:z], self.opens[a:z + 1], self.core_open,
                        self.core_site, self.border_open[a:z + 1], self.border_site, self.border_label, self.points.site,
                        len(self.points.site_e))

        solving.shared(some, len(self.low))
        return found

    @once
    def members(self) -> pd.DataFrame:
        """One row a (window, point): `window`, `point` (position in the locations frame), `label` (-1 noise), `core`."""
        from scoping.clustering.tallies import insides

        window = np.repeat(np.arange(len(self.low), dtype=np.int32), self.high - self.low)
        label = np.where(self.member >= 0, self.member - self.opens[window], -1)
        core = insides(self.low, self.high, self.opens, self.core_open, self.core_site, self.points.site, len(self.points.site_e))
        return pd.DataFrame({"window": window, "point": self.points.row[self.visit], "label": label.astype(np.int32), "core": core})


def cluster(points: Points, windows: Windows, parameters: Parameters, *, stop: Stop | None = None,
            client: Client | None = None) -> Clusters:
    """Cluster `points` in each of `windows`. Raises `solving.Stopped` soon after `stop()` is true.

    With a `client` (of Dask, or an executor) its workers do the work; the answer is the same.
    """
    low, high = solving.slices(points, windows)
    dials = solving.Dials.of(parameters)
    if client is None:
        return assemble(points, low, high, parameters, solving.solve(points, low, high, dials, stop))
    return assemble(points, low, high, parameters, distribution.solve(client, points, low, high, dials, stop=stop))


def assemble(points: Points, low: Ints, high: Ints, parameters: Parameters, parts: list[Part]) -> Clusters:
    """The answer of all windows from those of its runs."""
    core_site, sizes, counts, border_site, border_label, borders = solving.joined(parts)
    opens, core_open, border_open = (np.concatenate(([0], np.cumsum(each, dtype=np.int64))) for each in (counts, sizes, borders))
    return Clusters(points, parameters.eps_m / 2, low, high, opens, core_site, core_open, border_site, border_label, border_open)


def _summary(points: Points, *, low: Ints, high: Ints, opens: Ints, core_open: Ints, core_site: Ints, border_open: Ints,
             border_site: Ints, border_label: Ints) -> tuple[pd.DataFrame, Floats]:
    from scoping.clustering.tallies import CHILD, tally

    single = points.episodes == len(points)
    order, begin = points.by_site
    person, episode, role = points.facts_by_site

    def some(share: int, shares: int) -> tuple[NDArray[np.generic], ...]:
        a, z = solving.window_share(low, high, share, shares)
        counted: tuple[NDArray[np.generic], ...] = tally(
            low[a:z], high[a:z], opens[a:z + 1], core_open, core_site, border_open[a:z + 1], border_site, border_label, order,
            begin, person, episode, role, points.site_e, points.site_n, np.zeros(points.persons, CHILD), single,
            0 if single else points.episodes, len(ROLES))
        return counted

    shares = solving.shared(some, len(low))
    children, episodes, visits, top, squares, easting, northing, variance, roles = (
        np.concatenate([share[k] for share in shares], axis=-1) for k in range(9))
    count = np.diff(opens)
    frame = pd.DataFrame({
        "window": np.repeat(np.arange(len(count), dtype=np.int32), count),
        "label": (np.arange(opens[-1]) - np.repeat(opens[:-1], count)).astype(np.int32),
        "children": children, "episodes": episodes, "points": visits,
        "top_share": top / np.maximum(episodes, 1), "n_eff": episodes**2 / np.maximum(squares, 1),
        "easting": easting, "northing": northing,
    } | dict(zip(ROLES, roles, strict=True)))
    return frame, variance
