"""What a gazetteer's folder holds, how old it is, and whose licence it stands under."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geo_data.errors import GazetteerError
from geo_data.placing import array_folder
from geo_data.placing.districts import force_of, name_of
from geo_data.placing.gazetteer_build import sources

ATTRIBUTION = (
    "Postcodes: contains OS data © Crown copyright and database right; contains Royal Mail data © Royal Mail copyright "
    "and database right; source: Office for National Statistics licensed under the Open Government Licence v3.0.",
    "Place names: GeoNames (geonames.org), licensed under CC BY 4.0.",
    "Stations: contains public sector information (Department for Transport, NaPTAN) licensed under the Open Government "
    "Licence v3.0; in London powered by TfL Open Data, contains OS data © Crown copyright and database rights, Geomni UK Map data.",
)
_TOLD = ("title", "built", "product_date", "marking", "counts", "licence", "files")  # of a layer, by `status`


def stale(folder: Path) -> bool:
    """Whether the base must be built: absent, damaged, of an older format, or its packages have changed."""
    try:
        _, about = array_folder.read(folder, "base")
    except GazetteerError:
        return True
    before = about["sources"]
    return any(
        name not in before or (source["version"], source["files"]) != (before[name]["version"], before[name]["files"])
        for name, source in sources().items()
    )


def status(folder: Path) -> dict[str, Any]:
    """What the folder holds: built, built_at, current, counts, versions, sources, force_areas, layers, attribution, fault.

    `current` is False when a data package has changed since. A damaged gazetteer does not raise: `fault` says what.
    """
    found: dict[str, Any] = {"built": False, "current": False, "fault": "", "layers": {}}
    found["attribution"] = list(ATTRIBUTION)
    try:
        arrays, about = array_folder.read(folder, "base")
        found["force_areas"] = _force_areas(arrays["districts"].tolist())
        found |= {"built": True, "built_at": about["built"], "counts": about["counts"]}
        found["versions"] = {source["package"]: source["version"] for source in about["sources"].values()}
        found["sources"] = about["sources"]
        for kind in layers(folder):
            layer = array_folder.read(folder, kind)[1]
            found["layers"][kind.removeprefix("layer_")] = {k: layer[k] for k in _TOLD if k in layer}
            found["attribution"] += [layer["licence"]] if "licence" in layer else []
        found["current"] = not stale(folder)
    except GazetteerError as error:
        found["fault"] = str(error)
    return found


def _force_areas(codes: Iterable[str]) -> dict[str, str]:
    """The police force areas of England and Wales with their districts, as far as these have postcodes."""
    areas: dict[str, list[str]] = {}
    for code in sorted(codes):
        if force := force_of(code):
            areas.setdefault(force, []).append(f"{name_of(code)} ({code})")
    return {force: ", ".join(areas[force]) for force in sorted(areas)}


def verify(folder: Path) -> None:
    """Compare every file with its recorded SHA-256; raises `GazetteerError` at the first that differs."""
    for kind in ("base", *layers(folder)):
        array_folder.read(folder, kind, check=True)


def layers(folder: Path) -> list[str]:
    """The layers beside the base."""
    return sorted(path.stem for path in folder.glob("layer_*.json"))
