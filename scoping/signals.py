"""What each agency signalled about an area, beside the hotspots there: so that a signal that nobody hears shows. No persons.

Referral counts name areas as their senders do: a code, a district, a county. A hotspot lies in the districts of its cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pandas as pd

BESIDE = ("area", "hotspots", "agency", "referrals", "months")
MONTHS = 12


def recent(counts: pd.DataFrame, until: str) -> pd.DataFrame:
    """REFERRAL rows of the `MONTHS` months that end with `until` ("2025-03")."""
    first = str(pd.Period(until, "M") - (MONTHS - 1))
    return counts[(counts["month"] >= first) & (counts["month"] <= until)]


def beside(counts: pd.DataFrame, hotspots: Sequence[Iterable[str]], codes_of: Callable[[str], Iterable[str]]) -> pd.DataFrame:
    """One row an area and agency: the columns `BESIDE`.

    `hotspots`: the district codes of each hotspot shown; `codes_of`: the district codes of an area as a referral names it, none
    when it is not known. `hotspots` is missing for an area that is not known. An agency that sent nothing about an area in
    these months has no row there: silence is not a count of nought.
    """
    held = [frozenset(codes) for codes in hotspots]
    there: dict[str, float] = {}
    for area in counts["area"].unique():
        codes = frozenset(codes_of(area))
        there[area] = float(sum(bool(codes & each) for each in held)) if codes else float("nan")
    by = counts.groupby(["area", "agency"], sort=True).agg(
        referrals=("referrals", "sum"), months=("month", "nunique")).reset_index()
    return by.assign(hotspots=by["area"].map(there))[list(BESIDE)]


def of_place(counts: pd.DataFrame, districts: Iterable[str], codes_of: Callable[[str], Iterable[str]]) -> pd.DataFrame:
    """What was signalled about the areas that a place lies in: the rows of `counts` whose area holds one of `districts`."""
    here = frozenset(districts)
    inside = {area for area in counts["area"].unique() if here & frozenset(codes_of(area))}
    return counts[counts["area"].isin(inside)]
