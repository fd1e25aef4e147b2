"""Make a fresh installation ready: the gazetteer, the demo county, the demo data.

Each step does nothing when its result is already there, so it may be run at every start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from geo_data.demo import county_map, synthetic
from geo_data.keeping.decided import Decided
from geo_data.keeping.releases import Register
from geo_data.keeping.store import PROGRAM, Store
from geo_data.placing import gazetteer
from geo_data.reading import intake

Progress = Callable[[float, str], None]
DEMO = "demo"
DEMO_MARKING = "SYNTHETIC DATA: invented county, invented children"


def demo_is_ready(store: Store, gazetteer_folder: Path, map_folder: Path) -> bool:
    """Whether the demo collection, its gazetteer layer and its base map are all there and readable."""
    held = gazetteer.status(gazetteer_folder)
    return (
        DEMO in set(store.collections()["name"])
        and not held["fault"] and DEMO in held["layers"]
        and (map_folder / county_map.DESCRIPTION).is_file()
    )


@dataclass(frozen=True)
class DemoReport:
    """What `make_demo` planted and stored."""

    report: intake.ImportReport
    truth: pd.DataFrame
    episodes_csv: bytes


def ensure_gazetteer(folder: Path, progress: Progress | None = None) -> bool:
    """Build the gazetteer in `folder` when it is missing or its sources changed; True when it was built.

    A demo layer that cannot be opened any more is made anew with it: it must never keep real data from being located.
    """
    if gazetteer.status(folder)["current"]:
        return False
    gazetteer.build(folder, progress=progress)
    if (folder / f"layer_{DEMO}.json").exists() and gazetteer.status(folder)["fault"]:
        _add_layer(folder, _county())
    return True


def _county() -> synthetic.County:
    return synthetic.county(seed=1)  # one county for all worlds, so that worlds can be compared on one map


def _add_layer(folder: Path, land: synthetic.County) -> None:
    gazetteer.add_layer(folder, DEMO, land.postcodes, land.places, DEMO_MARKING, streets=street_rows(land))


def street_rows(land: synthetic.County) -> pd.DataFrame:
    """The named streets of the county's towns for a layer: one row per town and name, with centre and radius in metres."""
    lines = land.streets[land.streets["name"].ne("") & land.streets["town"].ne("")]
    middle, box = lines.geometry.centroid, lines.geometry.bounds
    rows = pd.DataFrame({"town": lines["town"], "name": lines["name"], "length": lines.geometry.length,
                         "e": middle.x * lines.geometry.length, "n": middle.y * lines.geometry.length}).join(box)
    found = rows.groupby(["town", "name"], sort=True).agg(
        {"e": "sum", "n": "sum", "length": "sum", "minx": "min", "miny": "min", "maxx": "max", "maxy": "max"}).reset_index()
    return pd.DataFrame({
        "name": found["name"], "town": found["town"], "easting": found["e"] / found["length"],
        "northing": found["n"] / found["length"],
        "radius_m": (((found["maxx"] - found["minx"]) ** 2 + (found["maxy"] - found["miny"]) ** 2) ** 0.5 / 2).clip(lower=30.0),
    })


def make_demo(
    store: Store,
    gazetteer_folder: Path,
    map_folder: Path,
    *,
    now: datetime,
    months: int = 24,
    seed: int = 1,
    null: bool = False,
    actor: str = PROGRAM,
    progress: Progress | None = None,
) -> DemoReport:
    """Replace the demo collection by a new invented world in the invented county.

    The episodes take the same road as a real file: native template, import, geocoding.
    `null` plants nothing, so every "born" hotspot in it is chance.
    """
    tell = progress or (lambda _fraction, _text: None)
    tell(0.0, "Inventing a county")
    land = _county()
    _add_layer(gazetteer_folder, land)
    tell(0.3, "Drawing its map")
    county_map.write_map(land, map_folder)
    tell(0.6, "Inventing episodes")
    world = synthetic.world(land, months=months, seed=seed, null=null)
    tell(0.8, "Importing them as any file")
    prepared = intake.prepare(
        world.episodes_csv, f"demo-{months}-months-seed-{seed}{'-null' if null else ''}.csv",
        gazetteer=gazetteer.open_gazetteer(gazetteer_folder), now=now, profile="native",
        decisions=Decided(store).taught(synthetic=True),
    )
    store.clear(DEMO, actor)
    Register(store).forget(DEMO, actor)
    report = intake.commit(prepared, store, DEMO, actor)
    tell(1.0, "Demo data are ready")
    return DemoReport(report, world.truth, world.episodes_csv)
