"""AddressBase Core, Plus and Premium: property references with their addresses, and the streets they lie on.

Core has a header; Plus has 77 columns and usually none; Premium mixes record types (see `addressbase_premium`).
EPSG:27700. Source: Ordnance Survey, AddressBase technical specifications. Licensed data: they stay on this machine.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from geo_data.distinct import distinct
from geo_data.errors import InputError
from geo_data.placing import names, postcode
from geo_data.placing.array_folder import Arrays
from geo_data.placing.importers.address_line import PARTS, line
from geo_data.placing.importers.addressbase_premium import is_premium, read_premium
from geo_data.placing.importers.big_sort import sort_records
from geo_data.placing.importers.chains import circles
from geo_data.placing.importers.files import Member, batches, header, members, numbers
from geo_data.placing.importers.open_uprn import points
from geo_data.placing.importers.product import Importer, Product, Progress
from geo_data.placing.street_name import normal
from geo_data.placing.uprn import numbers_of
from geo_data.text_column import to_bytes

PLUS = tuple("""UPRN UDPRN CHANGE_TYPE STATE STATE_DATE CLASS PARENT_UPRN X_COORDINATE Y_COORDINATE LATITUDE LONGITUDE RPC
LOCAL_CUSTODIAN_CODE COUNTRY LA_START_DATE LAST_UPDATE_DATE ENTRY_DATE RM_ORGANISATION_NAME LA_ORGANISATION DEPARTMENT_NAME
LEGAL_NAME SUB_BUILDING_NAME BUILDING_NAME BUILDING_NUMBER SAO_START_NUMBER SAO_START_SUFFIX SAO_END_NUMBER SAO_END_SUFFIX
SAO_TEXT ALT_LANGUAGE_SAO_TEXT PAO_START_NUMBER PAO_START_SUFFIX PAO_END_NUMBER PAO_END_SUFFIX PAO_TEXT ALT_LANGUAGE_PAO_TEXT
USRN USRN_MATCH_INDICATOR AREA_NAME LEVEL OFFICIAL_FLAG OS_ADDRESS_TOID OS_ADDRESS_TOID_VERSION OS_ROADLINK_TOID
OS_ROADLINK_TOID_VERSION OS_TOPO_TOID OS_TOPO_TOID_VERSION VOA_CT_RECORD VOA_NDR_RECORD STREET_DESCRIPTION
ALT_LANGUAGE_STREET_DESCRIPTION DEPENDENT_THOROUGHFARE THOROUGHFARE WELSH_DEPENDENT_THOROUGHFARE WELSH_THOROUGHFARE
DOUBLE_DEPENDENT_LOCALITY DEPENDENT_LOCALITY LOCALITY WELSH_DEPENDENT_LOCALITY WELSH_DOUBLE_DEPENDENT_LOCALITY TOWN_NAME
ADMINISTRATIVE_AREA POST_TOWN WELSH_POST_TOWN POSTCODE POSTCODE_LOCATOR POSTCODE_TYPE DELIVERY_POINT_SUFFIX ADDRESSBASE_POSTAL
PO_BOX_NUMBER WARD_CODE PARISH_CODE RM_START_DATE MULTI_OCC_COUNT VOA_NDR_P_DESC_CODE VOA_NDR_SCAT_CODE ALT_LANGUAGE""".split())
_CORE = {
    "uprn": "uprn", "x": "easting", "y": "northing", "line": "single_line_address", "usrn": "?usrn", "street": "?street_name",
    "locality": "?locality", "town": "?town_name", "post_town": "?post_town", "postcode": "postcode",
    "class": "?classification_code", "organisation": "?organisation",
}
_PLUS = {
    "uprn": "UPRN", "x": "X_COORDINATE", "y": "Y_COORDINATE", "usrn": "USRN", "street": "STREET_DESCRIPTION",
    "locality": "LOCALITY", "town": "TOWN_NAME", "post_town": "POST_TOWN", "postcode": "POSTCODE", "class": "CLASS",
    "postcode_locator": "POSTCODE_LOCATOR", "organisation": "LA_ORGANISATION", "rm_organisation": "RM_ORGANISATION_NAME",
} | {name: name.upper() for name in PARTS}
_TEXTS = ("line", "usrn", "street", "locality", "town", "postcode", "class", "organisation")
# Classification codes of AddressBase whose kind of place is one of ours; the longest that fits decides.
_KINDS = {"CE": "school_college", "CM": "hospital_health", "CH": "hotel_bnb", "CR05": "petrol_carwash", "CR06": "night_time_venue",
          "CR08": "shopping_leisure", "CR10": "takeaway_food", "CL": "shopping_leisure", "CT03": "car_park"}
_APART = "\x1f"  # between texts that are counted as one
_RADIUS_M, _STREET_RADIUS_M = 25.0, 60.0


def read(path: Path, folder: Path, progress: Progress) -> Product:
    """Addresses by UPRN, streets by USRN with the circle of their addresses, organisations as features."""
    scratch = tempfile.TemporaryDirectory(prefix=".building-addressbase-", dir=folder, ignore_cleanup_errors=True)
    try:
        with members(path, r"^(?!(?:.*/)?(?:doc|resources)/)(?!.*header[^/]*\.csv$).*\.csv$", "AddressBase CSV") as files:
            kept = _Kept(Path(scratch.name))
            held = sort_records((kept.block(part, file) for part, file in _parts(files, progress)), Path(scratch.name))
            dated = re.search(r"(\d{4}-\d\d-\d\d)", f"{path.name} {files[0].name}")
        if not held:
            raise InputError("There is no address in the file.", where=path.name)
        progress(0.75, "Streets and organisations")
        arrays, counts = kept.arrays(held)
    except BaseException:
        scratch.cleanup()
        raise
    return Product(arrays, counts, dated[1] if dated else "", scratch=scratch)


def _parts(files: list[Member], progress: Progress) -> Iterator[tuple[pd.DataFrame, Member]]:
    """Frames of x, y (numbers), uprn (integers) and texts, whatever the flavour."""
    if is_premium(files[0]):
        for part in read_premium(files, progress):
            yield part, files[0]
        return
    for number, file in enumerate(files):
        first = file.first_row()
        headed = any(cell.strip().upper() == "UPRN" for cell in first)
        if headed and "single_line_address" in {cell.strip().lower() for cell in first}:
            columns = header(first, _CORE, file, "AddressBase Core")
        elif len(first) == len(PLUS):
            first = first if headed else list(PLUS)
            columns = header(first, _PLUS, file, "AddressBase Plus")
        else:
            raise InputError("This is not AddressBase Core, Plus or Premium: Core has a header with single_line_address, "
                             f"Plus 77 columns, Premium record types; here are {len(first)} columns.", where=file.name,
                             fix="Choose the CSV form of the product.")
        for batch in batches(file, first, columns, skip=int(headed)):
            yield _frame(batch, file), file
        progress(0.7 * (number + 1) / len(files), file.name)


def _frame(batch: dict[str, Any], file: Member) -> pd.DataFrame:
    numeric = {"uprn": numbers_of(batch["uprn"]), "x": numbers(batch["x"], file, "easting"),
               "y": numbers(batch["y"], file, "northing")}
    texts = {name: column for name, column in batch.items() if name not in numeric}
    frame: pd.DataFrame = pa.table(texts).to_pandas().astype("str").assign(**numeric)
    for name in ("rm_organisation", "postcode_locator", "post_town"):
        ours = {"rm_organisation": "organisation", "postcode_locator": "postcode", "post_town": "town"}[name]
        if name in frame:
            frame[ours] = frame[ours].where(frame[ours].ne(""), frame[name]) if ours in frame else frame[name]
    if "line" not in frame:
        frame["line"] = line(frame)
    return frame


class _Kept:
    """What is kept of all blocks beside the sorted records: the text of the addresses, the streets, the organisations."""

    def __init__(self, scratch: Path) -> None:
        self.text = scratch / "text"
        self.length = self.rows = 0
        self.streets: dict[tuple[str, ...], int] = {}
        self.shown: list[tuple[str, ...]] = []  # name, locality and town of each street
        self.organisations: list[pd.DataFrame] = []

    def block(self, frame: pd.DataFrame, file: Member) -> dict[str, npt.NDArray[Any]]:
        frame = frame.assign(**{name: "" for name in _TEXTS if name not in frame}).reset_index(drop=True)
        self.rows += len(frame)
        found = points(frame["uprn"].to_numpy(), frame["x"].to_numpy(), frame["y"].to_numpy(), file)
        data, at = to_bytes(frame["line"])
        with self.text.open("ab") as out:
            data.tofile(out)
        kind = organisation_kind(frame["class"])
        named = frame["organisation"].ne("") & kind.ne("")
        self.organisations.append(frame.loc[named, ["uprn", "organisation"]].assign(kind=kind[named]))
        found |= {
            "uprn_postcode": postcode.keys_of(postcode.codes(frame["postcode"])),
            "uprn_street": self._street(frame),
            "uprn_at": at[:-1] + self.length,
            "uprn_length": np.diff(at).astype(np.int32),
        }
        self.length += int(at[-1])
        return found

    def _street(self, frame: pd.DataFrame) -> npt.NDArray[np.int32]:
        """The number of each row's street: its USRN, or where that is missing its name, locality and town."""
        code, kinds = pd.factorize(frame["usrn"] + _APART + frame["street"] + _APART + frame["locality"] + _APART + frame["town"])
        numbers_ = []
        for kind in kinds:
            usrn, street, *rest = kind.split(_APART)
            key = (usrn,) if usrn.strip("0") else (street, *rest)
            named = normal(street) != ""
            if named and key not in self.streets:
                self.streets[key] = len(self.streets)
                self.shown.append((street, *rest))
            numbers_.append(self.streets[key] if named else -1)
        return np.array(numbers_, dtype=np.int32)[code]

    def arrays(self, held: dict[str, npt.NDArray[Any]]) -> tuple[Arrays, dict[str, int]]:
        used = distinct(held["uprn_street"][held["uprn_street"] >= 0])  # a later record may have taken the only address away
        place = np.full(len(self.shown) + 1, -1, dtype=np.int32)  # the last one stands for -1
        place[used] = np.arange(len(used))
        street, unit = place[held["uprn_street"]], held["uprn_postcode"]
        self.shown = [self.shown[number] for number in used]
        held = held | {"uprn_street": street}
        found: Arrays = dict(held)
        found["uprn_text"] = (np.memmap(self.text, dtype=np.uint8, mode="r") if self.length else np.zeros(1, dtype=np.uint8))
        for name, column in (("postcode", unit), ("street", street)):
            found[f"uprn_by_{name}"] = np.argsort(column, kind="stable").astype(np.int32)
        frame, areas = self._streets(held)
        found |= names.arrays("street", frame, areas=areas) if len(frame) else {}
        organisations = self._organisations(held, frame)
        found |= names.arrays("feature", organisations) if len(organisations) else {}
        return found, {"rows": self.rows, "uprns": len(street), "streets": len(frame), "organisations": len(organisations)}

    def _streets(self, held: dict[str, npt.NDArray[Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Every street with the circle of its addresses, and the sectors and outcodes it runs through."""
        shown = pd.DataFrame(self.shown, columns=["street", "locality", "town"], dtype="str")
        on = held["uprn_street"] >= 0
        number, e, n = (np.asarray(held[name])[on] for name in ("uprn_street", "uprn_e", "uprn_n"))
        centre_e, centre_n, radius, _ = circles(number.astype(np.int64), e, n, least=_STREET_RADIUS_M)
        unit = np.asarray(held["uprn_postcode"])[on]
        pair = distinct(number[unit >= 0].astype(np.int64) << 32 | unit[unit >= 0] // postcode.SECTOR)
        texts = {key: names.sector_text(int(key)) for key in distinct(pair & (2**32 - 1))}
        sectors = pd.DataFrame({"row": pair >> 32, "name": pd.Series([texts[key] for key in pair & (2**32 - 1)], dtype="str")})
        first = sectors.drop_duplicates("row").set_index("row")["name"]
        frame = pd.DataFrame({
            "name": shown["street"].str.title().str.replace(r"'S\b", "'s", regex=True), "easting": centre_e, "northing": centre_n,
            "radius_m": radius, "kind": "street", "locality": _given(shown["locality"]), "town": _given(shown["town"]),
            "sector": first.reindex(range(len(shown))).astype("str"),
        })
        outcodes = sectors.assign(name=sectors["name"].str.replace(r" \d$", "", regex=True)).drop_duplicates()
        return frame, pd.concat([sectors, outcodes])

    def _organisations(self, held: dict[str, npt.NDArray[Any]], streets: pd.DataFrame) -> pd.DataFrame:
        found = pd.concat(self.organisations).drop_duplicates("uprn", keep="last")
        found = found[found["organisation"].map(normal).ne("")]
        row = np.searchsorted(held["uprn_key"], found["uprn"].to_numpy())
        street = held["uprn_street"][row]
        of = streets.reindex(street).reset_index(drop=True)
        return pd.DataFrame({
            "name": found["organisation"].str.title().to_numpy(), "easting": held["uprn_e"][row], "northing": held["uprn_n"][row],
            "radius_m": _RADIUS_M, "kind": found["kind"].to_numpy(), "street": of["name"], "locality": of["locality"],
            "town": of["town"], "sector": of["sector"],
        })


def organisation_kind(codes: pd.Series) -> pd.Series:
    """The kind of feature of a classification code (CE03PS), empty for one that is not kept."""
    kinds = {code: next((kind for start, kind in sorted(_KINDS.items(), reverse=True) if code.startswith(start)), "")
             for code in codes.unique()}
    return codes.map(kinds).astype("str")


def _given(texts: Iterable[str]) -> pd.Series:
    column = pd.Series(texts, dtype="str")
    return column.where(column.ne("")).str.title()


IMPORTER = Importer(
    title="AddressBase",
    licence="Contains licensed OS AddressBase data © Crown copyright and database rights, and Royal Mail PAF data, held under the "
            "Public Sector Geospatial Agreement: not to be passed on.",
    takes="AddressBase Core, Plus or Premium: the zip, the folder or one CSV",
    read=read,
)
