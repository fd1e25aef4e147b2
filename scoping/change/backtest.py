"""Would last year's map have told where the next 28 days' records fall? Compared at equal area (METHODS section 12).

At each origin every method marks the same number of fixed 250 m squares from the twelve months before, and the share of the
next window's records in them is its hit rate: clusters of the last 1, 3, 6 and 12 months; KDE over the last twelve; and a plain
count of the last twelve. PAI alone rewards tiny maps, so nothing is compared but at equal area, and the plain count stands beside.

Sources: Chainey, Tompson & Uhlig 2008 (PAI); Hunt 2016 (PEI); Levine 2008 (RRI).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo_data.errors import InputError
from scoping.change.grid import study_area
from scoping.clustering.clusters import cluster
from scoping.clustering.points import Floats, Ints, build
from scoping.parameters import Parameters
from scoping.windows import Windows

CELL_M = 250
BANDWIDTH_M = 500.0  # of the density that the map is set beside
HISTORY = 12  # periods looked back
LOOKBACKS = (1, 3, 6, 12)
DRAWS = 1_000
MEASURES = ("hit_rate", "pai", "pei", "rri")
COLUMNS = ("months", "method", "origins", "area_km2", *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")))
Progress = Callable[[int, int], bool | None]


@dataclass(frozen=True)
class Records:
    """Records of consecutive periods, numbered from 0; EPSG:27700 metres; `child` codes."""

    easting: Floats
    northing: Floats
    period: Ints
    child: Ints


def backtest(records: Records, *, eps_m: float = 250.0, least: int = 5, seed: int = 0, progress: Progress | None = None
             ) -> pd.DataFrame:
    """One row a look-back and method, `COLUMNS`: means over the origins; `_low`, `_high` the 95 % interval when origins are drawn
    again, and in each its hits; `rri` the records per period in the marked area now against in the look-back, each of its total,
    of the origins where the look-back has any there (no number: none has).

    The minimum of a cluster grows with the look-back (`least` times its square root, rounded), so that maps stay comparable.
    Raises `InputError` when there are fewer than 13 periods.
    """
    periods = int(records.period.max()) + 1 if len(records.period) else 0
    if periods < HISTORY + 1:
        raise InputError(f"A backtest needs at least {HISTORY + 1} periods; these records have {periods}.",
                         fix="Give more months.", where="period")
    cells = study_area(np.column_stack([records.easting, records.northing]), CELL_M)
    tree = cKDTree(cells + CELL_M / 2)
    _, square = tree.query(np.column_stack([records.easting, records.northing]), distance_upper_bound=CELL_M)
    counts = np.zeros((periods, len(cells)), np.int64)
    np.add.at(counts, (records.period, square), 1)
    origins = [origin for origin in range(HISTORY, periods) if counts[origin].sum()]
    found: list[tuple[int | str | float, ...]] = []
    for done, origin in enumerate(origins, start=1):
        past = counts[origin - HISTORY:origin].sum(axis=0)
        density = _density(records, origin, cells)
        for months in LOOKBACKS:
            marked = _clusters(records, origin, months, eps_m=eps_m, least=max(2, round(least * np.sqrt(months))), tree=tree,
                               cells=len(cells))
            size = int(marked.sum())
            if not size:
                continue
            for method, mask in (("clusters", marked), ("KDE", _top(density, size)), ("plain count", _top(past, size))):
                found.append((months, method, *_score(counts, origin, months, mask)))
        if progress is not None and progress(done, len(origins)) is False:
            break
    table = pd.DataFrame(found, columns=["months", "method", "area_km2", "total", "hit_rate", "share", "best", "earlier"])
    return _summary(table, seed)


def _clusters(records: Records, origin: int, months: int, *, eps_m: float, least: int, tree: cKDTree, cells: int
              ) -> NDArray[np.bool_]:
    """Squares whose centre lies in a footprint of the clusters of the last `months` periods."""
    inside = (records.period >= origin - months) & (records.period < origin)
    count = int(inside.sum())
    marked = np.zeros(cells, dtype=bool)
    if not count:
        return marked
    row = np.arange(count)
    _, child = np.unique(records.child[inside], return_inverse=True)
    points = build(row=row, time=row * 0, person=child, episode=row, role=row * 0, easting=records.easting[inside],
                   northing=records.northing[inside])
    span = pd.DatetimeIndex([pd.Timestamp(0, tz="UTC")])
    windows = Windows(span, span + pd.Timedelta(days=1), ("",), np.zeros(1, dtype=bool))
    clusters = cluster(points, windows, Parameters(eps_m=eps_m, min_children=min(least, 100)))
    core = np.column_stack([points.site_e, points.site_n])[clusters.core_site]
    if len(core):
        reach = max(eps_m / 2, CELL_M / np.sqrt(2))  # a disc always marks the square it lies in
        near = np.concatenate([np.array(each, dtype=np.int64) for each in tree.query_ball_point(core, reach)])
        marked[near] = True
    return marked


def _density(records: Records, origin: int, cells: Ints) -> Floats:
    """Quartic kernel density of the last twelve periods at the centre of each square."""
    inside = (records.period >= origin - HISTORY) & (records.period < origin)
    sites, weight = np.unique(np.column_stack([records.easting, records.northing])[inside], axis=0, return_counts=True)
    density = np.zeros(len(cells))
    if len(sites):
        near = cKDTree(cells + CELL_M / 2).sparse_distance_matrix(cKDTree(sites), BANDWIDTH_M, output_type="coo_matrix")
        np.add.at(density, near.row, (1 - (near.data / BANDWIDTH_M) ** 2) ** 2 * weight[near.col])
    return density


def _top(score: Floats | Ints, size: int) -> NDArray[np.bool_]:
    mask = np.zeros(len(score), dtype=bool)
    mask[np.argsort(-score, kind="stable")[:size]] = True
    return mask


def _score(counts: Ints, origin: int, months: int, mask: NDArray[np.bool_]) -> tuple[float, ...]:
    """Area, records, share of them hit; and what that is held against: share of area, best share, share of the look-back."""
    now, total = counts[origin, mask].sum(), counts[origin].sum()
    before = counts[origin - months:origin]
    best = np.sort(counts[origin])[::-1][:int(mask.sum())].sum()
    return (float(mask.sum() * (CELL_M / 1000) ** 2), float(total), float(now / total), float(mask.mean()), float(best / total),
            float(before[:, mask].sum() / max(before.sum(), 1)))


def _summary(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    rows = []
    for (months, method), each in table.groupby(["months", "method"], sort=False):
        total, rate = each["total"].to_numpy(), each["hit_rate"].to_numpy()
        row: list[object] = [months, method, len(each), each["area_km2"].mean()]
        for against in (np.ones(len(each)), *(each[name].to_numpy() for name in ("share", "best", "earlier"))):
            told = np.flatnonzero(against > 0)  # nothing in the marked area in the look-back: no ratio of that origin
            if not len(told):
                row += [np.nan] * 3
                continue
            drawn = told[chance.integers(0, len(told), (DRAWS, len(told)))]
            again = chance.binomial(total[drawn].astype(np.int64), rate[drawn]) / total[drawn]
            row += [(rate[told] / against[told]).mean(), *np.percentile((again / against[drawn]).mean(axis=1), [2.5, 97.5])]
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))
