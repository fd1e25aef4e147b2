"""The Review meeting: what the Risk Management Group must decide this month, what is late, and what came of it.

The meeting works on what was released to the group, frozen when the review was opened: a later record never changes what
was decided upon. Whoever may release opens a review; members see what was opened, and no record.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import streamlit as st

from geo_data.concern import Held
from geo_data.errors import ScopingError
from geo_data.keeping.concerns import Concerns
from geo_data.keeping.releases import Register
from geo_data.schema import ROLE_LABELS
from scoping.meeting import agenda as agendas
from scoping.showing import desk
from scoping.showing.contents import Release
from scoping.showing.editions import Edition
from scoping.showing.snapshot import TITLES, by_chance
from screens import controls, look, meeting_book, meeting_data, meeting_link, meeting_opening, meeting_place, released_map, session


class Meeting(NamedTuple):
    """One review: what was released for it, and the group's register."""

    collection: str
    release: Release
    edition: Edition
    names: dict[str, str]
    book: Concerns

    @property
    def review(self) -> str:
        return self.edition.period.key


def page() -> None:
    try:
        session.must("review")
        _page()
    except ScopingError as error:
        look.head("Review meeting", "")
        st.error(look.literal(error.what))
        look.soft(error.fix)


def _page() -> None:
    register = Register(session.store())
    present = meeting_data.reviewable()
    if not present:
        look.head("Review meeting", "What the Risk Management Group decides about places, month by month.",
                  session.settings().marking)
        look.empty("Nothing to review yet", "Import episodes first. Then an analyst opens the review of a month here.")
        return
    linked = meeting_link.follow(present)
    with st.sidebar:
        collection = controls.one_of(present, "meeting_data")
        opened = desk.released(register, collection, "rmg")
        if meeting_opening.OPENED in st.session_state:  # before its list is drawn: a drawn one cannot be set
            st.session_state["meeting_review"] = st.session_state.pop(meeting_opening.OPENED)
        edition = _choose(opened)
        if session.person().may("release"):
            meeting_opening.form(collection, register, opened)
    if edition is None:
        look.head("Review meeting", "What the Risk Management Group decides about places, month by month.",
                  session.settings().marking)
        _invented(collection)
        meeting_opening.first(collection, register)
        return
    release = desk.reopen(register, collection, session.rules(), edition)
    meeting = Meeting(collection, release, edition, meeting_data.names(release), Concerns(session.store()))
    look.head(f"Review of {edition.period.label}", f"{TITLES[edition.role]}, as released to the group and frozen.",
              release.marking)
    _invented(collection)
    _figures(meeting)
    _body(meeting, linked)


def _invented(collection: str) -> None:
    if collection == "demo":
        look.band("SYNTHETIC DATA", "Quernshire is invented. No child, place or event on this page is real.")


def _choose(opened: list[Edition]) -> Edition | None:
    """The review to hold: the latest with a place first."""
    if not opened:
        return None
    order = sorted(opened, key=lambda each: (each.period.start, each.role), reverse=True)
    label = {meeting_link.key(each): each for each in order}
    if st.session_state.get("meeting_review") not in label:  # a link to a review that is not there
        st.session_state.pop("meeting_review", None)
    first = next((key for key, each in label.items() if each.places), next(iter(label)))
    chosen = st.selectbox("Review", list(label), index=list(label).index(first), key="meeting_review",
                          format_func=lambda key: f"{label[key].period.label}, {ROLE_LABELS[label[key].role].lower()}")
    return label[chosen]


def _figures(meeting: Meeting) -> None:
    last = len(meeting.release.labels) - 1
    told = meeting.release.figures
    now = dict(told[told["window"] == last][["figure", "said"]].itertuples(index=False))
    wanted = (("Episodes", "episodes"), ("Children", "different children"), ("Repeat", "children with more than one episode"),
              ("Not located", "places not located well enough"), ("Heard", "episodes with a return interview completed"))
    shown = [look.Figure(str(now[figure]), label, figure) for label, figure in wanted if figure in now]
    places = len(meeting.release.editions[-1].places)  # of the edition, what today's rules show
    look.figures([look.Figure(look.count(places), "Places", "that may be shown to the group"), *shown])


def _body(meeting: Meeting, linked: meeting_link.Linked | None) -> None:
    meeting_place.done()
    held = meeting.book.held(meeting.collection)
    mine = agendas.of_edition(meeting.edition, held)
    asked = agendas.agenda(meeting.release, meeting.names, held, review=meeting.review, today=session.today())
    item = meeting_link.item(linked, meeting.edition, meeting.release)
    came_from = asked[[item in hotspots.split("|") for hotspots in asked["hotspots"]]] if item else asked.iloc[:0]
    if linked and linked.collection == meeting.collection:
        _came_from(meeting, linked, item, came_from, held)
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        released_map.draw(meeting.collection, meeting.release, meeting.names, key="meeting_map", selected=item)
    with right:
        meeting_book.late(held)
        meeting_book.since(meeting, mine)
        look.small_heading("How sure it is, and what is withheld")
        for sentence in (by_chance(meeting.release.editions[-1]), *meeting.release.withheld, meeting.release.rule):
            look.soft(sentence)
    look.small_heading(f"Agenda: {look.several(len(asked), 'place needs', 'places need')} the group" if len(asked)
                       else "Agenda: every place has its decision")
    if asked.empty:
        look.soft("Nothing on the map waits for a decision and nothing is late. Decisions of this review are below.")
    for row in asked.drop(came_from.index).to_dict("records"):
        meeting_place.card(meeting, row, held.actions)
    meeting_book.decided(meeting, mine)
    meeting_book.worked(meeting, mine)
    meeting_book.page_of_the_meeting(meeting, held)
    meeting_book.minutes(meeting, held)


def _came_from(meeting: Meeting, linked: meeting_link.Linked, item: str | None, row: pd.DataFrame, held: Held) -> None:
    """The item of the place whose card led here, before all else and open; or why there is none."""
    if linked.review != meeting_link.key(meeting.edition):
        return  # another review was chosen, or opened, since
    look.small_heading("The place you came from")
    for known in row.to_dict("records"):
        meeting_place.card(meeting, known, held.actions, expanded=True)
    if item is None:
        look.soft(f"It is not among the places released to the group for {meeting.edition.period.label}: too few different "
                  "children there in that time, or too few addresses round it. The group decides about what it can be shown.")
    elif row.empty:
        look.soft(f"{meeting.names.get(item, item)} needs nothing of this review. What was decided stands below.")
