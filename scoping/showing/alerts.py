"""Alerts through the door: what of a scan may be shown. Thresholds first, then coarse places, then words.

A place leaves as the centre of its 500 m cell with a radius rounded up until the circle holds the true one, so that no
circle can be centred on an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from geo_data.errors import DisclosureError
from scoping.change.scan import ALERT_DAYS, LEVELS, WATCH_DAYS, Alerts, level
from scoping.showing.report import Near
from scoping.showing.rules import OPERATIONAL, Rules

ALERTS = ("alert", "level", "recurrence_days", "at_most", "children", "episodes", "expected", "one_child_half", "length_days",
          "first_day", "last_day", "flagged_since", "radius_m", "cell_e", "cell_n")
RADIUS_STEP_M = 250



@dataclass(frozen=True)
class AlertRelease:
    """What of one scan may be seen. It checks itself when made.

    `alerts`: the columns of `ALERTS`, best first; `cell_e`, `cell_n` are the centre of a grid cell (EPSG:27700 metres),
    `radius_m` a multiple of 250; days are local and inclusive; `at_most` says that no permutation reached it, so it
    comes less often than `recurrence_days` says. `withheld` and `statements` are sentences.
    """

    tier: str
    rules: Rules
    marking: str
    synthetic: bool
    at: date
    status: str
    alerts: pd.DataFrame
    statements: tuple[str, ...]
    withheld: tuple[str, ...]
    searched: dict[str, Any]

    def __post_init__(self) -> None:
        if self.tier != OPERATIONAL or not self.marking.strip():
            raise DisclosureError("A release names its tier and carries a protective marking.")
        if tuple(self.alerts.columns) != ALERTS:
            raise DisclosureError("A release carries its declared columns and no other.")
        if (self.alerts["children"] < self.rules.operational).any():
            raise DisclosureError(f"An alert of fewer than {self.rules.operational} children may not be shown.")
        if ((self.alerts[["cell_e", "cell_n"]] - self.rules.cell_m // 2) % self.rules.cell_m).any(axis=None):
            raise DisclosureError("Places in a release lie on the fixed grid.")
        if (self.alerts["radius_m"] % RADIUS_STEP_M).any():
            raise DisclosureError("The radius of a shown alert is rounded up.")


def release_alerts(scans: Alerts | Sequence[Alerts], rules: Rules | None = None, *,
                   synthetic: bool = False, within_chance: bool = False) -> AlertRelease:
    """What of the last of `scans` (weekly, oldest first) may be shown; the earlier ones say since when a place is flagged.

    Cylinders within chance are left out unless `within_chance`.
    """
    rules = rules or Rules()
    series = [scans] if isinstance(scans, Alerts) else list(scans)
    last = series[-1]
    held = last.cylinders if within_chance else last.cylinders[last.cylinders["level"] != "none"]
    few, one = held["children"] < rules.operational, held["top_share"] > rules.dominance
    shown = held[~few & ~one].reset_index(drop=True)
    return AlertRelease(
        tier=OPERATIONAL, rules=rules, marking=rules.stamped(synthetic), synthetic=synthetic,
        at=last.at, status=last.status, alerts=_coarse(shown, series, rules), statements=last.statements,
        withheld=_withheld(int(few.sum()), int((one & ~few).sum()), rules),
        searched={"lengths_days": list(last.settings.lengths), "radius_m": last.settings.radius_m, "days": last.settings.days,
                  "permutations": last.settings.runs, "every_days": last.settings.step_days, "records": last.records,
                  "child_places": last.child_places, "children": last.children})


def recurrence(days: float, *, at_most: bool = False) -> str:
    """How often chance alone would give as much, in words."""
    said = (f"once in {days / 365.25:.0f} years" if days >= 730 else f"once in {days / 30.44:.0f} months" if days >= 60
            else f"once in {max(days, 1):.0f} days")
    return f"{'less than' if at_most else 'about'} {said}"


def expected_a_year() -> dict[str, float]:
    """How many weeks of a year chance alone would flag, by the definition of the recurrence interval."""
    return {"watch_or_alert": round(365 / WATCH_DAYS, 1), "alert": round(365 / ALERT_DAYS, 1)}


def sentence(row: Mapping[Any, Any]) -> str:
    """One alert in plain English: `row` holds the columns of `ALERTS`."""
    often = recurrence(row["recurrence_days"], at_most=row["at_most"])
    return (f"{row['children']:,} different children in the last {row['length_days']} days, where about {row['expected']:.1f} "
            f"would be usual. With nothing going on, a rise like this somewhere in the area would come {often}.")


def names(release: AlertRelease, near: Near) -> list[str]:
    """Each alert's place in words. `near(easting, northing)` names points; it is asked for the centres of cells only."""
    rows = release.alerts
    if rows.empty:
        return []
    words = near(rows["cell_e"].to_numpy(np.float64), rows["cell_n"].to_numpy(np.float64))
    return [str(word) or "no named place near" for word in words]


def report(release: AlertRelease, places: Sequence[str]) -> dict[str, Any]:
    """The release as plain values, each alert with its place and in words."""
    return {
        "marking": release.marking, "synthetic": release.synthetic, "tier": release.tier, "at": release.at,
        "status": release.status, "statements": list(release.statements), "withheld": list(release.withheld),
        "alerts": [{**row, "place": place, "level": LEVELS[row["level"]], "says": sentence(row)}
                   for row, place in zip(release.alerts.to_dict("records"), places, strict=True)],
        "expected_by_chance_a_year": expected_a_year(), "searched": release.searched,
    }


def _coarse(shown: pd.DataFrame, series: list[Alerts], rules: Rules) -> pd.DataFrame:
    place = shown[["easting", "northing"]].to_numpy(dtype=np.float64)
    cell = (np.floor(place / rules.cell_m) * rules.cell_m + rules.cell_m // 2).astype(np.int64)
    reach = shown["radius_m"].to_numpy(dtype=np.float64) + np.hypot(*(place - cell).T)
    frame = shown.assign(
        alert=np.arange(1, len(shown) + 1), cell_e=cell[:, 0], cell_n=cell[:, 1],
        radius_m=(np.ceil(np.maximum(reach, 1) / RADIUS_STEP_M) * RADIUS_STEP_M).astype(np.int64),
        one_child_half=shown["top_share"] >= rules.dominance,
        at_most=shown["p"] * (series[-1].settings.runs + 1) < 1.5,
        flagged_since=[_since(row, series) for row in shown.to_dict("records")])
    return frame[list(ALERTS)]


def _since(row: Mapping[Any, Any], series: list[Alerts]) -> date:
    """The first of the scans in a row, back from the last, that flagged a circle meeting this one."""
    since = series[-1].at
    e, n, radius = row["easting"], row["northing"], row["radius_m"]
    for scan in series[-2::-1]:
        flagged = scan.cylinders[scan.cylinders["recurrence_days"].map(level) != "none"]
        apart = np.hypot(flagged["easting"].to_numpy(np.float64) - e, flagged["northing"].to_numpy(np.float64) - n)
        if not (apart <= flagged["radius_m"].to_numpy(np.float64) + radius).any():
            break
        since = scan.at
    return since


def _withheld(few: int, one: int, rules: Rules) -> tuple[str, ...]:
    told = []
    if few:
        told.append(f"{few} {_are(few)} withheld: fewer than {rules.operational} different children.")
    if one:
        told.append(f"{one} {_are(one)} withheld: one child makes more than half of the records. Refer to the child's plan.")
    return tuple(told)


def _are(number: int) -> str:
    return "alert is" if number == 1 else "alerts are"
