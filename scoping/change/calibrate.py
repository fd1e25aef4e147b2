"""How many changes would be seen if nothing had changed? (METHODS 1 finding 1, 2.5, 2.9)

On real data most monthly clusters are "new" each month, and nearly as many are when the months are
shuffled. So each figure of the ledger stands beside its expectation under no change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from scoping import coverage, windows
from scoping.change import ledger
from scoping.change.known_places import FALSE_SHARE
from scoping.clustering.clusters import cluster
from scoping.clustering.points import Ints, Points, redate, take
from scoping.left_out import gate
from scoping.parameters import Parameters
from scoping.scope import extent, follow
from scoping.transitions import CHANGES
from scoping.windows import Windows

PERIOD_DAYS = 28
Progress = Callable[[int, int], bool | None]
KINDS = (*CHANGES, "rise", "fall")  # the last two: different from the past year with q <= 0.10
KEPT = "expected by chance 1"  # what kept tables are called; another number when their meaning changes
ALL = -1  # in place of a window's number: all windows together


def expected_changes(locations: pd.DataFrame, parameters: Parameters, *, runs: int = 20, seed: int = 0,
                     today: date | None = None, progress: Progress | None = None) -> pd.DataFrame:
    """The rows of `expected_by_window` for all windows together, without the column `window`."""
    table = expected_by_window(locations, parameters, runs=runs, seed=seed, today=today, progress=progress)
    return table[table["window"] == ALL].drop(columns="window").reset_index(drop=True)


def expected_by_window(locations: pd.DataFrame, parameters: Parameters, *, runs: int = 20, seed: int = 0,
                       today: date | None = None, progress: Progress | None = None) -> pd.DataFrame:
    """Count each change in the data and in `runs` worlds in which nothing about *where* changes.

    The null keeps every place and every date and breaks only the tie between them: the dates are
    permuted over de-duplicated child-points, that is over the units (child, 28 days, square of side
    eps). Two simpler nulls are wrong. Permuting the dates of single episodes scatters one child's week
    of going missing over the years, so one child's burst looks like many children's habit. Permuting
    dates within each child leaves the children with one episode, most of them, exactly where and when
    they were, so real change stays in the null. A unit moves as a whole, to the date of another unit.

    Returns one row a window (`ALL` first) and kind of `KINDS`: `window`, `change`, `real`, `expected_mean`,
    `low`, `high` (5th and 95th percentile of the null; NaN without a run) and `runs` made. `progress(done, runs)`
    is called after each run; when it returns False the rest is left undone. Same seed, same answer.
    """
    reasons = gate(locations, parameters, today)
    entered = reasons.isna().to_numpy() & locations["role"].isin(parameters.roles).to_numpy()
    spans = windows.make(parameters.window, *extent(locations), parameters.start, parameters.end)
    empty = coverage.no_data(locations, spans)
    points = take(locations, entered)

    def counts(world: Points) -> Ints:
        return _counts(ledger.track(cluster(world, spans, parameters), world, spans, parameters, empty), len(spans))

    book = follow(locations, cluster(points, spans, parameters), spans, parameters, empty)
    real, null = _counts(book, len(spans)), []
    inside = _inside(points, spans)
    unit, moment = _units(inside, parameters.eps_m)
    chance = np.random.default_rng(seed)
    for run in range(runs):
        null.append(counts(redate(inside, chance.permutation(moment)[unit])))
        if progress is not None and progress(run + 1, runs) is False:
            break
    drawn = np.array(null, dtype=np.float64).reshape(-1, len(spans) + 1, len(KINDS))
    blank = np.full(real.shape, np.nan)
    low, high = np.percentile(drawn, (5, 95), axis=0) if null else (blank, blank)
    return pd.DataFrame({
        "window": np.repeat(np.arange(ALL, len(spans)), len(KINDS)),
        "change": list(KINDS) * (len(spans) + 1),
        "real": real.ravel(),
        "expected_mean": (drawn.mean(axis=0) if null else blank).ravel(),
        "low": low.ravel(), "high": high.ravel(), "runs": len(null),
    })


def least_children(locations: pd.DataFrame, parameters: Parameters, choices: Sequence[int], *, runs: int = 20, seed: int = 0,
                   today: date | None = None, progress: Progress | None = None) -> pd.DataFrame:
    """How many changes a review would show by chance, for each least number of children (METHODS 2.5).

    One row a choice: `min_children`, `reviews` (whole windows after the first), `born`, `grew`, `dissolved` seen in a review
    on average, `born_by_chance`, `grew_by_chance`, `dissolved_by_chance`, and `enough`: at most one birth a review by
    chance. `progress` counts the runs of all choices.
    """
    told = []
    for number, least in enumerate(choices):
        def tell(done: int, of: int, before: int = number * runs) -> bool | None:
            return progress(before + done, of * len(choices)) if progress else None

        table = expected_by_window(locations, replace(parameters, min_children=least), runs=runs, seed=seed, today=today,
                                   progress=tell)
        spans = windows.make(parameters.window, *extent(locations), parameters.start, parameters.end)
        whole = np.flatnonzero(~spans.partial & ~coverage.no_data(locations, spans))[1:]
        mean = table[table["window"].isin(whole)].groupby("change")[["real", "expected_mean"]].sum() / max(len(whole), 1)
        row = {"min_children": least, "reviews": len(whole)}
        for change in ("born", "grew", "dissolved"):
            row |= {change: mean["real"].get(change, 0.0), f"{change}_by_chance": mean["expected_mean"].get(change, 0.0)}
        told.append(row | {"enough": row["born_by_chance"] <= 1})
    return pd.DataFrame(told)


def kept_for(parameters: Parameters, locations: pd.DataFrame, runs: int, today: date | None) -> str:
    """What a kept table depends on besides the data: dials, runs, and how many rows are past their review date."""
    hidden = 0 if today is None else int((locations["review_by"] < pd.Timestamp(today)).sum())
    return json.dumps({**parameters.as_dict(), "runs": runs, "hidden": hidden})


def as_text(table: pd.DataFrame) -> str:
    values = table.astype(object).where(table.notna(), None)
    return json.dumps({"columns": list(table.columns), "data": values.to_numpy().tolist()})


def from_text(text: str) -> pd.DataFrame:
    found = json.loads(text)  # exactly what `as_text` wrote
    table = pd.DataFrame(found["data"], columns=found["columns"])
    return table.astype({"change": "str", "expected_mean": "float64", "low": "float64", "high": "float64"})


def _counts(book: pd.DataFrame, count: int) -> Ints:
    """Of each window, and of all in the first row: how many hotspots of each kind."""
    table = np.zeros((count, len(KINDS)), dtype=np.int64)
    np.add.at(table, (book["window"].to_numpy(), pd.Categorical(book["change"], categories=KINDS).codes), 1)
    beyond = (book["q"] <= FALSE_SHARE).to_numpy()
    for kind, so in (("rise", book["rr"] > 1), ("fall", book["rr"] < 1)):
        table[:, KINDS.index(kind)] = np.bincount(book["window"].to_numpy()[beyond & so.to_numpy()], minlength=count)
    return np.vstack((table.sum(axis=0), table))


def _inside(points: Points, spans: Windows) -> Points:
    """The points that fall in some window: the others' dates must not be dealt into the windows."""
    opening, closing = (np.searchsorted(points.time, edge) for edge in (spans.start_us, spans.end_us))
    edges = np.bincount(opening, minlength=len(points) + 1) - np.bincount(closing, minlength=len(points) + 1)
    keep = np.cumsum(edges[:-1]) > 0
    return Points(points.row[keep], points.time[keep], points.person[keep], points.episode[keep], points.role[keep],
                  points.site[keep], points.site_e, points.site_n)


def _units(points: Points, eps: float) -> tuple[Ints, Ints]:
    """Unit of each point, and each unit's date: its first point's. Units are numbered by date, then by place."""
    if not len(points):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    first = points.time[0]
    period = (points.time - first) // (PERIOD_DAYS * 86_400_000_000)
    east = (points.site_e[points.site] // eps).astype(np.int64)
    north = (points.site_n[points.site] // eps).astype(np.int64)
    east -= east.min()
    north -= north.min()
    square = north * (int(east.max()) + 1) + east
    key = (points.person * (int(period.max()) + 1) + period) * (int(square.max()) + 1) + square
    units, unit = np.unique(key, return_inverse=True)
    opening = np.full(len(units), len(points), dtype=np.int64)
    np.minimum.at(opening, unit, np.arange(len(points)))
    order = np.lexsort((points.site[opening], points.time[opening]))  # not by person code: that follows the rows' order
    rank = np.empty(len(units), dtype=np.int64)
    rank[order] = np.arange(len(units))
    return rank[unit], points.time[opening[order]]
