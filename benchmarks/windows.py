"""The engine against its peers on the same invented points and windows; equality is checked in the same run.

    python benchmarks/windows.py                     quick: 10,000 and 100,000 points, some windows for the peers
    python benchmarks/windows.py --full --plots docs/images --json > full.json     the tables of docs/PERFORMANCE.md
    python benchmarks/windows.py --points 1000000 --window month --peers none

Episodes are counted, as the peers do; `children` counts distinct children. `racing/data.py` says what the points are. Peers
run on `--peer-windows` windows, evenly spaced, and their time is scaled to all by points; every job goes on to labels of
points. Times are processor and clock seconds, medians of interleaved rounds; ratios are medians of paired ratios of
processor time. Peak memory is what the process adds to the data (of R and PostGIS: their whole process).
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from racing import peers as rivals
from racing import report
from racing.clock import peak_mb, timed
from racing.data import START_US, world

from scoping.clustering import clusters
from scoping.clustering.explorer import Explorer
from scoping.clustering.points import Points, build
from scoping.parameters import Parameters, WindowScheme
from scoping.windows import Windows, make

SCHEMES = ("month", "rolling:90d:7d", "rolling:28d:1d")
FULL = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)
ALL = WindowScheme("custom", spans=((date(2020, 1, 1), date(2025, 1, 1)),))


def windows_of(scheme: WindowScheme) -> Windows:
    """The windows of the five years of the data, the last day excluded: 60 months, 249 or 1,800 rolling ones."""
    first, last = pd.Timestamp("2020-01-01", tz="UTC"), pd.Timestamp("2024-12-31", tz="UTC")
    begin = date(2020, 1, 1) if scheme.kind != "custom" else None
    return make(scheme, first, last, begin, date(2025, 1, 1))


def scheme_of(text: str) -> WindowScheme:
    return ALL if text == "all" else WindowScheme.parse(text)


def agreement(mine: clusters.Clusters, theirs: rivals.Answer, chosen: np.ndarray) -> dict[str, int]:
    """Windows compared, and in how many noise, core flags (where told) or the partition of cores are not the engine's."""
    begin = np.concatenate(([0], np.cumsum(mine.high - mine.low)))
    label, core = mine.members["label"].to_numpy(), mine.members["core"].to_numpy()
    differ = 0
    for k, (labels, cores) in zip(chosen.tolist(), theirs, strict=True):
        ours, inner = label[begin[k]:begin[k + 1]], core[begin[k]:begin[k + 1]]
        pairs = np.unique(np.column_stack((ours[inner], labels[inner])), axis=0)
        same = (np.array_equal(ours < 0, labels < 0) and (cores is None or np.array_equal(inner, cores))
                and len(pairs) == len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1])))
        differ += not same
    return {"windows": len(chosen), "differ": differ}


def race(points: Points, text: str, told: Parameters, *, repeats: int, peer_windows: int,
         peers: list[rivals.Peer]) -> dict[str, Any]:
    """The engine, by episodes and by children, and every peer on the same windows."""
    windows = windows_of(told.window)
    children = Parameters(eps_m=told.eps_m, min_children=told.min_children, window=told.window)
    engines: dict[str, Callable[[], Any]] = {
        "engine": lambda: _fresh(points, windows, told).member, "engine, clusters alone": lambda: _fresh(points, windows, told),
        "engine, children": lambda: _fresh(points, windows, children).member}
    for job in engines.values():
        job()  # compiled, and the columns of the points worked out
    mine = clusters.cluster(points, windows, told)
    xy = np.column_stack((points.site_e[points.site], points.site_n[points.site]))
    sizes, chosen = mine.high - mine.low, {}
    rows: dict[str, dict[str, Any]] = {name: {"cpu": [], "wall": []} for name in engines}
    for peer in peers:
        some = np.unique(np.linspace(0, len(windows) - 1, min(peer_windows, len(windows))).astype(np.int64))
        if peer.consecutive:
            some = np.arange(len(some)) + (len(windows) - len(some)) // 2
        if 0 < sizes[some].sum() <= peer.most:
            chosen[peer.name] = some
            rows[peer.name] = {"cpu": [], "wall": []}
    for turn in range(repeats):
        for name, job in engines.items():
            spent, passed, _ = timed(job)
            rows[name]["cpu"].append(spent)
            rows[name]["wall"].append(passed)
        for peer in [each for each in peers if each.name in chosen]:
            some = chosen[peer.name]
            slices = [xy[mine.low[k]:mine.high[k]] for k in some]
            run, scale = peer.run(slices, told), float(sizes.sum() / sizes[some].sum())
            rows[peer.name]["cpu"].append(run.cpu_s * scale)
            rows[peer.name]["wall"].append(run.wall_s * scale)
            if turn == 0:
                rows[peer.name] |= agreement(mine, run.answer, some) | {"exact": peer.exact}
                rows[peer.name]["peak_mb"] = run.peak_mb if run.peak_mb is not None else peak_mb(
                    lambda peer=peer, slices=slices: peer.run(slices, told))
    for name, job in engines.items():
        rows[name]["peak_mb"] = peak_mb(job)
    base = rows["engine"]
    table = {name: {
        "cpu_s": round(statistics.median(row["cpu"]), 4), "wall_s": round(statistics.median(row["wall"]), 4),
        "ratio": _paired(row["cpu"], base["cpu"]), "wall_ratio": _paired(row["wall"], base["wall"]),
        **{key: row[key] for key in ("peak_mb", "windows", "differ", "exact") if key in row}} for name, row in rows.items()}
    wrong = [name for name, row in table.items() if row.get("exact") and row["differ"]]
    if wrong:
        raise SystemExit(f"The engine and {', '.join(wrong)} differ: {len(points):,} points, {text}.")
    return {"points": len(points), "sites": len(points.site_e), "window": text, "windows": len(windows), "visits": int(sizes.sum()),
            "eps_m": told.eps_m, "clusters": len(mine.opens) and int(mine.opens[-1]), "runs": table}


