"""The grid view through the door: which squares of it may be shown, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo_data.errors import DisclosureError, ParameterError
from scoping.change.emerging import MEANING, NONE, classify
from scoping.change.grid import CELL_M, Grid, Q
from scoping.showing.rules import OPERATIONAL, Rules
from scoping.windows import ZONE

SQUARES = ("cell_e", "cell_n", "category", "hot", "children", "gi_star", "windows_hot")


@dataclass(frozen=True)
class GridRelease:
    """What of a grid may be seen in one window. It checks itself when made.

    `squares`: the columns of `SQUARES`, south-west corners on the fixed grid; only squares that had at least the tier's
    different children over all windows, none with more than the rules' share of the records; `children` is missing
    where the window alone has fewer, or one child has more of it. `withheld` are sentences.
    """

    tier: str
    rules: Rules
    marking: str
    synthetic: bool
    variant: str
    window: str
    span: tuple[str, str]
    windows: int
    squares: pd.DataFrame
    statements: tuple[str, ...]
    withheld: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.tier != OPERATIONAL or not self.marking.strip():
            raise DisclosureError("A release names its tier and carries a protective marking.")
        if tuple(self.squares.columns) != SQUARES:
            raise DisclosureError("A release carries its declared columns and no other.")
        if (self.squares["children"].dropna() < self.rules.operational).any():
            raise DisclosureError(f"A square of fewer than {self.rules.operational} children may not be shown.")
        if (self.squares[["cell_e", "cell_n"]] % CELL_M).any(axis=None):
            raise DisclosureError("Places in a release lie on the fixed grid.")


def release_grid(grid: Grid, rules: Rules | None = None, *, variant: str = "simple",
                 window: int | None = None, synthetic: bool = False) -> GridRelease:
    """The squares with a category, or hot in `window` (default: the last that counts), that may be shown.

    Raises `ParameterError` when no window has data, the window does not exist, or the variant asks for more windows.
    """
    rules = rules or Rules()
    usable = np.flatnonzero(grid.measured)
    if not len(usable):
        raise ParameterError("No complete window has data.", fix="Choose longer windows or other dates.", where="window")
    shown = int(usable[-1]) if window is None else window
    if not 0 <= shown < len(grid.windows):
        raise ParameterError("There is no such window.", where="window")
    until = usable[usable <= shown]
    hot = grid.hot
    words = np.array(classify(hot[until], grid.cold[until], grid.z[until], variant), dtype=object)
    marked = hot[shown] | (words != NONE)
    allowed = (grid.total_children >= rules.operational) & (grid.total_top_share <= rules.dominance)
    keep = np.flatnonzero(marked & allowed)
    count = grid.children[shown, keep]
    few = (count < rules.operational) | (grid.top_share[shown, keep] > rules.dominance)
    squares = pd.DataFrame({
        "cell_e": grid.cells[keep, 0], "cell_n": grid.cells[keep, 1], "category": words[keep], "hot": hot[shown, keep],
        "children": pd.Series(count).astype("Int64").mask(pd.Series(few)), "gi_star": np.round(grid.z[shown, keep], 2),
        "windows_hot": hot[until][:, keep].sum(axis=0)})
    lost = int((marked & ~allowed).sum())
    start, end = grid.windows.starts[shown], grid.windows.ends[shown]
    return GridRelease(
        tier=OPERATIONAL, rules=rules, marking=rules.stamped(synthetic), synthetic=synthetic,
        variant=variant, window=grid.windows.labels[shown], span=(_day(start), _day(end)), windows=len(until),
        squares=squares.sort_values(["windows_hot", "cell_e", "cell_n"], ascending=[False, True, True], ignore_index=True),
        statements=_statements(grid, shown),
        withheld=(f"{lost} {'square is' if lost == 1 else 'squares are'} withheld: fewer than {rules.operational} different "
                  "children over all windows, or one child makes most of the records.",) if lost else ())


def report(release: GridRelease) -> dict[str, Any]:
    """The release as plain values, with what each word means."""
    held = release.squares["category"]
    return {
        "marking": release.marking, "synthetic": release.synthetic, "tier": release.tier, "variant": release.variant,
        "window": release.window, "start": release.span[0], "end": release.span[1], "windows": release.windows,
        "q": Q, "cell_m": CELL_M, "categories": {str(word): int(n) for word, n in held.value_counts().items()},
        "meaning": {word: meaning(word) for word in sorted(set(held))}, "squares": release.squares.to_dict("records"),
        "statements": list(release.statements), "withheld": list(release.withheld),
    }


def meaning(word: str) -> str:
    """What a category says, in words."""
    if word.startswith("cold "):
        return MEANING[word.removeprefix("cold ")].replace("cold", "warm").replace("hot", "cold").replace("warm", "hot")
    return MEANING[word]


def _statements(grid: Grid, shown: int) -> tuple[str, ...]:
    told = []
    if missing := int((~grid.measured).sum()):
        told.append(f"{missing} of {len(grid.windows)} windows are not complete or without data, and are not counted.")
    if not grid.measured[shown]:
        told.append("This window is not complete or without data: no square is called hot in it.")
    if not grid.hot.any():
        told.append("In no window does any square hold more children than chance explains.")
    return tuple(told)


def _day(instant: pd.Timestamp) -> str:
    return instant.tz_convert(ZONE).date().isoformat()
