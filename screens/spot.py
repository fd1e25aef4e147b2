"""What is looked at on the Hotspots screen: window, hotspot, outline, question; heard from the map, the table and the link.

The link carries what a colleague needs to see the same: filters (bound by their widgets; dates told by `controls`), the window's
first day, a hotspot's id and a question's number. It carries nothing of a person, and what it says is believed only when it fits.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from scoping.parameters import Parameters
from scoping.questions import Question, numbered
from scoping.showing.disclosure import Release
from screens import worked
from screens.results import Choice, Given

SPOT = "spot"
NOWHERE: dict[str, Any] = {"hotspot": None, "start": "", "event": None, "ask": 0, "area": None, "find": "", "found": 0,
                           "question": None, "compare": None, "chosen": 0, "holds": "", "begun": False,
                           "where": None, "gone": None}
_LINK = {"at": r"\d{4}-\d{2}-\d{2}", "spot": r"[A-Z0-9]{1,8}-[A-Z0-9]{1,8}", "q": r"[1-9]\d?"}
MOST_CORNERS = 200
ELSEWHERE_M = 2_000  # farther than a hotspot moves under its id: the id, which is short, has gone to another place


class Shown(NamedTuple):
    """One set of filters, its results, and the window looked at; `payload` is what the map is handed, as text.

    Not `whole`: the results of that window alone, while the others are worked out.
    """

    collection: str
    given: Given
    release: Release
    names: dict[str, str]
    window: int
    hotspot: str | None
    payload: str
    whole: bool = True

    @property
    def parameters(self) -> Parameters:
        return self.given.parameters

    @property
    def choice(self) -> Choice:
        """What is looked at: the outline, else the hotspot, else the window."""
        area = spot()["area"]
        return Choice(self.window, self.hotspot, tuple(area) if area else None)


def spot() -> dict[str, Any]:
    """The state, made from the link at the first look."""
    if SPOT not in st.session_state:
        state = dict(NOWHERE)
        state |= {"start": _linked("at"), "hotspot": _linked("spot") or None}
        st.session_state[SPOT] = state
        question = numbered(int(_linked("q") or 0))
        if question:
            state |= {"question": question.number, "compare": question.compare}
            if not set(st.query_params) - set(_LINK):  # a question alone: its whole view; else the filters are the link's own
                pose(question)
    return st.session_state[SPOT]


def pose(question: Question) -> None:
    """Set filters, layers and comparison as the question needs them."""
    for name, value in question.sets.items():
        st.session_state[name] = value
    st.session_state["layers"] = list(question.layers)
    state = st.session_state[SPOT]
    state |= {"question": question.number, "compare": question.compare}


def _linked(name: str) -> str:
    said = st.query_params.get(name, "")
    return said if re.fullmatch(_LINK[name], said) else ""


def tell_link(shown: Shown) -> None:
    """Keep the address bar true: the window, the hotspot and the question looked at."""
    said = {"at": shown.release.spans[shown.window][0], "spot": shown.hotspot, "q": spot()["question"]}
    for name, value in said.items():
        if value is None:
            if name in st.query_params:
                del st.query_params[name]
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)


def window(release: Release, start: str) -> int:
    """The window that began on `start`, else the last before it; at first, the last complete one."""
    return worked.window([span[0] for span in release.spans], release.partial, start)


def heard() -> None:
    """The map spoke: take what it says once (its last word also comes back at every other rerun)."""
    said, state = st.session_state.get("map") or {}, spot()
    if not said.get("event") or said["event"] == state["event"]:
        return
    state |= {"event": said["event"], "holds": _text(said.get("holds")) or ""}
    if said.get("need") or said.get("drawn"):  # a map that is new in the page: it holds nothing yet, or is there
        return
    state["gone"] = None
    state |= {"hotspot": _text(said.get("hotspot")), "start": _text(said.get("start")) or state["start"],
              "area": _corners(said.get("area"))}
    if said.get("find"):
        state |= {"find": str(said["find"])[:120], "found": state["found"] + 1}


def _text(value: Any) -> str | None:
    return value[:40] if isinstance(value, str) else None


def _corners(value: Any) -> list[tuple[float, float]] | None:
    """An outline as the map sends it, [[lon, lat], ...]; None when it is none."""
    if not isinstance(value, list) or not 3 <= len(value) <= MOST_CORNERS:
        return None
    try:
        corners = [(float(lon), float(lat)) for lon, lat in value]
    except (TypeError, ValueError):
        return None
    return corners if all(-20 <= lon <= 20 and 40 <= lat <= 70 for lon, lat in corners) else None


def choose(hotspot: str | None) -> None:
    """Python chooses (a click in the table, a saved view): the map is asked to follow."""
    state = spot()
    state |= {"hotspot": hotspot, "ask": state["ask"] + 1, "gone": None}


def chosen(release: Release) -> str | None:
    """The hotspot that was chosen, where these results hold it at the place where it was chosen.

    Else it is chosen no more, and `gone` until somebody chooses anew: what was chosen never becomes another place.
    """
    state = spot()
    hotspot, before = state["hotspot"], state["where"]
    if hotspot is None:
        state["where"] = None
        return None
    found = release.anchors.loc[release.anchors["hotspot_id"] == hotspot, ["cell_e", "cell_n"]].to_numpy(dtype=np.float64)
    same = len(found) > 0 and (before is None or before[0] != hotspot or np.hypot(*(found[0] - before[1])) <= ELSEWHERE_M)
    if not same:
        state |= {"hotspot": None, "where": None, "gone": hotspot}
        return None
    if before is None or before[0] != hotspot:
        state["where"] = hotspot, found[0]
    return str(hotspot)
