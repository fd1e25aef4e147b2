"""The formats of a snapshot, by the ending of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from geo_data.errors import ParameterError
from scoping.showing.desk import Made
from scoping.showing.rounds import ToWgs84
from scoping.showing.snapshot import Snapshot

FORMATS = {
    "pdf": "PDF sheet", "png": "Picture of the sheet", "pptx": "PowerPoint", "html": "Web page in one file", "svg": "Vector sheet",
    "xlsx": "Excel", "csv": "CSV", "gpkg": "GeoPackage", "geojson": "GeoJSON", "kml": "KML",
}


def make(snapshot: Snapshot, formats: Iterable[str], to_wgs84: ToWgs84) -> list[Made]:
    """The files of a snapshot, one a format, in the order given. Raises `ParameterError` for a format that does not exist."""
    wanted = list(dict.fromkeys(formats))
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        raise ParameterError("There is no such format." if unknown else "At least one format is needed.", where="format",
                             fix=f"Use {', '.join(FORMATS)}.")
    return [Made(name, _maker(name, to_wgs84)(snapshot)) for name in wanted]


def _maker(name: str, to_wgs84: ToWgs84) -> Callable[[Snapshot], bytes]:
    """Its libraries are loaded when a format is asked for."""
    if name in ("png", "pdf", "svg"):
        from scoping.showing import sheet

        return {"png": sheet.png, "pdf": sheet.pdf, "svg": sheet.svg}[name]
    if name in ("csv", "xlsx"):
        from scoping.showing import tables

        return {"csv": tables.csv, "xlsx": tables.xlsx}[name]
    if name == "pptx":
        from scoping.showing.slides import pptx

        return pptx
    if name == "html":
        from scoping.showing.page import page

        return page
    from scoping.showing import layers

    if name == "gpkg":
        return layers.gpkg
    write = layers.geojson if name == "geojson" else layers.kml
    return lambda snapshot: write(snapshot, to_wgs84)
