"""What of a review may be shown: the door's sibling for findings about hotspots. Operational tier alone.

It takes a `Release`, which decided which hotspots of which windows are shown and with what counts, and adds to those rows, and
to no other, what was found out about them. Children are bands wherever they are counted by kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo_data.errors import DisclosureError
from scoping.change import versions
from scoping.change.attention import RULES
from scoping.change.findings import Findings
from scoping.change.review import NONE, Reviewed
from scoping.change.rhythm import Rhythm
from scoping.showing.disclosure import OPERATIONAL, Release

PLACES = ("hotspot_id", "change", "parents", "first_seen", "windows_seen", "children", "episodes", "last_children", "year_children",
          "rr", "rr_low", "rr_high", "q", "beyond", "jaccard", "kept", "settings", *(f"watch_{rule}" for rule in RULES))
CHANCE = ("change", "real", "expected_mean", "low", "high", "runs")
GRID = ("eps_m", "min_children", "hotspots", "kept")
FLOWS = ("from_role", "from_id", "to_role", "to_id", "children", "distance_m", "direction")
FEEDERS = ("hotspot_id", "what", "code", "children")
BANDS = (3, 5, 10, 20, 50)  # where each begins
FEW = "fewer"


@dataclass(frozen=True)
class ReviewRelease:
    """A review that may be seen. It checks itself when made.

    `at`: numbers of windows of `release`. `places`: the columns of `PLACES`, one row a hotspot shown now, in the last or in the
    year's window; `change` is empty when it has no row now. `chance`: what shuffled dates give in this window (empty: not counted
    yet). `flows` and `feeders` tell children in bands ("5-9"); `notes`: sentences.
    """

    release: Release
    at: Reviewed
    places: pd.DataFrame
    chance: pd.DataFrame
    grid: pd.DataFrame
    rhythm: Rhythm
    flows: pd.DataFrame
    feeders: pd.DataFrame
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.release.tier != OPERATIONAL:
            raise DisclosureError("A review is shown to the team alone.", fix=f"Use {OPERATIONAL}.", where="tier")
        for frame, columns in ((self.places, PLACES), (self.chance, CHANCE), (self.grid, GRID), (self.flows, FLOWS),
                               (self.feeders, FEEDERS)):
            if tuple(frame.columns) != columns:
                raise DisclosureError("A review carries its declared columns and no other.")
        shown = _shown(self.release, self.at)
        if not set(self.places["hotspot_id"]) <= set(shown["hotspot_id"]):
            raise DisclosureError("A review tells only of hotspots that its release shows.")
        for name in ("children", "last_children", "year_children"):
            if (self.places[name].dropna() < self.release.rules.operational).any():
                raise DisclosureError("A review may not count fewer children than its tier allows.")
        now = set(shown.loc[(shown["window"] == self.at.now) & shown["children"].notna(), "hotspot_id"])
        if not set(self.rhythm.hotspot_id) | set(self.feeders["hotspot_id"]) <= now:
            raise DisclosureError("Only hotspots of this window have a rhythm and feeders.")
        bands = {_band(start) for start in BANDS}
        if not (set(self.flows["children"]) | set(self.feeders["children"])) <= bands | {FEW}:
            raise DisclosureError("Children of flows and feeders are told in bands.")


def review(releases: Mapping[str, Release], role: str, found: Findings, chance: pd.DataFrame | None = None) -> ReviewRelease:
    """The part of `found` that the releases allow. `releases` holds the release of each role of the flows.

    `chance`: `calibrate.expected_by_window`, all of it or None.
    """
    release, at = releases[role], found.at
    shown = _shown(release, at)
    now = shown[shown["window"] == at.now].set_index("hotspot_id")
    names = pd.Index(sorted(set(shown["hotspot_id"])), name="hotspot_id")
    table = now.reindex(names)[["change", "parents", "first_seen", "windows_seen", "rr", "rr_low", "rr_high"]]
    table["change"], table["parents"] = table["change"].fillna(""), table["parents"].fillna("")
    for name, window in (("", at.now), ("last_", at.last), ("year_", at.year)):
        counts = shown[shown["window"] == window].set_index("hotspot_id")
        table[f"{name}children"] = counts["children"].reindex(names)
        if not name:
            table["episodes"] = counts["episodes"].reindex(names)
    present = table["children"].notna()
    evidence, kept = found.evidence.set_index("hotspot_id"), found.kept.set_index("hotspot_id")
    table["q"] = evidence["q"].reindex(names).where(table["change"] != "")
    table["beyond"] = evidence["beyond"].reindex(names).fillna(False).astype(bool) & (table["change"] != "")
    table["jaccard"] = found.stability.set_index("hotspot_id")["jaccard"].reindex(names).where(present)
    for name in ("kept", "settings"):
        table[name] = kept[name].reindex(names).astype("Int64").where(present)
    watch = found.attention.set_index("hotspot_id")
    for rule in RULES:
        table[f"watch_{rule}"] = watch[rule].reindex(names).fillna(False).astype(bool) & present
    here = tuple(names[present])
    counted = chance[chance["window"] == at.now] if chance is not None else pd.DataFrame(columns=list(CHANCE))
    return ReviewRelease(
        release=release, at=at, places=table.reset_index()[list(PLACES)], chance=counted[list(CHANCE)].reset_index(drop=True),
        grid=found.grid[list(GRID)], rhythm=_rhythm(found.rhythm, here), flows=_flows(found.flows, releases, at),
        feeders=_feeders(found.feeders, here), notes=_notes(release, found))


def differences(review: ReviewRelease, old: list[dict[str, Any]], new: list[dict[str, Any]], near_m: float) -> pd.DataFrame:
    """What a frozen version and a later run say otherwise (`versions.differences`), of hotspots that one of them may show.

    Numbers of children or episodes under the tier's least are told as "fewer".
    """
    least = review.release.rules.operational
    told = versions.differences(old, new, near_m)
    allowed = set(review.places["hotspot_id"]) | {row["hotspot_id"] for row in old if (row["children"] or 0) >= least}
    told = told[told["hotspot_id"].isin(allowed)].reset_index(drop=True)
    counts = told["what"].isin(["children", "episodes"])
    for side in ("before", "after"):
        few = counts & (pd.to_numeric(told[side].where(counts), errors="coerce") < least)
        told[side] = told[side].mask(few, FEW)
    return told


def _shown(release: Release, at: Reviewed) -> pd.DataFrame:
    rows = release.hotspots
    here = rows["window"] == at.now
    for window in (at.last, at.year):
        here |= (rows["window"] == window) & rows["children"].notna()
    return rows[here]


def _rhythm(found: Rhythm, here: tuple[str, ...]) -> Rhythm:
    keep = [k for k, name in enumerate(found.hotspot_id) if name in here]
    return Rhythm(tuple(found.hotspot_id[k] for k in keep), found.hours[keep], found.months[keep], found.days[keep], found.usual,
                  found.spread[keep], found.unknown[keep])


def _flows(found: pd.DataFrame, releases: Mapping[str, Release], at: Reviewed) -> pd.DataFrame:
    """Flows of enough different children, none with more than half the episodes, between hotspots that are both shown."""
    rules = next(iter(releases.values())).rules
    allowed = (found["children"] >= rules.operational) & (found["top_share"] <= rules.dominance)
    for end in ("from", "to"):
        shown = {role: set(release.hotspots.loc[(release.hotspots["window"] == at.now) & release.hotspots["children"].notna(),
                                                "hotspot_id"]) for role, release in releases.items()}
        seen = [name in shown.get(role, ()) for role, name in zip(found[f"{end}_role"], found[f"{end}_id"], strict=True)]
        allowed &= np.array(seen, dtype=bool)
    kept = found[allowed]
    return kept.assign(children=[_band(int(n)) for n in kept["children"]],
                       distance_m=(kept["distance_m"] / 100).round() * 100)[list(FLOWS)].reset_index(drop=True)


def _feeders(found: pd.DataFrame, here: tuple[str, ...]) -> pd.DataFrame:
    kept = found[found["hotspot_id"].isin(here)]
    few = kept["children"] < BANDS[0]
    bands = [FEW if n < BANDS[0] else _band(int(n)) for n in kept["children"]]
    told = kept.assign(code=kept["code"].mask(few, FEW), children=bands)
    return told.drop_duplicates(["hotspot_id", "what", "code"])[list(FEEDERS)].reset_index(drop=True)


def _band(children: int) -> str:
    """"5-9": the band that holds the number; the last is open."""
    start = max(edge for edge in BANDS if edge <= children)
    later = [edge for edge in BANDS if edge > start]
    return f"{start}-{later[0] - 1}" if later else f"{start}+"


def _notes(release: Release, found: Findings) -> tuple[str, ...]:
    said = []
    if len(found.agencies):
        what = "An agency sends" if len(found.agencies) == 1 else f"{len(found.agencies)} agencies send"
        said.append(f"{what} at least three times as many records as before, or a third: the recording has changed. "
                    "Nothing is said of the hotspots that rest on them; the others are measured without them.")
    if found.late:
        said.append("Records of this window may still come in: earlier ones often arrived later than this.")
    if found.at.last == NONE:
        said.append("There is no window before this one with data: nothing can be called new.")
    if found.at.year == NONE:
        said.append("There is no data of a year ago to compare with.")
    if release.windows["no_data"].any():
        said.append("Some windows have no data at all; what they would have shown is not known.")
    return (*said, *release.withheld)
