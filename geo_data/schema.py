"""What the rows are: one declaration of each table.

A table is a tuple of `Column`. The same declaration gives validation (`geo_data.reading.validate`),
DDL (`geo_data.keeping.store`), the data dictionary (`docs/DATA.md`), the import template
(`geo_data.reading.template`) and the empty frame (`Table.empty`).

Times are UTC, coordinates EPSG:27700 metres unless a name says otherwise. No table has a
column for a name, date of birth, phone, registration, ethnicity or free narrative, and
none may be added: `geo_data.reading.personal` refuses them at import.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

Kind = Literal["text", "int", "float", "bool", "datetime", "date", "enum", "enum_multi"]
Need = Literal["R", "C", "O"]  # required, required under a condition that `rule` states, optional

DTYPES: dict[Kind, str] = {
    "text": "str",
    "int": "Int64",
    "float": "float64",
    "bool": "bool",
    "datetime": "datetime64[us, UTC]",
    "date": "datetime64[us]",
    "enum": "str",
    "enum_multi": "str",  # members joined by "|" in declared order
}


@dataclass(frozen=True)
class Column:
    """One column: what it means, what it may hold, and how it is guarded."""

    name: str
    kind: Kind
    need: Need
    meaning: str
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    low: float | None = None
    high: float | None = None
    max_length: int | None = None
    term: str = ""  # the standard term or the source system's field
    rule: str = ""  # the condition behind need "C", or a note for the person who fills it in
    restricted: bool = False  # describes one child or one household: never in a Release

    @property
    def dtype(self) -> str:
        return DTYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """A named, ordered set of columns."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def part(self, names: Collection[str]) -> Table:
        """This table with the columns of these names alone, in its own order. Raises `KeyError` when it lacks one."""
        if lacking := set(names) - set(self.names):
            raise KeyError(", ".join(sorted(lacking)))
        return Table(self.name, self.meaning, tuple(column for column in self.columns if column.name in names))

    @cached_property
    def _empty(self) -> pd.DataFrame:
        return pd.DataFrame({c.name: pd.Series(dtype=c.dtype) for c in self.columns})

    def empty(self) -> pd.DataFrame:
        """A frame with every column, its dtype, and no rows."""
        return self._empty.copy()  # sixty columns take 20 ms to make, less than one to copy

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """`frame` with exactly this table's columns, order and dtypes; absent columns become missing."""
        wanted, held = self._empty.dtypes, frame.dtypes
        if held.index.equals(wanted.index) and list(held) == list(wanted):
            return frame.copy()
        columns: dict[str, pd.Series] = {}
        for c in self.columns:
            if c.name not in held.index:
                columns[c.name] = pd.Series([False if c.kind == "bool" else None] * len(frame), index=frame.index, dtype=c.dtype)
            elif held[c.name] == wanted[c.name]:
                columns[c.name] = frame[c.name]
            else:
                columns[c.name] = frame[c.name].astype(c.dtype)  # type: ignore[call-overload] # the stubs know dtypes as literals only
        return pd.DataFrame(columns, index=frame.index)


@dataclass(frozen=True)
class PlaceType:
    """A kind of place, and which guardian can make it safer. Never a mark of suspicion."""

    code: str
    label: str
    response: str
    source: str


_PLACE_TYPES = """
own_address|Home or placement (own address)|excluded from clustering|Grampian 12-14: 25% returned to residence
friend_address|Friend's address|none by map: protect privacy|Grampian: 24%
relative_address|Relative's address|none by map|Grampian: 12%
private_address_concern|Other private address of concern (party or gathering)|CAWN / closure power s.115|EN 2014 para 32
school_college|School or college gate|school safeguarding lead|Rochdale review; Leeds SCP
childrens_home_vicinity|Outside a children's home|provider / MACE|LRSB form: unusual or regular callers to a children's home
taxi_rank_phv|Taxi rank or private-hire office|licensing|Casey (Rotherham); Telford inquiry
takeaway_food|Takeaway or fast-food outlet|licensing / environmental health / closure|legislation.gov.uk EN para 32; Leeds SCP
hotel_bnb|Hotel guest house or B&B|s.116 information notice|ASB Crime and Policing Act 2014 s.116
transport_hub|Bus or rail station|BTP / operator|Grampian: 2%
shopping_leisure|Shops shopping centre or leisure or community centre|centre management|Grampian: 11%; Contextual Safeguarding
park_open_space|Park or open space|neighbourhood team / design|Grampian 19% street or park; Contextual Safeguarding
street|Street|patrol|Grampian 19%
car_park|Car park or lay-by|owner / CCTV|Rotherham councillors' claims via GB News (allegation)
night_time_venue|Pub club or other licensed premises|licensing|Telford progress report; Grampian 1%
petrol_carwash|Petrol station or car wash|trading standards|Rotherham councillors' claims via GB News (allegation)
hospital_health|Hospital or health setting|provider|Ferguson & Koziarski 2021 (CrimRxiv)
police_station|Police station|excluded from clustering (where a child presents)|Grampian: 2%
other_public|Other public place||
not_known|Not known||
"""

