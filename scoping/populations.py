"""The population behind a choice of episodes, in aggregate only: who is at risk, and how the offending works as places,
times and means of travel. No row, no child, no rank of people leaves this module.

Every number counts different children. A group of fewer than `least` is not told; where one group alone would be hidden,
the next smallest is hidden with it, so that no total gives it away. Groups are fixed, never chosen by the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_data.errors import DisclosureError
from geo_data.schema import AGE_BANDS, PLACE_TYPES, ROLE_LABELS, SOURCE_LABELS, STRANDS
from scoping.windows import ZONE

FEW = 3  # never told below this, whatever a caller asks
_FROM = {"home": "Home", "foster_placement": "Foster placement", "childrens_home": "Children's home",
         "supported_accommodation": "Supported accommodation", "school_education": "School or education",
         "hospital": "Hospital", "other": "Elsewhere", "not_known": "Not known"}
_CARE = {"not_looked_after": "Not looked after", "looked_after": "Looked after", "care_leaver": "Care leaver",
         "not_known": "Not known"}
_GENDER = {"female": "Girls", "male": "Boys", "other": "Other", "not_known": "Not known"}
_STRAND = {"home": "From home", "care": "From care", "education": "From education", "other": "From elsewhere"}
_MODE = {"private_car": "Private car", "taxi_phv": "Taxi or private hire", "public_transport": "Public transport",
         "on_foot": "On foot", "other": "Other", "not_known": "Not known"}
_BASIS = {"child_account": "The child's account", "carer_observed": "Seen by a carer", "cctv": "CCTV", "witness": "A witness",
          "intelligence": "Intelligence", "not_known": "Not known"}
_BOUNDS_H = (0, 3, 8, 24, 72, np.inf)
_LENGTH = ("under 3 hours", "3 to 8 hours", "8 to 24 hours", "1 to 3 days", "over 3 days")
_PARTS = ("school run, weekday 14:30-17:00", "evening 17:00-22:00", "night 22:00-01:00", "small hours 01:00-06:00", "other daytime")
_BOUNDS_KM = (0, 1, 5, 20, 50, np.inf)
_DISTANCE = ("under 1 km", "1 to 5 km", "5 to 20 km", "20 to 50 km", "over 50 km")


@dataclass(frozen=True)
class Group:
    """How many different children; missing (None) when too few to tell."""

    label: str
    children: int | None


@dataclass(frozen=True)
class Facet:
    """One question about the population. `hidden`: groups that exist but are not told."""

    title: str
    groups: tuple[Group, ...]
    hidden: int


@dataclass(frozen=True)
class Population:
    """Checked when made: no number from 1 to `least` - 1 is in it. `children` is None when there are too few to say anything."""

    least: int
    children: int | None
    episodes: int | None
    repeat_children: int | None  # with more than one of these episodes
    facets: tuple[Facet, ...]

    def __post_init__(self) -> None:
        numbers = [self.children, self.repeat_children, *(g.children for f in self.facets for g in f.groups)]
        if any(n is not None and 0 < n < self.least for n in numbers) or self.least < FEW:
            raise DisclosureError(f"A group of fewer than {self.least} children may not be told.")
        if self.children is None and (self.facets or self.episodes is not None):
            raise DisclosureError("Nothing more may be told of too few children.")

    def facet(self, title: str) -> Facet | None:
        """The facet of that title, if it is told."""
        return next((facet for facet in self.facets if facet.title == title), None)


AGENCIES = {"Home authority": "responsible_la", "Placing authority": "placing_authority", "Recording force": "recording_force"}
NOT_RECORDED = "Not recorded"
COLUMNS = ("episode_ref", "person_ref", "age_at_episode", "gender", "care_status", "missing_from_type", "placed_out_of_area",
           "responsible_la", "placing_authority", "last_seen_at", "reported_at", "found_at", "pickup_at", "pickup_mode",
           "pickup_basis", "pickup_location_type", "location_source", "found_easting", "found_northing", "last_seen_easting",
           "last_seen_northing")  # of EPISODES: what is looked at here


def population(episodes: pd.DataFrame, least: int = FEW, authority: Callable[[str], str] = str) -> Population:
    """Scope the children of `episodes` (EPISODES, one row an episode). `authority` names a GSS code."""
    least = max(least, FEW)
    people = episodes["person_ref"]
    children = int(people.nunique())
    if children < least:
        return Population(least, None, None, None, ())
    times = people.value_counts()
    again = int((times > 1).sum())
    told = again if again == 0 or (again >= least and (children - again == 0 or children - again >= least)) else None
    years = episodes["age_at_episode"].astype("Float64").astype(float)
    age = pd.cut(years, [-1, 9, 11, 14, 17], labels=list(AGE_BANDS)).astype(object)
    out = episodes["placed_out_of_area"].map({"Y": "Out of area", "N": "In its own area", "NK": "Not known"})
    facets = [
        ("Age", age, AGE_BANDS),
        ("Gender", episodes["gender"].map(_GENDER), tuple(_GENDER.values())),
        ("Care status", episodes["care_status"].map(_CARE), tuple(_CARE.values())),
        ("Strand", episodes["missing_from_type"].map(STRANDS).map(_STRAND), tuple(_STRAND.values())),
        ("Missing from", episodes["missing_from_type"].map(_FROM), tuple(_FROM.values())),
        ("Placed out of area", out, ("Out of area", "In its own area", "Not known")),
        ("Responsible authority", episodes["responsible_la"].map(_named(authority), na_action="ignore"), ()),
        ("Placing authority", episodes["placing_authority"].map(_named(authority), na_action="ignore"), ()),
        ("How long missing", _banded(_hours(episodes), _BOUNDS_H, _LENGTH), _LENGTH),
        ("Distance from where last seen to where found", _banded(_km(episodes), _BOUNDS_KM, _DISTANCE), _DISTANCE),
    ]
    return Population(least, children, int(episodes["episode_ref"].nunique()), told, _facets(facets, people, least))


def agencies(episodes: pd.DataFrame, least: int = FEW, authority: Callable[[str], str] = str) -> tuple[Facet, ...]:
    """Whose children these are, and who recorded them: one facet for each of `AGENCIES`, protected as a population is."""
    facets = [(title, episodes[column].map(_named(authority), na_action="ignore"), ()) for title, column in AGENCIES.items()]
    return _facets(facets, episodes["person_ref"], max(least, FEW))


def strands(episodes: pd.DataFrame, least: int = FEW) -> Facet | None:
    """Different children missing from home, care and education, protected as a population is; None without episodes."""
    told = _facets([("Strand", episodes["missing_from_type"].map(STRANDS).map(_STRAND), tuple(_STRAND.values()))],
                   episodes["person_ref"], max(least, FEW))
    return told[0] if told else None


def roles(locations: pd.DataFrame, least: int = FEW) -> Facet | None:
    """Different children of each role of LOCATIONS; None of one role alone. A child may count in several roles and no total of
    them is told, so that a hidden number follows from no other."""
    each = locations.groupby("role")["person_ref"].nunique()
    told = tuple(Group(label, int(each[role]) if each[role] >= max(least, FEW) else None)
                 for role, label in ROLE_LABELS.items() if each.get(role, 0))
    return Facet("Children here, by role of the place", told, sum(g.children is None for g in told)) if len(told) > 1 else None


def methods(episodes: pd.DataFrame, least: int = FEW) -> Population:
    """How offending works, of the same episodes: places, times, means of travel and sources of the recorded pickups."""
    least = max(least, FEW)
    known = episodes[episodes[["pickup_mode", "pickup_at", "pickup_basis", "pickup_location_type"]].notna().any(axis=1)]
    people = known["person_ref"]
    children = int(people.nunique())
    if children < least:
        return Population(least, None, None, None, ())
    facets = [
        ("Means of travel", known["pickup_mode"].map(_MODE), tuple(_MODE.values())),
        ("Kind of pickup place", known["pickup_location_type"].map({c: t.label for c, t in PLACE_TYPES.items()}), ()),
        ("Time of pickup", _part_of_day(known["pickup_at"]), _PARTS),
        ("How the pickup is known", known["pickup_basis"].map(_BASIS), tuple(_BASIS.values())),
        ("Source", known["location_source"].map(SOURCE_LABELS), tuple(SOURCE_LABELS.values())),
    ]
    return Population(least, children, int(known["episode_ref"].nunique()), None, _facets(facets, people, least))


# ------------------------------------------------------------------ protection

def protect(counts: Sequence[tuple[str, int]], least: int, total: int) -> Facet:
    """Groups of `least` or more, and enough others hidden that no hidden one follows from `total` and the rest.

    A lone hidden group could be had by subtraction from the total: then the smallest told group is hidden too.
    """
    present = [(label, n) for label, n in counts if n > 0]
    hide = {label for label, n in present if n < least}
    told = sorted((n, label) for label, n in present if n >= least)
    left = total - sum(n for n, _ in told)
    if told and ((len(hide) == 1) or (hide and 0 < left < least)):
        hide.add(told[0][1])
    groups = tuple(Group(label, None if label in hide else n) for label, n in present)
    return Facet("", groups, len(hide))


def _facets(facets: Sequence[tuple[str, pd.Series, Sequence[str]]], people: pd.Series, least: int) -> tuple[Facet, ...]:
    made = []
    for title, values, order in facets:
        if values.isna().all():
            continue
        each = people.groupby(values.fillna(NOT_RECORDED).astype(object).to_numpy()).nunique()
        labels = [label for label in order if label in each.index]
        labels += [label for label in each.sort_values(ascending=False, kind="stable").index if label not in labels]
        shown = protect([(str(label), int(each[label])) for label in labels], least, int(people.nunique()))
        made.append(Facet(title, shown.groups, shown.hidden))
    return tuple(made)


# ------------------------------------------------------------------ values in bands

def _named(authority: Callable[[str], str]) -> Callable[[str], str]:
    return lambda code: authority(code) or code


def _banded(values: pd.Series, bounds: Sequence[float], labels: Sequence[str]) -> pd.Series:
    return pd.cut(values, list(bounds), labels=list(labels), right=False).astype(object)


def _hours(episodes: pd.DataFrame) -> pd.Series:
    start = episodes["last_seen_at"].fillna(episodes["reported_at"])
    return (episodes["found_at"] - start).dt.total_seconds() / 3600


def _km(episodes: pd.DataFrame) -> pd.Series:
    """Straight lines between recorded coordinates; missing without them."""
    east = episodes["found_easting"].astype(float) - episodes["last_seen_easting"].astype(float)
    north = episodes["found_northing"].astype(float) - episodes["last_seen_northing"].astype(float)
    return (east**2 + north**2) ** 0.5 / 1_000


def _part_of_day(at: pd.Series) -> pd.Series:
    local = at.dt.tz_convert(ZONE)
    hour = local.dt.hour + local.dt.minute / 60
    weekday = local.dt.day_of_week < 5
    parts = np.select([weekday & hour.between(14.5, 17, inclusive="left"), hour.between(17, 22, inclusive="left"),
                       (hour >= 22) | (hour < 1), hour.between(1, 6, inclusive="left")], _PARTS[:4], _PARTS[4])
    return pd.Series(parts, index=at.index, dtype=object).where(at.notna())
