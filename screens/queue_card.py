"""One text of the review queue: its candidates on a small map, and the four ways to decide about it."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.grid import to_bng, to_wgs84
from geo_data.keeping.decided import SYNTHETIC, Ruling
from geo_data.placing.answer import tier_of_radius
from geo_data.placing.context import own
from geo_data.placing.geocode import geocode
from geo_data.placing.home import Home
from geo_data.placing.naming import describe
from geo_data.schema import PLACE_TYPES, ROLE_LABELS, TIERS
from scoping.showing import maps
from screens import controls, look, session
from screens.framed import framed

CANDIDATE, TYPED, PIN, NO_PLACE = "candidate", "typed", "pin", "no_place"
WAYS = {CANDIDATE: "Candidate", TYPED: "Type a place", PIN: "Drop a pin", NO_PLACE: "No place"}
RADII = {25.0: "Exactly here (25 m)", 100.0: "This street or site (100 m)", 250.0: "About here (250 m)",
         1_000.0: "Somewhere around (1 km): never clustered"}
MAP_HEIGHT = 320
DONE = "queue_done"  # what was decided last: told once, with its undoing


def card(collection: str, group: pd.Series) -> None:
    """Draw the card of one group (a row of `review.groups`)."""
    token = hashlib.sha256(str(group["key"]).encode()).hexdigest()[:12]  # names the widgets without naming the place
    with st.container(border=True):
        look.small_heading("The text")
        st.text(group["text"])
        roles = ", ".join(ROLE_LABELS[role].lower() for role in str(group["roles"]).split("|"))
        look.soft(f"{look.several(int(group['rows']), 'row', 'rows')} ({roles}), "
                  f"{look.several(int(group['children']), 'child', 'children')}. Now: {group['reason']}.")
        if group["authorities"] > 1:
            st.html('<p class="sc-flag">Records of '
                    f'{int(group["authorities"])} responsible authorities use this text: it may mean more than one place.</p>')
        options = _options(str(group["text"]), group["authority"])
        way_key = f"way-{token}"
        st.session_state.setdefault(way_key, CANDIDATE if options else TYPED)
        way = st.segmented_control("Decide by", list(WAYS), required=True, format_func=WAYS.__getitem__, key=way_key,
                                   width="stretch")
        point = _point(way, token, options)
        if way != NO_PLACE:
            _map(collection, token, point[1] if way == TYPED else options)
        _decide(collection, group, token, way, point[0])


def told() -> None:
    """Say what was decided last, and offer to take it back."""
    done = st.session_state.get(DONE)
    if not done:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(done["says"], icon=":material/check:")
        if st.button("Undo", key="undo-last", icon=":material/undo:"):
            undo(done["id"])


def undo(decision: int) -> None:
    """Take a decision back, and say so."""
    try:
        session.must("locate")
        outcome = session.decided().undo(session.actor(), decision, session.place)
    except ScopingError as error:
        st.error(look.words(error))
        return
    st.session_state[DONE] = None
    st.toast(f"Undone. {look.several(sum(outcome.episodes.values()), 'episode', 'episodes')} placed as before.")
    st.rerun()


# ------------------------------------------------------------------ where it may be

def _options(text: str, authority: object) -> list[dict[str, Any]]:
    """The geocoder's answer and its alternatives, best first: matched, tier, precision_m, easting, northing."""
    row = geocode([text], session.gazetteer(), _own_area(authority)).iloc[0]
    first = [{name: row[name] for name in ("matched", "tier", "precision_m", "easting", "northing")}] if row["tier"] != "P5" else []
    return first + list(row["candidates"])


def _own_area(authority: object) -> Home | None:
    return own("", authority, "", session.gazetteer()) if isinstance(authority, str) else None


