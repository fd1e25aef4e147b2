"""Windowed DBSCAN against its peers once a window, in one run, results checked equal.

    python benchmarks/windows.py [--points 10000 100000] [--window month rolling:90d:7d rolling:28d:1d] [--json]

The data are invented and seeded: towns by Zipf's law, postcode centroids, institutions with exactly
coincident points, places that persist, emerge and fade; children by a heavy-tailed law. Peers are
scikit-learn's DBSCAN, the same on different places with weights, and the package `dbscan` (Wang, Gu, Shun 2020)
where it is installed. They run on `--peer-windows` windows, evenly spaced, and their time is scaled to all.
Times are processor seconds, medians of interleaved repeats; ratios are medians of paired ratios. Peak memory
is what a process adds to the data. `--coincident` piles points on one site; `--scope` times the whole method.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from geo_data.schema import LOCATIONS
from scoping.clustering import clusters
from scoping.clustering.points import Points, build, take
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from scoping.showing import disclosure, views
from scoping.windows import Windows, make

Found = list[tuple[NDArray[Any], NDArray[Any] | None]]  # labels and core flags of each window


def world(count: int, months: int, seed: int = 0) -> pd.DataFrame:
    """`count` LOCATIONS over `months` months from January 2020; whole metres. One force, beyond 150,000 up to 43 side by side."""
    forces = 1 if count <= 150_000 else min(round(count / 70_000), 43)
    chance = np.random.default_rng(seed)
    towns = chance.uniform((400_000, 500_000), (480_000, 560_000), (45, 2))
    share = 1 / np.arange(1, 46)
    codes = 37_500
    codes *= forces
    angle = chance.uniform(0, 2 * np.pi, codes)
    arm = chance.gamma(2, 1_500, codes)[:, None] * np.column_stack((np.cos(angle), np.sin(angle)))
    beside = (np.arange(codes) % forces) * 90_000.0  # the ground of each force
    postcode = towns[chance.choice(45, codes, p=share / share.sum())] + arm + np.column_stack((beside, np.zeros(codes)))
    lively = chance.lognormal(0, 1.1, codes)
    crowd = (np.arange(320) + 4.0) ** -0.85
    days = int(months * 30.4375)
    kind = chance.choice(4, count, p=[0.49, 0.30, 0.11, 0.10])  # town, institution, persistent, emerging or fading
    place = postcode[chance.choice(codes, count, p=lively / lively.sum())]
    homes = chance.choice(320, count, p=crowd / crowd.sum()) * forces + chance.integers(0, forces, count)
    home = postcode[chance.choice(codes, 320 * forces)][homes]
    spot = chance.choice(54 * forces, count)
    width = 60 + 3.5 * (spot % 54)[:, None]
    centre = postcode[chance.choice(codes, 54 * forces)][spot] + chance.normal(0, 1, (count, 2)) * width
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


def plain(xy: NDArray[np.float64], told: Parameters) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """scikit-learn on every point."""
    fit = DBSCAN(eps=told.eps_m, min_samples=told.min_children, algorithm="kd_tree").fit(xy)
    core = np.zeros(len(xy), dtype=bool)
    core[fit.core_sample_indices_] = True
    return fit.labels_, core


def weighted(xy: NDArray[np.float64], told: Parameters) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """scikit-learn on different places, each with the number of its points."""
    place, back, count = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    fit = DBSCAN(eps=told.eps_m, min_samples=told.min_children, algorithm="kd_tree").fit(place, sample_weight=count)
    core = np.zeros(len(place), dtype=bool)
    core[fit.core_sample_indices_] = True
    return fit.labels_[back.ravel()], core[back.ravel()]


def wang(xy: NDArray[np.float64], told: Parameters) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """The package `dbscan` (Wang, Gu, Shun: Theoretically-efficient and practical parallel DBSCAN, SIGMOD 2020)."""
    from dbscan import DBSCAN as wang_dbscan

    labels, core = wang_dbscan(xy, eps=told.eps_m, min_samples=told.min_children)
    return labels, core.astype(bool)


PEERS = {"scikit-learn": plain, "scikit-learn weighted": weighted} | (
    {"dbscan": wang} if importlib.util.find_spec("dbscan") else {})


def per_window(peer: Callable[..., Any], points: Points, slices: list[tuple[int, int]], told: Parameters) -> Found:
    """One fit a window, of the window's points in order of time."""
    xy = np.column_stack((points.site_e[points.site], points.site_n[points.site]))
    nothing = np.empty(0, np.int64), np.empty(0, bool)
    return [peer(xy[a:z], told) if z > a else nothing for a, z in slices]


