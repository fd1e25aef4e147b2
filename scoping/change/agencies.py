"""Did the picture change, or the recording? One agency that begins to send records, or sends many more, or none.

An agency is the responsible authority of a record. Its different children in a window are compared with those of the
windows before (`known_places.baseline`) by the exact conditional test: for as many days, and beside the other agencies'.
Three times as many, or a third, with p < 0.001 in both is a change of recording until somebody says otherwise: where half
or more of a hotspot's children, now or over the past year, are such an agency's, no birth, return, growth, reduction or
end is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.change.known_places import DAY_US, YEAR_US, adjusted, baseline, mid_p, rate_ratio
from scoping.clustering.clusters import Clusters
from scoping.clustering.points import Floats, Ints
from scoping.columns import Columns
from scoping.windows import Windows

TIMES = 3.0
P = 0.001
UNSAID = {"born": "first", "reactivated": "first", "grew": "stable", "shrank": "stable", "dissolved": "no_data"}
UNKNOWN = "not recorded"
COLUMNS = ["window", "agency", "now", "usual", "ratio"]


@dataclass(frozen=True)
class Recording:
    """`odd`: one row a window and agency whose recording changed: `window`, `agency`, `now`, `usual` (children a window), `ratio`.

    `rest`, `rest_before`: child-windows of the other agencies in each window and in its baseline.
    """

    odd: pd.DataFrame
    rest: Ints
    rest_before: Ints


def measure(locations: pd.DataFrame, windows: Windows, empty: NDArray[np.bool_], *, columns: Columns | None = None) -> Recording:
    """Which agencies' recording changed in which window. `empty` marks windows without data, `columns` are those of the rows."""
    skip = empty | windows.partial
    names, counts = _children(columns or Columns(locations), windows)
    days = (windows.end_us - windows.start_us) // DAY_US
    found = []
    rest, rest_before = counts.sum(axis=1), np.zeros(len(windows), dtype=np.int64)
    for window in np.flatnonzero(~skip).tolist():
        earlier = baseline(windows, window, skip)
        if not earlier:
            continue
        now, before = counts[window], counts[earlier].sum(axis=0)
        ratio, odd = _odd(now, before, now * 0 + days[window], now * 0 + days[earlier].sum())
        others = (now.sum() - now, before.sum() - before)
        if (others[0] > 0).any() and (others[1] > 0).any():
            relative, beside = _odd(now, before, *others)
            odd &= beside & ((ratio > 1) == (relative > 1))
        rest[window], rest_before[window] = now[~odd].sum(), before[~odd].sum()
        found += [(window, str(names[k]), int(now[k]), float(before[k] / len(earlier)), float(ratio[k]))
                  for k in np.flatnonzero(odd)]
    return Recording(pd.DataFrame(found, columns=COLUMNS), rest, rest_before)


def _odd(now: Ints, before: Ints, n_now: Ints, n_before: Ints) -> tuple[Floats, NDArray[np.bool_]]:
    rise, fall = mid_p(now, before, n_now, n_before)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (now / n_now) / (before / n_before)
    return ratio, ((ratio >= TIMES) & (rise < P)) | ((ratio <= 1 / TIMES) & (fall < P))


def hold(book: pd.DataFrame, recording: Recording, locations: pd.DataFrame, clusters: Clusters, windows: Windows) -> pd.DataFrame:
    """The ledger with what cannot be said unsaid; a column `recording` marks the rows concerned.

    In those windows the other hotspots are measured anew, against the other agencies' children alone.
    """
    if recording.odd.empty:
        return book.assign(recording=False)
    doubted = np.zeros(len(book), dtype=bool)
    members = pd.DataFrame({"cluster": clusters.member, "point": clusters.members["point"].to_numpy()})
    members = members[members["cluster"] >= 0]
    records = locations.iloc[members["point"].to_numpy()]
    told = records["responsible_la"].astype("str").fillna(UNKNOWN)
    members = members.assign(child=records["person_ref"].array, agency=told.array)
    for window, agencies in recording.odd.groupby("window")["agency"]:
        rows = np.flatnonzero((book["window"] == window).to_numpy())
        doubted[rows] = _half(book, int(str(window)), rows, members.assign(odd=members["agency"].isin(agencies)), windows)
    return _anew(book, recording, doubted)


def _anew(book: pd.DataFrame, recording: Recording, doubted: NDArray[np.bool_]) -> pd.DataFrame:
    window = book["window"].to_numpy()
    concerned = np.isin(window, recording.odd["window"].to_numpy())
    n_now, n_before = recording.rest[window], recording.rest_before[window]
    now, before = book["now"].to_numpy(), book["before"].to_numpy()
    rise, fall = mid_p(now, before, n_now, n_before)
    values = dict(zip(("rr", "rr_low", "rr_high"), rate_ratio(now, before, n_now, n_before), strict=True))
    values["p"] = np.minimum(1.0, 2 * np.minimum(rise, fall))
    told = ~np.isnan(book["p"].to_numpy()) & ~doubted
    fresh = {name: np.where(concerned, np.where(told, value, np.nan), book[name]) for name, value in values.items()}
    fresh["q"] = np.where(concerned, adjusted(fresh["p"], window), book["q"])
    change = book["change"].where(~doubted | ~book["change"].isin(UNSAID), book["change"].map(UNSAID))
    no_more = (change == "grew") & ~(fresh["rr_low"] > 1) | (change == "shrank") & ~(fresh["rr_high"] < 1)
    return book.assign(change=change.mask(no_more, "stable").astype("str"), **fresh, recording=doubted)


def _half(book: pd.DataFrame, window: int, rows: Ints, members: pd.DataFrame, windows: Windows) -> NDArray[np.bool_]:
    """Are half or more of the children of each of these rows' hotspots, now or over the past year, `odd` members?"""
    recent = np.flatnonzero(windows.start_us > windows.start_us[window] - YEAR_US)
    past = book[(book["window"] <= window) & book["window"].isin(recent) & (book["cluster"] >= 0)]
    past = past[past["hotspot_id"].isin(book["hotspot_id"].iloc[rows])][["hotspot_id", "window", "cluster"]]
    held = past.merge(members, on="cluster")
    shares = []
    for part in (held, held[held["window"] == window]):
        each = part.groupby(["hotspot_id", "child"])["odd"].max().groupby(level=0).mean()
        shares.append(each.reindex(book["hotspot_id"].iloc[rows]).fillna(0.0).to_numpy())
    half: NDArray[np.bool_] = np.maximum(*shares) >= 0.5
    return half


def _children(rows: Columns, windows: Windows) -> tuple[NDArray[np.str_], Ints]:
    """The agencies, and their different children in each window: (windows, agencies)."""
    from scoping.clustering.visitors import different

    told = rows.frame["responsible_la"].astype("category")
    names, agency = np.append(told.cat.categories.to_numpy(dtype=str), UNKNOWN), told.cat.codes.to_numpy(dtype=np.int64)[rows.order]
    agency[agency < 0] = len(names) - 1
    held, agency = np.unique(agency, return_inverse=True)
    names = names[held]
    at, child = rows.rising, rows.child[rows.order]
    counts = np.zeros((len(windows), len(names)), dtype=np.int64)
    for k in range(len(names)):
        mine = np.flatnonzero(agency == k)
        low, high = (np.searchsorted(at[mine], edge) for edge in (windows.start_us, windows.end_us))
        counts[:, k] = different(low, high, child[mine], int(child.max(initial=-1)) + 1)
    return names, counts
