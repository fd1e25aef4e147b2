"""What a review looks like: its table, its figures, the map's payload and each hotspot's life. From a `ReviewRelease` alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scoping.showing import sentences
from scoping.showing.disclosure import Release
from scoping.showing.review import ReviewRelease
from scoping.showing.views import interval
from scoping.transitions import CHANGES

ORDER = ("born", "reactivated", "grew", "merged", "split", "moved", "shrank", "dissolved", "first", "stable", "below", "forming",
         "no_data", "")
COUNTED = ("born", "reactivated", "grew", "shrank", "moved", "merged", "split", "dissolved", "rise", "fall")
KIND_WORDS = {**CHANGES, "rise": "above its past year, all places allowed for",
              "fall": "below its past year, all places allowed for"}
ABSENT = "not now"


def word(change: str) -> str:
    """A change as it is written on the screen; "" is a place that is absent."""
    return CHANGES[change].capitalize() if change else ABSENT.capitalize()


def table(review: ReviewRelease, names: Mapping[str, str]) -> pd.DataFrame:
    """One row a place, by transition and then by children; every number with what chance has to do with it."""
    rows = review.places
    rank = rows["change"].map({change: k for k, change in enumerate(ORDER)})
    rows = rows.assign(rank=rank, most=-rows["children"].fillna(0).astype(int)).sort_values(["rank", "most", "hotspot_id"])
    chance = review.chance.set_index("change")["expected_mean"].to_dict()
    return pd.DataFrame({
        "Change": [word(change) for change in rows["change"]],
        "Place": [names.get(name, "") for name in rows["hotspot_id"]],
        "Hotspot": rows["hotspot_id"].array,
        "Children": rows["children"].array, "Last review": rows["last_children"].array, "Year ago": rows["year_children"].array,
        "Episodes": rows["episodes"].array,
        "Against its past year": [interval(*each) if change else "" for *each, change in zip(
            rows["rr"], rows["rr_low"], rows["rr_high"], rows["change"], strict=True)],
        "q": rows["q"].array,
        "By chance": [chance.get(change, np.nan) if change in COUNTED else np.nan for change in rows["change"]],
        "Stability": rows["jaccard"].array,
        "Settings": [f"{kept} of {of}" if pd.notna(kept) else "" for kept, of in zip(rows["kept"], rows["settings"], strict=True)],
        "Since": ["" if pd.isna(day) else f"{day.tz_convert('Europe/London'):%b %Y}" for day in rows["first_seen"]],
        "Think of": [" ".join(sentences.watched(row)) for row in rows.to_dict("records")],
        "In words": [sentences.sentence(review, row, names) for row in rows.to_dict("records")],
    })


def chance_table(review: ReviewRelease) -> pd.DataFrame:
    """The changes of this review beside what shuffled dates give in the same window."""
    rows = review.chance[review.chance["change"].isin(COUNTED)].set_index("change").reindex(COUNTED).dropna(subset=["real"])
    return pd.DataFrame({
        "Change": [KIND_WORDS[change].capitalize() for change in rows.index], "Seen": rows["real"].astype(int).array,
        "Expected by chance": rows["expected_mean"].array,
        "Range": ["" if np.isnan(low) else f"{low:.0f} – {high:.0f}" for low, high in zip(rows["low"], rows["high"], strict=True)],
        "So": [sentences.verdict(*each) for each in zip(rows["real"], rows["low"], rows["high"], strict=True)]})


def picture(review: ReviewRelease, payload: Mapping[str, Any], against: str) -> dict[str, Any]:
    """The map's payload (`views.timeline` of the same release) with the two windows compared: before, now.

    `against`: "last" or "year"; against a year ago the classes of now are those of that comparison: there then and now, only now,
    only then. Without such a window only now is drawn.
    """
    now, before = review.at.now, getattr(review.at, against)
    windows = [now] if before < 0 else [before, now]
    feats = []
    for feat in payload["feats"]:
        old, new = feat["w"].get(str(before)), feat["w"].get(str(now))
        if against == "year" and before >= 0:
            new = _since(_there(old), _there(new))
        drawn = enumerate([new] if before < 0 else [_there(old), new])
        kept = {str(k): entry for k, entry in drawn if entry}
        if kept:
            feats.append({**feat, "w": kept})
    return {**payload, "feats": feats, **{name: [payload[name][k] for k in windows]
                                          for name in ("labels", "spans", "partial")}}


def _there(entry: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return entry if entry and entry["n"] is not None else None


def _since(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if new and old:
        return new if new["c"] in ("grew", "shrank", "moved") else {**new, "c": "stable"}
    if new:
        return {**new, "c": "born"}
    return {**old, "c": "dissolved", "n": None, "e": None} if old else None


def lives(release: Release, names: Mapping[str, str], until: int, most: int = 40) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every hotspot's life up to a window, and its lineage.

    Bars: `hotspot_id`, `place`, `start`, `end` (local dates, half-open: to the start of the next window), `change` (word),
    `children`. Links: `start` (date), `parent`, `child`: ids that merged or split. The `most` hotspots seen last, oldest first.
    """
    rows = release.hotspots[release.hotspots["window"] <= until]
    last = rows.groupby("hotspot_id")["window"].max()
    order = rows.groupby("hotspot_id")["window"].min().loc[last.sort_values(ascending=False, kind="stable").index[:most]]
    ids = list(order.sort_values(kind="stable").index)
    rows = rows[rows["hotspot_id"].isin(ids)]
    starts = [start for start, _ in release.spans]
    ends = [*starts[1:], release.spans[-1][1]]
    bars = pd.DataFrame({
        "hotspot_id": rows["hotspot_id"].array, "place": [names.get(name, name) for name in rows["hotspot_id"]],
        "start": [starts[k] for k in rows["window"]], "end": [ends[k] for k in rows["window"]],
        "change": rows["change"].map(CHANGES).array, "children": rows["children"].array})
    bars["order"] = [ids.index(name) for name in rows["hotspot_id"]]
    links = [(starts[row["window"]], parent, row["hotspot_id"]) for row in rows.to_dict("records")
             for parent in str(row["parents"]).split("|") if parent in ids and parent != row["hotspot_id"]]
    bars = bars.sort_values(["order", "start"], ignore_index=True)
    return bars, pd.DataFrame(sorted(set(links)), columns=["start", "parent", "child"])