def check_equal(mine: clusters.Clusters, theirs: Found, windows: NDArray[np.int64], name: str) -> None:
    """Core set, noise and core partition of each of `windows`; raises ValueError at the first difference."""
    begin = np.concatenate(([0], np.cumsum(mine.high - mine.low)))
    label, core = mine.members["label"].to_numpy(), mine.members["core"].to_numpy()
    for k, (labels, cores) in zip(windows, theirs, strict=True):
        here = slice(begin[k], begin[k + 1])
        pairs = np.unique(np.column_stack((label[here][cores], labels[cores])), axis=0)
        if not (np.array_equal(core[here], cores) and np.array_equal(label[here] < 0, labels < 0)
                and len(pairs) == len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1]))):
            raise ValueError(f"window {k} differs from {name}")


def timed(job: Callable[[], Any]) -> tuple[float, float, Any]:
    """Processor seconds, which other work on the machine disturbs less than the clock; seconds of the clock; result."""
    start, clock = time.process_time(), time.perf_counter()
    result = job()
    return time.process_time() - start, time.perf_counter() - clock, result


def peak_mb(job: Callable[[], Any]) -> int:
    """What a process of its own adds to its memory at most while it runs the job (Linux)."""
    def measure(send: Any) -> None:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        job()
        send.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 - pages * resource.getpagesize() // 2**20)

    receive, send = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=measure, args=(send,))
    child.start()
    peak: int = receive.recv()
    child.join()
    return peak


def race(points: Points, windows: Windows, told: Parameters, repeats: int, peer_windows: int) -> dict[str, Any]:
    """The engine, by episodes and by children, and every peer on the same windows."""
    by_children = Parameters(eps_m=told.eps_m, min_children=told.min_children, window=told.window)
    chosen = np.unique(np.linspace(0, len(windows) - 1, min(peer_windows, len(windows))).astype(np.int64))
    engines = {"engine": lambda: clusters.cluster(points, windows, told),
               "engine, children": lambda: clusters.cluster(points, windows, by_children)}
    mine = engines["engine"]()  # compiled and the columns of the points worked out
    slices = [(int(mine.low[k]), int(mine.high[k])) for k in chosen]
    scale = int((mine.high - mine.low).sum()) / max(sum(z - a for a, z in slices), 1)
    jobs = engines | {name: lambda peer=peer: per_window(peer, points, slices, told) for name, peer in PEERS.items()}
    cpu: dict[str, list[float]] = {name: [] for name in jobs}
    wall: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(repeats):
        for name, job in jobs.items():
            spent, passed, found = timed(job)
            more = scale if name in PEERS else 1.0
            cpu[name].append(spent * more)
            wall[name].append(passed * more)
            if name in PEERS and turn == 0:
                check_equal(mine, found, chosen, name)
    table = {name: {
        "cpu_s": round(statistics.median(cpu[name]), 4), "wall_s": round(statistics.median(wall[name]), 4),
        "ratio": round(statistics.median(theirs / ours for theirs, ours in zip(cpu[name], cpu["engine"], strict=True)), 2),
        "peak_mb": peak_mb(job)} for name, job in jobs.items()}
    return {"points": len(points), "window": str(told.window), "windows": len(windows), "peer_windows": len(chosen),
            "clusters": len(mine.summary), "equal": True, "runs": table}


def pile(sizes: list[int], told: Parameters) -> list[dict[str, Any]]:
    """So many points on one site among 2,000 scattered ones, one window; plain scikit-learn up to 8,000 only."""
    rows = []
    for size in sizes:
        chance = np.random.default_rng(1)
        count = size + 2_000
        place = np.vstack((np.full((size, 2), 450_000.0), chance.integers(400_000, 500_000, (2_000, 2))))
        points = build(row=np.arange(count), time=np.zeros(count, np.int64), person=chance.integers(0, 500, count),
                       episode=np.arange(count), role=np.zeros(count, np.int64), easting=place[:, 0], northing=place[:, 1])
        windows = make(WindowScheme("month"), pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("1970-01-01", tz="UTC"))
        jobs: dict[str, Callable[[], Any]] = {"engine": lambda p=points, w=windows: clusters.cluster(p, w, told)}
        jobs |= {name: lambda peer=peer, p=points: per_window(peer, p, [(0, len(p))], told) for name, peer in PEERS.items()
                 if name != "scikit-learn" or size <= 8_000}
        jobs["engine"]()
        rows.append({"points": size, "runs": {
            name: {"cpu_s": round(statistics.median(timed(job)[0] for _ in range(3)), 4), "peak_mb": peak_mb(job)}
            for name, job in jobs.items()}})
    return rows