def _point(way: str, token: str, options: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """What is chosen, as arguments of a `Ruling`, and what can be chosen from."""
    if way == CANDIDATE:
        return _choice(options, f"candidate-{token}"), options
    if way == TYPED:
        typed = st.text_input("Place", key=f"typed-{token}", placeholder="Street and town, postcode, grid reference, station …",
                              help="Looked up on this computer, as the text of a file would be.")
        found = _options(typed, None) if typed.strip() else []
        if typed.strip() and not found:
            st.warning("Nothing of that name is in the gazetteer. Try the street with its town, a postcode, or drop a pin.")
        return _choice(found, f"found-{token}"), found
    if way == PIN:
        return _pinned(token), options
    return {}, []


def _choice(options: list[dict[str, Any]], key: str) -> dict[str, Any] | None:
    if not options:
        return None
    if st.session_state.get(key) is not None and st.session_state[key] >= len(options):
        st.session_state[key] = 0
    chosen = st.radio("Candidates", range(len(options)), key=key, label_visibility="collapsed",
                      format_func=lambda i: f"{i + 1}. {_escaped(options[i]['matched'])}",
                      captions=[f"{TIERS[o['tier']].capitalize()}, within {o['precision_m']:,.0f} m" for o in options])
    one = options[chosen or 0]
    return {"easting": float(one["easting"]), "northing": float(one["northing"]), "precision_m": float(one["precision_m"]),
            "tier": one["tier"], "note": str(one["matched"])}


def _escaped(text: str) -> str:
    """A name from the gazetteer as plain text: radio labels are Markdown."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>()#+-.!|~$:" else sign for sign in str(text))


def _pinned(token: str) -> dict[str, Any] | None:
    pin = st.session_state.get(f"pin-{token}")
    radius = st.selectbox("How exact", list(RADII), index=1, format_func=RADII.__getitem__, key=f"radius-{token}")
    if pin is None:
        look.soft("Click on the map where the place is.")
        return None
    e, n = (float(axis) for axis in to_bng(*pin))
    if not session.gazetteer().on_land(np.array([e]), np.array([n])).all():
        st.warning("The pin lies in the sea or outside Great Britain. Click on land.")
        return None
    near = str(describe(session.gazetteer(), np.array([e]), np.array([n]))[0])
    look.soft(f"Pin {near}.")
    return {"easting": round(e), "northing": round(n), "precision_m": radius, "tier": tier_of_radius(radius), "note": f"pin {near}"}


def _map(collection: str, token: str, options: list[dict[str, Any]]) -> None:
    ground = session.ground(collection, session.version(collection))
    drawn = maps.pick_map(ground)
    places = []
    for one in options:
        lat, lon = to_wgs84(one["easting"], one["northing"])
        places.append({"lat": float(lat), "lon": float(lon), "name": str(one["matched"]), "radius": float(one["precision_m"])})
    way = st.session_state[f"way-{token}"]
    chosen = st.session_state.get(f"{'found' if way == TYPED else 'candidate'}-{token}", 0) if way in (CANDIDATE, TYPED) else None
    pin = st.session_state.get(f"pin-{token}") if way == PIN else None
    rev = hashlib.sha256(repr([token, [(p["lat"], p["lon"]) for p in places]]).encode()).hexdigest()[:12]
    group = maps.push_picks(places, theme=look.theme(), label="Map of the candidates; click to drop a pin", rev=rev,
                            chosen=chosen, pin=pin)
    framed(drawn, key="picks", height=MAP_HEIGHT, use_container_width=True, returned_objects=[], on_change=_heard,
           feature_group_to_add=group)
    st.session_state["queue_map"] = token


def _heard() -> None:
    """The small map spoke: a candidate was picked, or a pin dropped."""
    said = st.session_state.get("picks") or {}
    token = st.session_state.get("queue_map")
    if not token or said.get("event") in (None, st.session_state.get("queue_event")):
        return
    st.session_state["queue_event"] = said["event"]
    way = f"way-{token}"
    if isinstance(said.get("pick"), int):
        if st.session_state.get(way) not in (CANDIDATE, TYPED):
            st.session_state[way] = CANDIDATE
        st.session_state[f"{'found' if st.session_state[way] == TYPED else 'candidate'}-{token}"] = said["pick"]
    elif isinstance(said.get("lat"), int | float) and isinstance(said.get("lon"), int | float):
        st.session_state[way] = PIN
        st.session_state[f"pin-{token}"] = (float(said["lat"]), float(said["lon"]))


# ------------------------------------------------------------------ deciding

def _decide(collection: str, group: pd.Series, token: str, way: str, point: dict[str, Any] | None) -> None:
    more: dict[str, Any] = {}
    authority = group["authority"]
    if _own_area(authority):
        only = st.checkbox(f"Only in records of authority {authority}", key=f"area-{token}", value=bool(group["authorities"] > 1))
        more["area"] = authority if only else None
    if way != NO_PLACE:
        more["alias"] = st.checkbox("Teach it as a name", key=f"alias-{token}",
                                    help="Then it also holds behind words such as near, outside, opposite and rear of.")
        if more["alias"]:
            more["location_type"] = st.selectbox("Kind of place", list(PLACE_TYPES), index=None, format_func=controls.place_label,
                                                 key=f"kind-{token}", placeholder="Not said")
    rows = look.several(int(group["rows"]), "row", "rows")
    label = f"Names no place: {rows}" if way == NO_PLACE else f"Place {rows} here"
    if st.button(label, type="primary", disabled=point is None, icon=":material/check:", key=f"decide-{token}"):
        try:
            session.must("locate")
            ruling = Ruling(text=str(group["text"]), basis=way, **(point or {}), **more)
            outcome = session.decided().decide(session.actor(), [ruling], session.place, synthetic=collection == SYNTHETIC)
        except ScopingError as error:
            st.error(look.words(error))
            return
        moved = look.several(sum(outcome.episodes.values()), "episode", "episodes")
        st.session_state[DONE] = {"id": outcome.ids[0], "says": f"Decided. {moved} placed anew; the maps follow."}
        st.rerun()
