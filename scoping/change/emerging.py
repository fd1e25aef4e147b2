"""What the run of a square's hot and cold windows amounts to: four plain words, or Esri's seventeen categories.

`simple` (after Chainey 2020): of the windows that count, *persistent* is hot in at least 80 %; *emerging* in at least 10 % of
the latest fifth and under 10 % before; *former* the reverse; *intermittent* in at least 10 % otherwise; else none.

`esri28` and `esri3` are Esri's Emerging Hot Spot categories as its 2.8 text and its later text word them. They overlap, so
the first that holds is taken: new, consecutive, intensifying, diminishing, persistent, historical, oscillating, sporadic,
none; a square with no hot category is then asked the same of its cold windows. The later text asks *consecutive* for two
final windows (which *new*, coming first, gives in both) and *sporadic* to be hot in the last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo_data.errors import ParameterError
from scoping.clustering.points import Floats

SIMPLE = ("persistent", "emerging", "former", "intermittent")
PRECEDENCE = ("new", "consecutive", "intensifying", "diminishing", "persistent", "historical", "oscillating", "sporadic")
VARIANTS = ("simple", "esri28", "esri3")
NONE = "none"
LEAST_STEPS = 10
TREND_P = 0.05
MEANING = {
    "persistent": "hot in nearly all windows", "emerging": "hot lately, not before", "former": "hot before, not lately",
    "intermittent": "hot now and then", "new": "hot in the last window for the first time",
    "consecutive": "hot in an unbroken run up to the last window, never before it",
    "intensifying": "hot in nearly all windows and rising", "diminishing": "hot in nearly all windows and falling",
    "historical": "hot in nearly all windows, but not in the last", "oscillating": "hot in the last window, cold in some before",
    "sporadic": "hot on and off", NONE: "no pattern",
}

Flags = NDArray[np.bool_]


def classify(hot: Flags, cold: Flags, z: Floats, variant: str = "simple") -> list[str]:
    """The word of each square. Rows are windows in order of time, columns squares; cold categories read "cold new" ...

    Raises `ParameterError` for an unknown variant, and for Esri's with fewer than ten windows.
    """
    if variant not in VARIANTS:
        raise ParameterError("There is no such way to name emerging hot spots.", fix=f"Use {', '.join(VARIANTS)}.", where="variant")
    if variant == "simple":
        return [simple(column) for column in hot.T]
    if len(hot) < LEAST_STEPS:
        raise ParameterError(f"Esri's categories need at least {LEAST_STEPS} windows; there are {len(hot)}.",
                             fix="Choose shorter windows, a longer period, or the simple classes.", where="variant")
    words = []
    for square in range(hot.shape[1]):
        trend = _trend(z[:, square]) if max(hot[:, square].mean(), cold[:, square].mean()) >= 0.9 else 0
        word = esri(hot[:, square], cold[:, square], trend, variant)
        if word == NONE and cold[:, square].any():
            colder = esri(cold[:, square], hot[:, square], -trend, variant)
            word = NONE if colder == NONE else f"cold {colder}"
        words.append(word)
    return words


def simple(hot: Flags) -> str:
    """One square's class from its hot windows."""
    if not len(hot):
        return NONE
    recent = max(1, round(len(hot) / 5))
    late, early = hot[-recent:].mean(), hot[:-recent].mean() if len(hot) > recent else 0.0
    if hot.mean() >= 0.8:
        return "persistent"
    if late >= 0.1 and early < 0.1:
        return "emerging"
    if early >= 0.1 and late < 0.1:
        return "former"
    return "intermittent" if hot.mean() >= 0.1 else NONE


def esri(hot: Flags, cold: Flags, trend: int, variant: str) -> str:
    """The first of `PRECEDENCE` that holds of one square. `trend` is 1, 0 or -1: the significant change of intensity."""
    last, share = bool(hot[-1]), hot.mean()
    run = int(np.argmin(hot[::-1])) if not hot.all() else len(hot)  # hot windows at the end
    tests = {
        "new": last and not hot[:-1].any(),
        "consecutive": run >= (2 if variant == "esri3" else 1) and not hot[:len(hot) - run].any() and share < 0.9,
        "intensifying": share >= 0.9 and last and trend > 0,
        "diminishing": share >= 0.9 and last and trend < 0,
        "persistent": share >= 0.9 and trend == 0,
        "historical": share >= 0.9 and not last,
        "oscillating": last and cold[:-1].any() and share < 0.9,
        "sporadic": hot.any() and share < 0.9 and not cold.any() and (last or variant == "esri28"),
    }
    return next((word for word in PRECEDENCE if tests[word]), NONE)


def _trend(z: Floats) -> int:
    """Mann-Kendall: whether intensity rises (1) or falls (-1) with time beyond chance."""
    held = np.isfinite(z)
    if held.sum() < 3 or np.ptp(z[held]) == 0:
        return 0
    from scipy.stats import kendalltau  # where it is called: it takes a second to load

    tau, p = kendalltau(np.flatnonzero(held), z[held])
    return int(np.sign(tau)) if p < TREND_P else 0