PLACE_TYPES: dict[str, PlaceType] = {
    fields[0]: PlaceType(*fields)
    for fields in (line.split("|") for line in _PLACE_TYPES.strip().splitlines())
}

ROLES = ("last_seen", "pickup", "found")
ROLE_LABELS = {"last_seen": "Last seen", "pickup": "Picked up", "found": "Found"}
SOURCE_LABELS = {"police_record": "Police record", "rhi": "Return home interview", "prevention_interview": "Prevention interview",
                 "partner_form": "Partner form", "crime_report": "Crime report", "other": "Other"}
PRECISIONS = ("premises", "street", "postcode", "locality", "settlement", "unknown")
YES_NO = ("Y", "N", "NK")
YES_NO_NA = ("Y", "N", "NA", "NK")
RISKS = ("high", "medium", "low", "no_apparent_risk", "not_recorded")
_GSS = r"[ENSWJLMX]\d{8}"
_CODES_903_PLACE = tuple("A3 A4 A5 A6 H5 K1 K2 P1 P2 P3 R1 R2 R3 R5 S1 T0 T1 T2 T3 T4 U1 U2 U3 U4 U5 U6 Z1".split())


def _location_columns(role: str, meaning: str, rule: str) -> Iterable[Column]:
    label = ROLE_LABELS[role].lower()
    yield Column(f"{role}_location_text", "text", "C", meaning, max_length=200, rule=rule, restricted=True)
    yield Column(f"{role}_postcode", "text", "O", f"Unit postcode of the place ({label})", max_length=10,
                 term="GB postcode", restricted=True)
    yield Column(f"{role}_uprn", "text", "O", f"Unique property reference of the place ({label})",
                 pattern=r"\d{1,12}", term="UPRN (AddressBase)", rule="text, or leading zeros are lost", restricted=True)
    yield Column(f"{role}_easting", "float", "O", f"Easting ({label}), metres", low=0, high=700_000,
                 term="EPSG:27700", rule="with northing; or latitude and longitude, not both", restricted=True)
    yield Column(f"{role}_northing", "float", "O", f"Northing ({label}), metres", low=0, high=1_300_000,
                 term="EPSG:27700", restricted=True)
    yield Column(f"{role}_latitude", "float", "O", f"Latitude ({label}), degrees", low=-90, high=90,
                 term="EPSG:4326", rule="with longitude; or easting and northing, not both", restricted=True)
    yield Column(f"{role}_longitude", "float", "O", f"Longitude ({label}), degrees", low=-180, high=180,
                 term="EPSG:4326", restricted=True)
    yield Column(f"{role}_location_type", "enum", "O", f"Kind of place ({label})", allowed=tuple(PLACE_TYPES))
    yield Column(f"{role}_precision", "enum", "O", f"How exact the recorded place is ({label})", allowed=PRECISIONS,
                 rule="only premises, street and postcode enter clustering")


