"""Everything that is published of one city: month after month, to both tiers, then quarters and the half-year; with its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from geo_data.concern import ACTION, CONCERN, VERDICT, Held
from geo_data.errors import DisclosureError
from geo_data.grid import to_wgs84
from scoping.attack.cities import City
from scoping.parameters import Parameters
from scoping.scope import Scoped, scope
from scoping.showing import disclosure, pack_files
from scoping.showing.contents import Release
from scoping.showing.editions import Edition
from scoping.showing.formats import FORMATS, make
from scoping.showing.pack import pack
from scoping.showing.periods import Period
from scoping.showing.rules import Rules
from scoping.showing.snapshot import About, Backdrop, Snapshot

MONTHS = tuple(f"2024-0{k}" for k in range(1, 7))
PLAN = (*((month, tier) for month in MONTHS for tier in ("rmg", "briefing")),
        *((period, tier) for period in ("2024-Q1", "2024-Q2", "2024-H1") for tier in ("rmg", "briefing")))
ABOUT = About(title="Places where missing children are found", area="An invented city", authority="Invented Police",
              author_role="analyst", purpose="attack", produced="1 July 2024", review_by="2025-07-01", attribution="Invented",
              version="Scoping")
PACKS = tuple(f"pack {name}" for name in pack_files.FORMATS)
ALL_FORMATS = (*FORMATS, *PACKS)
NOTHING_DECIDED = Held(CONCERN.empty(), VERDICT.empty(), ACTION.empty())
DAY = date(2024, 7, 1)


@dataclass
class Campaign:
    """Releases as they were made, one after the other; `refused` the reasons of those that were not."""

    city: City
    rules: Rules = field(default_factory=Rules)
    releases: list[Release] = field(default_factory=list)
    before: list[Edition] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def run(self, plan: Iterable[tuple[str, str]] = PLAN) -> Campaign:
        """Publish the plan's periods; what is refused is noted."""
        for period, tier in plan:
            try:
                made = self.release(period, tier)
            except DisclosureError as error:
                self.refused.append(error.what)
                continue
            self.releases.append(made)
            self.before.extend(made.fresh)
        return self

    def release(self, period: str, tier: str, records: pd.DataFrame | None = None, episodes: pd.DataFrame | None = None, *,
                fresh: bool = False, longer: bool = True, **dials: object) -> Release:
        """One release beside all before it; `fresh` as if nothing had been published. Without `records` of the city's own."""
        parameters = Parameters(**{"roles": ("found",), **dials})  # type: ignore[arg-type] # dials of Parameters by name
        before = () if fresh else tuple(self.before)
        counted = self.city.episodes if episodes is None else episodes
        asked = disclosure.Publication(Period.parse(period), self.city.grid, before, counted, cut_off="2024-07-01", longer=longer)
        return disclosure.release(self._scoped(records, parameters), self.rules, tier, synthetic=True, publish=asked)

    def _scoped(self, records: pd.DataFrame | None, parameters: Parameters) -> Scoped:
        """Of the city's own records each choice of parameters is analysed once."""
        if records is not None:
            return scope(records, parameters)
        if parameters not in self.city.analysed:
            self.city.analysed[parameters] = scope(self.city.records, parameters)
        return self.city.analysed[parameters]

    @cached_property
    def backdrop(self) -> Backdrop:
        """Of the addresses that the product is given, with a coast, a border along the grid, a station and names."""
        grid = self.city.grid
        left, bottom = int(grid.cell_e.min()), int(grid.cell_n.min())
        built = np.zeros((int(grid.cell_n.max()) - bottom + 1, int(grid.cell_e.max()) - left + 1), dtype=np.float32)
        built[grid.cell_n - bottom, grid.cell_e - left] = np.clip(grid.count / 200, 0, 1)
        tall, wide = built.shape
        west, south, east, north = left * 500.0, bottom * 500.0, (left + wide) * 500.0, (bottom + tall) * 500.0
        e, n = (left + wide // 2) * 500.0, (bottom + tall // 2) * 500.0
        features = (("land", np.array([shapely.box(west - 1_000, south - 1_000, east + 1_000, north + 1_000)])),
                    ("district", np.array([shapely.LineString([(west, n), (east, n)])])))
        return Backdrop(west, south, 500.0, built, (("Middle", e, n, 90_000), ("Corner", west + 700, south + 700, 5_000)), features,
                        (("station", "Middle railway station", e + 400, n + 300),))

    def snapshot(self, release: Release) -> Snapshot:
        """As it would be printed; places are named by their number in the list of hotspots."""
        names = {str(name): f"Place {k}" for k, name in enumerate(sorted(set(release.hotspots["hotspot_id"])))}
        return Snapshot(release, ABOUT, names, self.backdrop)

    def files(self, release: Release, formats: Iterable[str] = ALL_FORMATS) -> dict[str, bytes]:
        """The files of a release, by format; those of the group's page as "pack pdf" and so on."""
        snapshot, formats = self.snapshot(release), list(formats)
        plain, packs = [each for each in formats if each in FORMATS], [each for each in formats if each in PACKS]
        found = {made.format: made.data for made in make(snapshot, plain, to_wgs84)} if plain else {}
        page = pack(snapshot, NOTHING_DECIDED, DAY) if packs else None
        return found | {each: pack_files.make(page, [each.split()[1]])[0].data for each in packs if page}
