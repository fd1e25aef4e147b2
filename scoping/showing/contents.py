"""What a release holds. `Release` is the only type that views, maps, sheets and files accept; it checks itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.errors import DisclosureError
from geo_data.schema import EPISODES, LOCATIONS, PLACE_TYPES, ROLES, TIERS
from scoping.clustering.rings import Rings
from scoping.showing.editions import Edition
from scoping.showing.partition import CELL_M
from scoping.showing.periods import Period
from scoping.showing.rules import PUBLISHED, Rules, made_of, shown_only
from scoping.transitions import CHANGES

SOURCES = (*LOCATIONS["location_source"].allowed, "not_recorded")
HOURS = tuple(f"hour:{day}:{hour}" for day in range(7) for hour in range(24))  # 0 = Monday, local time
PROFILE = (*(f"type:{code}" for code in PLACE_TYPES), *(f"tier:{code}" for code in TIERS),
           *(f"role:{role}" for role in ROLES), *(f"source:{source}" for source in SOURCES), *HOURS, "hour:unknown")

HOTSPOTS = ("hotspot_id", "window", "change", "parents", "first_seen", "last_seen", "windows_seen",
            "rr", "rr_low", "rr_high", "children", "episodes", "one_child_half", "few_effective",
            "file_children", "file_episodes", "shape", "low", "high", "said", "episodes_said", "kind")
CELLS = ("hotspot_id", "window", "cell_e", "cell_n")
ANCHORS = ("hotspot_id", "cell_e", "cell_n")
WINDOWS = ("window", "locations", "used", "episodes", "children", "not_mappable", "left_out", "filtered", "no_data",
           "shown", "withheld")
FIGURES = ("window", "figure", "count", "said")
RESTRICTED = {column.name for table in (EPISODES, LOCATIONS) for column in table.columns if column.restricted}


@dataclass(frozen=True)
class Release:
    """What may be seen. It checks itself when made.

    `hotspots`: the columns of `HOTSPOTS`, one row a hotspot and window; counts are missing where the
    hotspot has no cluster in the window; `file_*` are the counts without records that may not be exported
    (missing = withheld from files); `shape` indexes `shapes`, outer rings (EPSG:27700 metres).
    `profile`: records per row of `hotspots` and entry of `PROFILE`. `cells`: south-west corners of the grid
    cells for files. `anchors`: the centre of the cell of each hotspot's latest shown window, to name it by.
    `windows`: totals a window. `withheld`: sentences. `said`, `episodes_said`: the counts as they may be told
    ("7", "<5", "8-19"), `low` and `high` their bounds (`high` missing: none is told).

    Of a published tier (rmg, briefing) also: `period`, the last window, and `reason` when it is longer than was asked
    for; `figures`: rounded totals in words; `editions`: every window as the register keeps it, less what today's rules would
    withhold (`editions.under`), `fresh` those that are new;
    `grid`: the stamp of the partition; `cut_off`: until when records were known. Places are unions of cells, `shapes` and
    `cells` say the same, `children` is missing where a band is told, `profile` is empty, and no radius enters.
    """

    tier: str
    rules: Rules
    marking: str
    synthetic: bool
    parameters: dict[str, Any]
    labels: tuple[str, ...]
    spans: tuple[tuple[str, str], ...]  # local dates, half-open
    partial: tuple[bool, ...]
    hotspots: pd.DataFrame
    shapes: Rings
    profile: NDArray[np.int32]
    cells: pd.DataFrame
    anchors: pd.DataFrame
    windows: pd.DataFrame
    roles: pd.DataFrame
    reasons: pd.DataFrame
    withheld: tuple[str, ...]
    period: Period | None = None
    reason: str = ""
    figures: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FIGURES))
    editions: tuple[Edition, ...] = ()
    fresh: tuple[Edition, ...] = ()
    grid: str = ""
    cut_off: str = ""

    def __post_init__(self) -> None:
        least = self.rules.least(self.tier)
        if not self.marking.strip():
            raise DisclosureError("A release carries a protective marking.")
        for frame, columns in ((self.hotspots, HOTSPOTS), (self.cells, CELLS), (self.anchors, ANCHORS),
                               (self.windows, WINDOWS), (self.figures, FIGURES)):
            if tuple(frame.columns) != columns:
                raise DisclosureError("A release carries its declared columns and no other.")
        for frame in (self.hotspots, self.cells, self.anchors, self.windows, self.roles, self.reasons, self.figures):
            if RESTRICTED.intersection(frame.columns):
                raise DisclosureError("A release carries no column that describes one child or household.")
        if not set(self.hotspots["change"]) <= set(CHANGES):
            raise DisclosureError("A release names only known changes.")
        for column in ("children", "file_children", "low"):
            if (self.hotspots[column].dropna() < least).any():
                raise DisclosureError(f"A hotspot of fewer than {least} children may not be shown.")
        for frame, at in ((self.cells, 0), (self.anchors, self.cell_side // 2)):
            if ((frame[["cell_e", "cell_n"]].to_numpy(dtype=np.float64, na_value=np.nan) - at) % self.cell_side).any():
                raise DisclosureError("Places in a release lie on the fixed grid.")
        if self.profile.shape != (len(self.hotspots), len(PROFILE)):
            raise DisclosureError("A release profiles exactly the hotspots that it shows.")
        if self.published and (self.profile.any() or not self.editions or self.hotspots["rr"].notna().any()):
            raise DisclosureError("A published release carries editions, and neither profiles nor rates.")

    @property
    def published(self) -> bool:
        """Whether it may leave the team."""
        return self.tier in PUBLISHED

    @property
    def rule(self) -> str:
        """The suppression rule in words, for every file: what holds for all that is shown, by whichever rules it was published."""
        if not self.published:
            return self.rules.sentence(self.tier)
        least, floor, addresses = (min(getattr(each, name) for each in self.editions)
                                   for name in ("least", "floor", "least_addresses"))
        return f"{shown_only(least, max(each.dominance for each in self.editions))} {made_of(floor, addresses)}"

    @property
    def cell_side(self) -> int:
        """Metres of the cells in `cells`."""
        return CELL_M if self.published else self.rules.cell_m
