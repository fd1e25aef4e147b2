"""What stands in the group's register: late actions, last review's decisions, this review's, what worked, the minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from geo_data.concern import ACTION_KINDS, VERDICTS, Held, cells_of
from geo_data.errors import ScopingError
from geo_data.safe_cell import safe_csv
from scoping.change import effect
from scoping.meeting import agenda as agendas
from scoping.meeting.minutes import minutes as minutes_of
from scoping.showing.periods import Period
from scoping.transitions import TOLD_AS
from scoping.windows import ZONE, microseconds
from screens import look, meeting_data, meeting_place, session

if TYPE_CHECKING:
    from screens.meeting import Meeting

HALF_CELL_M = 250.0


def late(held: Held) -> None:
    """Actions past their day, and places agreed upon where nothing was begun."""
    overdue = agendas.late(held, session.today())
    look.small_heading("Late")
    idle = agendas.waiting(held, session.today())
    if idle:
        told = "; ".join(f"{look.literal(name)} (agreed {day.day} {day:%b %Y})" for name, day in idle)
        look.soft(f"Nothing was begun yet at: {told}. After {agendas.DAYS_TO_BEGIN} days a place is late.")
    if overdue.empty:
        look.soft("No action is past its day." if idle else "No action is past its day, and every location of concern has one.")
        return
    st.dataframe(pd.DataFrame({
        "Place": overdue["name"], "Action": [ACTION_KINDS[k].label if k else "None begun" for k in overdue["kind"]],
        "Owner": overdue["owner"], "Since": overdue["day"], "Days": overdue["days_late"],
        "Why": overdue["why"].map(agendas.REASONS)}), hide_index=True, alt="Late actions, the longest first",
        column_config={"Since": st.column_config.DateColumn(format="D MMM YYYY"),
                       "Days": st.column_config.NumberColumn(width="small")})


def since(meeting: Meeting, held: Held) -> None:
    """What the review before decided, and what is seen there now."""
    start = meeting.edition.period.start
    before = sorted({str(review) for review in held.verdicts["review"] if Period.parse(str(review)).start < start},
                    key=lambda review: Period.parse(review).start)
    look.small_heading("Last decisions, and what happened since")
    if not before:
        look.soft("No earlier review has decided anything.")
        return
    told = agendas.since(meeting.release, held, before[-1])
    st.dataframe(pd.DataFrame({
        "Place": told["name"], f"Decided at {before[-1]}": told["verdict"].map(VERDICTS),
        "Now": [TOLD_AS[change] if change else "not on the map" for change in told["change"]], "Children": told["said"]}),
        hide_index=True, alt="Decisions of the last review and what is seen now")


def decided(meeting: Meeting, held: Held) -> None:
    """This review's decisions; each can be taken back."""
    places, names = held.places, agendas.called(held, meeting.edition.role)
    mine = held.verdicts[held.verdicts["review"] == meeting.review]
    look.small_heading("Decided at this review")
    if mine.empty:
        look.soft("Nothing yet.")
        return
    for row in mine.to_dict("records"):
        left, right = st.columns([6, 1], vertical_alignment="center")
        reason = f": {row['reason']}" if isinstance(row["reason"], str) else ""
        with left:
            look.soft(f"{names[row['concern']]}. {VERDICTS[row['verdict']]}{reason} ({row['actor']}, {row['at']:%d %b %Y})")
        right.button("Undo", key=f"undo-verdict-{row['id']}", on_click=_undo, args=(meeting, int(row["id"])))
    known = held.actions[held.actions["concern"].isin(mine["concern"])]
    for place, rows in known.groupby("concern"):
        with st.expander(f"Actions at {look.literal(names[place])}"):
            meeting_place.going(meeting, rows, f"decided-{place}")
            meeting_place.said(f"decided-{place}")
    agreed = mine[mine["verdict"].isin(["concern", "watch"])]
    kinds = dict(zip(places["id"].tolist(), places["place_type"], strict=True))
    for place in agreed["concern"].drop_duplicates():
        with st.expander(f"Begin an action at {look.literal(names[place])}"):
            meeting_place.act(meeting, int(place), kinds[place], f"begin-{place}")
            meeting_place.said(f"begin-{place}")


def _undo(meeting: Meeting, row: int) -> None:
    try:
        session.must("review")
        meeting.book.undo(session.actor(), "verdict", row)
    except ScopingError as error:
        st.toast(look.words(error))


