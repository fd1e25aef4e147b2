"""Draw the calibration of the methods that decide what is new: what they say when nothing goes on.

    python docs/calibration.py            docs/images/calibration.png and docs/images/calibration-ledger.png
    python docs/calibration.py ledger     the second alone

Left: p of the weekly scan in worlds made from the demo by dealing its dates anew; it should lie on the diagonal, below .1
above all. Right: how many maps show a hot square when every event falls in a square at random: Gi* with Benjamini-Hochberg
beside the exact tail. With `--street FOLDER` of data.police.uk street files the left side also has those places.

The second picture: how often the ledger says born, growing, reducing and gone in worlds without any change, beside what the
shuffling of one such world foretells. From demo worlds with nothing planted; with `--street` also from the drugs months, their
months dealt anew.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import false_discovery_control, norm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.change import located  # noqa: E402
from geo_data.demo.county import county  # noqa: E402
from geo_data.demo.synthetic import world  # noqa: E402
from geo_data.grid import to_bng  # noqa: E402
from geo_data.placing.gazetteer import add_layer, build, open_gazetteer  # noqa: E402
from geo_data.reading import intake  # noqa: E402
from scoping.change.calibrate import expected_by_window  # noqa: E402
from scoping.change.grid import CELL_M, Q, gi_star, neighbourhoods, tails  # noqa: E402
from scoping.change.permutation_scan import Search, p_value, scan  # noqa: E402
from scoping.parameters import Parameters, WindowScheme  # noqa: E402
from scoping.scope import scope  # noqa: E402
from scoping.transitions import CHANGES  # noqa: E402

WORLDS, RUNS = 150, 99
LEDGER_WORLDS = 20
KINDS = {"born": "#7b3294", "grew": "#e08214", "shrank": "#1b7837", "dissolved": "#2171b5"}
SEARCH = Search((7, 14, 21, 28), 500.0, least=3, runs=RUNS)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--street", type=Path, help="folder of data.police.uk street files")
    options.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="folder of the pictures")
    options.add_argument("what", nargs="?", choices=("all", "ledger"), default="all")
    asked = options.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.what == "all":
        scan_and_grid(asked.street, asked.out / "calibration.png")
    ledger(asked.street, asked.out / "calibration-ledger.png")


def scan_and_grid(street: Path | None, out: Path) -> None:
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [0, 1], color="#8d97a4", lw=1)
    places = {"demo (synthetic)": demo_places()}
    if street:
        held = street_points(street)
        places["data.police.uk, drugs"] = held["e"].to_numpy(), held["n"].to_numpy()
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
    figure.savefig(out, dpi=110)


def ledger(street: Path | None, out: Path) -> None:
    """Each dot: one kind of change in one window; across what one world's shuffling foretells, up what other worlds give."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    quarters = Parameters(window=WindowScheme.parse("rolling:91d:28d"))
    panels = [("demo, nothing planted (synthetic), 91 days every 28", quarters, demo_worlds())]
    if street:
        panels.append(("data.police.uk, drugs, months dealt anew", Parameters(eps_m=300.0, min_children=4),
                       dealt(street_points(street))))
    for axes, (title, parameters, worlds) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        first = next(worlds)
        told = expected_by_window(first, parameters, runs=LEDGER_WORLDS).set_index(["change", "window"])
        null = [scope(world, parameters).ledger.groupby(["change", "window"]).size() for world in worlds]
        top = 1.0
        for kind, colour in KINDS.items():
            at = [window for change, window in told.index if change == kind and window >= 0]
            seen = pd.DataFrame([counts.reindex([(kind, k) for k in at]).fillna(0).to_numpy() for counts in null], columns=at)
            expected = told.loc[kind]["expected_mean"].reindex(at).to_numpy()
            error = 2 * seen.std() / np.sqrt(len(seen))
            axes.errorbar(expected, seen.mean(), yerr=error, fmt="o", ms=4, lw=0.8, color=colour, label=CHANGES[kind])
            top = max(top, float(expected.max()), float((seen.mean() + error).max()))
            print(f"ledger, {title}: {CHANGES[kind]} foretold {expected.sum():.2f}, in {len(seen)} worlds {seen.mean().sum():.2f}")
        axes.plot([0, top], [0, top], color="#8d97a4", lw=1, zorder=0)
        axes.set(xlabel="foretold by shuffling, a window", ylabel="in other worlds without change", title=title)
        axes.title.set_fontsize(9)
        axes.legend(frameon=False)
    figure.savefig(out, dpi=110)


def demo_worlds() -> Iterator[pd.DataFrame]:
    """LOCATIONS of worlds of the demo's generator, nothing planted."""
    drawn = county()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        add_layer(Path(folder), "demo", drawn.postcodes, drawn.places, "invented county")
        gazetteer = open_gazetteer(Path(folder))
        for seed in range(LEDGER_WORLDS + 1):
            yield intake.prepare(world(drawn, 24, 1_000 + seed, null=True).episodes_csv, "null.csv", gazetteer=gazetteer,
                                 now=datetime(2026, 6, 1, tzinfo=UTC), profile="native").locations


def dealt(points: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """LOCATIONS of these points with their months dealt anew, each a child of its own."""
    for seed in range(LEDGER_WORLDS + 1):
        yield located(points.assign(month=np.random.default_rng(seed).permutation(points["month"])))


def demo_places() -> tuple[np.ndarray, np.ndarray]:
    """Where children of an invented world without a plant were found."""
    made = world(county(), months=12, seed=3, null=True)
    frame = pd.read_csv(io.BytesIO(made.episodes_csv), usecols=["found_easting", "found_northing", "found_at_own_address"])
    frame = frame[frame["found_at_own_address"] != "Y"].dropna()
    return frame["found_easting"].to_numpy(), frame["found_northing"].to_numpy()


def street_points(folder: Path) -> pd.DataFrame:
    """`e`, `n` (EPSG:27700 metres) and `month` (from 0) of the drugs records."""
    columns = ["Month", "Longitude", "Latitude", "Crime type"]
    frame = pd.concat([pd.read_csv(file, usecols=columns) for file in sorted(folder.glob("*street.csv*"))]).dropna()
    frame = frame[frame["Crime type"] == "Drugs"]
    e, n = to_bng(frame["Latitude"].to_numpy(), frame["Longitude"].to_numpy())
    return pd.DataFrame({"e": e, "n": n, "month": pd.factorize(frame["Month"], sort=True)[0]})


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
