"""Time and peak memory of the store: import 100,000 episodes with 200,000 locations, amend, read.

    python benchmarks/store.py [--episodes 100000] [--url sqlite:///path/to/empty.db]
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from geo_data import schema
from geo_data.keeping.store import Source, Store

T = TypeVar("T")


def episodes(n: int, seed: int = 1) -> pd.DataFrame:
    """`n` episodes with every column filled as a real export fills it."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2023-01-01", tz="UTC")
    columns: dict[str, object] = {}
    for column in schema.EPISODES.columns:
        if column.kind == "datetime":
            columns[column.name] = start + pd.to_timedelta(rng.integers(0, 1_000_000, n), unit="min")
        elif column.kind == "date":
            columns[column.name] = pd.Timestamp("2030-01-01")
        elif column.kind in ("enum", "enum_multi"):
            columns[column.name] = pd.Series(rng.choice(np.array(column.allowed, object), n))
        elif column.kind == "int":
            columns[column.name] = rng.integers(10, 18, n)
        elif column.kind == "float":
            columns[column.name] = np.where(rng.random(n) < 0.5, np.nan, rng.integers(0, 90, n).astype(float))
        elif column.name.endswith("_text"):
            columns[column.name] = [f"Somewhere Street {i}" for i in rng.integers(0, n, n)]
        else:
            columns[column.name] = pd.Series(rng.choice(np.array([f"{column.name[:4]}{i}" for i in range(200)]), n))
    columns["episode_ref"] = [f"URN/{i:07d}" for i in rng.permutation(n)]
    columns["person_ref"] = [f"P{i:06d}" for i in rng.integers(0, n // 3 + 1, n)]
    columns["extracted_at"] = pd.Timestamp("2025-06-01T09:00", tz="UTC")
    return schema.EPISODES.conform(pd.DataFrame(columns, index=pd.RangeIndex(2, n + 2)))


def locations(of: pd.DataFrame, roles: tuple[str, ...] = ("last_seen", "found")) -> pd.DataFrame:
    """One location per episode and role, the index being the episode's."""
    rng = np.random.default_rng(2)
    parts = []
    for role in roles:
        parts.append(pd.DataFrame({
            "location_id": of["episode_ref"] + ":" + role, "episode_ref": of["episode_ref"],
            "person_ref": of["person_ref"], "role": role, "at": of["reported_at"], "at_precision": "minute",
            "easting": rng.uniform(4e5, 5e5, len(of)).round(), "northing": rng.uniform(5e5, 6e5, len(of)).round(),
            "precision_m": 100.0, "tier": "P3", "method": "postcode", "matched": of["found_postcode"],
            "reason": "The recorded unit postcode is live.", "location_type": of["found_location_type"],
            "own_address": rng.random(len(of)) < 0.3, "age_band": "12-14", "strand": "care",
            "missing_from_type": of["missing_from_type"], "responsible_la": of["responsible_la"],
            "sharing_restriction": "none", "review_by": pd.Timestamp("2030-01-01"),
        }))
    return schema.LOCATIONS.conform(pd.concat(parts))


def source(name: str, n: int) -> Source:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Source(digest, f"{name}.csv", "native", datetime(2025, 6, 2, tzinfo=UTC), n, 0)


def timed(what: str, work: Callable[[], T]) -> T:
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    print(f"{what:48} {time.perf_counter() - wall:6.2f} s wall {time.process_time() - cpu:6.2f} s cpu "
          f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB peak")
    return result


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--episodes", type=int, default=100_000)
    options.add_argument("--url", default="")
    given = options.parse_args()
    first = episodes(given.episodes)
    places = locations(first)
    later = first.head(given.episodes // 10).assign(
        extracted_at=pd.Timestamp("2025-07-01T09:00", tz="UTC"), risk_level_highest="high")
    moved = places[places["episode_ref"].isin(later["episode_ref"])]
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{folder}/bench.db"
        with timed("make a new database", lambda: Store(url)) as store:
            n = len(first)
            print(timed(f"import {n:,} episodes, {len(places):,} locations",
                        lambda: store.import_("episodes", "episodes", first, places, source("first", n))))
            print(timed("import the same file again",
                        lambda: store.import_("episodes", "episodes", first, places, source("first", n))))
            print(timed("the same rows in another file",
                        lambda: store.import_("episodes", "episodes", first, places, source("copy", n))))
            print(timed(f"amend {len(later):,} of them",
                        lambda: store.import_("episodes", "episodes", later, moved, source("later", n))))
            timed("open it once more", lambda: Store(url).close())
            timed("read all locations", lambda: store.locations("episodes"))
            timed("read all locations again", lambda: store.locations("episodes"))
            timed("read all episodes", lambda: store.episodes("episodes"))
            timed("list the collections", store.collections)
            timed("read one history", lambda: store.history("episodes", str(later["episode_ref"].iloc[0])))
            timed("clear", lambda: store.clear("episodes"))


if __name__ == "__main__":
    main()
