"""What of a change can be believed, measured: births on real months beside plain labels, and the null.

    python benchmarks/change.py births     real burglary months (in SCOPING_SHARED): births a quarter and planted places found
    python benchmarks/change.py null       worlds without change: how often a review flags one, and how well chance is foretold

`null` takes the number of worlds as a second argument (default 40) and a file that keeps each world, so that a run can be
stopped and gone on with.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo_data.demo.county import county
from geo_data.demo.synthetic import world
from geo_data.grid import to_bng
from geo_data.placing.gazetteer import add_layer, build, open_gazetteer
from geo_data.reading import intake
from geo_data.schema import LOCATIONS
from scoping.change.calibrate import ALL, expected_by_window
from scoping.change.identity import OVERLAP
from scoping.change.known_places import FALSE_SHARE
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import Scoped, scope
from scoping.transitions import CHANGES

SHARED = Path(os.environ.get("SCOPING_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data" / "events"
SERIES = {"Northumbria burglary": (300.0, 5), "Greater Manchester burglary": (250.0, 8)}
SCHEMES = ("month", "rolling:91d:28d")
PLANTED, LASTS = 24, 3  # places, months
FORETOLD = 4  # in every so manieth world what shuffling foretells is counted too: worlds differ more than shuffles of one


def months(name: str) -> pd.DataFrame:
    """easting, northing, month (number from the first)."""
    if name.startswith("North"):
        every = pd.concat([pd.read_csv(path) for path in sorted((SHARED / "northumbria_street").glob("*.gz"))])
        every = every[every["Crime type"] == "Burglary"]
    else:
        every = pd.read_csv(SHARED / "gmp_bur.csv.gz")
    every = every[every["Longitude"].notna()]
    e, n = to_bng(every["Latitude"].to_numpy(), every["Longitude"].to_numpy())
    return pd.DataFrame({"e": e, "n": n, "month": pd.factorize(every["Month"], sort=True)[0]})


def located(points: pd.DataFrame) -> pd.DataFrame:
    """LOCATIONS of points dated to the month, each a child of its own."""
    count = len(points)
    at = pd.Series(pd.period_range("2020-01", periods=int(points["month"].max()) + 1, freq="M").to_timestamp())
    return LOCATIONS.conform(pd.DataFrame({
        "location_id": [f"E{k}:found" for k in range(count)], "episode_ref": [f"E{k}" for k in range(count)],
        "person_ref": [f"C{k}" for k in range(count)], "role": "found",
        "at": (at + pd.Timedelta(days=14)).dt.tz_localize("UTC").iloc[points["month"]].array, "at_precision": "month",
        "easting": points["e"].to_numpy(), "northing": points["n"].to_numpy(), "precision_m": 50.0, "tier": "P3",
        "method": "published_point", "reason": "", "location_type": "street", "own_address": False, "strand": "home",
        "sharing_restriction": "none"}))


def plain_births(scoped: Scoped) -> list[tuple[int, int]]:
    """(window, cluster) of the clusters that overlap none of the window before: labels without a memory."""
    window = scoped.clusters.summary["window"].to_numpy()
    found = []
    for k in range(1, len(scoped.windows)):
        old, new = np.flatnonzero(window == k - 1), np.flatnonzero(window == k)
        ratio, _ = scoped.clusters.footprints.overlaps(np.repeat(old, len(new)), np.tile(new, len(old)))
        held = (ratio >= OVERLAP).reshape(len(old), len(new)).any(axis=0)
        found += [(k, int(cluster)) for cluster in new[~held]]
    return found


def plant(points: pd.DataFrame, a_month: float, quiet: bool, since: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`points` with `PLANTED` places of about `a_month` events in `LASTS` months, and the places."""
    chance = np.random.default_rng(seed)
    places: list[np.ndarray] = []
    every = points[["e", "n"]].to_numpy()
    low, high = np.percentile(every, [5, 95], axis=0)
    while len(places) < PLANTED:
        at = chance.uniform(low, high) if quiet else every[chance.integers(len(every))]
        near = int((np.hypot(*(every - at).T) < 500).sum())
        if all(np.hypot(*(at - other)) > 3_000 for other in places) and (not quiet or 0 < near < 25):
            places.append(at)
    rows = [(*(place + chance.normal(0, 60, 2)), since + month) for place in places for month in range(LASTS)
            for _ in range(chance.poisson(a_month))]
    return (pd.concat([points, pd.DataFrame(rows, columns=["e", "n", "month"])], ignore_index=True),
            pd.DataFrame(places, columns=["e", "n"]))


def seen(places: pd.DataFrame, scoped: Scoped, births: list[tuple[int, int]], since: int) -> float:
    """Share of the places with a birth within 250 m of them in the months they lasted."""
    at = scoped.clusters.summary[["easting", "northing"]].to_numpy()[[c for k, c in births if since <= k < since + LASTS]]
    apart = np.hypot(places["e"].to_numpy()[:, None] - at[:, 0], places["n"].to_numpy()[:, None] - at[:, 1])
    return float((apart.min(axis=1, initial=np.inf) <= 250).mean())


