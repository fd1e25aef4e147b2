"""From a store on disk to the first clusters of a force, in a process that has done nothing before.

    python benchmarks/cold.py [--rows 60000 100000] [--json]

Seconds of processor and clock: loading numba, once a process; reading the rows, turning them into columns, the clusters
of 24 months with the kept loops that they need; and a second choice of role, which uses the columns again. Importing Python's
modules is outside all of it. Target: under 1 s from the store to the clusters.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def fill(url: str, rows: int) -> None:
    """A store with so many invented LOCATIONS, two roles of each episode."""
    import numpy as np
    import pandas as pd

    from geo_data.keeping.store import Source, Store
    from geo_data.schema import EPISODES, LOCATIONS

    chance = np.random.default_rng(1)
    count = rows // 2
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(chance.integers(0, 730 * 24 * 60, count), unit="min")
    towns = chance.uniform((400_000, 550_000), (440_000, 590_000), (60, 2))
    xy = np.round(towns[chance.integers(0, 60, count)] + chance.normal(0, 900, (count, 2)))
    refs = [f"EP-{k:07d}" for k in range(count)]
    child = [f"c{k}" for k in chance.integers(0, count // 3, count)]
    episodes = EPISODES.conform(pd.DataFrame({
        "episode_ref": refs, "person_ref": child, "source_system": "manual", "extracted_at": pd.Timestamp("2026-01-02", tz="UTC"),
        "recording_force": "Benchmark", "responsible_la": "E06000057", "age_at_episode": 15, "care_status": "not_looked_after",
        "episode_type": "missing", "missing_from_type": "home", "reported_at": at, "risk_level_initial": "medium",
        "rhi_offered": "NK", "sharing_restriction": "none"})).assign(category=pd.Series([None] * count, dtype="str"),
                                                                   time_precision="minute")
    parts = [pd.DataFrame({
        "location_id": [f"{ref}:{role}" for ref in refs], "episode_ref": refs, "person_ref": child, "role": role, "at": at,
        "at_precision": "minute", "easting": xy[:, 0] + shift, "northing": xy[:, 1], "precision_m": 50.0, "tier": "P3",
        "method": "postcode", "reason": "a unit postcode", "location_type": "street", "own_address": False, "age_band": "15-17",
        "strand": "home", "missing_from_type": "home", "responsible_la": "E06000057", "sharing_restriction": "none",
    }) for role, shift in (("found", 0.0), ("last_seen", 40.0))]
    places = LOCATIONS.conform(pd.concat(parts, ignore_index=True))
    places.index = list(range(count)) * 2
    store = Store(url)
    store.import_("episodes", "episodes", episodes, places, Source("0" * 64, "made.csv", "native", datetime.now(UTC), count, 0))
    store.close()


def measure(url: str) -> dict[str, Any]:
    """In a fresh process: each step's seconds of processor and clock."""
    import numpy as np

    from geo_data.keeping.store import Store
    from scoping import left_out, windows
    from scoping.clustering.explorer import Explorer
    from scoping.parameters import Parameters
    from scoping.scope import extent

    steps: dict[str, Any] = {}
    clock = [time.process_time(), time.perf_counter()]

    def ended(step: str) -> None:
        now = [time.process_time(), time.perf_counter()]
        steps[step] = {"cpu_s": round(now[0] - clock[0], 3), "wall_s": round(now[1] - clock[1], 3)}
        clock[:] = now

    from scoping.clustering import dbscan, tallies  # noqa: F401 - the compiled loops
    from scoping.clustering.strips import strips

    strips(np.zeros(1), np.zeros(1), 300.0)  # the first loop of a process loads what numba needs
    ended("load numba")
    with Store(url) as store:
        rows = store.locations("episodes")
    ended("read")
    explorer = Explorer(rows)
    ended("columns")
    for role in ("found", "last_seen"):
        told = Parameters(roles=(role,))
        keep = left_out.gate(rows, told).isna().to_numpy() & (rows["role"] == role).to_numpy()
        count = len(explorer.clusters(explorer.points(keep), windows.make(told.window, *extent(rows)), told).summary)
        ended("clusters" if role == "found" else "clusters of another role")
    total = [sum(steps[name][unit] for name in ("read", "columns", "clusters")) for unit in ("cpu_s", "wall_s")]
    return {"rows": len(rows), "clusters": count, "steps": steps,
            "store_to_clusters": {"cpu_s": round(total[0], 3), "wall_s": round(total[1], 3)}}


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--rows", type=int, nargs="+", default=[60_000, 100_000])
    ask.add_argument("--json", action="store_true")
    ask.add_argument("--measure", metavar="URL", help=argparse.SUPPRESS)
    told = ask.parse_args()
    if told.measure:
        print(json.dumps(measure(told.measure)))
        return
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in told.rows:
            url = f"sqlite:///{folder}/{rows}.db"
            fill(url, rows)
            for _ in range(2):  # the first run compiles when the loops are new
                said = subprocess.run([sys.executable, __file__, "--measure", url], check=True, capture_output=True, text=True,
                                      cwd=ROOT)
            results.append(json.loads(said.stdout))
    if told.json:
        print(json.dumps(results))
        return
    for result in results:
        print(f"\n{result['rows']:,} rows: store to clusters {result['store_to_clusters']}")
        for name, step in result["steps"].items():
            print(f"  {name}: {step['cpu_s']} s CPU, {step['wall_s']} s wall")


if __name__ == "__main__":
    main()