def told_lives(bars: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """The text twin of the drawing: one row a hotspot, its events in order of time."""
    said = []
    for _, rows in bars.groupby("order", sort=True):
        name = rows["hotspot_id"].iloc[0]
        events = [f"{change} {pd.Timestamp(start):%b %Y}" for change, start, new in zip(
            rows["change"], rows["start"], rows["change"] != rows["change"].shift(), strict=True) if new]
        kin = links.loc[links["child"] == name, "parent"].tolist()
        said.append({"Hotspot": name, "Place": rows["place"].iloc[0], "Windows": int(rows["children"].notna().sum()),
                     "Most children": rows["children"].max(), "From": ", ".join(dict.fromkeys(kin)), "Life": "; ".join(events)})
    return pd.DataFrame(said, columns=["Hotspot", "Place", "Windows", "Most children", "From", "Life"])


def report(review: ReviewRelease, names: Mapping[str, str], month: str) -> dict[str, Any]:
    """The review as plain values: what the command line prints and its `--json` gives."""
    release, at = review.release, review.at
    label = {name: release.labels[k] if k >= 0 else None for name, k in (("now", at.now), ("last", at.last), ("year_ago", at.year))}
    places = [{"hotspot_id": row["hotspot_id"], "place": names.get(row["hotspot_id"], ""), "change": row["change"] or ABSENT,
               "children": row["children"], "last_children": row["last_children"], "year_ago_children": row["year_children"],
               "episodes": row["episodes"], "rate_ratio": row["rr"], "rr_low": row["rr_low"], "rr_high": row["rr_high"],
               "q": row["q"], "beyond_chance": row["beyond"], "stability": row["jaccard"], "settings_kept": row["kept"],
               "settings": row["settings"],
               "first_seen": None if pd.isna(row["first_seen"]) else row["first_seen"].date(),
               "think_of": sentences.watched(row), "in_words": sentences.sentence(review, row, names)}
              for row in review.places.to_dict("records")]
    return {"marking": release.marking, "synthetic": release.synthetic, "review": month, "windows": label,
            "parameters": release.parameters, "places": places, "expected_by_chance": review.chance.to_dict("records"),
            "settings": review.grid.to_dict("records"), "flows": review.flows.to_dict("records"),
            "notes": list(review.notes)}
