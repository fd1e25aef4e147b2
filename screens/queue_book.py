"""The team's decisions about places: the list, undoing, and the way in and out as a file."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.keeping import decision_file
from geo_data.keeping.decided import SYNTHETIC
from screens import look, queue_card, session

BASIS = {"candidate": "Candidate", "typed": "Typed", "pin": "Pin", "no_place": "No place", "imported": "From a file"}


def section(collection: str, held: pd.DataFrame) -> None:
    """Draw the decisions that hold (`Decided.current`)."""
    look.small_heading("Decisions that hold")
    if held.empty:
        look.soft("None yet. What is decided above, or imported here, is kept for the whole team and can be undone at any time.")
    else:
        _list(held)
    with st.container(horizontal=True):
        st.download_button("Decisions (CSV)", decision_file.write(held), "decisions.csv", "text/csv", icon=":material/download:",
                           disabled=held.empty, on_click=_exported, args=(len(held),))
        st.download_button("As local names (CSV)", decision_file.local_names(held), "local-names.csv", "text/csv",
                           icon=":material/download:", disabled=held.empty, on_click=_exported, args=(len(held),),
                           help="For 'scoping gazetteer import local_names': the decisions that are names of fine places.")
    _from_file(collection, held)


def _list(held: pd.DataFrame) -> None:
    rows = held.iloc[::-1].reset_index(drop=True)
    frame = pd.DataFrame({
        "Text": rows["text"], "Decided": rows["note"].where(rows["tier"] != "P5", "no place"), "By": rows["basis"].map(BASIS),
        "Within": rows["precision_m"], "Area": rows["area"].fillna("everywhere"), "Also near it": rows["alias"],
        "Who": rows["actor"], "When": rows["at"].dt.tz_convert("Europe/London")})
    said = st.dataframe(frame, hide_index=True, on_select="rerun", selection_mode="single-row",
                        key=f"book-{len(rows)}-{rows['id'].max()}", placeholder="", height="content" if len(rows) <= 8 else 320,
                        alt="Decisions that hold", column_config={
                            "Within": st.column_config.NumberColumn(format="%d m"),
                            "Also near it": st.column_config.CheckboxColumn(help="Taught as a name."),
                            "When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")})
    picked = said["selection"]["rows"]
    if len(picked) == 1 and st.button("Undo this decision", icon=":material/undo:"):
        queue_card.undo(int(rows["id"].iloc[picked[0]]))


def _exported(count: int) -> None:
    session.store().note(session.actor(), "export decisions", {"decisions": count})


def _from_file(collection: str, held: pd.DataFrame) -> None:
    given = st.file_uploader("Take over decisions or local names (CSV or Excel)", type=["csv", "xlsx"], key="decision_file",
                             max_upload_size=session.settings().max_upload_mb,
                             help="Columns: alias, type, and easting and northing, latitude and longitude, or postcode.")
    if not given:
        return
    try:
        rulings = decision_file.read(given.getvalue(), given.name, session.gazetteer())
    except ScopingError as error:
        st.error(f"{look.words(error)} ({look.literal(error.where)})")
        return
    same = set(zip(held["key"], held["area"].fillna(""), held["easting"].fillna(0), held["northing"].fillna(0), held["alias"],
                   strict=True))
    new = [r for r in rulings if (r.values()["key"], r.area or "", r.easting or 0, r.northing or 0, r.alias) not in same]
    other = {key for key, *_ in same} & {r.values()["key"] for r in new}
    look.soft(f"{look.several(len(rulings), 'decision', 'decisions')} in the file: {len(rulings) - len(new):,} hold already, "
              f"{len(new):,} are new, {len(other):,} of those say something else than the team does now.")
    if st.button(f"Take over {look.several(len(new), 'decision', 'decisions')}", disabled=not new, icon=":material/download_done:"):
        try:
            session.must("locate")
            outcome = session.decided().decide(session.actor(), new, session.place, synthetic=collection == SYNTHETIC)
        except ScopingError as error:
            st.error(look.words(error))
            return
        st.toast(f"{look.several(sum(outcome.episodes.values()), 'episode', 'episodes')} placed anew.")
        st.rerun()
