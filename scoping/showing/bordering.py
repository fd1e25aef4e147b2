"""The door of the cross-border figures: flows with small numbers protected, who must be told, and one agency's extract.

An extract names published places alone (their cells, their period), and of them those where enough of the receiving agency's
own children were; it says a band of them and nothing of anybody else's. Records with any handling restriction are left out, and
so is what the release itself does not count: past its review date, too coarse, or of a place that children are at by duty.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from geo_data.errors import DisclosureError
from geo_data.safe_cell import safe_csv
from scoping.borders import FLOWS, LINKS, flows, involved
from scoping.parameters import Parameters
from scoping.showing.editions import OPEN, Edition, under
from scoping.showing.published import band, reasons
from scoping.showing.recorded import protect
from scoping.showing.rules import Rules

TELL = ("place", "agency", "link", "least", "most")  # bounds of the different children; most is missing above the last band
EXTRACT = ("place", "period", "role", "link", "least", "most", "cells")


NEEDED = ("episode_ref", "person_ref", "sharing_restriction", "review_by", *LINKS)  # of EPISODES


@dataclass(frozen=True)
class BorderRelease:
    """What may be seen of flows between authorities. Missing numbers are withheld; it checks itself when made."""

    marking: str
    least: int
    flows: pd.DataFrame
    withheld: int

    def __post_init__(self) -> None:
        if not self.marking.strip() or tuple(self.flows.columns) != FLOWS:
            raise DisclosureError("A release carries a protective marking, its declared columns and no other.")
        if (self.flows["children"].dropna() < self.least).any():
            raise DisclosureError(f"A number about fewer than {self.least} children may not be shown.")


def release(episodes: pd.DataFrame, rules: Rules, *, today: date | None, synthetic: bool = False) -> BorderRelease:
    """Flows for the analyst's screen, under the rules of the operational tier; without what is past its review date `today`."""
    known = episodes if today is None else episodes[~(episodes["review_by"] < pd.Timestamp(today))]
    shown = protect(flows(known), rules.operational, ("children", "episodes"))
    return BorderRelease(rules.stamped(synthetic), rules.operational, shown,
                         int(shown["children"].isna().sum()))


def to_tell(edition: Edition, locations: pd.DataFrame, episodes: pd.DataFrame, rules: Rules, *,
            today: date | None) -> pd.DataFrame:
    """Which authorities and forces must be told about which published place: a TELL frame.

    An agency is named where at least as many of its children were as the edition's tier asks, none of them with more than the
    share that the rules allow. Of its records those count that the edition counts; `today`: not those past their review date.
    """
    chosen: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each
                              for name, each in json.loads(edition.filters).items()}
    enters = reasons(locations, Parameters(roles=(edition.role,), **chosen), today).isna()
    free = episodes[episodes["sharing_restriction"] == "none"]
    rows = locations[enters & (locations["sharing_restriction"] == "none")]
    places = [(place.place, place.cells) for place in under(edition, rules).places]
    found = involved(rows, free, places, role=edition.role, start=edition.period.start, end=edition.period.end)
    least = rules.least(edition.tier)
    found = found[(found["children"] >= least) & (found["top_share"] <= rules.dominance)].reset_index(drop=True)
    bounds = [band(int(children), rules.bands(edition.tier)) for children in found["children"]]
    return pd.DataFrame({
        "place": found["place"].astype("str"), "agency": found["agency"].astype("str"), "link": found["link"].astype("str"),
        "least": pd.array([low for low, _ in bounds], "Int64"),
        "most": pd.array([None if high >= OPEN else high for _, high in bounds], "Int64")})[list(TELL)]


def extract(edition: Edition, locations: pd.DataFrame, episodes: pd.DataFrame, agency: str, rules: Rules, *,
            today: date | None) -> pd.DataFrame:
    """What one receiving agency may be given of a published period: an EXTRACT frame, cells as "easting northing" corners.

    Raises `DisclosureError` when there is nothing that may be given.
    """
    told = to_tell(edition, locations, episodes, rules, today=today)
    mine = told[told["agency"] == agency]
    if mine.empty:
        raise DisclosureError("There is no published place of this period that this agency may be told about.",
                              fix=f"A place needs {rules.least(edition.tier)} of its children.", where="agency")
    cells = {place.place: "; ".join(f"{e} {n}" for e, n in place.cells) for place in edition.places}
    given = mine.assign(period=edition.period.key, role=edition.role, cells=mine["place"].map(cells))
    return given[list(EXTRACT)].reset_index(drop=True)


def extract_csv(made: pd.DataFrame, edition: Edition, agency: str, rules: Rules, anchor: str) -> bytes:
    """An extract as a CSV that no spreadsheet runs; its last row tells how to handle it, for whom it is, and the audit's anchor."""
    handling = pd.DataFrame({"place": [f"{rules.marking}. {rules.handling(edition.tier)} For: {agency}. Audit anchor {anchor}"]})
    return safe_csv(pd.concat([made, handling], ignore_index=True))
