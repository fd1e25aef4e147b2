"""How many changes would be seen if nothing had changed? (METHODS 1 finding 1, 2.5, 2.9)

On real data most monthly clusters are "new" each month, and nearly as many are when the months are
shuffled. So each figure of the ledger stands beside its expectation under no change.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping import coverage, windows
from scoping.change import ledger
from scoping.change.known_places import DAY_US, FALSE_SHARE, YEAR_US
from scoping.change.review import YEAR_DAYS, choose
from scoping.clustering.clusters import cluster
from scoping.clustering.nearby import Nearby
from scoping.clustering.points import Ints, Points, redate
from scoping.parameters import Parameters
from scoping.scope import Scoped, extent, scope
from scoping.transitions import CHANGES
from scoping.windows import Windows

PERIOD_DAYS = 28
Progress = Callable[[int, int], bool | None]
KINDS = (*CHANGES, "rise", "fall")  # the last two: different from the past year with q <= 0.10
KEPT = "expected by chance 2"  # what kept tables are called; another number when their meaning changes
ALL = -1  # in place of a window's number: all windows together


def expected_changes(locations: pd.DataFrame, parameters: Parameters, *, runs: int = 20, seed: int = 0,
                     today: date | None = None, progress: Progress | None = None) -> pd.DataFrame:
    """The rows of `expected_by_window` for all windows together, without the column `window`."""
    table = expected_by_window(locations, parameters, runs=runs, seed=seed, today=today, progress=progress)
    return table[table["window"] == ALL].drop(columns="window").reset_index(drop=True)


def expected_by_window(locations: pd.DataFrame, parameters: Parameters, *, runs: int = 20, seed: int = 0,
                       today: date | None = None, progress: Progress | None = None, month: str | None = None,
                       scoped: Scoped | None = None) -> pd.DataFrame:
    """Count each change in the data and in `runs` worlds in which nothing about *where* changes.

    With a `month` only the windows of the year of reviews that holds it are counted (`year_of`), in worlds of that year and the
    year before: that is as far as a review looks back. `scoped`, of the same arguments, spares working the data out again.

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
    held = scoped or scope(locations, parameters, today)
    empty = coverage.no_data(held.locations, held.windows)
    first, until, since = _looked_at(held.windows, empty, month)
    spans = held.windows.part(since, until)
    real = _counts(held.ledger, first, until)
    chosen = _inside(held.points, spans)
    inside = replace(chosen, near=Nearby(chosen.site_e, chosen.site_n, parameters.eps_m))
    unit, moment = _units(inside, parameters.eps_m)
    chance, null = np.random.default_rng(seed), []

    def world(dates: Ints) -> Ints:
        points = redate(inside, dates[unit])
        book = ledger.follow(cluster(points, spans, parameters), points, spans, parameters, empty[since:until])
        told = pd.DataFrame({"window": book.rows["window"], "change": book.change, "q": book.q, "rr": book.tests.rr})
        return _counts(told, first - since, until - since)

    for count in _side_by_side(world, (chance.permutation(moment) for _ in range(runs))):
        null.append(count)
        if progress is not None and progress(len(null), runs) is False:
            break
    drawn = np.array(null, dtype=np.float64).reshape(-1, len(real), len(KINDS))
    blank = np.full(real.shape, np.nan)
    low, high = np.percentile(drawn, (5, 95), axis=0) if null else (blank, blank)
    return pd.DataFrame({
        "window": np.repeat([ALL, *range(first, until)], len(KINDS)),
        "change": list(KINDS) * len(real),
        "real": real.ravel(),
        "expected_mean": (drawn.mean(axis=0) if null else blank).ravel(),
        "low": low.ravel(), "high": high.ravel(), "runs": len(null),
    })


def _side_by_side(work: Callable[[Ints], Ints], tasks: Iterator[Ints]) -> Iterator[Ints]:
    """What `work` gives of each task, in order, on as many threads as the machine runs well; no further ahead than twice these."""
    from scoping.clustering.compiling import alone, threads

    with ThreadPoolExecutor(threads(), initializer=alone) as pool:
        waiting = deque(pool.submit(work, task) for task in islice(tasks, 2 * threads()))
        while waiting:
            done = waiting.popleft().result()
            waiting.extend(pool.submit(work, task) for task in islice(tasks, 1))
            yield done


def year_of(spans: Windows, empty: NDArray[np.bool_], month: str) -> tuple[int, int]:
    """The windows [first, until) of the year of reviews that holds the review of `month`; years count back from the latest one."""
    latest, now = choose(spans, empty).now, choose(spans, empty, month).now
    age = (spans.start_us[latest] - spans.start_us) // (YEAR_DAYS * DAY_US)
    held = np.flatnonzero((age == age[now]) & (np.arange(len(spans)) <= latest))
    return int(held[0]), int(held[-1]) + 1


def _looked_at(spans: Windows, empty: NDArray[np.bool_], month: str | None) -> tuple[int, int, int]:
    """The windows [first, until) that are counted, and the first of those that these look back on."""
    if month is None:
        return 0, len(spans), 0
    first, until = year_of(spans, empty, month)
    return first, until, int(np.searchsorted(spans.start_us, spans.start_us[first] - YEAR_US))


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


def kept_for(scoped: Scoped, runs: int, today: date | None, month: str) -> str:
    """What the table of a review's year depends on besides the data: dials, runs, year, rows past their review date."""
    hidden = 0 if today is None else int((scoped.locations["review_by"] < pd.Timestamp(today)).sum())
    first, until = year_of(scoped.windows, coverage.no_data(scoped.locations, scoped.windows), month)
    return json.dumps({**scoped.parameters.as_dict(), "runs": runs, "hidden": hidden, "year": [first, until]})


def as_text(table: pd.DataFrame) -> str:
    """A table of the calibration as JSON, for the store."""
    values = table.astype(object).where(table.notna(), None)
    return json.dumps({"columns": list(table.columns), "data": values.to_numpy().tolist()})


def from_text(text: str) -> pd.DataFrame:
    """The table that `as_text` wrote."""
    found = json.loads(text)  # exactly what `as_text` wrote
    table = pd.DataFrame(found["data"], columns=found["columns"])
    return table.astype({"change": "str", "expected_mean": "float64", "low": "float64", "high": "float64"})


def _counts(book: pd.DataFrame, first: int, until: int) -> Ints:
    """Of each window [first, until), and of all of them in the first row: how many hotspots of each kind."""
    book = book[(book["window"] >= first) & (book["window"] < until)]
    window, table = book["window"].to_numpy() - first, np.zeros((until - first, len(KINDS)), dtype=np.int64)
    np.add.at(table, (window, pd.Categorical(book["change"], categories=KINDS).codes), 1)
    beyond = (book["q"] <= FALSE_SHARE).to_numpy()
    for kind, so in (("rise", book["rr"] > 1), ("fall", book["rr"] < 1)):
        table[:, KINDS.index(kind)] = np.bincount(window[beyond & so.to_numpy()], minlength=until - first)
    return np.vstack((table.sum(axis=0), table))


def _inside(points: Points, spans: Windows) -> Points:
    """The points that fall in some window: the others' dates must not be dealt into the windows."""
    opening, closing = (np.searchsorted(points.time, edge) for edge in (spans.start_us, spans.end_us))
    edges = np.bincount(opening, minlength=len(points) + 1) - np.bincount(closing, minlength=len(points) + 1)
    return points.part(np.cumsum(edges[:-1]) > 0)


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