def worked(meeting: Meeting, held: Held) -> None:
    """Before and after of each action, for those who may read records."""
    begun = held.actions[held.actions["status"].isin(["under_way", "done", "stopped"])]
    look.small_heading("Did it work?")
    if begun.empty:
        look.soft("No action has been under way yet. From 84 days after one began, its place is compared with similar places.")
        return
    if not session.person().may("records"):
        look.soft("An analyst can show this: it is worked out from the records.")
        return
    if session.store().part:
        look.soft("Worked out from the records that you may read, a part of all: who may read more may be told otherwise.")
    for row in begun.to_dict("records"):
        found = _effect(meeting, held, int(row["concern"]), row["starts"])
        look.soft(f"{held.names[row['concern']]}, {ACTION_KINDS[row['kind']].label.lower()}, from {row['starts']:%d %b %Y}. "
                  f"{effect.sentence(found)}")


def _effect(meeting: Meeting, held: Held, place: int, starts: pd.Timestamp) -> effect.Effect:
    points, last = meeting_data.points(meeting.collection, session.version(meeting.collection), meeting.edition.role)
    # a place comes before the group because it was busy: what its first review looked at is no "before"
    reviews = held.verdicts.loc[held.verdicts["concern"] == place, "review"]
    picked = min([starts, *(pd.Timestamp(Period.parse(review).start) for review in reviews)])
    begun, picked_us = microseconds(pd.DatetimeIndex([starts, picked]).tz_localize(ZONE)).tolist()
    squares = {int(row["id"]): _square(row["name"], cells_of(row["cells"])) for row in held.places.to_dict("records")}
    shown = meeting.release.cells.groupby("hotspot_id")
    others = [_square(str(name), list(cells[["cell_e", "cell_n"]].drop_duplicates().itertuples(index=False, name=None)))
              for name, cells in shown]
    return effect.effect(points, squares[place], others, radius_m=HALF_CELL_M, start_us=begun, until_us=last, picked_us=picked_us)


def _square(name: str, cells: list[tuple[int, int]]) -> effect.Place:
    corners = np.array(cells, dtype=np.float64) + HALF_CELL_M
    return effect.Place(name, corners[:, 0], corners[:, 1], square=True)


def page_of_the_meeting(meeting: Meeting, held: Held) -> None:
    """The page that the group decides on, to be printed or edited; registered when it is made."""
    if not session.person().may("release"):
        return
    look.small_heading("The page for the meeting")
    key = f"pack-{meeting.collection}-{meeting.review}-{meeting.edition.role}"
    if st.button("Make the page", icon=":material/description:", key=f"make-{key}", help="One A4 page: the map with at most ten "
                 "places, decisions, actions and what is late. As PDF, PowerPoint and HTML; each file is entered in the register."):
        with st.spinner("Drawing the page …"):
            files = meeting_data.pack_files(meeting.collection, meeting.release, held)
            st.session_state[key] = (meeting_data.made_from(meeting.release, held), files)
    made_from, files = st.session_state.get(key, ("", []))
    if files and made_from != meeting_data.made_from(meeting.release, held):
        look.soft("The page that was made does not say what stands in the register now: make it anew.")
    elif files:
        with st.container(horizontal=True):
            for name, kind, data in files:
                st.download_button(kind.upper(), data, name, key=f"{key}-{kind}", on_click="ignore")


def minutes(meeting: Meeting, held: Held) -> None:
    """The minutes, as text and as a table."""
    look.small_heading("Minutes")
    text = minutes_of(meeting.edition, meeting.release.marking, held, session.today())
    table = meeting.book.history(meeting.collection)
    key = f"minutes-{meeting.collection}-{meeting.review}-{meeting.edition.role}"
    if st.button("Prepare the minutes as files", icon=":material/download:", key=f"make-{key}"):
        session.store().note(session.actor(), "export minutes", {"review": meeting.review})  # what is not entered does not leave
        st.session_state[key] = text
    if st.session_state.get(key) == text:  # what was decided since is not in the file: prepare it anew
        with st.container(horizontal=True):
            st.download_button("Minutes (text)", text.encode(), f"minutes-{meeting.review}.txt", "text/plain", on_click="ignore")
            st.download_button("Whole register (CSV)", safe_csv(table.assign(at=table["at"].astype("str"))),
                               "locations-of-concern.csv", "text/csv", on_click="ignore")
    with st.expander("Read the minutes"):
        st.text(text)