def _fresh(points: Points, windows: Windows, told: Parameters) -> clusters.Clusters:
    """A first answer: without the strips of sites that an earlier one left."""
    points.grounds.clear()
    return clusters.cluster(points, windows, told)


def _paired(theirs: list[float], ours: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(theirs, ours, strict=True)), 2)


def pile(sizes: list[int], told: Parameters, peers: list[rivals.Peer]) -> list[dict[str, Any]]:
    """So many points on one site among 2,000 scattered ones, one window; plain scikit-learn up to 10,000 only."""
    rows = []
    for size in sizes:
        chance = np.random.default_rng(1)
        count = size + 2_000
        place = np.vstack((np.full((size, 2), 50_000.0), chance.integers(0, 100_000, (2_000, 2))))
        points = build(row=np.arange(count), time=np.full(count, START_US), person=chance.integers(0, 500, count),
                       episode=np.arange(count), role=np.zeros(count, np.int64), easting=place[:, 0], northing=place[:, 1])
        windows, xy = windows_of(ALL), np.column_stack((points.site_e[points.site], points.site_n[points.site]))
        jobs: dict[str, Callable[[], Any]] = {"engine": lambda p=points, w=windows: _fresh(p, w, told).member}
        jobs |= {peer.name: lambda peer=peer, xy=xy: peer.run([xy], told) for peer in peers
                 if peer.name in ("scikit-learn, weighted sites", "PyPI dbscan")
                 or (peer.name == "scikit-learn" and size <= 10_000)}
        jobs["engine"]()
        rows.append({"points": size, "runs": {
            name: {"cpu_s": round(statistics.median(timed(job)[0] for _ in range(3)), 4), "peak_mb": peak_mb(job)}
            for name, job in jobs.items()}})
    return rows


def answers(points: Points, told: Parameters, repeats: int) -> dict[str, Any]:
    """Seconds until a changed dial is answered by an explorer that has answered before, and until the visible window is."""
    frame = pd.DataFrame({"at": pd.to_datetime(points.time, unit="us", utc=True), "easting": points.site_e[points.site],
                          "northing": points.site_n[points.site], "person_ref": points.person, "episode_ref": points.episode,
                          "role": "found"})
    windows = windows_of(told.window)
    visible = len(windows) // 2
    explorer = Explorer(frame)
    mine = explorer.points(np.ones(len(points), dtype=bool))
    one = windows.part(visible, visible + 1)
    clusters.cluster(mine, one, told)
    explorer.clusters(mine, windows, told)
    given: dict[str, list[tuple[float, float]]] = {name: [] for name in (
        "visible window", "all after eps", "all after least children", "eps turned back", "visible window and its outlines")}
    for turn in range(repeats):
        moved = Parameters(eps_m=told.eps_m + 10 * (turn + 1), min_children=told.min_children, window=told.window)
        stricter = Parameters(eps_m=moved.eps_m, min_children=told.min_children + 1, window=told.window)
        jobs: dict[str, Callable[[], Any]] = {
            "visible window": lambda told=moved: clusters.cluster(mine, one, told),
            "visible window and its outlines": lambda told=stricter: _outlines(clusters.cluster(mine, one, told)),
            "all after eps": lambda told=moved: explorer.clusters(mine, windows, told).summary,
            "all after least children": lambda told=stricter: explorer.clusters(mine, windows, told).summary,
            "eps turned back": lambda told=moved: explorer.clusters(mine, windows, told)}
        for name, job in jobs.items():
            given[name].append(timed(job)[:2])
    return {"points": len(points), "windows": len(windows), "window": str(told.window), **{name: {
        "cpu_s": round(statistics.median(run[0] for run in runs), 4), "wall_s": round(statistics.median(run[1] for run in runs), 4)}
        for name, runs in given.items()}}


def _outlines(found: clusters.Clusters) -> list[Any]:
    return found.footprints.rings(np.unique(found.footprints.same))


