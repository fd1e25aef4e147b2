"""The door of the response figures: interviews and repeats by month, referrals by agency; small numbers protected."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geo_data.errors import DisclosureError
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
        marking=f"{rules.marking} - SYNTHETIC DATA" if synthetic else rules.marking, synthetic=synthetic, least=rules.operational,
        interviews=protect(interviews, rules.operational, INTERVIEWS[1:]),
        repeats=protect(repeats, rules.operational, REPEATS[1:], None),
        referrals=referrals.groupby(["agency", "month"], sort=True)["referrals"].sum().reset_index()[list(REFERRALS)])
