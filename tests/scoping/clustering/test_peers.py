"""Other programs' DBSCAN, where they are installed, give the engine's partition; and the benchmark would tell if not."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "benchmarks"))

from racing import peers  # noqa: E402
from racing.data import world  # noqa: E402
from windows import agreement, race, scheme_of, windows_of  # noqa: E402

from scoping.clustering.clusters import cluster  # noqa: E402
from scoping.parameters import Parameters  # noqa: E402

NAMES = ("scikit-learn", "scikit-learn, weighted sites", "PyPI dbscan", "R dbscan", "PostGIS")


def dials(text: str) -> Parameters:
    return Parameters(eps_m=300, min_children=5, count="episodes", window=scheme_of(text))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["month", "rolling:90d:30d", "all"])
def test_an_installed_peer_gives_the_engines_partition(name: str, text: str) -> None:
    peer = next((each for each in peers.installed() if each.name == name), None)
    if peer is None:
        pytest.skip(f"{name} is not installed")
    told = dials(text)
    result = race(world(4_000, seed=3), text, told, repeats=1, peer_windows=60, peers=[peer])  # stops where they differ
    assert result["clusters"] > 0
    assert result["runs"][name]["differ"] == 0 and result["runs"][name]["windows"] == min(60, result["windows"])


def test_a_peer_that_differs_is_seen() -> None:
    points, told = world(4_000, seed=3), dials("all")
    mine = cluster(points, windows_of(told.window), told)
    label, core = (mine.members[name].to_numpy() for name in ("label", "core"))
    chosen = np.array([0])
    assert agreement(mine, [(label, core)], chosen)["differ"] == 0
    renamed = np.where(label >= 0, label.max() - label, -1)
    assert agreement(mine, [(renamed, None)], chosen)["differ"] == 0
    merged = np.where(label == label[core][0], label.max(), label)
    fewer = label.copy()
    fewer[np.flatnonzero(core)[0]] = -1
    for wrong in ((merged, None), (fewer, None), (label, ~core)):
        assert agreement(mine, [wrong], chosen)["differ"] == 1


def test_the_worlds_growth_is_that_of_the_table() -> None:
    points = world(20_000)
    held = np.bincount(points.site)
    assert len(points) == 20_000 and 0.35 < len(points.site_e) / len(points) < 0.7
    assert held.max() > 50 and (points.site_e == np.round(points.site_e)).all()
    assert points.time[0] >= 1_577_836_800_000_000 and (np.diff(points.time) >= 0).all()
