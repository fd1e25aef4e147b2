"""Two minutes in the invented county: five steps, each with what to do and a button that does it."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from scoping.questions import numbered
from screens import asking, look
from screens.spot import spot


class Step(NamedTuple):
    """What to see, and the question or way of comparing that shows it."""

    title: str
    says: str
    question: int = 0
    compare: str = ""


STEPS = (
    Step("Watch", "Drag the slider under the map, or press Play. Each shape is a place where several different children were "
                  "found in that window; the number counts the children."),
    Step("What changed?", "Purple is more, green is less, grey is the same, and each has a sign and a line of its own. "
                          "Changes are called so only when they are larger than chance would give.", question=2),
    Step("One place", "Click a shape, or a row of the table. The card says since when, how many children, how sure, at which "
                      "hours, what to think of first, and what would make the place safer."),
    Step("Before and after", "Two maps side by side, on one slider. Swipe lays one over the other.", compare="two"),
    Step("Doubt", "What is not on the map? Circles show where children are known only roughly. Further down, shuffled dates "
                  "tell what chance alone would give.", question=10),
)


def button(collection: str) -> None:
    """Begins the tour, in the invented county alone."""
    if collection == "demo":
        st.button("Tour", icon=":material/explore:", key="tour_begin", on_click=_go, args=(0,), help="Two minutes, five steps")


def strip(collection: str) -> None:
    """The step that the tour is at."""
    at = st.session_state.get("tour")
    if at is None or collection != "demo":
        return
    step = STEPS[at]
    with st.container(border=True, key="tour"):
        look.small_heading(f"{at + 1} of {len(STEPS)}. {step.title}")
        look.soft(step.says)
        with st.container(horizontal=True):
            if step.question or step.compare:
                st.button("Show me", key="tour_show", on_click=_show, args=(step,), type="primary")
            if at + 1 < len(STEPS):
                st.button("Next", key="tour_next", on_click=_go, args=(at + 1,))
            st.button("End the tour", key="tour_end", on_click=_go, args=(None,), type="tertiary")


def _go(at: int | None) -> None:
    st.session_state["tour"] = at


def _show(step: Step) -> None:
    question = numbered(step.question)
    if question:
        asking.ask(question)
    if step.compare:
        state = spot()
        state |= {"compare": step.compare, "ask": state["ask"] + 1}
