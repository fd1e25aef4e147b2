"""Why a location does not enter the counting, one reason a row, each shown to the analyst.

Two kinds of reason. A row that is not placed or dated well enough can never enter:
a town centroid makes a hotspot where nobody was. A row of the *register* lies where
children are by duty or by custom (their home, a police station), so a cluster there says
nothing new; the register depends on the role and `Parameters.keep_left_out` puts it back.
Schools and interchanges are never left out: being collected from school is a pattern that
the analysis must see. Friends' and relatives' addresses stay in too: one address that many
different children reach is a concern, and one that a single child visits never passes the
distinct-child rule.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.columns import Columns
from scoping.parameters import Parameters

FILTERED = "filtered out by your choice"
NOT_LOCATED = "not located"
TOO_COARSE = "too coarse: precision above eps"
NO_TIME = "no time"
MONTH_ONLY = "undated for this window scheme"
PAST_REVIEW = "past its review date"
OWN_ADDRESS = "own address or placement"
CHILDRENS_HOME = "outside a children's home"
POLICE_STATION = "police station"
HOSPITAL = "hospital"

REASONS = (FILTERED, NOT_LOCATED, TOO_COARSE, NO_TIME, MONTH_ONLY, PAST_REVIEW,
           OWN_ADDRESS, CHILDRENS_HOME, POLICE_STATION, HOSPITAL)

# which places of the register each role leaves out
REGISTER = {
    "found": (OWN_ADDRESS, CHILDRENS_HOME, POLICE_STATION, HOSPITAL),
    "last_seen": (OWN_ADDRESS,),
    "pickup": (OWN_ADDRESS,),
}
_PLACE_TYPE_OF = {
    OWN_ADDRESS: "own_address",
    CHILDRENS_HOME: "childrens_home_vicinity",
    POLICE_STATION: "police_station",
    HOSPITAL: "hospital_health",
}

Mask = NDArray[np.bool_]


def gate(locations: pd.DataFrame, parameters: Parameters, today: date | None = None, *,
         columns: Columns | None = None) -> pd.Series[str]:
    """One reason a row of LOCATIONS, the first that applies in the order of `REASONS`; missing = it enters.

    Every role is judged, also those that `parameters.roles` does not ask for. Retention review
    dates are looked at only when `today` is given: the analysis has no clock of its own. `columns` are those of the rows.
    """
    reasons = np.zeros(len(locations), dtype=np.int8)
    rows = columns or Columns(locations)
    known = rows.kept("left out", lambda: _known(locations))
    tests: list[tuple[str, Mask]] = [
        (FILTERED, _filtered(locations, parameters)),
        (NOT_LOCATED, known.not_located),
        (TOO_COARSE, ~(known.precision_m <= parameters.eps_m)),
        (NO_TIME, known.no_time),
    ]
    if parameters.window.kind != "month":
        tests.append((MONTH_ONLY, known.month_only))
    if today is not None:
        tests.append((PAST_REVIEW, _mask(locations["review_by"] < pd.Timestamp(today))))
    if not parameters.keep_left_out:
        tests.extend(known.register)
    for reason, holds in tests:
        reasons[(reasons == 0) & holds] = REASONS.index(reason) + 1
    named = pd.Categorical.from_codes(reasons - 1, categories=pd.Index(REASONS, dtype="str"))
    return pd.Series(named, index=locations.index, name="left_out")


class _Known(NamedTuple):
    """What no choice changes."""

    not_located: Mask
    precision_m: NDArray[np.float64]  # NaN where the rows are too coarse for any eps
    no_time: Mask
    month_only: Mask
    register: list[tuple[str, Mask]]


def _known(locations: pd.DataFrame) -> _Known:
    tier, precise = locations["tier"], locations["at_precision"]
    # a precision that is not recorded is not known to be fine enough
    precision = locations["precision_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    return _Known(_mask((tier == "P5") | locations["easting"].isna() | locations["northing"].isna()),
                  np.where(_mask(tier == "P4"), np.nan, precision), _mask(locations["at"].isna() | (precise == "unknown")),
                  _mask(precise == "month"), _register(locations))


def entering(locations: pd.DataFrame, parameters: Parameters, today: date | None = None) -> Mask:
    """Which rows of LOCATIONS are of the roles asked for and left out for no reason of `gate`."""
    return gate(locations, parameters, today).isna().to_numpy() & locations["role"].isin(parameters.roles).to_numpy()


def _filtered(locations: pd.DataFrame, parameters: Parameters) -> Mask:
    out = np.zeros(len(locations), dtype=bool)
    choices = {"strand": parameters.strands, "age_band": parameters.age_bands,
               "location_type": parameters.place_types, "category": parameters.categories}
    for column, chosen in choices.items():
        if chosen:
            out |= ~_mask(locations[column].isin(chosen))
    return out


def _register(locations: pd.DataFrame) -> list[tuple[str, Mask]]:
    role, kind = locations["role"], locations["location_type"]
    found = []
    for reason, place_type in _PLACE_TYPE_OF.items():
        there = _mask(kind == place_type)
        if reason == OWN_ADDRESS:
            there = there | _mask(locations["own_address"])
        found.append((reason, there & _mask(role.isin([name for name, left in REGISTER.items() if reason in left]))))
    return found


def _mask(series: pd.Series[bool]) -> Mask:
    return series.to_numpy(dtype=bool, na_value=False)
