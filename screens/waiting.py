"""While results are worked out: the visible window first, how far it has come after a second, a way back after five.

Hotspots are waited for by `results`, whatever else a page needs by `beside`.

The work goes on beside the page (`kept.Tasks`); the page only looks at it, so that a click or another filter is heard at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

import pandas as pd
import streamlit as st

from scoping.windows import ZONE
from screens import look, session, viewing, worked
from screens.kept import Task, Tasks
from screens.results import Given
from screens.worked import Asked, Drawn

T = TypeVar("T")
TASKS = Tasks()
LOOK_S, TELL_EVERY_S, TELL_S, STOP_S = 0.1, 0.4, 1.0, 5.0
SOON_S = 2.0  # so long the filters wait for the map, which they would hold up


def line() -> Any:
    """Where a page says how far `soon` and `results` are."""
    return st.container(key="waiting").empty()


def results(given: Given, start: str, place: Any, first: Callable[[Drawn], Any]) -> Drawn | None:
    """The results of `given`, whose window that began on `start` is looked at. What they raise is raised here.

    Where they take long `place` says so, and `first` is called once, with those of that window alone. None when the work was
    stopped: the page has said so.
    """
    data, asked, key = _of(given)
    ready = data.ready(asked)
    if ready is not None:
        return ready
    if st.session_state.get("stopped") == key:
        _stopped()
        return None
    task = TASKS.ask(key, _me(), partial(worked.work, data, asked, start))
    drawn = _watch(task, place, first, partial(stop, key))
    if task.fault:
        raise task.fault
    if drawn:
        st.rerun()  # all of it in place of the first look
    place.empty()
    return task.result


def begin(given: Given, start: str) -> None:
    """Begin to work on `given`, if it is not at hand, for whoever asks for `results` next: a guess. Another question ends it."""
    data, asked, key = _of(given)
    if data.at_hand and data.ready(asked) is None and st.session_state.get("stopped") != key:
        TASKS.ask(key, _me(), partial(worked.work, data, asked, start))


def soon(given: Given, start: str, place: Any) -> Drawn | None:
    """The results of `given` if they are at hand or will be within `SOON_S`. Work that takes longer goes on; `place` says so."""
    data, asked, key = _of(given)
    task = None if data.ready(asked) else TASKS.ask(key, _me(), partial(worked.work, data, asked, start))
    if task is not None and not task.done.wait(TELL_S):
        _tell(place, task)
        if not task.done.wait(SOON_S - TELL_S):
            return None
        place.empty()
    return data.ready(asked)


def beside(name: str, key: Hashable, work: Callable[[Task], Any]) -> bool:
    """Have `work` done beside the page, known by `key`: True once it is; False when it was stopped, and the page has said so.

    What it raises is raised here. It runs outside any session and keeps what it finds where the page looks for it afterwards.
    `name` tells several of one page apart.
    """
    place = st.container(key=f"waiting-{name}").empty()
    if st.session_state.get("stopped") == key:
        _stopped()
        return False
    task = TASKS.ask(key, _me(), work, beside=True)
    _watch(task, place, lambda _: None, partial(leave, key))
    if task.fault:
        raise task.fault
    place.empty()
    return True


def of_kept(name: str, key: Hashable, words: str, work: Callable[[], T]) -> T | None:
    """What `work` gives, kept for all under `key` (`session.kept`): at once where it is at hand, else made as by `beside`, with
    `words` for it. None when that was stopped.
    """
    kept = session.kept()

    def told(task: Task) -> None:
        task.tell(words)
        kept.get(key, work)

    return kept.get(key, work) if kept.find(key) is not None or beside(name, key, told) else None


def _of(given: Given) -> tuple[worked.Data, Asked, Hashable]:
    """Where they come from, what is asked of it, and the key under which it is worked out."""
    asked = given.asked
    return session.data(given.collection, given.version), asked, (given.collection, given.version, *asked.key)


def _watch(task: Task, place: Any, first: Callable[[Drawn], Any], cancel: Callable[[], None]) -> bool:
    """Until it is done; whether a first look was drawn. Every word to the page is a moment at which it can be called away."""
    drawn, button = False, False
    told: Any = None
    while not task.done.wait(LOOK_S if told is None else TELL_EVERY_S):
        passed = time.monotonic() - task.begun
        if task.first is not None and not drawn:
            drawn = True
            first(task.first)
        if passed >= TELL_S and (told is None or (not button and passed >= STOP_S)):
            with place.container(horizontal=True, vertical_alignment="center"):
                told = st.empty()
                _tell(told, task)
                if passed >= STOP_S:
                    button = True
                    st.button("Cancel", key="cancel", icon=":material/close:", on_click=cancel,
                              help="Back to what was shown before")
        elif told is not None:
            _tell(told, task)  # also when it says nothing new: this lets a click through
    return drawn


def _tell(place: Any, task: Task) -> None:
    """What it is at: with a bar where its share is known, else for how long."""
    words = task.stage or "Waiting for others’ work to end"
    if task.share is None:
        place.html(look.clock(words, int(time.monotonic() - task.begun)))
    else:
        place.progress(task.share, f"{words} …")


def stop(key: Hashable) -> None:
    """Nobody here wants it any more: back to the filters before."""
    leave(key)
    if len(st.session_state.get(viewing.TRAIL, [])) > 1:
        st.session_state.pop("stopped")
        viewing.undo()


def leave(key: Hashable) -> None:
    """Nobody here wants it any more, until they say that they do."""
    TASKS.leave(key, _me())
    st.session_state["stopped"] = key


def _stopped() -> None:
    look.empty("Stopped", "These results were not worked out to the end, because you cancelled. Nothing else has changed.")
    st.button("Work it out", key="go-on", icon=":material/play_arrow:", on_click=st.session_state.pop, args=("stopped",))


def _me() -> str:
    """This session, among those that wait."""
    return str(st.session_state.setdefault("me", uuid4().hex))


# ------------------------------------------------------------------ data that change under an open page

CHECK_S = 20


def changed(collection: str, version: str) -> None:
    """Say when the data changed since the last look, and watch whether they do while the page is open."""
    before = st.session_state.get("version_shown", {}).get(collection)
    st.session_state.setdefault("version_shown", {})[collection] = version
    if before and before != version:
        look.band("New data.", f"The data changed at {_when(collection)}; what you see is made from the new data.")
    _watch_version(collection, version.partition("-")[0])


@st.fragment(run_every=CHECK_S)
def _watch_version(collection: str, version: str) -> None:
    """Asks for the version alone, and nobody's sign-in: being watched is no step of a person's."""
    if session.opened().version(collection) == version:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="stale"):
        look.band("The data have changed.", f"New data came at {_when(collection)}. This page still shows those of before.")
        if st.button("Show the new data", key="renew", icon=":material/refresh:"):
            st.rerun(scope="app")


def _when(collection: str) -> str:
    held = session.opened().collections().set_index("name")
    if collection not in held.index:
        return "an unknown time"
    at = pd.Timestamp(held["updated_at"].to_dict()[collection]).tz_convert(ZONE)
    return f"{at:%H:%M}" if at.date() == session.today() else f"{at:%H:%M} on {at.day} {at:%B}"
