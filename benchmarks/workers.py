"""The same clusters by one process and by Dask's workers on this machine: seconds of the clock, and that they are equal.

    python benchmarks/workers.py [--points 100000 1000000] [--window rolling:90d:7d] [--workers 2] [--json]

Starting the workers and their first task, which loads the compiled loops, stand apart. Skips when Dask is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
from typing import Any

import numpy as np
from racing.clock import timed
from racing.data import world
from windows import scheme_of, windows_of

from scoping.clustering.clusters import cluster
from scoping.clustering.points import Points
from scoping.parameters import Parameters
from scoping.windows import Windows


def compare(client: Any, points: Points, windows: Windows, told: Parameters, repeats: int) -> dict[str, Any]:
    """Paired, interleaved; raises when the two answers differ."""
    alone, shared = [], []
    for _ in range(repeats):
        _, wall, whole = timed(lambda: cluster(points, windows, told))
        alone.append(wall)
        _, wall, parts = timed(lambda: cluster(points, windows, told, client=client))
        shared.append(wall)
        for name in ("opens", "core_site", "core_open", "border_site", "border_label", "border_open"):
            if not np.array_equal(getattr(whole, name), getattr(parts, name)):
                raise SystemExit(f"The workers' answer differs in {name}.")
    return {"points": len(points), "windows": len(windows), "window": str(told.window),
            "one_process_s": round(statistics.median(alone), 3), "workers_s": round(statistics.median(shared), 3), "equal": True,
            "ratio": round(statistics.median(b / a for a, b in zip(alone, shared, strict=True)), 2)}


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--points", type=int, nargs="+", default=[100_000])
    ask.add_argument("--window", nargs="+", default=["month", "rolling:90d:7d"])
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--repeats", type=int, default=3)
    ask.add_argument("--json", action="store_true")
    told = ask.parse_args()
    if importlib.util.find_spec("distributed") is None:
        print(json.dumps({"skipped": "Dask is not installed"}))
        return
    from distributed import Client, LocalCluster

    rows = []
    _, begun, workers = timed(lambda: LocalCluster(n_workers=told.workers, threads_per_worker=1, dashboard_address=None,
                                                   host="127.0.0.1"))
    with workers, Client(workers) as client:
        _, warm, _ = timed(lambda: client.gather([client.submit(_load, k, pure=False) for k in range(4 * told.workers)]))
        for count in told.points:
            points = world(count)
            for text in told.window:
                dials = Parameters(eps_m=300, min_children=8, window=scheme_of(text))
                cluster(points, windows_of(dials.window), dials)
                rows.append(compare(client, points, windows_of(dials.window), dials, told.repeats))
    result = {"workers": told.workers, "start_s": round(begun, 2), "warm_s": round(warm, 2), "runs": rows}
    if told.json:
        print(json.dumps(result))
        return
    print(f"{told.workers} workers: {result['start_s']} s to start, {result['warm_s']} s to load the compiled loops\n")
    print("| points | windows | one process, s | workers, s | ratio | equal |\n|---|---|---|---|---|---|")
    for row in rows:
        print(f"| {row['points']:,} | {row['windows']} ({row['window']}) | {row['one_process_s']} | {row['workers_s']} | "
              f"{row['ratio']} | yes |")


def _load(number: int) -> int:
    points = world(1_000, number)
    told = Parameters(eps_m=300, min_children=8)
    return len(cluster(points, windows_of(told.window), told).summary)


if __name__ == "__main__":
    main()
