"""Windowed DBSCAN against scikit-learn once a window, in one run, results checked equal.

    python benchmarks/windows.py [--points 100000] [--months 60] [--window month] [--eps-m 250] [--repeats 3] [--json]

The data are invented and seeded: towns by Zipf's law, postcode centroids, institutions with exactly
coincident points, places that persist, emerge and fade; children by a heavy-tailed law. Printed are
medians of interleaved repeats (processor seconds) and the paired ratio. `--scope` times the whole method as well, from
LOCATIONS to ledger and release.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from geo_data.schema import LOCATIONS
from scoping import clusters, disclosure, views
from scoping.parameters import Parameters, WindowScheme
from scoping.points import Points, take
from scoping.scope import scope
from scoping.windows import Windows, make


def world(count: int, months: int, seed: int = 0) -> pd.DataFrame:
    """`count` LOCATIONS of one force over `months` months from January 2020; whole metres."""
    chance = np.random.default_rng(seed)
    towns = chance.uniform((400_000, 500_000), (480_000, 560_000), (45, 2))
    share = 1 / np.arange(1, 46)
    codes = 37_500
    angle = chance.uniform(0, 2 * np.pi, codes)
    arm = chance.gamma(2, 1_500, codes)[:, None] * np.column_stack((np.cos(angle), np.sin(angle)))
    postcode = towns[chance.choice(45, codes, p=share / share.sum())] + arm
    lively = chance.lognormal(0, 1.1, codes)
    crowd = (np.arange(320) + 4.0) ** -0.85
    days = int(months * 30.4375)
    kind = chance.choice(4, count, p=[0.49, 0.30, 0.11, 0.10])  # town, institution, persistent, emerging or fading
    place = postcode[chance.choice(codes, count, p=lively / lively.sum())]
    home = postcode[chance.choice(codes, 320)][chance.choice(320, count, p=crowd / crowd.sum())]
    spot = chance.choice(54, count)
    centre = postcode[chance.choice(codes, 54)][spot] + chance.normal(0, 1, (count, 2)) * (60 + 3.5 * spot[:, None])
    xy = np.where((kind == 0)[:, None], place, np.where((kind == 1)[:, None], home, centre))
    day = chance.integers(0, days, count)
    ramp = np.floor(days * np.sqrt(chance.uniform(0, 1, count)))
    day = np.where(kind == 3, np.where(spot % 2, ramp, days - 1 - ramp), day).astype(np.int64)
    child = chance.lognormal(0, 1.5, max(count // 5, 1))
    frame = pd.DataFrame({
        "episode_ref": [f"EP{k:08d}" for k in range(count)],
        "person_ref": pd.Series(chance.choice(len(child), count, p=child / child.sum())).astype("str"),
        "role": "found", "at": pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(day * 24 + 12, unit="h"),
        "at_precision": "minute", "easting": np.round(xy[:, 0]), "northing": np.round(xy[:, 1]), "precision_m": 50.0,
        "tier": "P3", "method": "postcode", "reason": "", "location_type": "street", "own_address": False,
        "strand": "home", "sharing_restriction": "none",
    })
    frame["location_id"] = frame["episode_ref"] + ":found"
    return LOCATIONS.conform(frame)


def per_window(points: Points, windows: Windows, parameters: Parameters) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """scikit-learn, one fit a window: labels and core flags of the window's points in order of time."""
    xy = np.column_stack((points.site_e[points.site], points.site_n[points.site]))
    low, high = np.searchsorted(points.time, windows.start_us), np.searchsorted(points.time, windows.end_us)
    found = []
    for a, z in zip(low, high, strict=True):
        core = np.zeros(z - a, dtype=bool)
        if z == a:
            found.append((np.full(0, -1), core))
            continue
        fit = DBSCAN(eps=parameters.eps_m, min_samples=parameters.min_children, algorithm="kd_tree").fit(xy[a:z])
        core[fit.core_sample_indices_] = True
        found.append((fit.labels_, core))
    return found


def check_equal(mine: clusters.Clusters, theirs: list[tuple[NDArray[Any], NDArray[Any]]]) -> None:
    """Core set, noise and core partition of every window; raises ValueError at the first difference."""
    window = mine.members["window"].to_numpy()
    label, core = mine.members["label"].to_numpy(), mine.members["core"].to_numpy()
    for k, (labels, cores) in enumerate(theirs):
        here = np.flatnonzero(window == k)
        here = here[np.argsort(mine.visit[here], kind="stable")]
        pairs = np.unique(np.column_stack((label[here][cores], labels[cores])), axis=0)
        same = (np.array_equal(core[here], cores) and np.array_equal(label[here] < 0, labels < 0)
                and len(pairs) == len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1])))
        if not same:
            raise ValueError(f"window {k} differs from scikit-learn")


def timed(job: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds, which other work on the machine disturbs less than the clock; all jobs use one thread."""
    start = time.process_time()
    result = job()
    return time.process_time() - start, result


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--points", type=int, default=100_000)
    ask.add_argument("--months", type=int, default=60)
    ask.add_argument("--window", default="month")
    ask.add_argument("--eps-m", type=float, default=250.0)
    ask.add_argument("--min-children", type=int, default=5)
    ask.add_argument("--repeats", type=int, default=3)
    ask.add_argument("--scope", action="store_true", help="time the whole method as well")
    ask.add_argument("--json", action="store_true")
    told = ask.parse_args()
    frame = world(told.points, told.months)
    dials = {"eps_m": told.eps_m, "min_children": told.min_children, "window": WindowScheme.parse(told.window)}
    episodes, children = Parameters(count="episodes", **dials), Parameters(count="children", **dials)
    windows = make(children.window, frame["at"].min(), frame["at"].max())
    points = take(frame, np.ones(len(frame), dtype=bool))
    times: dict[str, list[float]] = {"episodes": [], "children": [], "scikit-learn": []}
    for _ in range(told.repeats):
        spent, mine = timed(lambda: clusters.cluster(points, windows, episodes))
        times["episodes"].append(spent)
        times["children"].append(timed(lambda: clusters.cluster(points, windows, children))[0])
        spent, theirs = timed(lambda: per_window(points, windows, episodes))
        times["scikit-learn"].append(spent)
        check_equal(mine, theirs)
    result: dict[str, Any] = {
        "points": told.points, "windows": len(windows), "window": told.window, "eps_m": told.eps_m,
        "clusters": len(mine.summary), "equal": True,
    }
    result |= {f"{name}_s": round(statistics.median(each), 4) for name, each in times.items()}
    pairs = zip(times["episodes"], times["scikit-learn"], strict=True)
    result["ratio"] = round(statistics.median(theirs / ours for ours, theirs in pairs), 1)
    if told.scope:
        runs = [timed(lambda: scope(frame, children)) for _ in range(told.repeats)]
        result["scope_s"] = round(statistics.median(spent for spent, _ in runs), 4)
        spent, given = timed(lambda: disclosure.release(runs[-1][1]))
        result["release_s"] = round(spent, 4)
        result["timeline_s"] = round(timed(lambda: views.timeline(given, {}, lambda e, n: (n / 1e5, e / 1e5)))[0], 4)
        result["hotspots"] = int(given.hotspots["hotspot_id"].nunique())
    if told.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:>16}  {value}")


if __name__ == "__main__":
    main()
