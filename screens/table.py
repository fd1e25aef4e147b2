"""The table that says the same as the map: sortable, filtered by change and by words, one row one hotspot."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from scoping.showing import views
from screens import look, results
from screens.spot import Shown, choose

_COLUMNS = {
    "Hotspot": st.column_config.TextColumn("Id", help="Keeps its id from window to window.", width="small"),
    "Place": st.column_config.TextColumn("Place", help="The nearest named place. Never an address."),
    "Change": st.column_config.TextColumn("Change", help="Against the windows before; growing and reducing are beyond chance."),
    "Children": st.column_config.NumberColumn("Children", width="small", help=(
        "Different children in this window. Empty: no hotspot now.")),
    "Episodes": st.column_config.NumberColumn("Episodes", help="Missing episodes in this window.", width="small"),
    "Children previous window": st.column_config.NumberColumn("Before", width="small", help=(
        "Different children one window before.")),
    "Since": st.column_config.TextColumn("Since", help="First day of the window in which it was first a hotspot."),
    "Windows seen": st.column_config.NumberColumn("Windows", help="In how many windows it was a hotspot.", width="small"),
    "Interval": st.column_config.TextColumn("Rate against the past year", help=(
        "How many times the past year's rate, with its 90 % interval. An interval that holds 1.0 is no change beyond chance.")),
}


def draw(shown: Shown) -> None:
    frame = _table(shown)
    look.small_heading(f"The same in a table: {shown.release.labels[shown.window]}")
    if frame.empty:
        look.soft("No hotspots in this window.")
        return
    if not shown.whole:
        st.dataframe(frame[["Hotspot", "Place", "Children", "Episodes"]], hide_index=True, column_config=_COLUMNS, placeholder="",
                     height="content" if len(frame) <= 12 else 440, alt="Hotspots of this window, as on the map")
        return
    frame = _filtered(frame)
    if frame.empty:
        look.soft("No hotspot of this window passes the filter of the table.")
        return
    columns = _COLUMNS
    if shown.collection == "sample":
        columns = _COLUMNS | {"Children": st.column_config.NumberColumn("People", help="One for each record: public sample data.")}
    row = frame.index[frame["Hotspot"] == shown.hotspot].tolist()
    # the key names what is selected, so that a click on the map gives the table a new selection
    key = f"table-{shown.window}-{shown.hotspot}-{len(frame)}"
    said = st.dataframe(frame, hide_index=True, on_select="rerun", selection_mode="single-row", key=key,
                        selection_default={"selection": {"rows": row, "columns": []}}, column_config=columns, placeholder="",
                        height="content" if len(frame) <= 12 else 440, alt="Hotspots of this window, as on the map")
    picked = said["selection"]["rows"]
    chosen = str(frame["Hotspot"].iloc[picked[0]]) if picked else None
    if chosen != shown.hotspot and (chosen is not None or row):
        choose(chosen)
        st.rerun()


def _table(shown: Shown) -> pd.DataFrame:
    """The rows of the window."""
    def work() -> pd.DataFrame:
        frame = views.table(shown.release, shown.names, shown.window)
        return frame.assign(Change=frame["Change"].str.capitalize())

    return results.once(shown.given, "table", shown.window, work) if shown.whole else work()


def _filtered(frame: pd.DataFrame) -> pd.DataFrame:
    """By change and by words in place or id; the map keeps showing all."""
    changes = list(dict.fromkeys(frame["Change"]))
    if len(frame) < 2:
        return frame
    left, right = st.columns([2, 1], gap="medium")
    kept = left.pills("Changes in the table", changes, selection_mode="multi", key="table_changes", label_visibility="collapsed")
    words = right.text_input("Search the table", key="table_words", placeholder="Place or id", label_visibility="collapsed")
    if kept:
        frame = frame[frame["Change"].isin(kept)]
    if words.strip():
        text = frame["Place"].str.cat(frame["Hotspot"], sep=" ")
        frame = frame[text.str.contains(words.strip(), case=False, regex=False)]
    return frame.reset_index(drop=True)
