"""Roughly how many addresses lie where: estimated from live postcodes, for the regions that published counts are made on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo_data.placing.gazetteer import Gazetteer

LIVE = 15  # addresses of a live unit postcode, on average
LISTED = 10  # of one of which it is not known whether it has been ended: of 2.7 million listed 1.8 million are live


def addresses(gazetteer: Gazetteer) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Easting, northing (EPSG:27700 metres) of every located postcode, once, and the addresses that it stands for.

    Where an imported directory lists a postcode as ended it stands for none.
    """
    keys, east, north, each = [], [], [], []
    for part in sorted(gazetteer.parts, key=lambda part: (not part.imported, part.dated), reverse=False):
        arrays = part.arrays
        if "postcode_terminated" in arrays:
            count = np.where(np.asarray(arrays["postcode_terminated"]) > 0, 0, LIVE)
        else:
            count = np.full(len(arrays["postcode_key"]), LISTED if part.name == "base" else LIVE)
        keys.append(np.asarray(arrays["postcode_key"]))
        east.append(np.asarray(arrays["postcode_e"], dtype=np.float64))
        north.append(np.asarray(arrays["postcode_n"], dtype=np.float64))
        each.append(count.astype(np.int64))
    key, e, n, count = (np.concatenate(columns) for columns in (keys, east, north, each))
    _, first = np.unique(key, return_index=True)  # of one that several parts hold, the first part's
    kept = first[(e[first] >= 0) & (n[first] >= 0) & (count[first] > 0)]
    return e[kept], n[kept], count[kept]
