"""The whole path, from the demo file to the map: what was planted is found, under the name of what it does."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from geo_data.placing import gazetteer as gazetteers
from geo_data.reading import intake
from scoping.change import calibrate
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from scoping.showing import disclosure
from scoping.showing.disclosure import Release
from tests.geo_data import county as demo

QUARTER = WindowScheme.parse("rolling:91d:28d")


@pytest.fixture(scope="module")
def county_folder(gazetteer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(gazetteer_folder, tmp_path_factory.mktemp("county"), dirs_exist_ok=True)
    drawn = demo.the_county()
    gazetteers.add_layer(folder, "demo", drawn.postcodes, drawn.places, "invented county")
    return folder


@pytest.fixture(scope="module")
def located(county_folder: Path) -> dict[bool, pd.DataFrame]:
    """LOCATIONS of the planted world (False) and of the null world (True)."""
    gazetteer = gazetteers.open_gazetteer(county_folder)
    made = {}
    for null in (False, True):
        prepared = intake.prepare(demo.the_world(null=null).episodes_csv, "demo.csv", gazetteer=gazetteer,
                                  now=datetime(2026, 6, 1, tzinfo=UTC), profile="native")
        assert prepared.rejected == 0
        made[null] = prepared.locations
    return made


def shown(locations: pd.DataFrame, role: str, window: WindowScheme | None = None) -> Release:
    parameters = Parameters(roles=(role,), window=window or WindowScheme())
    return disclosure.release(scope(locations, parameters, date(2026, 6, 1)))


@cache
def truth() -> pd.DataFrame:
    return demo.the_world().truth


def inside(release: Release, window: int, easting: float, northing: float, slack_m: float = 0.0) -> bool:
    rows = release.hotspots[(release.hotspots["window"] == window) & release.hotspots["children"].notna()]
    point = shapely.Point(easting, northing)
    rings = [ring for shape in rows["shape"] for ring in release.shapes[shape]]
    return any(shapely.Polygon(ring).distance(point) <= slack_m for ring in rings)


@pytest.mark.parametrize("site", range(len(truth())), ids=[f"{row.planted_id}{row.site}" for row in truth().itertuples()])
def test_every_planted_place_is_shown_while_it_lasts_and_one_child_never_is(located: dict[bool, pd.DataFrame], site: int) -> None:
    """A planted place is a hotspot of the quarter in which most children were there; the trap is never one."""
    row = truth().iloc[site]
    months = [int(n) for n in row["monthly"].split()]
    release = shown(located[False], row["role"], QUARTER)
    starts = pd.PeriodIndex([start[:7] for start, _ in release.spans], freq="M")
    best = int(np.argmax([sum(months[k:k + 3]) for k in range(len(months) - 2)]))
    window = int(np.argmin(np.abs((starts - pd.Period("2024-01", "M")).map(lambda gap: gap.n) - best)))
    if row["is_place"]:
        assert inside(release, window, row["easting"], row["northing"], slack_m=60.0)
    else:
        assert not any(inside(release, k, row["easting"], row["northing"]) for k in range(len(release.spans)))


def test_each_planned_change_is_seen_under_its_name(located: dict[bool, pd.DataFrame]) -> None:
    found = set(shown(located[False], "found").hotspots["change"])
    assert {"born", "grew", "moved", "reactivated", "dissolved"} <= found
    assert {"merged", "split"} <= set(shown(located[False], "found", QUARTER).hotspots["change"])
    assert "dissolved" in set(shown(located[False], "last_seen").hotspots["change"])


def test_growth_is_far_beyond_chance_and_the_null_world_has_none(located: dict[bool, pd.DataFrame],
                                                                 capsys: pytest.CaptureFixture[str]) -> None:
    """Prints what the null world calls new beside the real one."""
    counts = {}
    for null in (False, True):
        table = calibrate.expected_changes(located[null], Parameters(), runs=10, today=date(2026, 6, 1)).set_index("change")
        counts[null] = table
    with capsys.disabled():
        real, none = counts[False], counts[True]
        print(f"\nnew by month: planted world {real.loc['born', 'real']} (by chance {real.loc['born', 'expected_mean']:.1f}), "
              f"null world {none.loc['born', 'real']} (by chance {none.loc['born', 'expected_mean']:.1f})")
    assert counts[False].loc["rise", "real"] > counts[False].loc["rise", "high"] + 3
    assert counts[True].loc["rise", "real"] <= max(counts[True].loc["rise", "high"], 1)
    assert counts[True].loc["born", "real"] <= counts[True].loc["born", "high"] + 3