def ledger_births(scoped: Scoped) -> list[tuple[int, int]]:
    book = scoped.ledger[scoped.ledger["change"].isin(["born", "reactivated"])]
    return list(zip(book["window"].tolist(), book["cluster"].tolist(), strict=True))


def births() -> None:
    if not SHARED.exists():
        print("births: real event data are not here (SCOPING_SHARED)")
        return
    for name, (eps, k) in SERIES.items():
        points = months(name)
        quarters = points["month"].max() / 3
        print(f"{name}, eps {eps:.0f} m, k {k}: births and returns a quarter; places found of those planted (quiet and busy areas)")
        since = int(points["month"].max()) - LASTS
        planted = {(rate, quiet): plant(points, rate, quiet, since, seed=7)
                   for rate in (k + 1, k + 4, 2 * k) for quiet in (True, False)}
        for extra in (None, 0, 1, 2, 3):
            parameters = Parameters(eps_m=eps, min_children=k, enter_extra=extra or 0)
            count = plain_births if extra is None else ledger_births
            a_quarter = len(count(scope(located(points), parameters))) / quarters
            shares = []
            for with_places, places in planted.values():
                scoped = scope(located(with_places), parameters)
                shares.append(seen(places, scoped, count(scoped), since))
            label = "plain labels" if extra is None else f"ledger, k + {extra}"
            told = ", ".join(f"{rate}/month {'quiet' if quiet else 'busy'} {share:.0%}"
                             for (rate, quiet), share in zip(planted, shares, strict=True))
            print(f"  {label:14} {a_quarter:5.1f}   {told}", flush=True)


def null(worlds: int, kept: Path | None = None) -> None:
    """Worlds of the demo's generator in which nothing is planted. `kept`: a line a world; those in it are not made again."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept and kept.exists() else []
    done = {row["seed"]: row for row in map(json.loads, lines)}
    drawn = county()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        add_layer(Path(folder), "demo", drawn.postcodes, drawn.places, "invented county")
        gazetteer = open_gazetteer(Path(folder))
        for seed in [seed for seed in range(worlds) if seed not in done]:
            made = intake.prepare(world(drawn, 24, 1_000 + seed, null=True).episodes_csv, "null.csv", gazetteer=gazetteer,
                                  now=datetime(2026, 6, 1, tzinfo=UTC), profile="native").locations
            done[seed] = {"seed": seed, **{text: _null_world(made, text, seed) for text in SCHEMES}}
            if kept:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(done[seed]) + "\n")
    for text in SCHEMES:
        every = [done[seed][text] for seed in range(worlds)]
        flagged = [flag for each in every for flag in each["flagged"]]
        seen, told = (pd.DataFrame([each[what] for each in every if each[what] is not None], columns=list(CHANGES)).fillna(0)
                      for what in ("real", "foretold"))
        print(f"{text}, {worlds} worlds: {np.mean(flagged):.3f} of {len(flagged)} reviews flag a change; changes a world, and what "
              f"shuffling {len(told)} worlds foretells")
        print(_beside(seen, told).round(2).to_string(), flush=True)


def _beside(seen: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Means over worlds, their ratio, and its 95 % interval when the worlds of either are drawn again (bootstrap)."""
    chance = np.random.default_rng(0)
    again = [frame.to_numpy(dtype=float)[chance.integers(0, len(frame), (4_000, len(frame)))].mean(axis=1)
             for frame in (seen, told)]
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.percentile(again[1] / again[0], (2.5, 97.5), axis=0)
    return pd.DataFrame({"null_worlds": seen.mean(), "foretold": told.mean(), "ratio": told.mean() / seen.mean(),
                         "low": low, "high": high})


def _null_world(made: pd.DataFrame, text: str, seed: int) -> dict[str, Any]:
    """How often each change was said, which reviews flag one; of every fourth world what five shuffles foretell."""
    parameters = Parameters(window=WindowScheme.parse(text))
    scoped = scope(made, parameters)
    book = scoped.ledger
    foretold = None
    if seed % FORETOLD == 0:
        table = expected_by_window(made, parameters, runs=5, seed=seed, scoped=scoped)
        foretold = table[table["window"] == ALL].set_index("change")["expected_mean"].to_dict()
    return {"real": {str(change): int(n) for change, n in book["change"].value_counts().items()},
            "flagged": [bool(q <= FALSE_SHARE) for q in book[book["q"].notna()].groupby("window")["q"].min()],
            "foretold": foretold}


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else "all"
    if what in ("births", "all"):
        births()
    if what in ("null", "all"):
        null(int(sys.argv[2]) if len(sys.argv) > 2 else 40, Path(sys.argv[3]) if len(sys.argv) > 3 else None)
