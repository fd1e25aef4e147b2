"""Villages and suburbs from things that are listed under their names: postcodes, stops.

Settlements of 500 and more are known at once; the suburb that an officer writes ("Killingworth", "Fawdon") often is not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_data.placing import land
from geo_data.placing.array_folder import Arrays
from geo_data.placing.gazetteer_build import normal_name, place_arrays
from geo_data.placing.importers.chains import Floats, chains, circles
from geo_data.placing.settlement import BUILDING, OF_A_TOWN, STREET

LINK_M = 2_500.0
LEAST_RADIUS_M = 500.0
MOST_PEOPLE = 9_000  # a town of 10,000 is known at once: an estimate makes no town of a suburb
_ROADS = frozenset("road street lane avenue drive close court square".split())


def arrays(name: npt.NDArray[Any], shown: npt.NDArray[Any], easting: Floats, northing: Floats, *, least: int, people: int,
           ) -> Arrays:
    """Settlements: `name` is the number of each thing's locality in `shown`, -1 for none; `easting`, `northing` its point.

    Things of one name that lie near each other are one place; of fewer than `least` nothing is believed. Each stands for
    so many `people`. A name that ends like a street's, or is the word for a street or building, is no place.
    """
    good = np.array([_is_place(text) for text in shown] + [False])[name]
    name, easting, northing = name[good], easting[good], northing[good]
    chain = chains(name, easting, northing, LINK_M)
    e, n, radius, first = circles(chain, easting, northing, least=LEAST_RADIUS_M)
    count = np.bincount(chain)
    frame = pd.DataFrame({
        "name": pd.Series(shown[name[first]], dtype="str"),
        "easting": np.rint(e), "northing": np.rint(n), "radius_m": np.rint(radius),
        "population": np.minimum(count * people, MOST_PEOPLE)})[count >= least]
    if not len(frame):
        return {}
    return place_arrays(frame) | {"land": land.mask(frame["easting"], frame["northing"])}


def _is_place(name: Any) -> bool:
    words = normal_name(name).split() if isinstance(name, str) else []
    return bool(words) and words[-1] not in _ROADS and not (
        len(words) == 1 and (len(words[0]) < 3 or words[0] in STREET or words[0] in BUILDING or words[0] in OF_A_TOWN))
