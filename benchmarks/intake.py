"""A file of 100,000 episodes, half with coordinates and half with postcodes, from bytes to the database.

    python benchmarks/intake.py [rows]

Prints seconds and the peak memory of the whole process. Aim on a two-core machine: under 20 s and 1.5 GB.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from geo_data.keeping.store import Store
from geo_data.placing import postcode
from geo_data.placing.gazetteer import build, open_gazetteer
from geo_data.reading import intake
from settings import load


def episodes(rows: int, folder: Path) -> bytes:
    """A native file of `rows` invented episodes at real postcodes."""
    chance = np.random.default_rng(1)
    base = open_gazetteer(folder).base.arrays
    at = chance.choice(np.flatnonzero(base["postcode_e"] > 0), rows)
    coded = np.arange(rows) % 2 == 0
    start = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(chance.integers(0, 2 * 365 * 24 * 60, rows), unit="min")
    end = start + pd.to_timedelta(chance.integers(60, 3_000, rows), unit="min")
    frame = pd.DataFrame({
        "episode_ref": [f"B/{k:07d}" for k in range(rows)], "person_ref": [f"C{k}" for k in chance.integers(0, rows // 3, rows)],
        "source_system": "compact", "extracted_at": "2026-02-01T00:00:00Z", "recording_force": "Benchmark",
        "responsible_la": "E06999901", "age_at_episode": chance.integers(10, 18, rows), "care_status": "not_looked_after",
        "episode_type": "missing", "missing_from_type": "home", "reported_at": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "found_at": end.strftime("%Y-%m-%dT%H:%M:%SZ"), "found_at_own_address": "N", "risk_level_initial": "medium",
        "rhi_offered": "Y", "rhi_accepted": "N", "sharing_restriction": "none",
        "found_postcode": postcode.text_of(base["postcode_key"][at]).where(coded),
        "found_easting": pd.Series(base["postcode_e"][at]).where(~coded),
        "found_northing": pd.Series(base["postcode_n"][at]).where(~coded),
        "found_location_text": pd.Series([f"Place {k}" for k in chance.integers(0, 5_000, rows)]).where(~coded),
    })
    return frame.to_csv(index=False).encode()


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    folder = load().gazetteer_folder
    build(folder)
    data = episodes(rows, folder)
    with tempfile.TemporaryDirectory() as home, Store(f"sqlite:///{home}/b.db") as store:
        started, cpu = time.perf_counter(), time.process_time()
        prepared = intake.prepare(data, "benchmark.csv", gazetteer=open_gazetteer(folder), now=datetime.now(UTC))
        middle = time.perf_counter()
        report = intake.commit(prepared, store)
        ended = time.perf_counter()
    print(f"{rows:,} rows of {len(data) / 1e6:.1f} MB: {report.accepted:,} accepted, {report.rejected:,} rejected")
    print(f"read, check and locate {middle - started:5.1f} s; store {ended - middle:5.1f} s; "
          f"together {ended - started:5.1f} s wall, {time.process_time() - cpu:5.1f} s CPU")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
