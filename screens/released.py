"""What was released to whoever is looking: the files as they left, to be had again, and the check of a file by its hash."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.keeping.releases import Register
from geo_data.people import Person
from scoping.showing.desk import Made
from screens import look, session
from screens.exports import MIME, TIER_WORDS

TIERS_OF = {"partner_viewer": ("briefing",), "rmg_member": ("rmg", "briefing"), "analyst": ("rmg", "briefing"),
            "social_worker": ("rmg", "briefing"), "information_governance": ("rmg", "briefing")}
FETCHED = "fetched_file"


def tiers(who: Person) -> tuple[str, ...]:
    """The tiers whose files are meant for somebody of these roles."""
    return tuple(tier for tier in TIER_WORDS if any(tier in TIERS_OF.get(role, ()) for role in who.roles))


def page() -> None:
    look.head("Released", "Maps and tables that the analysts have released to you, as they left. They show places and bands of "
              "children, never a record.", session.rules().marking)
    try:
        session.must("released")
        register, meant = Register(session.opened()), tiers(session.person())
        kept = register.kept(meant, session.today())
        if kept.empty:
            look.empty("Nothing is here for you at the moment",
                       "A file is kept here from its release until its review date, unless it is called back. Ask the analysts "
                       "of the team when you expect one.")
        else:
            _files(register, kept, meant)
        _check(register, meant)
    except ScopingError as error:
        st.error(look.words(error))


def _files(register: Register, kept: pd.DataFrame, meant: tuple[str, ...]) -> None:
    if "demo" in set(kept["collection"]):
        look.band("SYNTHETIC DATA", "Files of Quernshire are invented. No child, place or event in them is real.")
    st.dataframe(pd.DataFrame({
        "No.": kept["id"], "Period": kept["period"], "What": kept["title"], "Format": kept["format"],
        "For": kept["tier"].map(TIER_WORDS), "Purpose": kept["purpose"], "Released": kept["made_at"].dt.tz_convert("Europe/London"),
        "Review or destroy by": kept["review_by"]}), hide_index=True, height="content" if len(kept) <= 10 else 380,
        alt="Files released to you, the latest first", column_config={
            "Released": st.column_config.DatetimeColumn(format="D MMM YYYY"),
            "Review or destroy by": st.column_config.DateColumn(format="D MMM YYYY")})
    by_number = {int(row["id"]): row for row in kept.to_dict("records")}
    number = st.selectbox("File", list(by_number), format_func=lambda n: f"No. {n}: {by_number[n]['title']}, "
                          f"{by_number[n]['period']} ({by_number[n]['format'].upper()})")
    chosen = by_number[number]
    look.soft(session.rules().handling(str(chosen["tier"])))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Fetch the file", icon=":material/folder_open:", help="Entered in the audit under your name."):
            st.session_state[FETCHED] = (number, register.fetch(number, meant, session.today(), session.actor()))
        held = st.session_state.get(FETCHED)
        if held and held[0] == number:
            st.download_button("Download", held[1], f"{chosen['snapshot_id']}.{chosen['format']}",
                               MIME.get(str(chosen["format"]), "application/octet-stream"), icon=":material/download:",
                               on_click="ignore")


def _check(register: Register, meant: tuple[str, ...]) -> None:
    look.small_heading("Is a file as it left?")
    upload = st.file_uploader("Check a file", key="released_check", help="By its hash. The file is not kept.",
                              max_upload_size=session.settings().max_upload_mb)
    if upload is None:
        return
    found: Any = register.find(Made("", upload.getvalue()).sha256)
    found = found[found["tier"].isin(meant)]
    if found.empty:
        st.error("This file was not released to you from here, or it has been changed since.")
    elif found["recalled_at"].notna().any():
        st.error("This file was called back. Destroy your copies, and ask the analysts for the one that takes its place.")
    else:
        row = found.iloc[0]
        st.success(f"As it left: {row['snapshot_id']}, {row['period']}, {row['format']}.")