EPISODES = Table(
    "episodes",
    "One row per missing episode, as recorded by a police force or an authority.",
    (
        Column("episode_ref", "text", "R", "Case or occurrence number; the key of the episode",
               pattern=r"[A-Z0-9/-]{4,30}", term="incident URN (COMPACT case, Niche/Athena/Connect occurrence); SSD miss_table_id",
               rule="a second row with the same reference is an amendment; the newest extracted_at wins", restricted=True),
        Column("person_ref", "text", "R", "Pseudonym of the child, stable across episodes", max_length=64,
               term="SSD miss_person_id / 903 CHILD", rule="never a name, date of birth, NHS number or UPN", restricted=True),
        Column("source_system", "enum", "R", "System the record came from",
               allowed=("compact", "niche", "athena", "connect", "liquidlogic", "mosaic", "eclipse", "manual", "other")),
        Column("extracted_at", "datetime", "R", "When the record was extracted: the data cut-off", term="ISO 8601 with zone"),
        Column("recording_force", "text", "R", "Police force that recorded the episode", max_length=80),
        Column("responsible_la", "text", "R", "Responsible (home) local authority", pattern=_GSS, term="GSS code"),
        Column("placing_authority", "text", "C", "Authority that placed the child", pattern=_GSS, term="GSS code",
               rule="required if looked_after and placed_out_of_area is Y"),
        Column("placed_out_of_area", "enum", "O", "Placed outside the responsible authority", allowed=YES_NO),
        Column("age_at_episode", "int", "R", "Age in whole years at the episode", low=0, high=17,
               rule="age, not date of birth; 18 and over is refused", restricted=True),
        Column("gender", "enum", "O", "Gender as recorded", allowed=("female", "male", "other", "not_known"), restricted=True),
        Column("care_status", "enum", "R", "Care status at the episode",
               allowed=("not_looked_after", "looked_after", "care_leaver", "not_known"), term="looked-after child (CLA)"),
        Column("legal_status", "enum", "O", "Legal status of a looked-after child",
               allowed=tuple("C1 C2 D1 E1 V2 V3 V4 J1 J2 J3 L1 L2 L3".split()), term="SSDA903 LS", restricted=True),
        Column("placement_type", "enum", "O", "Placement type of a looked-after child", allowed=_CODES_903_PLACE,
               term="SSDA903 PLACE", rule="K2 children's home; U* foster; H5 semi-independent"),
        Column("placement_urn", "text", "O", "Ofsted reference of the placement", pattern=r"SC\d{6}|\d{7}|X{7}",
               term="Ofsted URN", rule="restricted view only", restricted=True),
        Column("episode_type", "enum", "R", "Missing, or away from placement without authorisation",
               allowed=("missing", "away_from_placement", "absent_legacy"), term="SSDA903 MISSING M/A",
               rule="police 'absent' and 'no apparent risk' are absent_legacy"),
        Column("missing_from_type", "enum", "R", "Where the child went missing from: the joint protocol's strands",
               allowed=("home", "foster_placement", "childrens_home", "supported_accommodation", "school_education",
                        "hospital", "other", "not_known")),
        Column("last_seen_at", "datetime", "O", "When the child was last seen", term="903 MIS_START",
               rule="a date without a time is kept with its time unknown"),
        Column("reported_at", "datetime", "R", "When the episode was reported to the police"),
        Column("found_at", "datetime", "C", "When the child was found or returned", term="903 MIS_END",
               rule="blank means still missing; not before the start"),
        Column("risk_level_initial", "enum", "R", "Risk level at first assessment", allowed=RISKS, term="College of Policing APP"),
        Column("risk_level_highest", "enum", "O", "Highest risk level during the episode", allowed=RISKS),
        *_location_columns("last_seen", "Where the child was last seen",
                           "one located place of the three is needed to map the episode; else it is kept and counted as unlocated"),
        *_location_columns("pickup", "Where another person collected the child before or during the episode",
                           "never where the police or a carer collected the child"),
        Column("pickup_at", "datetime", "O", "When the child was picked up"),
        Column("pickup_mode", "enum", "O", "How the child was picked up",
               allowed=("private_car", "taxi_phv", "public_transport", "on_foot", "other", "not_known"),
               rule="no registration numbers"),
        Column("pickup_basis", "enum", "C", "How the pickup is known",
               allowed=("child_account", "carer_observed", "cctv", "witness", "intelligence", "not_known"),
               rule="required if any pickup_ value is present"),
        *_location_columns("found", "Where the child was found", "as last_seen_location_text"),
        Column("found_by", "enum", "O", "Who found the child",
               allowed=("returned_self", "police", "parent_carer", "placement_staff", "other_agency", "public", "not_known"),
               term="NCA 'who finds missing people'"),
        Column("found_at_own_address", "enum", "C", "Found at or returned to home or placement", allowed=YES_NO,
               rule="required if found_at is given; Y is left out of found-place clustering"),
        Column("found_with_adult_of_concern", "enum", "O", "Found with an adult of concern (flag only)", allowed=YES_NO,
               rule="identities stay in the source system", restricted=True),
        Column("harm_reported", "enum_multi", "O", "Harm reported",
               allowed=("none_known", "physical", "sexual", "self_harm", "other", "not_known"), restricted=True),
        Column("exploitation_concern", "enum_multi", "O", "Exploitation concern; an ungraded flag is not evidence",
               allowed=("none_known", "cse_suspected", "cse_confirmed", "cce", "county_lines", "trafficking_nrm", "not_known"),
               restricted=True),
        Column("prevention_interview", "enum", "O", "Police prevention interview held", allowed=YES_NO_NA),
        Column("rhi_offered", "enum", "R", "Return home interview offered", allowed=YES_NO_NA, term="SSD miss_missing_rhi_offered"),
        Column("rhi_accepted", "enum", "C", "Return home interview accepted", allowed=YES_NO_NA,
               term="SSD miss_missing_rhi_accepted", rule="required if rhi_offered is Y"),
        Column("rhi_completed_at", "datetime", "O", "When the return home interview was completed",
               rule="the 72-hour measure is derived"),
        Column("location_source", "enum", "C", "Where the pickup or other places were learned",
               allowed=tuple(SOURCE_LABELS),
               rule="required for a pickup"),
        Column("intel_grade", "text", "O", "3x5x2 grade: source, information, handling", pattern=r"[1-3][A-E][PC]",
               rule="C means conditions attached: imported as do_not_export", restricted=True),
        Column("sharing_restriction", "enum", "R", "Handling restriction; filters every export",
               allowed=("none", "police_only", "rmg_only", "do_not_export")),
        Column("review_by", "date", "O", "Retention review date", rule="rows past it are hidden and listed"),
    ),
)

