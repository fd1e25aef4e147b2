"""Draw the calibration of the methods that decide what is new: what they say when nothing goes on.

    python docs/calibration.py            docs/images/calibration.png

Left: p of the weekly scan in worlds made from the demo by dealing its dates anew; it should lie on the diagonal, below .1
above all. Right: how many maps show a hot square when every event falls in a square at random: Gi* with Benjamini-Hochberg
beside the exact tail. With `--street FOLDER` of data.police.uk street files the left side also has those places.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import false_discovery_control, norm

from geo_data.demo.county import county
from geo_data.demo.synthetic import world
from geo_data.grid import to_bng
from scoping.change.grid import CELL_M, Q, gi_star, neighbourhoods, tails
from scoping.change.permutation_scan import Search, p_value, scan

ROOT = Path(__file__).resolve().parents[1]
WORLDS, RUNS = 150, 99
SEARCH = Search((7, 14, 21, 28), 500.0, least=3, runs=RUNS)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--street", type=Path, help="folder of data.police.uk street files")
    options.add_argument("--out", type=Path, default=ROOT / "docs" / "images" / "calibration.png")
    asked = options.parse_args()
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [0, 1], color="#8d97a4", lw=1)
    places = {"demo (synthetic)": demo_places()}
    if asked.street:
        places["data.police.uk, drugs"] = street_places(asked.street)
    for (name, (e, n)), colour in zip(places.items(), ("#7b3294", "#1b7837"), strict=False):
        values = np.sort(null_p(e, n))
        left.step(values, np.arange(1, len(values) + 1) / len(values), where="post", color=colour, label=name)
        print(f"scan, {name}: p <= .05 in {(values <= 0.05).mean():.3f} of {len(values)} worlds")
    left.set(xlabel="p of the week's best circle", ylabel="share of worlds with as small a p",
             title="Weekly scan, nothing going on")
    left.legend(frameon=False)
    events = (80, 240, 450, 2_000)
    shares = [hot_share(count) for count in events]
    tests = (("Gi* and Benjamini-Hochberg", "#8d97a4"), ("exact tail and Benjamini-Hochberg", "#7b3294"))
    for k, (name, colour) in enumerate(tests):
        right.bar(np.arange(len(events)) + 0.4 * k, [share[k] for share in shares], 0.38, color=colour, label=name)
        print(f"grid, {name}: " + ", ".join(f"{count} events {share[k]:.2f}" for count, share in zip(events, shares, strict=True)))
    right.axhline(0.05, color="#1d2530", lw=1, ls="--")
    right.set(xticks=np.arange(len(events)) + 0.2, xticklabels=[f"{count:,}" for count in events], xlabel="events on 1,369 squares",
              ylabel="share of maps with a hot square", title="Grid, nothing going on")
    right.legend(frameon=False)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(asked.out, dpi=110)


def demo_places() -> tuple[np.ndarray, np.ndarray]:
    """Where children of an invented world without a plant were found."""
    made = world(county(), months=12, seed=3, null=True)
    frame = pd.read_csv(io.BytesIO(made.episodes_csv), usecols=["found_easting", "found_northing", "found_at_own_address"])
    frame = frame[frame["found_at_own_address"] != "Y"].dropna()
    return frame["found_easting"].to_numpy(), frame["found_northing"].to_numpy()


def street_places(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    columns = ["Longitude", "Latitude", "Crime type"]
    frame = pd.concat([pd.read_csv(file, usecols=columns) for file in sorted(folder.glob("*street.csv*"))]).dropna()
    frame = frame[frame["Crime type"] == "Drugs"]
    return to_bng(frame["Latitude"].to_numpy(), frame["Longitude"].to_numpy())


def null_p(e: np.ndarray, n: np.ndarray) -> np.ndarray:
    values = []
    for seed in range(WORLDS):
        chance = np.random.default_rng(seed)
        found = scan(e, n, chance.integers(0, 365, len(e)), SEARCH, seed=seed)
        best = found.cylinders["ratio"].iloc[0] if len(found.cylinders) else 0.0
        values.append(p_value(best, found.maxima))
    return np.array(values)


def hot_share(events: int, maps: int = 200) -> tuple[float, float]:
    side = 37
    cells = np.array([(a, b) for a in range(side) for b in range(side)]) * CELL_M
    near, chance = neighbourhoods(cells), np.random.default_rng(events)
    counts = np.stack([np.bincount(chance.integers(0, side**2, events), minlength=side**2) for _ in range(maps)])
    normal = np.array([false_discovery_control(norm.sf(z)).min() for z in gi_star(counts, near)])
    return float((normal <= Q).mean()), float((tails(counts, near)[0].min(axis=1) <= Q).mean())


if __name__ == "__main__":
    main()
