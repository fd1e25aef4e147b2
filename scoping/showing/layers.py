"""The places as layers for mapping programs: GeoPackage, GeoJSON and KML. Unions of cells, counts in words, nothing finer."""

from __future__ import annotations

import io
import json
from typing import Any
from xml.etree import ElementTree as Xml

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_data.safe_cell import cell
from scoping.showing.rounds import ToWgs84
from scoping.showing.snapshot import Snapshot
from scoping.showing.views import lonlat

KML = "http://www.opengis.net/kml/2.2"
COLOURS = {  # aabbggrr
    "new": "dd832a76", "shown again": "ddc38daf", "growing": "bbcfa5c2", "continuing": "bbbdbdbd", "reducing": "bba0dba6"}

COLUMNS = ("number", "place", "kind", "change", "children", "episodes", "windows_seen", "since")


def places(snapshot: Snapshot) -> gpd.GeoDataFrame:
    """The shown places of the period and of the one before, as unions of cells in EPSG:27700."""
    rows, shapes = [], []
    for window in range(max(snapshot.window - 1, 0), snapshot.window + 1):
        for place in snapshot.places(window):
            if place.number:
                rows.append({name: cell(getattr(place, name)) for name in COLUMNS} | {  # tables of layers end in spreadsheets
                    "period": snapshot.release.labels[window], "marking": snapshot.marking, "snapshot": snapshot.id})
                shapes.append(_union(snapshot.corners(place, window), snapshot.release.cell_side))
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "period", "marking", "snapshot"])
    kinds = {name: "int64" if name in ("number", "windows_seen") else "str" for name in frame.columns}
    return gpd.GeoDataFrame(frame.astype(kinds), geometry=gpd.GeoSeries(shapes, crs="EPSG:27700"), crs="EPSG:27700")


def _union(corners: NDArray[np.float64], side: int) -> shapely.MultiPolygon:
    e, n = corners.T
    union = shapely.normalize(shapely.union_all(shapely.box(e, n, e + side, n + side)))
    return shapely.multipolygons(list(shapely.get_parts(union)))


def gpkg(snapshot: Snapshot) -> bytes:
    """A GeoPackage with the layer "places" (EPSG:27700); the particulars are the metadata of the layer."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})  # else it notes the time of its making
    try:
        out = io.BytesIO()
        pyogrio.write_dataframe(places(snapshot), out, driver="GPKG", layer="places", geometry_type="MultiPolygon",
                                layer_metadata=dict(snapshot.facts()), promote_to_multi=True)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    return out.getvalue()


def geojson(snapshot: Snapshot, to_wgs84: ToWgs84) -> bytes:
    """GeoJSON (RFC 7946, longitude and latitude); the particulars stand in the member "about"."""
    frame = places(snapshot)
    columns = [name for name in frame.columns if name != "geometry"]
    features = [{"type": "Feature", "geometry": shapely.geometry.mapping(lonlat(shape, to_wgs84)), "properties": row}
                for shape, row in zip(frame.geometry, frame[columns].to_dict("records"), strict=True)]
    told = {"type": "FeatureCollection", "about": dict(snapshot.facts()), "features": features}
    return json.dumps(told, ensure_ascii=True, separators=(",", ":"), default=int).encode()


def kml(snapshot: Snapshot, to_wgs84: ToWgs84) -> bytes:
    """KML 2.2: a folder a period; the particulars are the document's description."""
    Xml.register_namespace("", KML)
    root = Xml.Element(f"{{{KML}}}kml")
    document = _under(root, "Document")
    _under(document, "name", f"{snapshot.marking}: {snapshot.about.title}")
    _under(document, "description", "\n".join(f"{name}: {text}" for name, text in snapshot.facts()))
    for name, colour in COLOURS.items():
        style = _under(document, "Style")
        style.set("id", name.replace(" ", "-"))
        _under(_under(style, "LineStyle"), "color", "ff404040")
        _under(_under(style, "PolyStyle"), "color", colour)
    for period, rows in places(snapshot).groupby("period", sort=False):
        folder = _under(document, "Folder")
        _under(folder, "name", str(period))
        for row in rows.itertuples(index=False):
            _placemark(folder, row, lonlat(row.geometry, to_wgs84))
    body: bytes = Xml.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _placemark(folder: Xml.Element, row: Any, shape: shapely.MultiPolygon) -> None:
    mark = _under(folder, "Placemark")
    _under(mark, "name", f"{row.number}. {row.place}")
    _under(mark, "description", f"{row.change}; different children {row.children}; first shown {row.since}. "
                                f"{row.marking}. {row.snapshot}")
    _under(mark, "styleUrl", "#" + row.change.replace(" ", "-"))
    many = _under(mark, "MultiGeometry")
    for part in shape.geoms:
        polygon = _under(many, "Polygon")
        for tag, ring in [("outerBoundaryIs", part.exterior), *(("innerBoundaryIs", hole) for hole in part.interiors)]:
            line = _under(_under(polygon, tag), "LinearRing")
            _under(line, "coordinates", " ".join(f"{lon:.6f},{lat:.6f}" for lon, lat in ring.coords))


def _under(parent: Xml.Element, tag: str, text: str = "") -> Xml.Element:
    child = Xml.SubElement(parent, f"{{{KML}}}{tag}")
    if text:
        child.text = text
    return child
