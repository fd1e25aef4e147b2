"""How long records are kept: due for review, erasure by two people, what is kept of one person."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from geo_data.errors import InputError, ScopingError
from geo_data.keeping.retention import Retention
from geo_data.keeping.retention_tables import REASONS
from geo_data.people import LOCAL
from geo_data.safe_cell import safe_csv
from screens import controls, look, session

SAID = "retention_said"


def page() -> None:
    look.head("Retention", "Nothing is erased by itself: somebody reviews it, proposes it, and a second person approves.",
              session.settings().marking)
    present = session.present()
    if not present:
        look.empty("Nothing is kept yet", "Review dates are read with each record (review_by).")
        return
    collection = controls.one_of(present, "retention_data", width=360)
    if said := st.session_state.pop(SAID, ""):
        st.success(said)
    kept = Retention(session.store())
    due, erase, subject = st.tabs(["Due for review", "Erasures", "One person"])
    with due:
        _due(kept, collection)
    with erase:
        _proposals(kept)
    with subject:
        _subject(kept, collection)


def _due(kept: Retention, collection: str) -> None:
    found = kept.due(collection, session.today())
    session.opened().note(session.actor(), "view due for review", {"collection": collection, "episodes": len(found)})
    if found.empty:
        look.empty("Nothing is due", "No record of this data set has a review date that has passed.")
        return
    look.soft(f"{look.several(len(found), 'record is', 'records are')} past the review date. They are hidden from the analysis "
              "until somebody decides. Choose rows, or none for all of them.")
    said = st.dataframe(found, hide_index=True, on_select="rerun", selection_mode="multi-row", key="due_rows", height=360,
                        alt="Records whose review date has passed",
                        column_config={"review_by": st.column_config.DateColumn(format="D MMM YYYY"),
                                       "reported_at": st.column_config.DatetimeColumn(format="D MMM YYYY")})
    rows = said["selection"]["rows"]
    refs = (found.iloc[rows] if rows else found)["episode_ref"].tolist()
    keep, propose = st.columns(2, gap="large")
    with keep.form("keep"):
        until = st.date_input("Still needed: review again on", session.today() + timedelta(days=365), format="DD/MM/YYYY")
        if st.form_submit_button(f"Keep {look.several(len(refs), 'record', 'records')}"):
            _try(lambda: f"{kept.keep(session.actor(), collection, refs, _day(until), session.today()):,} kept for review again.")
    with propose.form("propose"):
        reason = st.selectbox("No longer needed: propose erasure because", list(REASONS), format_func=REASONS.__getitem__)
        if st.form_submit_button(f"Propose to erase {look.several(len(refs), 'record', 'records')}", type="primary"):
            _try(lambda: f"Proposal {kept.propose(session.actor(), collection, refs, str(reason))} waits for a second person.")


def _day(chosen: object) -> date:
    if not isinstance(chosen, date):
        raise InputError("Choose a day.", where="review again on")
    return chosen


def _proposals(kept: Retention) -> None:
    found = kept.proposals()
    if found.empty:
        look.empty("No erasure was proposed yet")
        return
    opened = found[found["state"] == "open"]
    for row in opened.to_dict("records"):
        with st.container(border=True):
            st.text(f"Proposal {row['id']}: {row['episodes']:,} records of '{row['collection']}', {REASONS[row['reason']]}. "
                    f"Proposed by {row['proposed_by']}.")
            _decide(kept, int(row["id"]))
    st.dataframe(pd.DataFrame({
        "No.": found["id"], "Data set": found["collection"], "Records": found["episodes"], "Why": found["reason"].map(REASONS),
        "State": found["state"], "Proposed by": found["proposed_by"], "Decided by": found["decided_by"]}),
        hide_index=True, placeholder="", alt="Erasures")


def _decide(kept: Retention, number: int) -> None:
    actor = session.actor()
    if session.person() == LOCAL:  # nobody signs in at one's own computer: the second person gives their name
        second = st.text_input("Name of the second person, at this computer", key=f"second-{number}", max_chars=80)
        actor = f"{second.strip()} (at this computer)" if second.strip() else actor
    with st.container(horizontal=True):
        if st.button("Approve and erase", key=f"approve-{number}", type="primary"):
            session.must("approve erasure")
            _try(lambda: f"{kept.approve(actor, number):,} records were erased. Backups made before still hold them.")
        if st.button("Withdraw", key=f"withdraw-{number}"):
            _try(lambda: _withdrawn(kept, number))


def _withdrawn(kept: Retention, number: int) -> str:
    kept.withdraw(session.actor(), number)
    return f"Proposal {number} was withdrawn."


def _subject(kept: Retention, collection: str) -> None:
    look.soft("For a subject access request: everything that is kept of one pseudonym. What may be given out, and what names "
              "others, is for information governance to decide.")
    with st.form("subject"):
        ref = st.text_input("Pseudonym of the person, as the source writes it", max_chars=64)
        asked = st.form_submit_button("Gather")
    if asked and ref.strip():
        try:
            found = kept.subject(session.actor(), collection, ref.strip())
        except ScopingError as error:
            st.warning(look.words(error))
            return
        st.dataframe(pd.DataFrame({"Kept": list(found), "Rows": [len(frame) for frame in found.values()]}), hide_index=True)
        st.download_button("Download", _zip(found), "subject-access.zip", "application/zip", on_click="ignore")


def _zip(found: dict[str, pd.DataFrame]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as files:
        for name, frame in found.items():
            files.writestr(f"{name.replace(' ', '-')}.csv", safe_csv(frame))
    return body.getvalue()


def _try(work: Callable[[], str]) -> None:
    """Do it and say so after the rerun; what cannot be done is said here."""
    try:
        st.session_state[SAID] = work()
    except ScopingError as error:
        st.warning(look.words(error))
        return
    st.rerun()
