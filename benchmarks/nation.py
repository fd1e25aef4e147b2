"""An invented nation in a store: a million episodes of many forces, three located places each (three million locations).

    python benchmarks/nation.py FOLDER [--episodes 1000000]

Fills FOLDER/scoping.db and builds the gazetteer, for `--home FOLDER` of `benchmarks/screen.py` and
`benchmarks/sessions.py`. Some minutes; nothing is fetched.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from geo_data import schema
from geo_data.keeping.store import Source, Store
from geo_data.placing import gazetteer

FORCE, FILE, DAYS = 60_000, 250_000, 5 * 365
TYPES = ("home", "childrens_home", "school_education", "foster_placement")
KINDS = ("street", "park_open_space", "shopping_leisure", "transport_hub", "own_address")


def force_points(chance: np.random.Generator, n: int, corner: tuple[float, float]) -> np.ndarray:
    """Places of one force (n, 2), EPSG:27700: twelve towns, two hundred denser places, postcode centres."""
    towns = np.column_stack([chance.uniform(0, 40_000, 12), chance.uniform(0, 40_000, 12)]) + corner
    dense = towns[chance.integers(0, 12, 200)] + chance.normal(0, 2_500, (200, 2))
    spread = towns[chance.integers(0, 12, n)] + chance.normal(0, 5_000, (n, 2))
    inside = chance.random(n) < 0.45
    spread[inside] = dense[chance.integers(0, 200, int(inside.sum()))] + chance.normal(0, 90, (int(inside.sum()), 2))
    return np.round(spread)


def frames(first: int, count: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """EPISODES and LOCATIONS of episodes numbered from `first`."""
    chance = np.random.default_rng(seed)
    number = np.arange(first, first + count)
    at = pd.Timestamp("2021-01-01", tz="UTC") + pd.to_timedelta(chance.integers(0, DAYS * 24 * 60, count), unit="min")
    refs = pd.Series([f"URN/{i:08d}" for i in number])
    person = pd.Series([f"P{i:07d}" for i in (number // FORCE) * FORCE + chance.integers(0, FORCE // 3, count)])
    kind = chance.choice(np.array(TYPES, object), count)
    authority = pd.Series([f"E06{i:06d}" for i in number // FORCE + 1])
    age = chance.integers(10, 18, count)
    band = np.where(age < 12, "10-11", np.where(age < 15, "12-14", "15-17"))
    episodes = schema.EPISODES.conform(pd.DataFrame({
        "episode_ref": refs, "person_ref": person, "source_system": "niche", "extracted_at": pd.Timestamp("2026-01-02", tz="UTC"),
        "recording_force": "Benchmark", "responsible_la": authority, "age_at_episode": age, "care_status": "not_looked_after",
        "episode_type": "missing", "missing_from_type": kind, "reported_at": at, "found_at": at + pd.Timedelta(hours=3),
        "risk_level_initial": "medium", "rhi_offered": "NK", "sharing_restriction": "none"}))
    episodes = episodes.assign(category=pd.Series([None] * count, dtype="str"), time_precision="minute")
    forces = np.unique(number // FORCE)
    parts = []
    for role in schema.ROLES:
        xy = np.empty((count, 2))
        for force in forces:
            mine = number // FORCE == force
            same = np.random.default_rng(1_000 + int(force))  # a force's towns and dense places are the same in every file
            xy[mine] = force_points(same, FORCE, (150_000 + 45_000 * (force % 6), 100_000 + 45_000 * (force // 6)))[
                chance.integers(0, FORCE, int(mine.sum()))]
        parts.append(pd.DataFrame({
            "location_id": refs + ":" + role, "episode_ref": refs, "person_ref": person, "role": role, "at": at,
            "at_precision": "minute", "easting": xy[:, 0], "northing": xy[:, 1], "precision_m": 20.0, "tier": "P1",
            "method": "coordinates_bng", "reason": "recorded coordinates",
            "location_type": chance.choice(np.array(KINDS, object), count),
            "own_address": False, "location_source": "police_record", "age_band": band,
            "strand": pd.Series(kind).map(schema.STRANDS), "missing_from_type": kind, "responsible_la": authority,
            "sharing_restriction": "none"}))
    places = pd.concat(parts)
    return episodes, schema.LOCATIONS.conform(places)


def fill(folder: Path, episodes: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    gazetteer.build(folder / "gazetteer")
    with Store(f"sqlite:///{folder / 'scoping.db'}") as store:
        for first in range(0, episodes, FILE):
            count = min(FILE, episodes - first)
            told, places = frames(first, count, seed=first)
            store.import_("episodes", "episodes", told, places, Source(
                sha256(str(first).encode()).hexdigest(), f"part-{first}.csv", "native", datetime.now(UTC), count, 0))
            print(f"{first + count:,} episodes", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--episodes", type=int, default=1_000_000)
    given = options.parse_args()
    fill(given.folder, given.episodes)


if __name__ == "__main__":
    main()
