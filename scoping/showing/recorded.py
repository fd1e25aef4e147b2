"""The door of the coverage figures: what of `Recording` may be shown, with small numbers protected.

Rows that rest on fewer children than the rules allow keep their name and lose their numbers. Where that would leave one row of a
group whose numbers follow from the total, the next smallest is withheld with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.errors import DisclosureError
from scoping.marks import MARKS
from scoping.recording import HIDDEN, LAGS, MIX, RATES, Recording
from scoping.showing.contents import RESTRICTED
from scoping.showing.disclosure import Rules

_SHAPES = {"rates": RATES, "hidden": HIDDEN, "mix": MIX, "lags": LAGS, "marks": MARKS}
_NUMBERS = {"rates": ("children", "places", "placed", "fine", "own"), "hidden": ("children", "places", "share", "most_children"),
            "lags": ("children", "episodes", "median_days", "p90_days")}
_GROUPS = {"rates": ("slice", "role"), "hidden": ("slice", "role"), "lags": ()}


@dataclass(frozen=True)
class RecordedRelease:
    """What may be seen of how places are recorded. It checks itself when made; missing numbers are withheld."""

    marking: str
    synthetic: bool
    least: int
    rates: pd.DataFrame
    hidden: pd.DataFrame
    mix: pd.DataFrame
    lags: pd.DataFrame
    marks: pd.DataFrame
    piled: int
    not_found_yet: int
    withheld: int

    def __post_init__(self) -> None:
        if not self.marking.strip():
            raise DisclosureError("A release carries a protective marking.")
        for name, shape in _SHAPES.items():
            frame = getattr(self, name)
            if tuple(frame.columns) != shape or RESTRICTED.intersection(frame.columns):
                raise DisclosureError("A release carries its declared columns and no other.")
            if "children" in frame and (frame["children"].dropna() < self.least).any():
                raise DisclosureError(f"A number about fewer than {self.least} children may not be shown.")


def release(recording: Recording, marks: pd.DataFrame, rules: Rules | None = None, *, synthetic: bool = False) -> RecordedRelease:
    """What of `recording` may be shown under `rules`; `synthetic` stamps invented data in the marking."""
    rules = rules or Rules()
    shown = {name: protect(getattr(recording, name), rules.operational, _NUMBERS[name], _GROUPS[name]) for name in _NUMBERS}
    return RecordedRelease(
        marking=rules.stamped(synthetic), synthetic=synthetic, least=rules.operational,
        mix=_mix(recording, rules.operational), marks=marks, piled=recording.piled, not_found_yet=recording.not_found_yet,
        withheld=sum(int(frame["children"].isna().sum()) for frame in shown.values()), **shown)


def protect(frame: pd.DataFrame, least: int, numbers: tuple[str, ...], groups: tuple[str, ...] | None = ()) -> pd.DataFrame:
    """`frame` with `numbers` missing where fewer than `least` children stand behind them.

    In each group of rows that add up to a total, one withheld row alone could be worked out from the others: then the row with the
    fewest children of those shown is withheld too. `groups` None: no total is shown that the rows add up to.
    """
    hide = (frame["children"] < least).to_numpy(dtype=bool, copy=True)
    code = frame.groupby(list(groups), sort=False).ngroup().to_numpy() if groups else np.zeros(len(frame), dtype=np.int64)
    for group in np.unique(code[hide]) if groups is not None else ():
        rows = np.flatnonzero(code == group)
        shown = rows[~hide[rows]]
        if hide[rows].sum() == 1 and len(shown):
            hide[shown[_fewest(frame["children"].to_numpy()[shown])]] = True
    result = frame.copy()
    for name in numbers:
        result[name] = frame[name].astype("float64").mask(hide)
    return result


def _fewest(children: NDArray[np.int64]) -> int:
    return int(np.argmin(children))


def _mix(recording: Recording, least: int) -> pd.DataFrame:
    """The tiers of each role, of roles with enough children."""
    every = recording.rates[(recording.rates["slice"] == "all") & (recording.rates["children"] >= least)]
    return recording.mix[recording.mix["role"].isin(every["role"])].reset_index(drop=True)
