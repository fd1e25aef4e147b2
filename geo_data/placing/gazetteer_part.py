"""One part of the gazetteer - the national base or a layer - and the places with an extent that it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from math import hypot

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_data.placing import land
from geo_data.placing.array_folder import Arrays
from geo_data.placing.gazetteer_build import place_arrays, postcode_arrays


@dataclass(frozen=True)
class Area:
    """A place with an extent: a sector, an outcode or a settlement. `precision_m` is its radius."""

    name: str
    easting: float
    northing: float
    precision_m: float
    population: int = 0
    marking: str = ""
    rank: int = 0  # 0 own name, 1 alternate name, 2 short form of a compound name

    def is_near(self, other: Area) -> bool:
        """Whether two places of one name are one place: either centre lies within the other's radius, or 2 km."""
        distance = hypot(self.easting - other.easting, self.northing - other.northing)
        return distance <= max(self.precision_m, other.precision_m, 2_000.0)


@cache
def _empty() -> Arrays:
    nothing = np.zeros(0, dtype=np.int64)
    places = pd.DataFrame(dict.fromkeys(("name", "easting", "northing", "population"), nothing))
    found = postcode_arrays(nothing, nothing, nothing) | place_arrays(places)
    return found | {"postcode_radius": nothing.astype(np.uint16), "land": land.mask(nothing, nothing)}


@dataclass(frozen=True)
class Part:
    """The arrays of the national gazetteer or of one layer."""

    arrays: Arrays = field(repr=False)
    marking: str
    name: str = "base"
    imported: bool = False  # from an official file: its located postcodes go before those of the base
    dated: str = ""  # ISO date of the product, or of its import

    def __post_init__(self) -> None:
        object.__setattr__(self, "arrays", _empty() | self.arrays)  # a layer need not hold every kind of thing

    def area(self, kind: str, key: int, name: str) -> Area | None:
        keys = self.arrays[f"{kind}_key"]
        at = int(np.searchsorted(keys, key))
        if key < 0 or at == len(keys) or keys[at] != key:
            return None
        e, n, radius = (float(self.arrays[f"{kind}_{axis}"][at]) for axis in ("e", "n", "radius"))
        return Area(name, e, n, radius, marking=self.marking)

    @cached_property
    def settlements(self) -> dict[str, list[Area]]:
        """Settlements by normalised name, with the rank of the name for each."""
        arrays, found = self.arrays, dict[str, list[Area]]()
        columns = [arrays[f"place_{name}"].tolist() for name in ("label", "e", "n", "radius", "population")]
        rows = list(zip(*columns, strict=True))
        aliases = (arrays[name].tolist() for name in ("place_alias", "alias_rank", "alias_place"))
        for alias, rank, number in zip(*aliases, strict=True):
            label, e, n, radius, people = rows[number]
            area = Area(label, float(e), float(n), float(radius), people, self.marking, rank)
            found.setdefault(alias, []).append(area)
        return found

    @cached_property
    def localities(self) -> dict[str, list[Area]]:
        """Wards and the like by normalised name: they say which of several streets is meant, and are no answer themselves."""
        if "locality_name" not in self.arrays:
            return {}
        found = dict[str, list[Area]]()
        columns = (self.arrays[f"locality_{name}"].tolist() for name in ("name", "e", "n", "radius"))
        for name, e, n, radius in zip(*columns, strict=True):
            found.setdefault(name, []).append(Area(name.title(), float(e), float(n), float(radius), 0, self.marking))
        return found


def in_words(name: str, distance: float, radius: float, offset: npt.NDArray[np.float64]) -> str:
    """Where a point lies in words, by its distance from a place and the offset from it, metres; empty beyond 60 km."""
    if distance <= radius:
        return name
    if distance <= 5_000.0:
        return f"near {name}"
    if distance > 60_000.0:
        return ""
    compass = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")
    turn = round(float(np.arctan2(offset[1], offset[0])) / (np.pi / 4)) % 8
    return f"{distance / 1_000:.0f} km {compass[turn]} of {name}"


def areas_frame(found: list[Area | None]) -> pd.DataFrame:
    """Areas as a frame: name, easting, northing, precision_m, known."""
    nowhere = Area("", np.nan, np.nan, np.nan)
    rows = [area or nowhere for area in found]
    return pd.DataFrame({
        "name": pd.Series([area.name for area in rows], dtype="str"),
        "easting": np.array([area.easting for area in rows], dtype=np.float64),
        "northing": np.array([area.northing for area in rows], dtype=np.float64),
        "precision_m": np.array([area.precision_m for area in rows], dtype=np.float64),
        "known": np.array([area is not None for area in found], dtype=bool),
    })