STRANDS = {  # the joint protocol's three strands, by missing_from_type
    "home": "home",
    "foster_placement": "care",
    "childrens_home": "care",
    "supported_accommodation": "care",
    "school_education": "education",
    "hospital": "other",
    "other": "other",
    "not_known": "other",
}
AGE_BANDS = ("0-9", "10-11", "12-14", "15-17")
TIERS = {
    "P1": "premises or recorded coordinates",
    "P2": "street",
    "P3": "unit postcode",
    "P4": "sector, district or settlement: never clustered",
    "P5": "not located",
}
METHODS = ("coordinates_bng", "coordinates_wgs84", "uprn", "grid_reference", "postcode", "published_point",
           "street", "junction", "feature", "sector", "outcode", "place", "team_decision", "none")

LOCATIONS = Table(
    "locations",
    "One row per episode and role: where, when, how exactly, and what the analysis filters by.",
    (
        Column("location_id", "text", "R", "episode_ref and role, joined by ':'", restricted=True),
        Column("episode_ref", "text", "R", "The episode", restricted=True),
        Column("person_ref", "text", "R", "Pseudonym of the child", restricted=True),
        Column("role", "enum", "R", "Which place of the episode this is", allowed=ROLES),
        Column("at", "datetime", "O", "When the child was there: found_at; pickup_at, else start; last_seen_at, else reported_at"),
        Column("at_precision", "enum", "R", "How exactly the time is known", allowed=("minute", "day", "month", "unknown")),
        Column("easting", "float", "O", "Easting, metres (EPSG:27700); missing when not located", restricted=True),
        Column("northing", "float", "O", "Northing, metres (EPSG:27700)", restricted=True),
        Column("precision_m", "float", "O", "Radius in metres within which the place truly lies, nominally", low=0),
        Column("tier", "enum", "R", "Precision tier", allowed=tuple(TIERS)),
        Column("method", "enum", "R", "How the place was located", allowed=METHODS),
        Column("matched", "text", "O", "What the text was matched to", restricted=True),
        Column("reason", "text", "R", "The answer in one sentence"),
        Column("location_type", "enum", "O", "Kind of place", allowed=tuple(PLACE_TYPES)),
        Column("own_address", "bool", "R", "The child's own home or placement"),
        Column("location_source", "enum", "O", "How the place was learned", allowed=EPISODES["location_source"].allowed),
        Column("age_band", "enum", "O", "Age band", allowed=AGE_BANDS),
        Column("strand", "enum", "R", "Strand of the joint protocol", allowed=("home", "care", "education", "other")),
        Column("missing_from_type", "enum", "O", "Where the child went missing from",
               allowed=EPISODES["missing_from_type"].allowed),
        Column("responsible_la", "text", "O", "Responsible (home) local authority"),
        Column("category", "text", "O", "Crime type of public sample data; missing for episodes"),
        Column("sharing_restriction", "enum", "R", "Handling restriction", allowed=EPISODES["sharing_restriction"].allowed),
        Column("review_by", "date", "O", "Retention review date"),
    ),
)

REJECTS = Table(
    "rejects",
    "Refused rows: what, where, which rule, what to do. Shown to the person who uploads; never stored.",
    (
        Column("row", "int", "R", "Line of the file, the header being line 1"),
        Column("column", "text", "O", "Column of the file"),
        Column("rule", "text", "R", "The rule that was not met"),
        Column("fix", "text", "R", "What to do"),
        Column("value", "text", "O", "The refused value, shortened", restricted=True),
    ),
)
