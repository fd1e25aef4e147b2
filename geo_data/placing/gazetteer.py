"""The gazetteer: postcodes, sectors, outcodes, places, land. Built once, opened memory-mapped.

`build` makes it from the installed packages (no network), `add_layer` adds a named set of invented
places, `add_import` what an official file held (see `geo_data.placing.importers`), `open_gazetteer` opens what
is there, `status` describes it. All coordinates are EPSG:27700 metres.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geo_data.errors import InputError
from geo_data.placing import array_folder, land, pile_up, postcode
from geo_data.placing.address_rung import AddressRung
from geo_data.placing.array_folder import Arrays
from geo_data.placing.feature_rung import Features
from geo_data.placing.gazetteer_build import (
    NO_COORDINATES,
    OUTSIDE_GB,
    POSTCODE_RADIUS_M,
    base_arrays,
    normal_name,
    place_arrays,
    postcode_arrays,
    sources,
)
from geo_data.placing.gazetteer_part import Area as Area  # noqa: PLC0414 - part of the door of this room
from geo_data.placing.gazetteer_part import Part, areas_frame, in_words
from geo_data.placing.gazetteer_status import ATTRIBUTION as ATTRIBUTION  # noqa: PLC0414 - part of the door of this room
from geo_data.placing.gazetteer_status import layers, stale
from geo_data.placing.gazetteer_status import status as status  # noqa: PLC0414
from geo_data.placing.gazetteer_status import verify as verify  # noqa: PLC0414
from geo_data.placing.home import Home, district_cells
from geo_data.placing.layer_table import Table
from geo_data.placing.named_areas import NamedAreas
from geo_data.placing.names import Names
from geo_data.placing.names import arrays as named_arrays
from geo_data.placing.settlement import Towns
from geo_data.placing.street_rung import Streets
from geo_data.placing.uprn import Addresses, Uprns
from geo_data.text_column import choose

FAULTS = ("", "not a postcode", "never existed", "no coordinates", "outside Great Britain")
# Layers in order of trust: the first one that holds a street or feature of a name answers for that spot.
PREFERENCE = ("local_names", "addressbase", "open_names", "ukaddresskit", "police_streets", "naptan", "base")
_LAYER_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


def build(folder: Path, progress: Callable[[float, str], None] | None = None, *, force: bool = False) -> bool:
    """Build the national gazetteer in `folder` unless it is there already, made from the same packages.

    Returns whether anything was built. `progress` gets a fraction and a text. The former gazetteer
    stays in place until the new one is complete. Raises `GazetteerError` when a package is missing.
    """
    tell = progress or (lambda fraction, text: None)
    if not force and not stale(folder):
        tell(1.0, "The gazetteer is up to date")
        return False
    found = sources(sums=True)
    arrays = base_arrays(found, tell)
    tell(0.9, "Writing")
    about = {
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "sources": {name: {k: v for k, v in source.items() if k != "paths"} for name, source in found.items()},
        "counts": {
            "postcodes": len(arrays["postcode_key"]),
            "postcodes_located": int((arrays["postcode_e"] >= 0).sum()),
            "sectors": len(arrays["sector_key"]),
            "outcodes": len(arrays["outcode_key"]),
            "places": len(arrays["place_name"]),
            "stations": len(arrays["feature_e"]),
        },
    }
    array_folder.write(folder, "base", arrays, about)
    tell(1.0, "The gazetteer is ready")
    return True


def add_layer(folder: Path, name: str, postcodes: pd.DataFrame, places: pd.DataFrame, marking: str, *,
              streets: pd.DataFrame | None = None) -> None:
    """Add or replace a named layer beside the national gazetteer.

    postcodes: columns postcode, easting, northing. places: name, easting, northing, population. streets: name,
    easting, northing, radius_m, town.
    `marking` ("invented county") is put into the reason of every answer that comes from the layer.
    Raises `InputError` when a postcode has not the shape of one, or a coordinate is missing.
    """
    if not _LAYER_NAME.fullmatch(name):
        raise InputError("A layer's name is a lower-case word.", fix="Use letters, digits and _.", where="layer")
    keys = postcode.keys_of(postcode.codes(postcodes["postcode"]))
    e, n = (postcodes[axis].to_numpy(dtype=np.float64) for axis in ("easting", "northing"))
    bad = (keys < 0) | ~np.isfinite(e + n) | (e < 0) | (n < 0)
    if bad.any():
        raise InputError("A layer's postcodes need the shape of a postcode and coordinates in metres.",
                         where=f"row {int(np.argmax(bad))} of the layer's postcodes")
    keys, first = np.unique(keys, return_index=True)
    arrays = postcode_arrays(keys, np.rint(e[first]), np.rint(n[first])) | place_arrays(places)
    arrays["postcode_radius"] = np.full(len(keys), POSTCODE_RADIUS_M, dtype=np.uint16)
    arrays["land"] = land.mask(np.append(e, places["easting"]), np.append(n, places["northing"]))
    counts = {"postcodes": len(keys), "places": len(places)}
    if streets is not None:
        arrays |= named_arrays("street", streets.assign(kind="street").reset_index(drop=True))
        counts["streets"] = len(streets)
    array_folder.write(folder, f"layer_{name}", arrays, {
        "built": datetime.now(UTC).isoformat(timespec="seconds"), "marking": marking, "counts": counts})


def add_import(folder: Path, kind: str, arrays: Arrays, about: Mapping[str, Any]) -> None:
    """Add or replace the layer of an imported file: any of the arrays of the base, of `names` and of `uprns`.

    `about` tells where it comes from (see `geo_data.placing.importers`). Its located postcodes go before those of the base.
    """
    built = datetime.now(UTC).isoformat(timespec="seconds")
    array_folder.write(folder, f"layer_{kind}", arrays, {"built": built, "marking": "", "imported": True, **about})


def open_gazetteer(folder: Path) -> Gazetteer:
    """Open the national gazetteer and its layers. Raises `GazetteerError` when missing, older or damaged."""
    parts = []
    for kind in ("base", *layers(folder)):
        arrays, about = array_folder.read(folder, kind)
        dated = str(about.get("product_date") or about["built"])[:10]
        parts.append(Part(arrays, about.get("marking", ""), kind.removeprefix("layer_"), bool(about.get("imported")), dated))
    return Gazetteer(tuple(parts))


@dataclass(frozen=True)
class Gazetteer:
    """The opened gazetteer: the national part first, then the layers. Read-only; safe to share between threads."""

    parts: tuple[Part, ...]

    @property
    def base(self) -> Part:
        return self.parts[0]

    def postcodes(self, texts: Any, *, repair: bool = False) -> pd.DataFrame:
        """Look up unit postcodes, one row per text, in order.

        Columns: postcode (usual form, missing when the text is not one), easting, northing and
        precision_m (missing when not locatable), known, fault (one of `FAULTS`), marking (of the
        layer it was found in), repaired. With `repair`, a text that is not a known postcode is
        read again with O and 0, I, l and 1 exchanged, and taken when exactly one known postcode
        comes of it.
        """
        grid = postcode.codes(texts)
        keys = postcode.keys_of(grid)
        part, at = self._find(keys)
        repaired = np.zeros(len(keys), dtype=bool)
        if repair and (lost := np.flatnonzero(part < 0)).size:
            keys[lost], part[lost], at[lost], repaired[lost] = self._mend(grid[:, lost], keys[lost])
        e, n, radius = (np.full(len(keys), np.nan) for _ in range(3))
        fault = np.where(keys < 0, 1, np.where(part < 0, 2, 0)).astype(np.int8)
        for number, each in enumerate(self.parts):
            rows = slice(None) if len(self.parts) == 1 and not fault.any() else np.flatnonzero(part == number)
            found_e, found_n = each.arrays["postcode_e"][at[rows]], each.arrays["postcode_n"][at[rows]]
            located = found_e >= 0
            e[rows], n[rows] = np.where(located, found_e, np.nan), np.where(located, found_n, np.nan)
            radius[rows] = np.where(located, each.arrays["postcode_radius"][at[rows]], np.nan)
            fault[rows] = np.select([found_e == NO_COORDINATES, found_e == OUTSIDE_GB], [3, 4], 0)
        return pd.DataFrame({
            "postcode": postcode.text_of(keys),
            "easting": e,
            "northing": n,
            "precision_m": radius,
            "known": part >= 0,
            "fault": choose(FAULTS, fault),
            "marking": choose(("", *(each.marking for each in self.parts)), part + 1),
            "repaired": repaired,
        })

    @cached_property
    def _order(self) -> list[tuple[int, bool]]:
        """The parts in the order in which postcodes are looked up: imported ones first, the newest before older ones.

        With each, whether only its located postcodes count: a package's point is better than a newer file's none.
        """
        newest = [number for number in self._newest if self.parts[number].imported]
        rest = [number for number, part in enumerate(self.parts) if not part.imported]
        held = [number for number in newest if len(self.parts[number].arrays["postcode_key"])]
        return [(number, True) for number in held] + [(number, False) for number in rest + held]

    @cached_property
    def _newest(self) -> list[int]:
        return sorted(range(len(self.parts)), key=lambda number: (self.parts[number].dated, number), reverse=True)

    def _find(self, keys: postcode.Keys, parts: Iterable[int] | None = None,
              ) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.intp]]:
        """For each key the number of the part that has it (-1 none) and its row there; `parts` limits the search."""
        part = np.full(len(keys), -1, dtype=np.int8)
        at = np.zeros(len(keys), dtype=np.intp)
        for number, only_located in self._order if parts is None else [(number, False) for number in parts]:
            known = self.parts[number].arrays["postcode_key"]
            if not len(known):
                continue
            rows = np.flatnonzero((part < 0) & (keys >= 0))
            rows = rows[np.argsort(keys[rows])]  # searching in order touches memory in order: six times faster
            row = np.minimum(np.searchsorted(known, keys[rows]), len(known) - 1)
            hit = known[row] == keys[rows]
            if only_located:
                hit &= self.parts[number].arrays["postcode_e"][row] >= 0
            part[rows[hit]], at[rows[hit]] = number, row[hit]
        return part, at

    def _mend(self, grid: postcode.Codes, keys: postcode.Keys) -> tuple[postcode.Keys, Any, Any, npt.NDArray[np.bool_]]:
        options = np.stack(postcode.repairs(grid))
        hits = np.stack([self._find(option)[0] >= 0 for option in options])
        low = np.where(hits, options, np.iinfo(np.int64).max).min(axis=0)
        high = np.where(hits, options, -1).max(axis=0)
        mended = hits.any(axis=0) & (low == high)
        keys = np.where(mended, high, keys)
        part, at = self._find(np.where(mended, keys, -1))
        return keys, part, at, mended

    def districts(self, texts: Any) -> pd.Series:
        """GSS code of the local authority of each unit postcode; empty when not known."""
        holders = [number for number, _ in self._order if "postcode_district" in self.parts[number].arrays]
        part, at = self._find(postcode.keys_of(postcode.codes(texts)), list(dict.fromkeys(holders)))
        found = np.full(len(part), "", dtype=object)
        for number in holders:
            arrays, rows = self.parts[number].arrays, part == number
            found[rows] = arrays["districts"][arrays["postcode_district"][at[rows]]]
        return pd.Series(found, dtype="str")

    def terminated(self, texts: Any) -> pd.Series:
        """"YYYY-MM" in which each unit postcode was ended, as an imported directory has it; empty when live or unknown."""
        holders = [number for number in self._newest if "postcode_terminated" in self.parts[number].arrays]
        part, at = self._find(postcode.keys_of(postcode.codes(texts)), holders)
        month = np.zeros(len(part), dtype=np.int64)
        for number in holders:
            rows = part == number
            month[rows] = self.parts[number].arrays["postcode_terminated"][at[rows]]
        return pd.Series([f"{value // 100:04d}-{value % 100:02d}" if value else "" for value in month.tolist()], dtype="str")

    @cached_property
    def streets(self) -> Names:
        """The streets of all layers (see `geo_data.placing.names`); none when no layer holds any."""
        return self._names("street")

    @cached_property
    def features(self) -> Names:
        """Stations, stops, schools, hospitals, parks and local names of all layers."""
        return self._names("feature")

    @cached_property
    def district_cells(self) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The 1 km cells of each district (see `geo_data.placing.home`)."""
        return district_cells(self.parts)

    @cached_property
    def district_codes(self) -> frozenset[str]:
        """GSS codes of the districts that have a postcode."""
        return frozenset(self.district_cells[0])

    @cached_property
    def homes(self) -> dict[tuple[tuple[str | float, ...], str], Home]:
        """Own areas that were worked out before (see `geo_data.placing.home`)."""
        return {}

    @cached_property
    def towns(self) -> dict[int, tuple[Towns, Home | None]]:
        """What finds settlements for each own area, by its id (see `geo_data.placing.geocode`)."""
        return {}

    @cached_property
    def street_rung(self) -> Streets:
        """The rung of the ladder that finds streets, with what it has looked up."""
        return Streets(self)

    @cached_property
    def feature_rung(self) -> Features:
        """The rung that finds stations, schools and the like."""
        return Features(self, self.street_rung.zones)

    @cached_property
    def address_rung(self) -> AddressRung | None:
        """The rung that finds houses and flats; None where AddressBase has not been imported."""
        return AddressRung(self.addresses, self.streets) if self.addresses else None

    @cached_property
    def uprns(self) -> Uprns:
        """The points of property references of all layers; none when no layer holds any."""
        return Uprns([part.arrays for number in self._newest if "uprn_key" in (part := self.parts[number]).arrays])

    @cached_property
    def addresses(self) -> Addresses | None:
        """The addresses of the AddressBase layer, None without one; its streets are those of that source in `streets`."""
        return next((Addresses(part.arrays) for part in self.parts if "uprn_text" in part.arrays), None)

    def _names(self, kind: str) -> Names:
        held = [self.parts[number] for number in self._newest if f"{kind}_e" in self.parts[number].arrays]
        held.sort(key=lambda part: PREFERENCE.index(part.name) if part.name in PREFERENCE else 0)
        cut = len(kind) + 1
        return Names([Table({name[cut:]: array for name, array in part.arrays.items() if name.startswith(f"{kind}_")},
                            part.name, part.marking) for part in held])

    def sector(self, text: str) -> Area | None:
        """A postcode sector ("OL16 1"), its median centre and the radius that holds 90 % of its postcodes."""
        return self._area("sector", postcode.sector_key(text), " ".join(text.upper().split()))

    def outcode(self, text: str) -> Area | None:
        """A postcode district ("OL16"), likewise."""
        return self._area("outcode", postcode.outcode_key(text), text.strip().upper())

    def _area(self, kind: str, key: int, name: str) -> Area | None:
        return next((found for part in self.parts if (found := part.area(kind, key, name))), None)

    def sectors(self, texts: Iterable[str]) -> pd.DataFrame:
        """Many sectors: frame of name, easting, northing, precision_m, known."""
        return areas_frame([self.sector(text) for text in texts])

    def outcodes(self, texts: Iterable[str]) -> pd.DataFrame:
        """Many outcodes: frame of name, easting, northing, precision_m, known."""
        return areas_frame([self.outcode(text) for text in texts])

    def places(self, name: str) -> list[Area]:
        """Settlements of exactly this name after normalising: own names before alternates, larger ones first."""
        return list(self.named.settlements(normal_name(name)))

    @cached_property
    def named(self) -> NamedAreas:
        """Settlements and wards by names that are normalised already."""
        return NamedAreas(self.parts)

    @cached_property
    def _land(self) -> land.Mask:
        return np.asarray(np.logical_or.reduce([part.arrays["land"] for part in self.parts]), dtype=bool)

    @cached_property
    def centres(self) -> npt.NDArray[np.int64]:
        """Centres of settlements, sectors and outcodes (see `geo_data.placing.pile_up`)."""
        return pile_up.centres(self.parts)

    def on_land(self, easting: npt.ArrayLike, northing: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Whether each point lies on land or within about 3 km of it (see `geo_data.placing.land`)."""
        return land.on_land(self._land, easting, northing)

    @cached_property
    def _named(self) -> tuple[cKDTree, npt.NDArray[Any], npt.NDArray[np.float64]]:
        xy = np.concatenate([np.column_stack([p.arrays["place_e"], p.arrays["place_n"]]) for p in self.parts])
        names = np.concatenate([p.arrays["place_name"] for p in self.parts])
        radius = np.concatenate([p.arrays["place_radius"] for p in self.parts]).astype(np.float64)
        return cKDTree(xy.astype(np.float64)), names, np.clip(radius, 800.0, 3_000.0)

    def near(self, easting: npt.ArrayLike, northing: npt.ArrayLike) -> npt.NDArray[np.str_]:
        """Each point in words: "Rochdale" inside a place, "near Morpeth" to 5 km, "8 km north of Alnwick" beyond.

        A place draws points in proportion to its size (its radius, 0.8 to 3 km), so a town is named
        before a hamlet that is a little nearer. Empty beyond 60 km and for a missing coordinate.
        """
        tree, names, radius = self._named
        xy = np.column_stack([np.atleast_1d(np.asarray(axis, dtype=np.float64)) for axis in (easting, northing)])
        words = np.full(len(xy), "", dtype=object)
        rows = np.flatnonzero(np.isfinite(xy).all(axis=1))
        if not rows.size or not len(names):
            return words.astype(np.str_)
        distance, which = tree.query(xy[rows], k=min(24, len(names)))
        distance, which = distance.reshape(len(rows), -1), which.reshape(len(rows), -1)
        best = np.argmin(distance / radius[which], axis=1)
        pick = (np.arange(len(rows)), best)
        for row, d, place in zip(rows, distance[pick], which[pick], strict=True):
            offset = xy[row] - tree.data[place]
            words[row] = in_words(str(names[place]), float(d), float(radius[place]), offset)
        return words.astype(np.str_)
