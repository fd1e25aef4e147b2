"""What lies in files of vector tiles, for a printed map: the invented county's own, and the layers that the operator imported.

A file is read at a zoom at which the print can tell its shapes apart, and only where the print looks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geo_data.errors import InputError
from geo_data.grid import to_bng, to_wgs84
from geo_data.ground.own import Layer, least_zoom

EARTH_M = 6_378_137.0  # radius of the sphere of web mercator
PRINTED = {"roads": "minor", "rail": "rail", "water": "water", "green": "green", "built": "built", "land": "land",
           "boundaries": "district"}  # style of a layer: how the print draws it
DEMO = ("land", "green", "built", "water", "roads", "rail")
AREAS = ("land", "green", "built", "water")
CLASSED = ("kind", "type", "class", "function", "roadclassification", "road_classification", "highway")
CLASSES = {"trunk": ("a", "a road", "primary", "motorway", "trunk", "primary_link", "motorway_link", "trunk_link"),
           "main": ("b", "b road", "secondary", "distributor", "tertiary", "minor", "minor road", "secondary_link")}
CLOSER = 2  # zooms: of a layer that begins deeper than that below the fitting one too many tiles would be read
FAR_M = 120_000.0  # of a wider view no minor roads are drawn
MARKED = ("station", "water", "moor")  # kinds of the invented county's labels that no settlement is

Shapes = npt.NDArray[np.object_]
Features = tuple[tuple[str, Shapes], ...]
Mark = tuple[str, str, float, float]  # kind, name, easting, northing
Bounds = tuple[float, float, float, float]


class _Read(NamedTuple):
    shapes: Shapes
    fields: dict[str, npt.NDArray[Any]]


def demo(folder: Path, bounds: Bounds) -> tuple[Features, tuple[Mark, ...]]:
    """The invented county's features and the names that stand on it."""
    about = json.loads((folder / "map.json").read_text(encoding="utf-8"))
    zooms = {each["name"]: (each["min_zoom"], each["zoom"]) for each in about["layers"]}
    found: list[tuple[str, Shapes]] = []
    for name in DEMO:
        found += _features(_read(folder / f"{name}.pmtiles", name, bounds, zooms[name]), PRINTED[name], bounds)
    labels = _read(folder / "labels.pmtiles", "labels", bounds, (zooms["labels"][1], zooms["labels"][1]))
    at = shapely.get_coordinates(labels.shapes)
    rows = zip(labels.fields["kind"].tolist(), labels.fields["name"].tolist(), at.round().tolist(), strict=True)
    return tuple(found), tuple(sorted({(str(kind), str(name), e, n) for kind, name, (e, n) in rows if kind in MARKED}))


def printed(layers: Iterable[Layer]) -> list[Layer]:
    """Those of the operator's layers that a print can draw: files of shapes, and neither pictures nor addresses."""
    return [layer for layer in layers if layer.type in ("pmtiles", "mvt") and layer.style in PRINTED]


def own(layers: Iterable[Layer], folder: Path, bounds: Bounds) -> Features:
    """The features of the operator's own layers; one made for closer views alone is left out of a wide one."""
    found: list[tuple[str, Shapes]] = []
    for layer in printed(layers):
        path = folder / f"{layer.name}.{'mbtiles' if layer.type == 'mvt' else 'pmtiles'}"
        least = least_zoom(path)
        if least <= _fitting(bounds) + CLOSER:
            found += _features(_read(path, layer.layer, bounds, (least, layer.zoom)), PRINTED[layer.style], bounds)
    return tuple(found)


def _read(path: Path, layer: str, bounds: Bounds, zooms: tuple[int, int]) -> _Read:
    from pyogrio import raw
    from pyogrio.errors import DataLayerError, DataSourceError

    first = max(zooms[0], min(zooms[1], _fitting(bounds)))
    try:
        info = raw.read(path, layer=layer, bbox=_mercator(bounds), ZOOM_LEVEL=first)
    except (DataLayerError, DataSourceError) as error:
        raise InputError("A layer of the base map cannot be read for the print.", where=path.name,
                         fix="Import it again, with --source and the layer's name inside the file, or take it away: "
                             "'scoping basemap remove'.") from error
    names, shapes, columns = info[0]["fields"], shapely.from_wkb(info[2]), info[3]
    return _Read(shapely.transform(shapes, _to_grid), {str(name): column for name, column in zip(names, columns, strict=True)})


def _fitting(bounds: Bounds) -> int:
    """The zoom at which a tile is an eighth of the view, or smaller."""
    return int(np.ceil(np.log2(40_000_000 / max(bounds[2] - bounds[0], bounds[3] - bounds[1])))) + 3


def _mercator(bounds: Bounds) -> tuple[float, float, float, float]:
    left, bottom, right, top = bounds
    lat, lon = (np.radians(axis) for axis in to_wgs84(np.array([left, right, left, right]), np.array([bottom, bottom, top, top])))
    x, y = EARTH_M * lon, EARTH_M * np.log(np.tan(np.pi / 4 + lat / 2))
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _to_grid(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lat = np.degrees(2 * np.arctan(np.exp(points[:, 1] / EARTH_M)) - np.pi / 2)
    return np.column_stack(to_bng(lat, np.degrees(points[:, 0] / EARTH_M)))


def _features(read: _Read, kind: str, bounds: Bounds) -> list[tuple[str, Shapes]]:
    """As they are drawn: areas joined where tiles have cut them, roads by class."""
    shapes = read.shapes[~shapely.is_missing(read.shapes)]
    if not len(shapes):
        return []
    if kind in ("land", "water", "green"):
        whole = shapely.get_parts(shapely.union_all(shapely.make_valid(shapes)))
        whole = whole[shapely.area(whole) > 0]
        return [(kind, whole)] if len(whole) else []  # of lines alone, such as a coast, no land can be told from sea
    if kind != "minor":
        return [(kind, shapes)]
    classed = _classes(read.fields, len(shapes))
    near = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) <= FAR_M
    drawn = [name for name in ("minor", "main", "trunk") if (near or name != "minor") and (classed == name).any()]
    return [(name, shapes[classed == name]) for name in drawn]


def _classes(fields: dict[str, npt.NDArray[Any]], count: int) -> npt.NDArray[np.str_]:
    told = next((column for name, column in fields.items() if name.lower() in CLASSED), np.full(count, ""))
    words = np.array([str(word).strip().lower() for word in told.tolist()])
    classed = np.full(count, "minor", dtype="<U8")
    for name, members in CLASSES.items():
        classed[np.isin(words, members)] = name
    return classed
