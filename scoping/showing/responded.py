"""The door of the response figures: interviews and repeats by month, referrals by agency; small numbers protected."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geo_data.errors import DisclosureError
from scoping.patterns import PATTERNS
from scoping.response import INTERVIEWS, REPEATS
from scoping.showing.disclosure import Rules
from scoping.showing.recorded import protect

REFERRALS = ("agency", "month", "referrals")


@dataclass(frozen=True)
class RespondedRelease:
    """Counts by month that may be seen. It checks itself; missing numbers are withheld or not yet known."""

    marking: str
    synthetic: bool
    least: int
    interviews: pd.DataFrame
    repeats: pd.DataFrame
    referrals: pd.DataFrame

    def __post_init__(self) -> None:
        if not self.marking.strip():
            raise DisclosureError("A release carries a protective marking.")
        for frame, shape in ((self.interviews, INTERVIEWS), (self.repeats, REPEATS), (self.referrals, REFERRALS)):
            if tuple(frame.columns) != shape:
                raise DisclosureError("A release carries its declared columns and no other.")
            if "children" in frame and (frame["children"].dropna() < self.least).any():
                raise DisclosureError(f"A number about fewer than {self.least} children may not be shown.")


def release(interviews: pd.DataFrame, repeats: pd.DataFrame, referrals: pd.DataFrame, rules: Rules | None = None, *,
            synthetic: bool = False) -> RespondedRelease:
    """What may be shown under `rules`. `referrals`: agency, month, referrals of all areas together."""
    rules = rules or Rules()
    return RespondedRelease(
        marking=rules.stamped(synthetic), synthetic=synthetic, least=rules.operational,
        interviews=protect(interviews, rules.operational, INTERVIEWS[1:]),
        repeats=protect(repeats, rules.operational, REPEATS[1:], None),
        referrals=referrals.groupby(["agency", "month"], sort=True)["referrals"].sum().reset_index()[list(REFERRALS)])


@dataclass(frozen=True)
class PatternRelease:
    """How many children's pattern of places changed, as it may be seen. It checks itself; missing numbers are withheld."""

    marking: str
    least: int
    rows: pd.DataFrame

    def __post_init__(self) -> None:
        if not self.marking.strip() or tuple(self.rows.columns) != PATTERNS:
            raise DisclosureError("A release carries a protective marking, its declared columns and no other.")
        for told in (self.rows["children"], self.rows["changed"], self.rows["children"] - self.rows["changed"]):
            if told.between(1, self.least - 1).any():
                raise DisclosureError(f"A number about fewer than {self.least} children may not be shown.")


def patterns(found: pd.DataFrame, rules: Rules | None = None, *, synthetic: bool = False) -> PatternRelease:
    """What of `scoping.patterns.changes` may be shown: neither those who changed nor those who did not may be few."""
    rules = rules or Rules()
    told = (found["children"], found["changed"], found["children"] - found["changed"])
    few = [each.between(1, rules.operational - 1) for each in told]
    rows = found.assign(children=found["children"].astype("float64").mask(few[0]),
                        **{name: found[name].astype("float64").mask(few[0] | few[1] | few[2]) for name in PATTERNS[2:]})
    return PatternRelease(rules.stamped(synthetic), rules.operational, rows)