def growth(races: list[dict[str, Any]], key: str) -> dict[str, float]:
    """The power of `key` with which the engine's processor time grows, fitted over the races."""
    found = {}
    for window in dict.fromkeys(each["window"] for each in races):
        runs = [each for each in races if each["window"] == window and each["visits"] >= 20_000]
        if len({each[key] for each in runs}) > 1:
            slope, _ = np.polyfit([math.log(each[key]) for each in runs],
                                  [math.log(each["runs"]["engine"]["cpu_s"]) for each in runs], 1)
            found[window] = round(float(slope), 2)
    return found


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000])
    ask.add_argument("--window", nargs="+", default=list(SCHEMES), help="month, rolling:90d:7d ... or all (one window)")
    ask.add_argument("--eps-m", type=float, nargs="+", default=[300.0])
    ask.add_argument("--min-children", type=int, default=8)
    ask.add_argument("--repeats", type=int, default=1)
    ask.add_argument("--peer-windows", type=int, default=4)
    ask.add_argument("--peers", default="all", help="all, none, or words of their names joined by commas")
    ask.add_argument("--coincident", type=int, nargs="*", metavar="POINTS", help="also: points on one site, e.g. 500 10000 50000")
    ask.add_argument("--answers", action="store_true", help="also: seconds until a changed dial is answered")
    ask.add_argument("--dials", action="store_true", help="also: growth with the number of windows and with eps")
    ask.add_argument("--no-races", action="store_true")
    ask.add_argument("--full", action="store_true", help="sizes up to 3,000,000, more rounds, everything else as well")
    ask.add_argument("--plots", type=Path, metavar="FOLDER", help="write the plots there (needs matplotlib)")
    ask.add_argument("--json", action="store_true")
    ask.add_argument("--merge", type=Path, nargs="+", metavar="FILE", help="measure nothing: show results of --json together")
    told = ask.parse_args()
    if told.merge:
        result = merged([json.loads(file.read_text(encoding="utf-8")) for file in told.merge])
        if told.plots:
            report.plot(result, told.plots)
        print(json.dumps(result)) if told.json else report.show(result)
        return
    if told.full:
        told.points, told.window = list(FULL), [*SCHEMES, "all"]
        told.repeats, told.peer_windows, told.answers, told.coincident = 3, 6, True, told.coincident or []
    names = told.peers.split(",")
    peers = [each for each in rivals.installed() if told.peers != "none" and (
        told.peers == "all" or any(name.strip() in each.name for name in names))]
    result: dict[str, Any] = {"races": []}
    for count in told.points:
        points = world(count)
        for text in told.window if not told.no_races else []:
            if text == "rolling:28d:1d" and count > 1_000_000:
                continue
            for eps in told.eps_m:
                dials = Parameters(eps_m=eps, min_children=told.min_children, count="episodes", window=scheme_of(text))
                result["races"].append(race(points, text, dials, repeats=told.repeats, peer_windows=told.peer_windows, peers=peers))
        if told.answers:
            result.setdefault("answers", []).extend(answers(points, Parameters(
                eps_m=300, min_children=told.min_children, window=WindowScheme.parse(text)), told.repeats)
                for text in ("month", "rolling:90d:7d"))
    result |= {"growth": growth(result["races"], "points"), "growth_eps": growth(result["races"], "eps_m")}
    if told.full or told.coincident is not None:
        episodes = Parameters(eps_m=300, min_children=told.min_children, count="episodes")
        result["coincident"] = pile(told.coincident or [500, 10_000, 50_000], episodes, peers)
    if told.full or told.dials:
        points = world(100_000)
        steps = [f"rolling:90d:{days}d" for days in (28, 14, 7, 3, 1)]
        result["by_windows"] = [_alone(points, WindowScheme.parse(text), 300, told) for text in steps]
        result["by_eps"] = [_alone(points, WindowScheme.parse("rolling:90d:7d"), eps, told) for eps in (150, 300, 500, 750, 1_000)]
    if told.plots:
        report.plot(result, told.plots)
    print(json.dumps(result)) if told.json else report.show(result)


def merged(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Results of several runs as one, the growth fitted anew; of the tables that are not lists of runs the last one counts."""
    races = [race for each in results for race in each["races"]]
    whole: dict[str, Any] = {key: value for each in results for key, value in each.items() if value}
    whole["answers"] = [row for each in results for row in each.get("answers", [])]
    return whole | {"races": races, "growth": growth(races, "points"), "growth_eps": growth(races, "eps_m")}


def _alone(points: Points, scheme: WindowScheme, eps: float, told: argparse.Namespace) -> dict[str, Any]:
    dials = Parameters(eps_m=eps, min_children=told.min_children, count="episodes", window=scheme)
    windows = windows_of(scheme)
    spent = statistics.median(timed(lambda: _fresh(points, windows, dials).member)[0] for _ in range(told.repeats))
    return {"window": str(scheme), "windows": len(windows), "eps_m": eps, "cpu_s": round(spent, 4)}


if __name__ == "__main__":
    main()
