"""The questions of a missing children's group as views: a click sets filters, layers and comparison, and the answer stands
above the map with what it cannot say.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from geo_data.errors import ScopingError
from scoping.questions import QUESTIONS, Question, numbered
from scoping.showing.answers import Answer, Facts
from scoping.showing.answers import answer as answered
from screens import controls, look, results, signals
from screens.results import Choice
from screens.spot import Shown, pose, spot


def menu() -> None:
    box = st.popover("Questions", icon=":material/contact_support:", key="questions", on_change="rerun")
    if not box.open:  # else its buttons are a fifth of all that every step sends
        return
    with box:
        look.soft("Each sets the filters and the map, and answers in a sentence. Undo brings your own view back.")
        with st.container(key="question-list"):
            for question in QUESTIONS:
                st.button(f"{question.number}. {question.short}", key=f"ask-{question.number}", on_click=ask, args=(question,),
                          type="tertiary", help=question.text)


def ask(question: Question) -> None:
    """Set the screen as the question needs it."""
    state = spot()
    controls.reset()
    pose(question)
    st.session_state["questions"] = False  # the menu closes on its answer
    state["ask"] += 1


def leave() -> None:
    state = spot()
    state |= {"question": None, "compare": "now", "ask": state["ask"] + 1}


def answer(shown: Shown) -> None:
    """The question asked, its answer, and its caveat."""
    question = numbered(spot()["question"] or 0)
    if question is None:
        return
    with st.container(border=True, key="answer"):
        try:
            said = answered(question.number, facts(shown, question.number))
        except ScopingError as error:
            said = Answer(f"{error.what} {error.fix}")
        st.html(_says(question, said))
        st.button("Close", key="leave", on_click=leave, icon=":material/close:", type="tertiary", help="Close the question")


def _says(question: Question, said: Answer) -> str:
    lines = "".join(f"<li><span>{escape(label)}</span><b>{escape(value)}</b></li>" for label, value in said.lines)
    return (f'<div class="sc-card sc-answer"><p class="sc-soft">{question.number}. {escape(question.text)}</p>'
            f'<p class="sc-said">{escape(said.sentence)}</p>'
            + (f'<details><summary>What is behind it</summary><ul class="sc-list">{lines}</ul></details>' if lines else "")
            + f'<p class="sc-soft">{escape(question.caveat)}</p></div>')


def facts(shown: Shown, number: int) -> Facts:
    """What the question needs to be answered, and no more: some of it costs a moment."""
    more: dict[str, object] = {}
    if number in (8, 9):
        choice = Choice(shown.window, shown.hotspot)
        more["population"] = results.people(shown.given, choice)[0]
        if number == 9:
            more["agencies"] = results.agencies(shown.given, choice)
        elif shown.hotspot is None:
            more["feeds"] = results.feeds(shown.given, shown.window)
    if number == 5:
        more["flows"] = results.told_flows(shown.given, shown.window)
    if number == 10:
        more |= {"unplaced": results.unplaced(shown.given), "interviews": results.interviews(shown.given, shown.window)}
    if number == 11:
        more["by_source"] = results.by_source(shown.given)
    if number == 12:
        more["doing"] = results.doing(shown.given)
    if number == 14:
        more["signals"] = signals.beside(shown.release, shown.window, shown.collection)
    if number == 13:
        more["open_actions"] = results.open_actions(shown.given)
    if number == 15:
        more["others"] = results.other_settings(shown.given, shown.window)
    return Facts(shown.release, shown.window, shown.names, shown.hotspot, **more)

