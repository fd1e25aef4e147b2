"""Opening a review: one month released to the group, after a look at what it would show."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.keeping.releases import Register
from geo_data.schema import ROLE_LABELS, ROLES
from scoping.parameters import Parameters
from scoping.showing import desk
from scoping.showing.editions import Edition
from scoping.showing.periods import Period
from scoping.showing.publication import Chosen
from screens import look, meeting_data, session

MONTHS = 24  # offered, the latest first
OPENED = "meeting_opened"  # the review that was just opened, to be shown next


def form(collection: str, register: Register, opened: list[Edition]) -> None:
    """Choose a month and open its review."""
    last = meeting_data.last_day(collection)
    if last is None:
        return
    with st.expander("Open a review", icon=":material/add:", expanded=not opened):
        role = st.selectbox("Places where children", ROLES, index=ROLES.index("found"), key="opening_role",
                            format_func=lambda name: {"found": "were found", "last_seen": "were last seen",
                                                      "pickup": "were picked up"}[name])
        months = _months(last)
        month = st.selectbox("Month", months, key="opening_month", format_func=lambda key: Period.parse(key).label,
                             help="The last whole months of the records. If a month alone is too thin to show anything, the "
                                  "quarter that holds it is offered, and said.")
        if st.button("Open the review", key="opening_go", type="primary"):
            with st.spinner(f"Opening {Period.parse(month).label}: counting in fixed cells, and what chance gives …"):
                _open(collection, register, role, month)
            st.rerun()
        if st.session_state.get("opening_said"):
            look.soft(st.session_state.pop("opening_said"))


def first(collection: str, register: Register) -> None:
    """In the place of a map when nothing has been released: why there is none, and the one click that makes one."""
    says = ["There is no map yet: the group sees places only once a month has been released to it. Opening a review releases one "
            "month and freezes it: what is decided later can always be read beside what the group saw."]
    if not session.person().may("release"):
        look.empty("No review has been opened", *says, "Ask an analyst to open one.")
        return
    look.empty("No review has been opened", *says)
    last = meeting_data.last_day(collection)
    if last is None:
        return
    month = _months(last)[0]
    if st.button(f"Open the review of {Period.parse(month).label}", key="opening_first", type="primary", icon=":material/map:",
                 help="Places where children were found. Another month or role: in the sidebar."):
        with st.spinner(f"Opening {Period.parse(month).label}: counting in fixed cells, and what chance gives …"):
            _open(collection, register, "found", month)
        st.rerun()


def _months(last: date) -> list[str]:
    last = min(last, session.today() - timedelta(days=1))  # today itself is not over
    end = pd.Period(str(last), freq="M")
    whole = end if (last + timedelta(days=1)).day == 1 else end - 1
    return [str(whole - k) for k in range(MONTHS)]


def _open(collection: str, register: Register, role: str, month: str) -> None:
    """Release the month to the group. What forbids it is told where it was asked for."""
    try:
        session.must("release")
        proposal = propose(collection, register, role, month)
        desk.sign(register, proposal, session.actor())
    except ScopingError as error:
        st.session_state["opening_said"] = f"{error.what} {error.fix}"
        return
    edition = proposal.release.editions[-1]
    opened = f"{edition.period.label} is open: {ROLE_LABELS[role].lower()} places."
    st.session_state["opening_said"] = proposal.release.reason or opened
    st.session_state[OPENED] = f"{edition.period.key} {edition.role}"


def propose(collection: str, register: Register, role: str, month: str) -> desk.Proposal:
    """What opening would release: it is made of every row, whoever opens it."""
    data = session.whole(collection)
    scoped = Chosen(data.locations(), Parameters(roles=(role,)))
    return desk.propose(
        register, collection, scoped, rules=session.rules(), tier="rmg", period=Period.parse(month),
        addresses=session.grid, episodes=data.with_interviews(desk.NEEDED), today=session.today())
