"""Official and local files as layers of the gazetteer: `run(kind, path, folder)`.

A file is read completely and its arrays are made before anything is replaced: a broken or wrong file
raises `InputError` and leaves the former layer in place. Nothing is downloaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from geo_data.errors import InputError
from geo_data.placing import gazetteer
from geo_data.placing.importers import (
    addressbase,
    files,
    local_names,
    naptan,
    open_names,
    open_uprn,
    police_streets,
    postcodes,
    ukaddresskit,
)
from geo_data.placing.importers.product import Importer, Progress

IMPORTERS: dict[str, Importer] = {
    "code_point": postcodes.CODE_POINT_OPEN,
    "postcode_directory": postcodes.POSTCODE_DIRECTORY,
    "open_names": open_names.IMPORTER,
    "naptan": naptan.IMPORTER,
    "open_uprn": open_uprn.IMPORTER,
    "addressbase": addressbase.IMPORTER,
    "police_streets": police_streets.IMPORTER,
    "local_names": local_names.IMPORTER,
    "ukaddresskit": ukaddresskit.IMPORTER,
}


def known(kind: str) -> Importer:
    """The importer of a kind; raises `InputError` that lists what each kind takes."""
    if kind not in IMPORTERS:
        raise InputError(f"There is no import of kind '{kind}'." if kind else "Say what to import.", where="gazetteer import",
                         fix="; ".join(f"{name}: {each.takes}" for name, each in IMPORTERS.items()) + ".")
    return IMPORTERS[kind]


def run(kind: str, path: Path | None, folder: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Import one file (zip, folder or CSV, as the kind takes) into the gazetteer in `folder`, replacing that kind.

    Without a path the kind looks where its package is installed. Returns what the layer tells of itself (title,
    licence, files, product_date, counts, notes). Raises `InputError` for a wrong file, `GazetteerError` when the
    base has not been built.
    """
    tell = progress or (lambda _fraction, _text: None)
    importer = known(kind)
    if path is None:
        if importer.find is None:
            raise InputError("Say which file to import.", where=kind, fix=f"It takes {importer.takes}.")
        path = importer.find()
    if not path.exists():
        raise InputError("There is no such file or folder.", where=path.name)
    product = importer.read(path, folder, lambda fraction, text: tell(0.9 * fraction, text))
    try:
        tell(0.9, "Writing")
        about = importer.about(product, files.fingerprint(path))
        gazetteer.add_import(folder, kind, product.arrays, about)
    finally:
        if product.scratch is not None:
            product.scratch.cleanup()
    tell(1.0, f"{importer.title} is in the gazetteer")
    return about
