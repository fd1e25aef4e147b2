"""What a record itself says about where its places lie: the areas of its police force and its authorities.

They and their neighbours come first where a name is found several times; a street without a town is looked for in them alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_data.placing.districts import around, codes_of, name_of
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.home import Home, home

COLUMNS = ("recording_force", "responsible_la", "placing_authority")


def contexts(frame: pd.DataFrame, gazetteer: Gazetteer) -> tuple[npt.NDArray[np.int64], list[Home | None]]:
    """For each row the number of its own area, and the areas; None where the record names no area that is known.

    The own area is that of the recording force and the two authorities together. A force that is not known is taken to be that of
    the authority.
    """
    held = [frame[name].astype("str").fillna("") if name in frame else pd.Series("", index=frame.index, dtype="str")
            for name in COLUMNS]
    triples = pd.MultiIndex.from_arrays(held)
    number, distinct = triples.factorize()
    return np.asarray(number, dtype=np.int64), [own(str(force), str(responsible), str(placing), gazetteer)
                                                for force, responsible, placing in distinct]


def own(force: str, responsible: str, placing: str, gazetteer: Gazetteer) -> Home | None:
    """The own area of a record; None when nothing of it is known."""
    area = codes_of(force) or around(responsible)
    authorities = [code for code in (responsible, placing) if code]
    codes = area.union(*map(codes_of, authorities)) & gazetteer.district_codes
    if not codes:
        return None
    outside = [name_of(code) for code in dict.fromkeys(authorities) if not codes_of(code) <= area]
    return home(sorted(codes), gazetteer, " and ".join([force if codes_of(force) else "the area of the record", *outside]))
