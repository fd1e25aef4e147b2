"""The operator's own base-map layers: files in a folder, and one address of the intranet.

A layer is a file `<name>.pmtiles` (vector) or `<name>.mbtiles` (raster or vector) with a description `<name>.json` beside
it. `import_layer` checks a file and puts both there; a GeoPackage (or anything else that pyogrio reads) becomes vector tiles.
Public tile servers learn which area is looked at, so an address outside the organisation's network is refused unless the
settings allow it.
"""

from __future__ import annotations

import ipaddress
import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from geo_data.errors import InputError, ParameterError

STYLES = ("roads", "rail", "water", "green", "buildings", "built", "land", "boundaries", "places")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
INSIDE = (".local", ".internal", ".intranet", ".lan", ".corp", ".localhost", ".home.arpa", ".test")
ZOOMS = (6, 14)
_RASTER = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}


@dataclass(frozen=True)
class Layer:
    """One layer as the map draws it: `type` pmtiles, raster, mvt, xyz or wms; `style` one of `STYLES`; `layer` the name inside
    the tiles; `zoom` the deepest zoom of the file; `url` without host for files, with it for the intranet.
    """

    name: str
    type: str
    url: str
    attribution: str
    style: str = "boundaries"
    layer: str = ""
    zoom: int = 14
    wms: str = ""


# ------------------------------------------------------------------ files

