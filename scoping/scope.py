"""The whole method: from located rows and the analyst's dials to clusters with identities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from geo_data.schema import ROLES
from scoping import coverage, left_out, windows
from scoping.change import agencies, ledger
from scoping.clustering.clusters import Clusters, cluster
from scoping.clustering.explorer import Explorer
from scoping.clustering.points import Points, take
from scoping.clustering.solving import Stop
from scoping.columns import Columns
from scoping.coverage import Coverage
from scoping.parameters import Parameters
from scoping.windows import Windows


@dataclass(frozen=True)
class Scoped:
    """Results with personal detail: only `disclosure.release` turns them into something to show."""

    parameters: Parameters
    locations: pd.DataFrame
    left_out: pd.Series[str]
    windows: Windows
    points: Points
    clusters: Clusters
    ledger: pd.DataFrame
    coverage: Coverage
    today: date | None  # rows past their review date on this day were left out
    columns: Columns  # of `locations`


def scope(locations: pd.DataFrame, parameters: Parameters, today: date | None = None,
          ended: Callable[[str], object] = str, explorer: Explorer | None = None, *, stop: Stop | None = None,
          spans: Windows | None = None) -> Scoped:
    """Gate, cut into windows, cluster, follow. `locations` is LOCATIONS; its row order changes nothing.

    `today` (local date) hides rows past their retention review date. `ended` is told the name of each stage
    as it ends: "project" (rows to columns of grid coordinates), "cluster", "summarise". An `explorer` of the
    same `locations` uses again what it has worked out before; the answer is the same. Raises `solving.Stopped` soon after
    `stop()` is true. `spans`: these windows instead of those that the parameters and the records' extent make.
    """
    rows = explorer.columns if explorer else Columns(locations)
    reasons = left_out.gate(locations, parameters, today, columns=rows)
    entered = reasons.isna().to_numpy() & np.isin(rows.role, [ROLES.index(each) for each in parameters.roles])
    if spans is None:
        spans = windows.make(parameters.window, *extent(locations), parameters.start, parameters.end)
    points = explorer.points(entered) if explorer else take(locations, entered)
    ended("project")
    clusters = (explorer.clusters(points, spans, parameters, stop=stop) if explorer
                else cluster(points, spans, parameters, stop=stop))
    ended("cluster")
    tracked = follow(rows, clusters, spans, parameters)
    counted = coverage.measure(locations, reasons, spans, parameters, columns=rows)
    ended("summarise")
    return Scoped(parameters, locations, reasons, spans, points, clusters, tracked, counted, today, rows)


def follow(rows: Columns, clusters: Clusters, spans: Windows, parameters: Parameters) -> pd.DataFrame:
    """The ledger (`ledger.track`), with nothing said of places whose agency's recording has changed (`recording`)."""
    gaps = coverage.no_data(rows.frame, spans, columns=rows)
    book = ledger.track(clusters, clusters.points, spans, parameters, gaps)
    found = rows.cut("agencies", spans, lambda: agencies.measure(rows.frame, spans, gaps, columns=rows))
    return agencies.hold(book, found, rows.frame, clusters, spans)


def extent(locations: pd.DataFrame) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """First and last instant the records speak of, whatever their role: the extent of the source.

    A record known only to the month speaks of the whole month.
    """
    at = locations["at"]
    if not at.notna().any():
        return None, None
    last = at.max()
    monthly = at[locations["at_precision"] == "month"]
    if monthly.notna().any():
        local = monthly.max().tz_convert(windows.ZONE).tz_localize(None)
        last = max(last, (local + pd.offsets.MonthEnd(0)).normalize().tz_localize(windows.ZONE).tz_convert("UTC"))
    return at.min(), last


def labels_frame(scoped: Scoped) -> pd.DataFrame:
    """One row a location that entered and window it falls in, for checking against other tools.

    `window_start`, `window_end` (UTC), `location_id`, `easting`, `northing`, `label` (-1 noise),
    `core`, `hotspot_id` (missing for noise). Row-level: for the analyst who holds the data, never a Release.
    """
    clusters, members = scoped.clusters, scoped.clusters.members
    name = np.full(len(clusters.summary) + 1, np.nan, dtype=object)  # the last entry is for noise, label -1
    shown = scoped.ledger[scoped.ledger["cluster"] >= 0]
    name[shown["cluster"]] = shown["hotspot_id"]
    rows = scoped.locations.iloc[members["point"].to_numpy()]
    window = members["window"].to_numpy()
    table = pd.DataFrame({
        "window_start": scoped.windows.starts[window], "window_end": scoped.windows.ends[window],
        "location_id": rows["location_id"].array, "easting": rows["easting"].array, "northing": rows["northing"].array,
        "label": members["label"].array, "core": members["core"].array,
        "hotspot_id": pd.array(name[clusters.member], dtype="str"),
    })
    return table.sort_values(["window_start", "window_end", "location_id"], ignore_index=True)
