"""`scoping basemap`: the operator's own layers under the hotspots."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from commands.base import Add
from geo_data.errors import InputError
from geo_data.ground import own
from settings import Settings


def register(add: Add) -> None:
    sub = add("basemap", basemap, "the base map's own layers: list them, import a file, remove one")
    sub.add_argument("action", choices=("list", "import", "remove"))
    sub.add_argument("file", nargs="?", help="PMTiles, MBTiles, GeoPackage, GeoJSON or Shapefile; for remove, the layer's name")
    sub.add_argument("--layer", choices=own.STYLES, help="what it shows, and so how it is drawn")
    sub.add_argument("--name", default="", help="what to call it (default: the file's name)")
    sub.add_argument("--source-layer", metavar="NAME", help="which layer of the file")
    sub.add_argument("--attribution", default="", help="the credit that its licence asks for, shown on the map")


def basemap(arguments: argparse.Namespace, settings: Settings) -> Any:
    """List, import or remove a layer."""
    folder = settings.basemap_folder
    if arguments.action == "list":
        return [asdict(layer) for layer in own.layers(folder)]
    if not arguments.file:
        raise InputError(f"'{arguments.action}' needs a {'name' if arguments.action == 'remove' else 'file'}.", where="basemap")
    if arguments.action == "remove":
        own.remove_layer(arguments.file, folder)
        return {"removed": arguments.file}
    if not arguments.layer:
        raise InputError("Say what the file shows.", fix=f"Give --layer with one of {', '.join(own.STYLES)}.", where="--layer")
    return asdict(own.import_layer(Path(arguments.file), folder, style=arguments.layer, name=arguments.name,
                                   attribution=arguments.attribution, source=arguments.source_layer))
