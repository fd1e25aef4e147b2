"""The grid view: where children are more than elsewhere, on fixed 500 m squares (METHODS section 10).

Gi* (Getis & Ord 1992; Ord & Getis 1995) is drawn; it decides nothing, because its normal approximation is wrong on
sparse counts: with nothing going on, most maps of 80 events get a "hot" square even after a false-discovery correction.
What is hot is decided by the exact binomial tail of the neighbourhood's count, and Benjamini-Hochberg over the squares.

The study area is every square that holds a record of any role and time, and those beside it. A neighbourhood is a square
and those of the eight around it that are in the area. A child counts once in a square and window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.special import bdtr, bdtrc

from scoping import coverage, windows
from scoping.change import false_discovery
from scoping.clustering.points import Floats, Ints, Points, take
from scoping.left_out import gate
from scoping.parameters import Parameters
from scoping.scope import extent
from scoping.windows import Windows

CELL_M = 500
Q = 0.05


@dataclass(frozen=True)
class Grid:
    """Rows of the arrays are windows, columns the squares of `cells` (south-west corners, EPSG:27700 metres, int64).

    `children`: different children in the square; `top_share`: the largest child's share of the records there; `z`: Gi*
    (NaN in a window without records); `q`: adjusted tail probability of at least as many in the neighbourhood; `cold_q`:
    of at most as many; `hot`, `cold`: they are at most `Q`. `measured`: windows that count (neither partial nor without data).
    """

    parameters: Parameters
    windows: Windows
    cells: Ints
    children: Ints
    top_share: Floats
    z: Floats
    q: Floats
    cold_q: Floats
    measured: NDArray[np.bool_]
    total_children: Ints
    total_top_share: Floats

    @property
    def hot(self) -> NDArray[np.bool_]:
        return np.asarray(self.q <= Q) & self.measured[:, None]

    @property
    def cold(self) -> NDArray[np.bool_]:
        return np.asarray(self.cold_q <= Q) & self.measured[:, None]


def grid(locations: pd.DataFrame, parameters: Parameters, today: date | None = None) -> Grid:
    """Counts and tests of every square and window. `locations` is LOCATIONS in any order of rows."""
    reasons = gate(locations, parameters, today)
    entered = reasons.isna().to_numpy() & locations["role"].isin(parameters.roles).to_numpy()
    spans = windows.make(parameters.window, *extent(locations), parameters.start, parameters.end)
    points = take(locations, entered)
    placed = locations.loc[reasons.isna().to_numpy(), ["easting", "northing"]].to_numpy(dtype=np.float64)
    cells = study_area(placed)
    near = neighbourhoods(cells)
    square = _squares(np.column_stack([points.site_e, points.site_n])[points.site], cells)
    children, top = _counts(points, spans, square, len(cells))
    whole, whole_top = _tally(points.person, square, len(cells))
    measured = ~(coverage.no_data(locations, spans) | spans.partial)
    hot, cold = tails(children, near)
    return Grid(parameters, spans, cells, children, top, gi_star(children, near), hot, cold, measured, whole, whole_top)


def study_area(placed: Floats, cell_m: int = CELL_M) -> Ints:
    """South-west corners of the squares that hold a place and of those beside them, by (easting, northing)."""
    held = np.unique(np.floor(placed / cell_m).astype(np.int64), axis=0)
    around = np.array([(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)], dtype=np.int64)
    every = (held[:, None, :] + around).reshape(-1, 2)
    return np.unique(every, axis=0) * cell_m if len(held) else np.empty((0, 2), np.int64)


def neighbourhoods(cells: Ints) -> csr_array:
    """Binary weights: each square, itself and those of the eight around it that are in the area."""
    if not len(cells):
        return csr_array((0, 0), dtype=np.float64)
    index = cells // CELL_M
    rows, columns = [], []
    for a in (-1, 0, 1):
        for b in (-1, 0, 1):
            at = _find(index + np.array([a, b]), index)
            rows.append(np.flatnonzero(at >= 0))
            columns.append(at[at >= 0])
    row, column = np.concatenate(rows), np.concatenate(columns)
    return coo_array((np.ones(len(row)), (row, column)), shape=(len(cells), len(cells))).tocsr()


def gi_star(counts: Ints, near: csr_array) -> Floats:
    """Gi* of each row of `counts`: (sum w x - mean sum w) / (S sqrt((n sum w^2 - (sum w)^2) / (n - 1))); NaN where S is 0."""
    x = counts.astype(np.float64)
    n = x.shape[1]
    weight = np.asarray(near.sum(axis=1)).ravel()
    mean = x.mean(axis=1, keepdims=True) if n else np.zeros((len(x), 1))
    spread = np.sqrt(np.maximum((x**2).mean(axis=1, keepdims=True) - mean**2, 0)) if n else mean
    below = spread * np.sqrt(np.maximum(n * weight - weight**2, 0) / max(n - 1, 1))
    above = (near @ x.T).T - mean * weight
    return np.asarray(np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan), dtype=np.float64)


def tails(counts: Ints, near: csr_array) -> tuple[Floats, Floats]:
    """For each row of `counts`: the adjusted probability of at least, and of at most, the neighbourhood's count.

    If every square were alike, the neighbourhood of m of n squares would hold Bin(N, m / n) of the N children.
    """
    share = np.asarray(near.sum(axis=1)).ravel() / max(counts.shape[1], 1)
    total = counts.sum(axis=1, keepdims=True)
    around = np.rint((near @ counts.T).T).astype(np.int64)
    high, low = np.ones(counts.shape), np.ones(counts.shape)
    for row in np.flatnonzero(total[:, 0]):
        high[row] = false_discovery.adjusted(bdtrc(around[row] - 1, total[row, 0], share))
        low[row] = false_discovery.adjusted(bdtr(around[row], total[row, 0], share))
    return high, low


def _counts(points: Points, spans: Windows, square: Ints, cells: int) -> tuple[Ints, Floats]:
    children, top = np.zeros((len(spans), cells), np.int64), np.zeros((len(spans), cells))
    for window, (start, end) in enumerate(zip(spans.start_us, spans.end_us, strict=True)):
        low, high = np.searchsorted(points.time, [start, end])
        children[window], top[window] = _tally(points.person[low:high], square[low:high], cells)
    return children, top


def _tally(person: Ints, square: Ints, cells: int) -> tuple[Ints, Floats]:
    """Different children, and the largest child's share of the records, of each square."""
    children, most, records = np.zeros(cells, np.int64), np.zeros(cells, np.int64), np.zeros(cells, np.int64)
    if len(person):
        each, count = np.unique(np.column_stack([square, person]), axis=0, return_counts=True)
        at = each[:, 0]
        np.add.at(children, at, 1)
        np.add.at(records, at, count)
        np.maximum.at(most, at, count)
    return children, most / np.maximum(records, 1)


def _squares(place: Floats, cells: Ints) -> Ints:
    return _find(np.floor(place / CELL_M).astype(np.int64), cells // CELL_M) if len(place) else np.empty(0, np.int64)


def _find(wanted: Ints, index: Ints) -> Ints:
    """Position of each wanted pair in `index` (sorted by column, then row); -1 where it is not."""
    base = np.minimum(wanted.min(axis=0), index.min(axis=0))
    width = int(max(wanted[:, 1].max(), index[:, 1].max()) - base[1]) + 1
    key, ask = ((pairs[:, 0] - base[0]) * width + (pairs[:, 1] - base[1]) for pairs in (index, wanted))
    at = np.minimum(np.searchsorted(key, ask), len(key) - 1)
    return np.where(key[at] == ask, at, -1)
