"""Views of the Hotspots screen: undo of filters, and a link to what is looked at."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from screens import controls, look
from screens.spot import Shown, spot

TRAIL, MOST = "trail", 30


def now() -> dict[str, Any]:
    """The filters as they stand, by the key of their widget; those at their default left out."""
    found = {}
    for name, default in controls.DEFAULTS.items():
        value = st.session_state.get(name, default)
        if value != default:
            found[name] = list(value) if isinstance(value, list) else value
    return found


def remember() -> None:
    """Keep each set of filters that was looked at, so that it can be undone."""
    trail = st.session_state.setdefault(TRAIL, [])
    seen = now() | {"question": spot()["question"]}
    if not trail or trail[-1] != seen:
        trail.append(seen)
        del trail[:-MOST]


def undo() -> None:
    """Back to the filters before the last change."""
    trail = st.session_state.get(TRAIL, [])
    if len(trail) > 1:
        trail.pop()
        restore(trail[-1])


def restore(view: dict[str, Any]) -> None:
    """Set the filters as a view has them."""
    controls.reset()
    for name, value in view.items():
        if name in controls.DEFAULTS:
            st.session_state[name] = list(value) if isinstance(value, list) else value
    state = spot()
    state |= {"question": view.get("question"), "ask": state["ask"] + 1}


def menu(shown: Shown) -> None:
    trail = st.session_state.get(TRAIL, [])
    with st.popover("Views", icon=":material/bookmarks:", key="views"):
        look.small_heading("A link to this view")
        look.soft("Filters, window, hotspot and question; nothing of a person. It opens for those who may use this server.")
        st.code(link(shown), language=None, wrap_lines=True)
    st.button("Undo", icon=":material/undo:", key="undo", on_click=undo, disabled=len(trail) < 2,
              help="Back to the filters before the last change")


def link(shown: Shown) -> str:
    """The address of this view."""
    base = urlsplit(st.context.url or "")
    said = {**st.query_params.to_dict(), "at": shown.release.spans[shown.window][0]}
    if shown.hotspot:
        said["spot"] = shown.hotspot
    if spot()["question"]:
        said["q"] = spot()["question"]
    return f"{base.scheme}://{base.netloc}{base.path}?{urlencode(said)}"
