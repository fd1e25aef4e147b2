"""Who did what: the audit's entries and whether the chain is whole, for information governance."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.keeping.audit import Verdict
from geo_data.safe_cell import safe_csv
from screens import look, session

NEWEST = 2_000  # entries on the screen; all of them are in the file


def page() -> None:
    look.head("Audit", "Every import, view, release, export, sign-in and refusal, in order. No entry can be changed or taken away "
              "without breaking the chain.", session.settings().marking)
    try:
        store = session.store()
        store.note(session.actor(), "view audit")
        found, entries = store.verify(), store.entries(newest=NEWEST)
    except ScopingError as error:
        st.error(look.words(error))
        return
    _verdict(found)
    entries = _chosen(entries)
    tall = "content" if len(entries) <= 12 else 520
    st.dataframe(_shown(entries), hide_index=True, height=tall, alt="Entries of the audit, newest first", column_config={
        "When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss", width="medium"),
        "No.": st.column_config.NumberColumn(width="small")})
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Prepare the whole audit as a file", icon=":material/download:"):
            st.session_state["audit_file"] = _file()
        if "audit_file" in st.session_state:
            st.download_button("Download", st.session_state["audit_file"], "scoping-audit.csv", "text/csv", on_click="ignore")


def _verdict(found: Verdict) -> None:
    look.figures([
        look.Figure(look.count(found.entries), "Entries", "checked one by one"),
        look.Figure("Whole" if found.whole else "Broken", "Chain", "every hash and link" if found.whole else "see below"),
        look.Figure(look.count(found.anchors), "Anchors", "kept outside, compared"),
    ])
    if not found.whole:
        st.error(f"Entry {found.first_bad} is not as it was written: {found.reason}. Do not use this database for evidence; keep "
                 "it as it is, and compare it with the last backup.")
    elif not found.anchors:
        st.warning("No anchor has been compared, so a cut end would not show. Keep one: scoping audit anchor.")
    look.soft("Anchor of the last entry, to be kept elsewhere:")
    st.code(str(found.last), language=None, wrap_lines=True)


def _chosen(entries: pd.DataFrame) -> pd.DataFrame:
    left, right = st.columns(2)
    actors = left.multiselect("Who", sorted(entries["actor"].unique()), key="audit_who", placeholder="Everybody")
    actions = right.multiselect("What", sorted(entries["action"].unique()), key="audit_what", placeholder="Everything")
    kept = entries[entries["actor"].isin(actors)] if actors else entries
    return kept[kept["action"].isin(actions)] if actions else kept


def _shown(entries: pd.DataFrame) -> pd.DataFrame:
    newest = entries[::-1]
    return pd.DataFrame({"No.": newest["seq"], "When": newest["at"].dt.tz_convert("Europe/London"), "Who": newest["actor"],
                         "What": newest["action"], "Detail": [_words(detail) for detail in newest["detail"]]})


def _words(detail: str) -> str:
    """What an entry adds, as it is read: "collection demo; rows 9". As it was written it is in the file."""
    try:
        told = {name.replace("_", " "): value for name, value in json.loads(detail).items()}
    except (ValueError, AttributeError):
        return detail  # tampered with: shown as it stands
    return "; ".join(f"{name} {', '.join(map(str, value)) or 'none' if isinstance(value, list) else value}"
                     for name, value in told.items())


def _file() -> bytes:
    store = session.store()
    store.note(session.actor(), "export audit")
    entries = store.entries()
    store.anchor()
    return safe_csv(entries.assign(at=entries["at"].astype("str")))
