"""Views of the Hotspots screen: undo of filters, a link, views kept for oneself and the team, two of them side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import pandas as pd
import streamlit as st

from geo_data.errors import ParameterError, ScopingError
from geo_data.keeping.saved_views import SavedViews, read
from scoping.showing import views
from screens import controls, look, session
from screens.spot import Shown, spot

TRAIL, MOST = "trail", 30


def now() -> dict[str, Any]:
    """The filters as they stand, by the key of their widget, and the dates; those at their default left out."""
    found: dict[str, Any] = dict(controls.said_days())
    for name, default in controls.DEFAULTS.items():
        value = st.session_state.get(name, default)
        if value != default:
            found[name] = list(value) if isinstance(value, list) else value
    return found


def remember() -> None:
    """Keep each set of filters that was looked at, so that it can be undone."""
    trail = st.session_state.setdefault(TRAIL, [])
    seen = now() | {"question": spot()["question"], "data": st.session_state.get("data"), "half": controls.half_chosen()}
    if trail and trail[-1]["data"] != seen["data"]:
        _leave_dates(trail, seen["data"])
    if trail and trail[-1]["half"]:  # of dates half chosen one goes back to those before, and never back to them
        trail.pop()
    if not trail or trail[-1] != seen:
        trail.append(seen)
        del trail[:-MOST]


def _leave_dates(trail: list[dict[str, Any]], data: str) -> None:
    """Dates are those of one data set: in another nobody goes back to them."""
    kept = [{name: value for name, value in step.items() if name not in ("from", "to")} | {"data": data} for step in trail]
    trail[:] = [step for k, step in enumerate(kept) if k == 0 or step != kept[k - 1]]


def undo() -> None:
    """Back to the filters before the last change."""
    trail = st.session_state.get(TRAIL, [])
    if len(trail) > 1:
        trail.pop()
        restore(trail[-1])


def restore(view: dict[str, Any]) -> None:
    """Set the filters as a view has them; what is no filter, or no value of one, is left at its default."""
    controls.reset()
    for name, value in view.items():
        if controls.fits(name, value):
            st.session_state[name] = list(value) if isinstance(value, list) else value
    controls.set_days(view)
    state = spot()
    state |= {"question": view.get("question"), "ask": state["ask"] + 1}


# ------------------------------------------------------------------ the menu

def menu(shown: Shown) -> None:
    trail = st.session_state.get(TRAIL, [])
    box = st.popover("Views", icon=":material/bookmarks:", key="views", on_change="rerun")
    if box.open:
        with box:
            _link(shown)
            try:
                _kept(shown)
            except ScopingError as error:
                st.warning(look.words(error))
    st.button("Undo", icon=":material/undo:", key="undo", on_click=undo, disabled=len(trail) < 2,
              help="Back to the filters before the last change")


def _link(shown: Shown) -> None:
    look.small_heading("A link to this view")
    look.soft("Filters, window, hotspot and question; nothing of a person. It opens for those who may use this server.")
    st.code(link(shown), language=None, wrap_lines=True)


def link(shown: Shown) -> str:
    """The address of this view."""
    base = urlsplit(st.context.url or "")
    # a filter of several values stands once for each of them
    said: dict[str, Any] = {name: st.query_params.get_all(name) for name in st.query_params}
    said["at"] = shown.release.spans[shown.window][0]
    if shown.hotspot:
        said["spot"] = shown.hotspot
    if spot()["question"]:
        said["q"] = str(spot()["question"])
    return f"{base.scheme}://{base.netloc}{base.path}?{urlencode(said, doseq=True)}"


def _kept(shown: Shown) -> None:
    book, who = SavedViews(session.store()), session.actor()
    kept = book.of(who, shown.collection)
    look.small_heading("Kept views")
    with st.form("keep-view", border=False):
        name = st.text_input("Name", key="view_name", max_chars=60, placeholder="What this view is for")
        team = st.checkbox("For the whole team", key="view_team")
        if st.form_submit_button("Keep this view", icon=":material/bookmark_add:"):
            book.keep(who, shown.collection, name, now() | {"question": spot()["question"]}, team=team)
            st.rerun()
    if kept.empty:
        look.soft("None yet.")
        return
    # names are data and a label is read as Markdown: choose from a list, which is not
    labels = {int(row["id"]): f"{row['name']}{' (team)' if row['team'] else ''}" for row in kept.to_dict("records")}
    chosen = st.selectbox("View", list(labels), format_func=labels.__getitem__, key="view_chosen")
    view = read(kept.set_index("id").loc[chosen, "view"])
    with st.container(horizontal=True):
        st.button("Show", key="view_show", on_click=restore, args=(view,), type="primary")
        if st.button("Delete", key="view_delete", disabled=kept.set_index("id").loc[chosen, "owner"] != who):
            book.forget(who, chosen)
            st.rerun()
    _beside(shown, view)


def _beside(shown: Shown, view: dict[str, Any]) -> None:
    """The numbers of a kept view beside those on the screen, window by window of the same start."""
    if not st.toggle("Compare with what is on the screen", key="view_compare"):
        return
    try:
        asked = controls.kept_parameters(view, shown.parameters, sample=shown.collection == "sample")
        other = session.release(*shown.given._replace(parameters=asked))
    except ParameterError as error:
        st.warning(look.words(error))
        return
    st.dataframe(_table(shown, views.totals(other)), hide_index=True, alt="Hotspots and children of both views", height=260)


def _table(shown: Shown, other: pd.DataFrame) -> pd.DataFrame:
    both = views.totals(shown.release).merge(other, on="Window", how="outer", suffixes=(" here", " in the kept view"), sort=False)
    both = both.sort_values("Starts here", ascending=False, na_position="last")
    return both.drop(columns=[name for name in both if str(name).startswith("Starts")])