def whole(frame: pd.DataFrame, told: Parameters, repeats: int) -> dict[str, Any]:
    """The whole method, from LOCATIONS to the ledger and on to what is shown."""
    scope(frame, told)
    runs = [timed(lambda: scope(frame, told)) for _ in range(repeats)]
    spent, _, given = timed(lambda: disclosure.release(runs[-1][2]))
    shown, _, _ = timed(lambda: views.timeline(given, {}, lambda e, n: (n / 1e5, e / 1e5)))
    return {"points": len(frame), "window": str(told.window), "scope_s": round(statistics.median(run[0] for run in runs), 4),
            "scope_wall_s": round(statistics.median(run[1] for run in runs), 4), "release_s": round(spent, 4),
            "timeline_s": round(shown, 4), "hotspots": int(given.hotspots["hotspot_id"].nunique())}


def show(result: dict[str, Any]) -> None:
    """As tables in Markdown."""
    for race_ in result.get("races", []):
        print(f"\n**{race_['points']:,} points, {race_['window']}: {race_['windows']:,} windows** (peers on "
              f"{race_['peer_windows']}; {race_['clusters']:,} clusters; equal)\n\n"
              "| | CPU s | wall s | times the engine | peak MB |\n|---|---|---|---|---|")
        for name, run in race_["runs"].items():
            print(f"| {name} | {run['cpu_s']:.3f} | {run['wall_s']:.3f} | {run['ratio']:.1f} | {run['peak_mb']} |")
    if growth := result.get("growth"):
        print("\nCPU of the engine grows as points to the power of: " + ", ".join(f"{k} {v}" for k, v in growth.items()))
    if piles := result.get("coincident"):
        names = list(piles[0]["runs"])
        print("\n| points on one site | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))
        for row in piles:
            runs = [row["runs"].get(name) for name in names]
            each = [f"{run['cpu_s']:.3f} s, {run['peak_mb']} MB" if run else "not run" for run in runs]
            print(f"| {row['points']:,} | " + " | ".join(each) + " |")
    for row in result.get("scope", []):
        print("\n" + ", ".join(f"{name} {value}" for name, value in row.items()))


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000])
    ask.add_argument("--months", type=int, default=60)
    ask.add_argument("--window", nargs="+", default=["month", "rolling:90d:7d", "rolling:28d:1d"])
    ask.add_argument("--eps-m", type=float, default=300.0)
    ask.add_argument("--min-children", type=int, default=8)
    ask.add_argument("--repeats", type=int, default=3)
    ask.add_argument("--peer-windows", type=int, default=12)
    ask.add_argument("--coincident", type=int, nargs="*", metavar="POINTS", help="points on one site, e.g. 500 8000 50000")
    ask.add_argument("--scope", action="store_true", help="time the whole method instead")
    ask.add_argument("--json", action="store_true")
    told = ask.parse_args()
    dials = {"eps_m": told.eps_m, "min_children": told.min_children}
    result: dict[str, Any] = {}
    for count in told.points if told.coincident is None else []:
        frame = world(count, told.months)
        points = take(frame, np.ones(count, dtype=bool))
        for text in told.window:
            scheme = WindowScheme.parse(text)
            if told.scope:
                result.setdefault("scope", []).append(whole(frame, Parameters(window=scheme, **dials), told.repeats))
            else:
                windows = make(scheme, frame["at"].min(), frame["at"].max())
                run = race(points, windows, Parameters(count="episodes", window=scheme, **dials), told.repeats, told.peer_windows)
                result.setdefault("races", []).append(run)
    if len(told.points) > 1 and "races" in result:
        result["growth"] = {}
        for text in told.window:
            runs = [(run["points"], run["runs"]["engine"]["cpu_s"]) for run in result["races"] if run["window"] == text]
            (n, s), (most, last) = runs[-2:]
            result["growth"][text] = round(math.log(last / s) / math.log(most / n), 2)
    if told.coincident is not None:
        result["coincident"] = pile(told.coincident or [500, 8_000, 50_000], Parameters(count="episodes", **dials))
    print(json.dumps(result)) if told.json else show(result)


if __name__ == "__main__":
    main()
