"""What lies under a printed map, from public data alone: the same whatever is drawn on it.

The gazetteer gives how built-up the ground is, the coast, borders, names and stations; the invented county and the operator's
own layers give their shapes where there are any.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage

from geo_data.ground import coast, own, tiles
from geo_data.ground.tiles import Bounds, Features, Mark
from geo_data.placing.gazetteer import Gazetteer

SIDE_M = 100.0
MOST_NAMES = 240  # the largest
MAX_SQUARES = 1_500  # a side: squares grow for a wider area
SPREAD_M = 130.0  # over which a postcode is built-up ground
DENSE = 140.0  # postcodes in a square kilometre where it is most built-up
STOPS_M, STATIONS_M = 45_000.0, 160_000.0  # of a wider view no stops, or no stations, are told
SAME_M = 250.0  # two stations so near are one that two layers hold
STATIONS = {"rail_station": "station", "tram_stop": "stop"}


class Ground(NamedTuple):
    """Squares from `left`, `bottom` (EPSG:27700 metres), `side` wide, rows from the south, 0 to 1; names with people.

    `features`: shapes (shapely) by how they are drawn, the lowest first: land, green, built, water, minor, main, trunk, rail,
    district, force. `marks`: (station, stop, water or moor; name; easting; northing). `areas`: districts by name.
    """

    left: float
    bottom: float
    side: float
    built: npt.NDArray[np.float32]
    labels: tuple[tuple[str, float, float, int], ...]
    features: Features = ()
    marks: tuple[Mark, ...] = ()
    areas: tuple[tuple[str, shapely.Geometry], ...] = ()


class Paper(NamedTuple):
    """What a printed map's ground is made from: the gazetteer, and the folder of the invented county's map or of own layers."""

    gazetteer: Gazetteer
    demo: Path | None = None
    own: Path | None = None

    def ground(self, left: float, bottom: float, right: float, top: float) -> Ground:
        """The ground inside the bounds (EPSG:27700 metres). Raises `InputError` for a layer that cannot be read."""
        bounds = (left, bottom, right, top)
        plain = ground(self.gazetteer, *bounds)
        if self.demo is not None and (self.demo / "map.json").is_file():
            features, marks = tiles.demo(self.demo, bounds)
            return plain._replace(built=np.zeros_like(plain.built), features=features, marks=marks)
        layers = own.layers(self.own) if self.own is not None else []
        mine = tiles.own(layers, self.own, bounds) if self.own is not None else ()
        drawn = {kind for kind, _ in mine}
        found = coast.borders(self.gazetteer, *bounds)
        made = (("land", found.land), ("district", found.districts), ("force", found.forces))
        features = tuple((kind, shapes) for kind, shapes in made if len(shapes) and kind not in drawn)
        built = np.zeros_like(plain.built) if "built" in drawn else plain.built
        return plain._replace(built=built, features=_ordered((*features, *mine)),
                              marks=tuple(_stations(self.gazetteer, bounds)), areas=() if "district" in drawn else found.areas)


def credits_of(folder: Path) -> list[str]:
    """What the licences of the own layers that a print draws ask for, each once. Raises `InputError`."""
    return list(dict.fromkeys(layer.attribution for layer in tiles.printed(own.layers(folder))))


ORDER = ("land", "green", "built", "water", "minor", "main", "trunk", "rail", "district", "force")


def _ordered(features: Iterable[tuple[str, npt.NDArray[np.object_]]]) -> Features:
    return tuple(sorted(features, key=lambda feature: ORDER.index(feature[0])))


def ground(gazetteer: Gazetteer, left: float, bottom: float, right: float, top: float) -> Ground:
    """How built-up the ground inside the bounds is, and the names of its places, the largest first."""
    side = max(SIDE_M, float(np.ceil(max(right - left, top - bottom) / MAX_SQUARES / SIDE_M)) * SIDE_M)
    shape = (int(np.ceil((top - bottom) / side)), int(np.ceil((right - left) / side)))
    counts = np.zeros(shape, dtype=np.float32)
    names: dict[tuple[str, int, int], tuple[str, float, float, int]] = {}
    for part in gazetteer.parts:
        e, n = (np.asarray(part.arrays[name], dtype=np.float64) for name in ("postcode_e", "postcode_n"))
        column, row = ((e - left) // side).astype(np.int64), ((n - bottom) // side).astype(np.int64)
        inside = (e >= 0) & (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
        np.add.at(counts, (row[inside], column[inside]), 1.0)
        e, n = (np.asarray(part.arrays[name], dtype=np.float64) for name in ("place_e", "place_n"))
        near = np.flatnonzero((e > left) & (e < right) & (n > bottom) & (n < top))
        for at in near.tolist():
            name, people = str(part.arrays["place_name"][at]), int(part.arrays["place_population"][at])
            names.setdefault((name, int(e[at] // 1_000), int(n[at] // 1_000)), (name, float(e[at]), float(n[at]), people))
    labels = sorted(names.values(), key=lambda label: (-label[3], label[0]))
    smooth = ndimage.gaussian_filter(counts, max(SPREAD_M / side, 0.7)) / (side / 1_000) ** 2
    return Ground(left, bottom, side, np.clip(smooth / DENSE, 0, 1).astype(np.float32), tuple(labels[:MOST_NAMES]))


def _stations(gazetteer: Gazetteer, bounds: Bounds) -> list[Mark]:
    """Rail stations, and in a narrower view stops of trams and the like, by name; of two at one place the first layer's."""
    left, bottom, right, top = bounds
    wide = max(right - left, top - bottom)
    wanted = [kind for kind, most in (("rail_station", STATIONS_M), ("tram_stop", STOPS_M)) if wide <= most]
    found: list[Mark] = []
    for kind in wanted:
        for table in gazetteer.features.tables:
            held = table.arrays
            e, n = held["e"], held["n"]
            rows = np.flatnonzero((held["kinds"][held["kind"]] == kind) & (e > left) & (e < right) & (n > bottom) & (n < top))
            for row in rows.tolist():
                at = float(e[row]), float(n[row])
                if all(abs(at[0] - mark[2]) + abs(at[1] - mark[3]) > SAME_M for mark in found):
                    found.append((STATIONS[kind], table.text("label", row), *at))
    return sorted(found)