def layers(folder: Path) -> list[Layer]:
    """The layers of a folder, in order of name; a description that cannot be read is an `InputError`."""
    return [_described(path) for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []


def _described(path: Path) -> Layer:
    try:
        return Layer(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise InputError("The description of a base-map layer cannot be read.", fix="Import the layer again.",
                         where=path.name) from None


def import_layer(file: Path, folder: Path, *, style: str, name: str = "", attribution: str = "",
                 source: str | None = None) -> Layer:
    """Check `file` and put it into `folder` as a layer; a former layer of that name is replaced. `source`: which layer of the file.

    Raises `InputError` for a file that is none of PMTiles, MBTiles, GeoPackage, GeoJSON or Shapefile, or is damaged.
    """
    name = name or re.sub(r"[^a-z0-9_-]+", "-", file.stem.lower()).strip("-_")[:40]
    if not NAME.fullmatch(name):
        raise InputError("A layer's name is made of small letters, digits, - and _.", fix="Give one with --name.", where="--name")
    if style not in STYLES:
        raise InputError("There is no such kind of layer.", fix=f"Use {', '.join(STYLES)}.", where="--layer")
    if not file.is_file():
        raise InputError("There is no such file.", where=file.name)
    folder.mkdir(parents=True, exist_ok=True)
    credit = attribution or "The operator's own map"
    kind = file.suffix.lower()
    if kind == ".mbtiles":
        form, zoom, inside = _mbtiles(file)
        tiles = f"/basemap/own/{name}/{{z}}/{{x}}/{{y}}"
        layer = Layer(name, "mvt" if form == "pbf" else "raster", tiles, credit, style, inside or name, zoom)
        _put(file, folder / f"{name}.mbtiles")
    else:
        target = folder / f"{name}.pmtiles"
        if kind == ".pmtiles":
            zoom, inside = _pmtiles(file), source or style
            _put(file, target)
        else:
            zoom, inside = ZOOMS[1], name
            _tiles(file, target, name, source)
        layer = Layer(name, "pmtiles", f"/basemap/own/{name}.pmtiles", credit, style, inside, zoom)
    (folder / f"{name}.json").write_text(json.dumps(asdict(layer), indent=1), encoding="utf-8")
    return layer


def remove_layer(name: str, folder: Path) -> None:
    """Take a layer away. Raises `InputError` when there is none of that name."""
    if not NAME.fullmatch(name) or not (folder / f"{name}.json").is_file():
        raise InputError("There is no such layer.", fix="See 'scoping basemap list'.", where="name")
    for kind in ("json", "pmtiles", "mbtiles"):
        (folder / f"{name}.{kind}").unlink(missing_ok=True)


def _put(file: Path, target: Path) -> None:
    unfinished = target.with_name(f"unfinished-{target.name}")
    shutil.copyfile(file, unfinished)
    unfinished.replace(target)


def _pmtiles(file: Path) -> int:
    """The deepest zoom. Header as in the PMTiles specification, version 3: tile type at byte 99, greatest zoom at 101."""
    with file.open("rb") as stream:
        head = stream.read(127)
    if len(head) < 127 or head[:7] != b"PMTiles" or head[7] != 3:
        raise InputError("This is no PMTiles file of version 3.", where=file.name)
    if head[99] != 1:
        raise InputError("This PMTiles file holds pictures, not vector tiles.", fix="Give them as MBTiles.", where=file.name)
    return head[101]


def least_zoom(file: Path) -> int:
    """The shallowest zoom of a PMTiles (byte 100 of its header) or MBTiles file. `InputError` for one that cannot be read."""
    try:
        if file.suffix == ".pmtiles":
            with file.open("rb") as stream:
                return stream.read(101)[100]
        with closing(_opened(file)) as base:
            return int(base.execute("SELECT min(zoom_level) FROM tiles").fetchone()[0])
    except (OSError, LookupError, sqlite3.Error, TypeError, ValueError):
        raise InputError("A layer of the base map cannot be read.", where=file.name,
                         fix="Import it again, or take it away: 'scoping basemap remove'.") from None


def _opened(file: Path, more: str = "") -> sqlite3.Connection:
    """To be read alone. The path goes as an address: it may hold #, ? or %."""
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro{more}", uri=True)


def _mbtiles(file: Path) -> tuple[str, int, str]:
    """Format of the tiles, deepest zoom, and the first vector layer's name."""
    try:
        with closing(_opened(file)) as base:
            told = dict(base.execute("SELECT name, value FROM metadata").fetchall())
            deepest = base.execute("SELECT max(zoom_level) FROM tiles").fetchone()[0]
            whole = base.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok" and not base.execute(
                "SELECT 1 FROM tiles WHERE typeof(tile_data) <> 'blob' LIMIT 1").fetchone()
        inside = str(((json.loads(told.get("json") or "{}").get("vector_layers") or [{}])[0]).get("id", ""))
        deepest = None if deepest is None else int(deepest)
    except (sqlite3.Error, ValueError, TypeError, AttributeError, LookupError):  # what stands in it may be of any kind
        raise InputError("This is no MBTiles file, or it is damaged.", where=file.name) from None
    if not whole:
        raise InputError("This MBTiles file is damaged.", fix="Copy or make it again.", where=file.name)
    if told.get("format") not in (*_RASTER, "pbf") or deepest is None:
        raise InputError("The tiles of this MBTiles file are neither pictures nor vector tiles.", where=file.name)
    return told["format"], deepest, inside


def _tiles(file: Path, target: Path, name: str, source: str | None) -> None:
    import geopandas as gpd  # slow to import, and needed here alone
    from pyproj.exceptions import ProjError
    from shapely.errors import ShapelyError

    damage = (ProjError, RuntimeError, ShapelyError, ValueError)  # pyogrio's own errors are RuntimeErrors
    try:
        frame = gpd.read_file(file, layer=source) if source else gpd.read_file(file)
    except damage:
        raise InputError("This file cannot be read as a map, or has no such layer.",
                         fix="Give PMTiles, MBTiles, GeoPackage, GeoJSON or a Shapefile.", where=file.name) from None
    if frame.empty or frame.crs is None:
        raise InputError("This file holds no shapes, or does not say in which coordinates.", where=file.name)
    unfinished = target.with_name(f"unfinished-{target.name}")
    unfinished.unlink(missing_ok=True)
    try:
        frame.to_crs("EPSG:4326").to_file(unfinished, driver="PMTiles", layer=name, MINZOOM=ZOOMS[0], MAXZOOM=ZOOMS[1])
        unfinished.replace(target)
    except damage:
        raise InputError("The shapes of this file cannot be drawn: some lie outside the world or are broken.",
                         fix="Mend the geometry in a GIS, or export only the area you need.", where=file.name) from None
    finally:
        unfinished.unlink(missing_ok=True)


def tile(folder: Path, name: str, z: int, x: int, y: int) -> tuple[bytes, dict[str, str]] | None:
    """A tile of an MBTiles layer with the headers it needs; None when there is none. Rows of MBTiles count from the south."""
    file = folder / f"{name}.mbtiles"
    if not NAME.fullmatch(name) or not file.is_file():
        return None
    with closing(_opened(file, "&immutable=1")) as base:
        found = base.execute("SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                             (z, x, 2**z - 1 - y)).fetchone()
        form = base.execute("SELECT value FROM metadata WHERE name = 'format'").fetchone()
    if found is None:
        return None
    body = bytes(found[0])
    if form and form[0] == "pbf":
        packed = {"content-encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {}
        return body, {"content-type": "application/x-protobuf"} | packed
    return body, {"content-type": _RASTER.get(form[0] if form else "png", "image/png")}


# ------------------------------------------------------------------ an address of the intranet

def intranet(url: str, wms: str, attribution: str, *, allow_public: bool) -> Layer | None:
    """The layer of a tile address: XYZ with {z}, {x} and {y}, or WMS when `wms` names its layers. None when there is no address.

    Raises `ParameterError` for an address that is none, or that lies outside and is not allowed.
    """
    if not url:
        return None
    parts = urlsplit(url)
    plain = re.fullmatch(r"[\w.:\[\]-]+", parts.netloc)  # no name, password or mark that could widen the browser's rules
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise ParameterError("The address of the map tiles is not one.", where="tiles_url", fix=(
            "Give https://host/{z}/{x}/{y}.png, or a WMS address and its layers in tiles_wms."))
    if not wms and not all(mark in url for mark in ("{z}", "{x}", "{y}")):
        raise ParameterError("The address of the map tiles needs {z}, {x} and {y}.", where="tiles_url")
    if is_public(parts.hostname) and not allow_public:
        raise ParameterError("The map tiles would come from outside the organisation, which would learn the area looked at.",
                             fix='Use a server of your own network. If the controller of the data accepts this, set '
                                 'tiles_public = "allowed".', where="tiles_url")
    return Layer("intranet", "wms" if wms else "xyz", url, attribution or parts.hostname, wms=wms, zoom=19)


def is_public(host: str) -> bool:
    """Whether a host lies outside: decided by its name or address alone, without asking any name server."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return "." in host and not host.lower().endswith(INSIDE)
    return not (address.is_private or address.is_loopback or address.is_link_local)


def origin(layer: Layer | None) -> str:
    """The origin that a browser must be allowed to load pictures from; empty for none."""
    if layer is None:
        return ""
    parts = urlsplit(layer.url)
    return f"{parts.scheme}://{parts.netloc}"


def as_options(found: list[Layer]) -> list[dict[str, Any]]:
    """Plain values for the map."""
    return [asdict(layer) for layer in found]
