"""Rail stations and tram, metro and Underground stops of the installed package twobells, as features of the gazetteer's base.

Its tables are of NaPTAN (Department for Transport) and, in London, of Transport for London. Read as files: its program, a
departure board, is never imported.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from geo_data.errors import GazetteerError
from geo_data.grid import to_bng
from geo_data.placing import names
from geo_data.placing.array_folder import Arrays
from geo_data.placing.kinds import station_names
from geo_data.placing.street_name import is_street, normal

RADIUS_M = 80.0
# of each table: the kind, and what a stop's name is called there; London's names its kind itself
_TABLES = {"gb_stations.csv": ("rail_station", ""), "metrolink_stops.csv": ("tram_stop", "Metrolink")}
_LONDON = {"tube": ("tram_stop", "Underground"), "dlr": ("tram_stop", "DLR"), "tram": ("tram_stop", "")}


def arrays(paths: Iterable[Path], settlements: set[str]) -> Arrays:
    """Features (see `geo_data.placing.names`) of the package's tables. `settlements`: normalised names of places.

    A bare name ("Manchester Piccadilly") leads to a rail station alone, and when it begins with a settlement, is none itself
    and is not that of a street: "Rochdale" is the town, and "Queens Road" a street. Raises `GazetteerError` on an unreadable table.
    """
    frame = pd.concat([_read(path) for path in paths], ignore_index=True)
    rows = zip(frame["name"], frame["kind"], frame["said"], strict=True)
    shown = [_called(name, kind, said, settlements) for name, kind, said in rows]
    frame["name"] = [name for name, _ in shown]
    others = pd.DataFrame([(row, other) for row, (_, more) in enumerate(shown) for other in more], columns=["row", "name"])
    frame["easting"], frame["northing"] = to_bng(frame["lat"], frame["lon"])
    return names.arrays("feature", frame.assign(radius_m=RADIUS_M), names=others)


def _read(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, comment="#", dtype={"name": "str"})
        kinds = frame["kind"].map(_LONDON) if path.name not in _TABLES else pd.Series([_TABLES[path.name]] * len(frame))
        frame = frame[["name", "lat", "lon"]].assign(kind=kinds.str[0], said=kinds.str[1])
    except (OSError, ValueError, KeyError) as error:
        raise GazetteerError("A table of the station package is not readable.", where=path.name,
                             fix="Install the package again.") from error
    return frame[frame["kind"].notna() & np.isfinite(frame["lat"] + frame["lon"])]


def _called(name: str, kind: str, said: str, settlements: set[str]) -> tuple[str, list[str]]:
    shown, others = station_names(f"{name} {said}".strip(), kind, "", settlements)
    alone = kind == "rail_station"
    return shown, [other for other in others if _says_station(other) or (alone and _stands_alone(other, settlements))]


def _says_station(name: str) -> bool:
    return normal(name).rsplit(" ", 1)[-1] in {"station", "stop", "tram", "metro", "metrolink", "tube", "dlr"}


def _stands_alone(name: str, settlements: set[str]) -> bool:
    plain = normal(name)
    words = plain.split()
    begins = any(" ".join(words[:size]) in settlements for size in range(1, len(words)))
    return begins and plain not in settlements and not is_street(plain)
