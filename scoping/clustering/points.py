"""The located, dated rows that are counted, as columns of numbers in order of time.

Built once for a set of rows; every window is then a slice. Coincident points share one
*site*; sites are numbered by (northing, easting), so no result depends on the order of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.errors import InputError
from geo_data.schema import ROLES
from scoping.clustering.nearby import Nearby
from scoping.clustering.once import once
from scoping.windows import microseconds

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """Parallel arrays, one entry a point, in order of time.

    `row` is the position of the point in the frame it came from; `time` microseconds since
    1970 UTC; `person`, `episode` and `role` codes; `site` indexes `site_e`, `site_n`
    (EPSG:27700 metres). `near`: the neighbours of each site within the eps that will be asked for, so that worlds
    that differ in dates alone need not find them again.
    """

    row: Ints
    time: Ints
    person: Ints
    episode: Ints
    role: Ints  # index into schema.ROLES
    site: Ints
    site_e: Floats
    site_n: Floats
    near: Nearby | None = None

    def __len__(self) -> int:
        return len(self.row)

    @once
    def persons(self) -> int:
        """Number of different children."""
        return int(self.person.max()) + 1 if len(self) else 0

    @once
    def episodes(self) -> int:
        """Number of different episodes."""
        return int(self.episode.max()) + 1 if len(self) else 0

    @once
    def presences(self) -> tuple[NDArray[np.int32], Ints, Ints]:
        """The different pairs of site and child, site by site: the pair of each point, where each site's begin, their children."""
        from scoping.clustering.tallies import presences

        pair, begin, child = presences(self.site, self.person, len(self.site_e), self.persons)
        return pair, begin, child

    @once
    def grounds(self) -> dict[float, Any]:
        """What `solving.ground_of` keeps."""
        return {}

    @once
    def by_site(self) -> tuple[Ints, Ints]:
        """The points of each site in order of time, and where each site's begin."""
        from scoping.clustering.visitors import by_site

        order, begin = by_site(self.site, len(self.site_e))
        return order, begin

    @once
    def facts_by_site(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]:
        """Child, episode and role of each point in the order of `by_site`."""
        order = self.by_site[0]
        return self.person.astype(np.int32)[order], self.episode.astype(np.int32)[order], self.role.astype(np.int8)[order]

    def part(self, chosen: slice | NDArray[np.bool_]) -> Points:
        """The chosen points alone, as if the others had never been: their sites, children and episodes numbered anew."""
        site, sites_kept = _renumbered(self.site[chosen], len(self.site_e))
        person, _ = _renumbered(self.person[chosen], self.persons)
        episode, _ = _renumbered(self.episode[chosen], self.episodes)
        return Points(self.row[chosen], self.time[chosen], person, episode, self.role[chosen], site,
                      self.site_e[sites_kept], self.site_n[sites_kept])


def take(locations: pd.DataFrame, keep: NDArray[np.bool_]) -> Points:
    """The points of the rows of LOCATIONS that `keep` marks.

    Raises `InputError` when a kept row has no finite coordinates or no time.
    """
    row = np.flatnonzero(keep)
    chosen = locations.iloc[row]
    times = pd.DatetimeIndex(chosen["at"])
    easting, northing = (chosen[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("easting", "northing"))
    if times.hasnans or not (np.isfinite(easting).all() and np.isfinite(northing).all()):
        raise InputError("A row without coordinates or time cannot be clustered.", fix="Gate the rows first.",
                         where="at, easting, northing")
    return build(
        row=row,
        time=microseconds(times),
        person=pd.factorize(chosen["person_ref"])[0],
        episode=pd.factorize(chosen["episode_ref"])[0],
        role=pd.Categorical(chosen["role"], categories=ROLES).codes.astype(np.int64),
        easting=easting,
        northing=northing,
    )


def build(*, row: Ints, time: Ints, person: Ints, episode: Ints, role: Ints,
          easting: Floats, northing: Floats) -> Points:
    """Points from parallel arrays in any order."""
    order = np.argsort(time, kind="stable")
    site, site_e, site_n = sites(easting, northing)
    return Points(row[order], time[order], person[order], episode[order], role[order], site[order], site_e, site_n)


def redate(points: Points, time: Ints) -> Points:
    """The same points at other times (used when dates are permuted)."""
    order = np.argsort(time, kind="stable")
    return Points(points.row[order], time[order], points.person[order], points.episode[order], points.role[order],
                  points.site[order], points.site_e, points.site_n, points.near)


def sites(easting: Floats, northing: Floats) -> tuple[Ints, Floats, Floats]:
    """Site of each place, and the sites' coordinates in (northing, easting) order; exact, no rounding."""
    order = np.lexsort((easting, northing))
    e, n = easting[order], northing[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (e[1:] != e[:-1]) | (n[1:] != n[:-1])
    site = np.empty(len(order), dtype=np.int64)
    site[order] = np.cumsum(new) - 1
    return site, e[new], n[new]


def _renumbered(codes: Ints, most: int) -> tuple[Ints, Ints]:
    """Codes below `most` as ranks among those that occur; and these, rising."""
    if len(codes) * 16 < most:  # a few of very many: sorting them is less than a look at all
        known, rank = np.unique(codes, return_inverse=True)
        return rank.astype(np.int64), known
    there = np.zeros(most, dtype=bool)
    there[codes] = True
    known = np.flatnonzero(there)
    if len(known) == most:
        return codes, known
    return (np.cumsum(there) - 1)[codes], known
