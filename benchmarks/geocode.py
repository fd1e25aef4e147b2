"""How fast and how exact the geocoder is, on one core. Run: `python benchmarks/geocode.py [FOLDER]`.

Without a folder the gazetteer is built afresh in a temporary one. Accuracy is printed when the reference
data are there (SCOPING_SHARED). Figures are CPU seconds: other work on the machine does not count.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo_data.grid import to_bng
from geo_data.ground.basemap import ZOOMS, labels, texture_tile
from geo_data.placing import postcode
from geo_data.placing.gazetteer import Gazetteer, build, open_gazetteer
from geo_data.placing.geocode import geocode
from geo_data.placing.locations import locate
from geo_data.schema import EPISODES

TILES = {"Newcastle": (54.975, -1.61), "London": (51.51, -0.12)}


def timed(what: str, work: Callable[[], Any], *, rows: int = 0, times: int = 3) -> Any:
    """Run a few times and print the best."""
    best, result = np.inf, None
    for _ in range(times):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    print(f"{what:58} {best:9.3f} s" + (f" {rows / best:14,.0f} rows/s" if rows else ""))
    return result


def memory(what: str) -> None:
    lines = Path("/proc/self/smaps_rollup")
    own = sum(int(line.split()[1]) for line in lines.read_text().splitlines() if line.startswith("Private")) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:58} {own:9.0f} MB own memory, {peak:.0f} MB peak resident (mapped files are shared)")


def speed(gazetteer: Gazetteer) -> None:
    chance = np.random.default_rng(1)
    known = gazetteer.base.arrays["postcode_key"]
    units = postcode.text_of(known[chance.permutation(len(known))[:1_000_000]])
    lower = units.str.lower()
    timed("1,000,000 distinct postcodes", lambda: gazetteer.postcodes(units), rows=len(units))
    timed("1,000,000 distinct postcodes, lower case", lambda: gazetteer.postcodes(lower), rows=len(units))

    table = dict(zip(units, range(len(units)), strict=True))
    timed("  the same with pandas text methods and a dict",
          lambda: lower.str.upper().str.replace(r"\s+", " ", regex=True).map(table), rows=len(units), times=1)

    size = 100_000
    row = chance.permutation(np.flatnonzero(gazetteer.base.arrays["postcode_e"] >= 0))[:size]
    start = pd.Timestamp("2025-01-01", tz="UTC")
    episodes = EPISODES.conform(pd.DataFrame({
        "episode_ref": [f"MP/{number:06d}" for number in range(size)],
        "person_ref": [f"c{number % 30_000}" for number in range(size)],
        "age_at_episode": chance.integers(5, 18, size),
        "missing_from_type": chance.choice(["home", "childrens_home"], size),
        "reported_at": start + pd.to_timedelta(chance.integers(0, 10**6, size), unit="min"),
        "found_at": start + pd.to_timedelta(chance.integers(0, 10**6, size), unit="min"),
        "last_seen_postcode": postcode.text_of(known[row]),
        "found_easting": gazetteer.base.arrays["postcode_e"][row],
        "found_northing": gazetteer.base.arrays["postcode_n"][row],
        "pickup_latitude": chance.uniform(52, 53.5, size),
        "pickup_longitude": chance.uniform(-2.5, -1, size),
    }))
    timed("locate 100,000 episodes x 3 roles", lambda: locate(episodes, gazetteer), rows=3 * size)

    streets = [f"{n} {street} {kind}, {town}" for n in range(1, 60) for street in ("Drake", "Dane", "Nelson", "Church")
               for kind in ("Street", "Road", "Close") for town in ("Rochdale", "Morpeth NE61", "Byker, Newcastle")]
    timed("distinct texts without a postcode", lambda: geocode(streets, gazetteer), rows=len(streets))
    coded = [f"{number} High Street, {unit}" for number, unit in enumerate(units[:5_000])]
    timed("distinct texts with a postcode", lambda: geocode(coded, gazetteer), rows=len(coded))

    for name, (lat, lon) in TILES.items():
        y = 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)
        spent = []
        for z in ZOOMS:
            x, row_of = int((lon + 180) / 360 * 2**z), int(y * 2**z)
            texture_tile(gazetteer, z, x, row_of)
            start_s = time.process_time()
            texture_tile(gazetteer, z, x, row_of)
            spent.append(f"{1e3 * (time.process_time() - start_s):.0f}")
        print(f"{f'map tile over {name}, ms at zoom 5 to 16':58} {' '.join(spent)}")
    print(f"{'place labels':58} {len(labels(gazetteer)) / 1e3:9.0f} kB")


def accuracy(gazetteer: Gazetteer, path: Path) -> None:
    rows = pd.read_csv(path, dtype="str")
    rows = rows[~rows["postcode"].str.upper().str.strip().str.startswith("BT", na=False)]
    e, n = to_bng(rows["lat"].astype(float), rows["lon"].astype(float))
    areas = {
        "Great Britain": np.ones(len(rows), dtype=bool),
        "Greater Manchester": (rows["county"] == "Greater Manchester").to_numpy(),
        "Northumberland, Tyne and Wear": rows["county"].isin(["Northumberland", "Tyne and Wear"]).to_numpy(),
    }
    heads = "".join(f"{head:>8}" for head in ("n", "fine", "p50 m", "p90 m", "<=250 m", ">5 km"))
    print(f"\n{'charge points with a postcode in the text':42}{heads}")
    found = geocode(rows["text"], gazetteer)
    error = np.hypot(found["easting"] - e, found["northing"] - n).to_numpy()
    fine = found["tier"].isin(["P1", "P2", "P3"]).to_numpy()
    for name, here in areas.items():
        off = error[here & fine]
        p50, p90 = np.percentile(off, [50, 90])
        near, far = (off <= 250).sum() / here.sum(), (off > 5_000).mean()
        print(f"{name:42}{here.sum():8}{fine[here].mean():8.1%}{p50:8.0f}{p90:8.0f}{near:8.1%}{far:8.1%}")


def force(gazetteer: Gazetteer, path: Path) -> None:
    """A force's file on first sight: streets and stops of two counties as officers write them, no text twice."""
    rows, chance = pd.read_csv(path, dtype="str"), np.random.default_rng(2)
    known = pd.unique(pd.concat([rows["text"], rows["text_stop"]]))
    before = ["", "near ", "outside ", "opp ", "o/s shop ", *(f"{number} " for number in range(1, 180, 3)),
              *(f"Flat {flat}, {number} " for flat in range(1, 10) for number in range(2, 200, 30))]
    texts = pd.unique(pd.Series(chance.choice(before, 60_000)) + pd.Series(chance.choice(known, 60_000)))
    timed("a force's file of distinct texts, streets of the gazetteer", lambda: geocode(texts, gazetteer, "Northumbria"),
          rows=len(texts), times=1)


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        timed("build (nothing when it is there already)", lambda: build(folder), times=1)
        memory("after building")
        gazetteer = timed("open", lambda: open_gazetteer(folder))
        speed(gazetteer)
        reference = Path(os.environ.get("SCOPING_SHARED", "../shared"), "data", "geocoding", "eval_ncr.csv")
        if reference.exists():
            force(open_gazetteer(folder), reference.with_name("eval_naptan.csv"))  # opened anew: nothing looked up before
        memory("at the end")
        if reference.exists():
            accuracy(gazetteer, reference)
        else:
            print(f"\naccuracy: skipped, there is no {reference} (SCOPING_SHARED names the folder of the reference data)")


if __name__ == "__main__":
    main()
