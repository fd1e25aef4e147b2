"""The review queue: texts about places that could not be placed, and what the team decides about them.

Texts of records are shown here to those who may see records; nothing of this page is a release or leaves it but the team's own
decisions.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.keeping.decided import SYNTHETIC
from geo_data.placing import review
from screens import controls, look, queue_book, queue_card, queue_piles, session

ALL = "all"
OPEN = "open"  # what may well be a place
MAYBE = (review.COARSE, review.LOST)
SHOWN = {OPEN: "May be a place", **review.KINDS, ALL: "All"}
MOST = 300  # rows of the table


def page() -> None:
    look.head("Review queue", "Places that were written down and could not be found on the map. One decision serves every row with "
              "the text, also in files still to come, and everybody who uses this store.", session.rules().marking)
    try:
        session.must("locate")
        present = session.present()
        if not present:
            look.empty("Nothing to review yet", "Import a file of episodes, or load the demonstration.")
            return
        with st.sidebar:
            collection = controls.data_set(present)
        if collection == SYNTHETIC:
            look.band("SYNTHETIC DATA", "Decisions made here hold for the demonstration only.")
        version = session.version(collection)
        groups = waiting(collection, version)
        session.gazetteer()
    except ScopingError as error:
        st.error(look.literal(error.what))
        look.soft(error.fix)
        return
    queue_card.told()
    held = session.decided().current(synthetic=collection == SYNTHETIC)
    _figures(groups, held)
    _work(collection, groups)
    queue_piles.section(collection)
    queue_book.section(collection, held)


@st.cache_resource(scope="session", max_entries=3, show_spinner="Reading the places …")
def waiting(collection: str, version: str) -> pd.DataFrame:
    """The groups of a collection's open texts."""
    return review.groups(session.decided().open_texts(collection))


def _figures(groups: pd.DataFrame, held: pd.DataFrame) -> None:
    open_ = groups[groups["kind"].isin(MAYBE)]
    look.figures([
        look.Figure(look.count(len(open_)), "Texts", "that may be places"),
        look.Figure(look.count(open_["unlocks"].sum()), "Rows", "could enter the counting", "up"),
        look.Figure(look.count(len(groups) - len(open_)), "Other texts", "only a town, or no place"),
        look.Figure(look.count(len(held)), "Decided", "decisions that hold"),
    ])


def _work(collection: str, groups: pd.DataFrame) -> None:
    kind = st.segmented_control("Show", list(SHOWN), default=OPEN, required=True, format_func=SHOWN.__getitem__, key="queue_kind",
                                label_visibility="collapsed")
    rows = groups if kind == ALL else groups[groups["kind"].isin(MAYBE)] if kind == OPEN else groups[groups["kind"] == kind]
    if rows.empty:
        look.empty("Nothing waits here", "Every text of this kind is placed or decided.")
        return
    left, right = st.columns([1.15, 1], gap="large")
    with left:
        chosen = _table(rows.head(MOST).reset_index(drop=True))
        if len(rows) > MOST:
            look.soft(f"The first {MOST:,} of {len(rows):,} texts, those with the most children first.")
        look.soft("Could enter: rows that may be counted once they are placed. A child's own address never is.")
    with right:
        queue_card.card(collection, rows.reset_index(drop=True).iloc[chosen])


def _table(rows: pd.DataFrame) -> int:
    people = "Children"
    frame = pd.DataFrame({
        "Text": rows["text"], "Rows": rows["rows"], people: rows["children"], "Could enter": rows["unlocks"]})
    said = st.dataframe(frame, hide_index=True, on_select="rerun", selection_mode="single-row", key=f"queue-{len(rows)}",
                        selection_default={"selection": {"rows": [0], "columns": []}}, placeholder="", height=560,
                        alt="Texts to be decided", column_config={
                            "Text": st.column_config.TextColumn(width="large", help="The commonest spelling."),
                            "Rows": st.column_config.NumberColumn(width=62),
                            people: st.column_config.NumberColumn(width=76, help="Different children."),
                            "Could enter": st.column_config.NumberColumn(
                                width=96, help="Rows that may be counted once they are placed.")})
    picked = said["selection"]["rows"]
    return min(picked[0], len(rows) - 1) if picked else 0
