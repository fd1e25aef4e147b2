"""One place on the agenda: what is known, what the group decides, what is begun."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from geo_data.concern import ACTION_KINDS, STATUSES, VERDICTS, options
from geo_data.errors import InputError, ScopingError
from geo_data.schema import PLACE_TYPES
from scoping.meeting.agenda import sentence
from scoping.transitions import TOLD_AS, TOLD_MEANING
from screens import look, session

if TYPE_CHECKING:
    from screens.meeting import Meeting

REVIEW_AFTER = timedelta(days=56)
DONE = "meeting_done"


def card(meeting: Meeting, row: dict[str, Any], actions: pd.DataFrame, *, expanded: bool = False) -> None:
    """A place of the agenda with its two forms."""
    place = None if pd.isna(row["concern"]) else int(row["concern"])
    spot = None if pd.isna(row["hotspot_id"]) else str(row["hotspot_id"])
    key = f"{meeting.collection}-{meeting.review}-{place or spot}"
    told = TOLD_AS[row["change"]] if row["change"] else ""
    change = f" · {told}" if told else " · not on the map"
    children = f" · {row['said']} children" if row["said"] else ""
    with st.expander(f"{look.literal(row['name'])}{change}{children}", expanded=expanded):
        look.soft(f"{sentence(row['reasons'], row['change'])}. {TOLD_MEANING.get(told, '')}")
        if len(parts := row["hotspots"].split("|")) > 1:
            look.soft(f"On the map these are {len(parts)} places: {_parts(meeting, parts)}.")
        if row["stands"]:
            look.soft(f"Stands as: {VERDICTS[row['stands']].lower()}, since the review of {row['review']}.")
        left, right = st.columns(2, gap="large")
        with left:
            _decide(meeting, row, place, spot, key)
        with right:
            if place is None:
                look.soft("Once the group has decided, actions can be begun here.")
            else:
                act(meeting, place, row["place_type"], key)
        if place is not None:
            going(meeting, actions[actions["concern"] == place], key)
        said(key)


def _parts(meeting: Meeting, hotspots: list[str]) -> str:
    """The hotspots of one place of the register, each with its own change and count."""
    now = meeting.release.hotspots
    rows = now[(now["window"] == len(meeting.release.labels) - 1) & now["hotspot_id"].isin(hotspots)]
    return "; ".join(f"{meeting.names.get(row['hotspot_id'], '')} ({TOLD_AS[row['change']]}, {row['said']} children)"
                     for row in rows.to_dict("records"))


def _decide(meeting: Meeting, row: dict[str, Any], place: int | None, spot: str | None, key: str) -> None:
    with st.form(f"decide-{key}", border=False):
        name, kind = row["name"], row["place_type"]
        if place is None:
            name = st.text_input("What the group calls the place", row["name"], max_chars=80,
                                 help="Never an address or a person's name.")
            kinds = list(PLACE_TYPES)
            kind = st.selectbox("Kind of place", kinds, index=kinds.index(row["place_type"]),
                                format_func=lambda code: PLACE_TYPES[code].label)
        verdict = st.segmented_control("Decision", list(VERDICTS)[:3] if place is None else list(VERDICTS), default=None,
                                       format_func=VERDICTS.get)
        reason = st.text_area("Reason", max_chars=400, height=80, help="About the place alone. Needed to dismiss or close.")
        if st.form_submit_button("Record the decision", type="primary"):
            _try(key, lambda: _record(meeting, place or _open(meeting, str(spot), name, kind, verdict, reason), verdict, reason))


def _open(meeting: Meeting, spot: str, name: str, kind: str, *said: str | None) -> int:
    """Bring a place of the map before the group, once it is clear that there is a decision to keep."""
    _complete(*said)
    cells = meeting.release.cells
    mine = cells[(cells["hotspot_id"] == spot) & (cells["window"] == len(meeting.release.labels) - 1)]
    return meeting.book.open(session.actor(), meeting.collection, role=meeting.edition.role, name=name, place_type=kind,
                             cells=list(mine[["cell_e", "cell_n"]].itertuples(index=False, name=None)))


def _record(meeting: Meeting, place: int, verdict: str | None, reason: str) -> str:
    _complete(verdict, reason)
    meeting.book.decide(session.actor(), place, meeting.review, str(verdict), reason)
    return f"Recorded: {VERDICTS[str(verdict)].lower()}. It can be undone below, under Decided at this review."


def _complete(verdict: str | None, reason: str | None) -> None:
    session.must("review")
    if verdict is None:
        raise InputError("Choose what the group decided.", where="decision")
    if verdict in ("dismiss", "close") and not (reason or "").strip():
        raise InputError("Dismissing or closing a place needs a reason.", where="reason")


def act(meeting: Meeting, place: int, place_type: str, key: str) -> None:
    offered = options(place_type)
    with st.form(f"act-{key}", border=False):
        kind = st.selectbox("What would make this place safer?", offered, format_func=lambda c: ACTION_KINDS[c].label,
                            help="What those who run or use the place can do comes first; patrol comes last.")
        owner = st.text_input("Who answers for it (a post, not a name)", max_chars=80)
        agency = st.text_input("Agency", max_chars=80)
        today = session.today()
        first, second, third = st.columns(3)
        starts = first.date_input("Starts", today, format="DD/MM/YYYY")
        expires = second.date_input("Expires", None, format="DD/MM/YYYY", help="Last day of the power or the plan.")
        review_by = third.date_input("Look again by", today + REVIEW_AFTER, format="DD/MM/YYYY")
        if st.form_submit_button("Begin the action"):
            _try(key, lambda: _begin(meeting, place, kind=kind, owner=owner, agency=agency, starts=starts, expires=expires,
                                     review_by=review_by, status="under_way" if kind == "other_strategy" else "planned"))


def _begin(meeting: Meeting, place: int, **action: Any) -> str:
    session.must("review")
    number = meeting.book.act(session.actor(), place, **action)
    return f"Action {number} is in the log."


def going(meeting: Meeting, actions: pd.DataFrame, key: str) -> None:
    """The place's actions, each with its status to be changed."""
    for row in actions.to_dict("records"):
        until = "" if pd.isna(row["expires"]) else f", expires {row['expires']:%d %b %Y}"
        look.soft(f"Action {row['action']}: {ACTION_KINDS[row['kind']].label}. {row['owner']}, {row['agency']}. From "
                  f"{row['starts']:%d %b %Y}{until}, look again by {row['review_by']:%d %b %Y}. {STATUSES[row['status']]}.")
        with st.form(f"amend-{key}-{row['action']}", border=False):
            left, middle, right = st.columns([1, 2, 1], vertical_alignment="bottom")
            status = left.selectbox("Status", list(STATUSES), index=list(STATUSES).index(row["status"]), format_func=STATUSES.get)
            result = middle.text_input("What came of it", row["result"] if isinstance(row["result"], str) else "", max_chars=400)
            if right.form_submit_button("Save"):
                _try(key, lambda row=row, status=status, result=result: _amend(meeting, int(row["action"]), status, result))


def _amend(meeting: Meeting, action: int, status: str, result: str) -> str:
    session.must("review")
    meeting.book.amend(session.actor(), action, status=status, result=result)
    return f"Action {action} is saved."


def _try(key: str, do: Any) -> None:
    """Do it and show the page anew, or say beside the form what is wrong; nothing is half done."""
    try:
        st.session_state[DONE] = do()
    except ScopingError as error:
        st.session_state[f"said-{key}"] = f"{error.what} {error.fix}"
        return
    st.rerun()


def said(key: str) -> None:
    """What was wrong with a form's entries."""
    if text := st.session_state.pop(f"said-{key}", ""):
        st.error(text)


def done() -> None:
    """What was just done, in a corner: a place that was decided upon leaves the agenda, and its form with it."""
    if text := st.session_state.pop(DONE, ""):
        st.toast(text)
