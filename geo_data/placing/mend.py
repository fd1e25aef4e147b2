"""A postcode that never existed, with one character put right: only when exactly one that exists fits the rest of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_data.placing import postcode
from geo_data.placing.answer import Answer, marked

if TYPE_CHECKING:
    from geo_data.placing.gazetteer import Gazetteer

MENDED_SURE = 0.65
_REACH_M = 150.0  # around a street


def mend(units: list[str], gazetteer: Gazetteer, context: Answer) -> Answer | None:
    """The only postcode that differs in one character from one of `units` and lies in the street or place of `context`.

    A letter stands for another letter and a digit for another digit. None when there is none, or more than one. With a town alone
    only an outcode that exists nowhere is put right: any other is rather a postcode too new for the list.
    """
    reach = context.precision_m + (_REACH_M if context.fine else 0.0)
    for text in units:
        if not context.fine and gazetteer.outcode(text[:-3]) is not None:
            continue
        near = gazetteer.postcodes(postcode.text_of(postcode.one_off(text)))
        apart = np.hypot(near["easting"] - context.easting, near["northing"] - context.northing)
        fits = near[np.asarray(apart <= reach)]
        if len(fits) == 1:
            row = fits.iloc[0]
            return Answer("P3", float(row["precision_m"]), "postcode", float(row["easting"]), float(row["northing"]),
                          str(row["postcode"]), f"unit postcode with one character put right: the only one of that kind in "
                          f"{context.matched}" + marked(str(row["marking"])), [], MENDED_SURE, "postcode_mended")
    return None
