"""`scoping geocode`, `geocode-file` and `gazetteer`: from text to a point, offline."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import base
from commands.base import Add
from geo_data.errors import InputError, StoreError
from settings import Settings

if TYPE_CHECKING:
    from geo_data.keeping.store import Store

AREA = "own area: police force, county or district, or GSS codes; joined by commas"


def register(add: Add) -> None:
    sub = add("geocode", geocode_, "locate texts offline")
    sub.add_argument("texts", nargs="+", metavar="TEXT")
    sub.add_argument("--area", metavar="NAME", help=AREA)

    sub = add("geocode-file", geocode_file, "locate a column of texts of a file; with known positions, measure the errors")
    sub.add_argument("file", type=Path, metavar="FILE", help="CSV or XLSX")
    sub.add_argument("--text", required=True, metavar="COLUMN")
    sub.add_argument("--lat", metavar="COLUMN", help="known latitude (or northing)")
    sub.add_argument("--lon", metavar="COLUMN", help="known longitude (or easting)")
    sub.add_argument("--postcode", metavar="COLUMN", help="each row's postcode, to find rows that contradict themselves "
                                                          "(default: the one in the text)")
    sub.add_argument("--where", metavar="COLUMN=VALUE", action="append", default=[],
                     help="only rows with this value, or one of several joined by |; may be repeated")
    sub.add_argument("--area", metavar="NAME", help=AREA)
    sub.add_argument("--out", type=Path, metavar="FILE.csv", help="write the rows with the answers")

    sub = add("gazetteer", gazetteer_, "the offline gazetteer: what it holds, build it, import an official file, apply it to the "
                                       "records held")
    sub.add_argument("action", choices=("status", "build", "import", "apply"))
    sub.add_argument("kind", nargs="?", help="of the file: code_point, postcode_directory, open_names, naptan, open_uprn, "
                                             "addressbase, police_streets, local_names, ukaddresskit")
    sub.add_argument("path", nargs="?", type=Path, help="zip, folder or CSV; not needed for an installed package")
    sub.add_argument("--collection", help="apply: only this one (default: all but the demo)")


def geocode_(arguments: argparse.Namespace, settings: Settings) -> list[dict[str, Any]]:
    """Locate each text; a text that cannot be placed is answered with the reason, never with a guess."""
    from geo_data.grid import to_wgs84
    from geo_data.placing.geocode import geocode

    found = geocode(arguments.texts, base.gazetteer(settings), base.listed(arguments.area) if arguments.area else None)
    lat, lon = to_wgs84(found["easting"].to_numpy(), found["northing"].to_numpy())
    found = found.assign(lat=lat.round(5), lon=lon.round(5))
    columns = ["text", "tier", "method", "precision_m", "easting", "northing", "lat", "lon", "confidence", "matched", "reason",
               "candidates"]
    return found[columns].to_dict("records")


def geocode_file(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Locate the texts of a file and say how well that went."""
    from geo_data.placing.evaluate import LINE, evaluate
    from geo_data.reading.read import read_table
    from geo_data.safe_cell import safe_csv

    frame = read_table(base.read(arguments.file), arguments.file.name).frame.rename_axis(LINE)
    for condition in arguments.where:
        column, _, value = condition.partition("=")
        if column not in frame:
            raise InputError(f"The file has no column '{column}'.", where="--where", fix="Write it as COLUMN=VALUE.")
        frame = frame[frame[column].isin(value.split("|"))]
    found = evaluate(frame, arguments.text, base.gazetteer(settings), lat=arguments.lat, lon=arguments.lon,
                     postcode=arguments.postcode, area=base.listed(arguments.area) if arguments.area else None)
    if arguments.out:
        base.save(arguments.out, safe_csv(found.answers.drop(columns="candidates")), "--out")
    return {"file": arguments.file.name, **found.figures}


def gazetteer_(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Build the gazetteer, import a file into it, place with it what is held and known only roughly, or tell what it holds."""
    from geo_data import setup
    from geo_data.placing import gazetteer, importers

    if arguments.action != "import" and arguments.kind:
        raise InputError(f"'{arguments.action}' takes nothing more.", where="gazetteer")
    if arguments.action == "import":
        importers.known(arguments.kind or "")
        if arguments.store:
            base.must_be_there(arguments.store, "--store")
        setup.ensure_gazetteer(settings.gazetteer_folder, base.progress(arguments))
        about = importers.run(arguments.kind, arguments.path, settings.gazetteer_folder, base.progress(arguments))
        return about | _still_rough(arguments, settings)
    if arguments.action == "apply":
        return _apply(arguments, settings)
    if arguments.action == "build":
        gazetteer.build(settings.gazetteer_folder, progress=base.progress(arguments), force=True)
    return gazetteer.status(settings.gazetteer_folder)


def _still_rough(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """What an import leaves to do: an import into the gazetteer places no record that is held already."""
    from geo_data.keeping.anew import roughly
    from geo_data.keeping.engine import is_missing

    if is_missing(arguments.store or settings.store_url):
        return {}
    try:
        with base.open_store(arguments, settings) as store:
            rough = sum(roughly(store, name) for name in _real(store))
    except StoreError as error:  # the layer is imported: its report must still be given
        return {"note": f"The records held could not be looked at: {error.what} 'scoping gazetteer apply' places them anew."}
    records = "1 record held has" if rough == 1 else f"{rough:,} records held have"
    return {"note": f"{records} places that are known only roughly: 'scoping gazetteer apply' locates them again."} if rough else {}


def _apply(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Locate again what is held and known only roughly: each collection in one transaction."""
    from geo_data.keeping.anew import place_anew
    from geo_data.keeping.decided import SYNTHETIC, Decided
    from geo_data.placing.locations import locate

    told = []
    gazetteer = base.gazetteer(settings)
    with base.open_store(arguments, settings) as store:
        for name in [base.collection(store, arguments.collection)] if arguments.collection else _real(store):
            locating = partial(locate, gazetteer=gazetteer, decisions=Decided(store).taught(synthetic=name == SYNTHETIC))
            done = place_anew(store, name, locating, base.actor(), base.counter(arguments, "Placing records:"))
            told.append({"collection": name, **vars(done)})
    return {"collections": told}


def _real(store: Store) -> list[str]:
    """The collections that hold no invented records."""
    from geo_data.keeping.decided import SYNTHETIC

    return [name for name in store.collections()["name"] if name != SYNTHETIC]
