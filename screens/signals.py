"""The agencies' signals beside the hotspots: in the card of a place, and by area. Counts of referrals; no persons."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from geo_data.keeping import referrals
from geo_data.placing import districts
from geo_data.placing.home import districts_at
from scoping import signals
from scoping.parameters import Parameters
from scoping.showing.disclosure import Release
from screens import look, session


def of_place(release: Release, hotspot: str, collection: str) -> str:
    """HTML for the card of a hotspot: what was signalled about its area in the year to the window's end; empty without counts."""
    counts = referrals.counts(session.store(), synthetic=collection == "demo")
    anchor = release.anchors[release.anchors["hotspot_id"] == hotspot]
    if counts.empty or anchor.empty:
        return ""
    here = districts_at(session.gazetteer(), anchor["cell_e"], anchor["cell_n"])[0]
    mine = signals.of_place(signals.recent(counts, counts["month"].max()), here, districts.codes_of)
    heard = mine.groupby("agency")["referrals"].sum()
    silent = sorted(set(counts["agency"]) - set(heard.index))
    names = ", ".join(sorted(mine["area"].unique()))
    said = look.bars([(str(agency), int(n), f"{int(n):,}") for agency, n in heard.items()]) if len(heard) else ""
    return ("<h3>Signals of the agencies about this area</h3>" + said
            + f'<p class="sc-soft">Referrals about {escape(names) or "this area"} in the {signals.MONTHS} months to '
            f'{escape(counts["month"].max())}, of the whole area and not of this place alone.'
            + (f" No count from: {escape(', '.join(silent))}." if silent else "") + "</p>")


def beside(release: Release, window: int, collection: str) -> pd.DataFrame | None:
    """Referrals of the last year and hotspots of the window, by area and agency (`signals.BESIDE`); None without counts."""
    counts = referrals.counts(session.store(), synthetic=collection == "demo")
    return None if counts.empty else _beside(release, window, counts)


def _beside(release: Release, window: int, counts: pd.DataFrame) -> pd.DataFrame:
    rows = release.hotspots[release.hotspots["window"] == window]
    anchors = release.anchors[release.anchors["hotspot_id"].isin(rows.loc[rows["children"].notna(), "hotspot_id"])]
    places = districts_at(session.gazetteer(), anchors["cell_e"], anchors["cell_n"])
    return signals.beside(signals.recent(counts, counts["month"].max()), places, districts.codes_of)


def by_area(collection: str, counts: pd.DataFrame) -> None:
    """A table: hotspots of the last complete window and referrals of the last year, by area and agency."""
    look.small_heading("Signal and hotspots by area")
    release = session.release(collection, session.version(collection), Parameters(), session.rules(), session.today())
    whole = [k for k, partial in enumerate(release.partial) if not partial]
    table = _beside(release, whole[-1] if whole else -1, counts)
    wide = table.pivot_table(index=["area"], columns="agency", values="referrals", aggfunc="sum")
    there = table.drop_duplicates("area").set_index("area")["hotspots"]
    wide = wide.reindex(there.index).assign(**{"Hotspots now": there})
    shown = wide.reset_index(names="Area")[["Area", "Hotspots now", *(name for name in wide.columns if name != "Hotspots now")]]
    st.dataframe(shown, hide_index=True, height="content", placeholder="no count", alt="Hotspots and referrals by area")
    unseen = [str(area) for area, n in there.items() if n == 0]
    if unseen:
        look.soft(f"Signalled, and no hotspot shows: {', '.join(unseen)}. Places there may be too roughly recorded, or under the "
                  "least number of children: see Coverage.")
    if there.isna().any():
        look.soft(f"Not an area that the gazetteer knows: {', '.join(map(str, there.index[there.isna()]))}.")
    look.soft(f"Referrals of the {signals.MONTHS} months to {counts['month'].max()}; hotspots of "
              f"{release.labels[whole[-1]] if whole else 'no whole window'}. Agencies count what they do, not children.")
