"""Whose land is it? The area of the forces that recorded the data, told by the nearest postcode's district.

Good to about half a kilometre between districts, and the sea belongs to nobody. Contains the data named in
`gazetteer.ATTRIBUTION`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geo_data.placing import districts
from geo_data.placing.gazetteer import Gazetteer

SHARE = 0.1  # of the episodes that a force must have recorded for its area to be the data's own
LOOK_M = 5_000.0  # round the places asked about; without a postcode so near nothing is known of a place
SIDES = 16

Floats = npt.NDArray[np.float64]
Beyond = Callable[[Floats, Floats, float], npt.NDArray[np.bool_]]


def forces(recorded: pd.Series[str]) -> tuple[str, ...]:
    """The forces that recorded a tenth or more of the episodes."""
    share = recorded.dropna().value_counts(normalize=True)
    return tuple(sorted(str(force) for force in share.index[share >= SHARE]))


def beyond(gazetteer: Gazetteer, named: tuple[str, ...]) -> Beyond | None:
    """`(easting, northing, within_m) -> bools`: is land of another force so near? EPSG:27700 metres.

    None when the area of any of the forces is not known: then nobody can say where theirs ends.
    """
    known = [districts.codes_of(force) for force in named]
    if not known or not all(known):
        return None
    mine = frozenset().union(*known)
    arrays = gazetteer.base.arrays
    ours = np.isin(arrays["districts"], sorted(mine))

    def near(easting: Floats, northing: Floats, within_m: float) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(easting), dtype=bool)
        if not len(easting):
            return found
        e, n = arrays["postcode_e"], arrays["postcode_n"]
        look = LOOK_M + within_m
        inside = np.flatnonzero((e > easting.min() - look) & (e < easting.max() + look)
                                & (n > northing.min() - look) & (n < northing.max() + look))
        if not len(inside):
            return found
        tree = cKDTree(np.column_stack((e[inside], n[inside])))
        other = np.append(~ours[arrays["postcode_district"][inside]], False)  # the last: no postcode near
        for angle, reach in [(0.0, 0.0), *((turn, within_m) for turn in np.arange(SIDES) * 2 * np.pi / SIDES)]:
            at = np.column_stack((easting + reach * np.cos(angle), northing + reach * np.sin(angle)))
            found |= other[tree.query(at, distance_upper_bound=LOOK_M)[1]]
        return found

    return near
