"""The Hotspots screen: filters, figures, map, place card, table and coverage. Draws a `Release`; analyses nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st
from streamlit_folium import st_folium

from geo_data.errors import GazetteerError, ParameterError, ScopingError
from geo_data.schema import ROLE_LABELS
from scoping.parameters import Parameters
from scoping.showing import maps, views
from scoping.showing.disclosure import Release
from screens import chance, controls, look, place, session, welcome

MAP_HEIGHT = 640
_STAMPS = {"demo": "SYNTHETIC DATA", "sample": "PUBLIC SAMPLE DATA"}
SPOT = "spot"  # what is looked at: {hotspot, start, event, ask}, start being the window's first day


class Shown(NamedTuple):
    """One set of filters, its results, and the window looked at."""

    collection: str
    given: tuple[Any, ...]  # what the session's caches are keyed by
    release: Release
    names: dict[str, str]
    window: int
    hotspot: str | None


def page() -> None:
    st.session_state.setdefault(SPOT, {"hotspot": None, "start": "", "event": None, "ask": 0})
    try:
        present = session.present()
    except ScopingError as error:
        look.head("Hotspots", "")
        st.error(error.what)
        look.soft(error.fix)
        return
    if not present:
        welcome.page()
        return
    with st.sidebar:
        collection = controls.data_set(present)
        version = session.version(collection)
        available = session.available(collection, version)
        try:
            parameters = controls.parameters(available, sample=collection == "sample")
        except ParameterError as error:
            parameters = None
            trouble = error
    if parameters is None:
        st.warning(f"{trouble.what} {trouble.fix}")
        return
    _results(collection, version, parameters)


def _results(collection: str, version: str, parameters: Parameters) -> None:
    marking = session.settings().marking
    given = (collection, version, parameters, marking, session.today())
    try:
        release = session.release(*given)
        names = session.names(*given)
    except (ParameterError, GazetteerError) as error:
        st.warning(f"{error.what} {error.fix}")
        return
    if not release.labels:
        look.empty("There is nothing in time to look at", "None of these records has a date. Import records with dates.")
        return
    spot = st.session_state[SPOT]
    window = _window(release, spot["start"])
    hotspot = spot["hotspot"] if spot["hotspot"] in names else None
    shown = Shown(collection, given, release, names, window, hotspot)

    look.head(_title(collection, parameters), _says(shown, parameters), release.marking, _STAMPS.get(collection, ""))
    look.figures(_figures(shown))
    if release.hotspots.empty:
        _nothing(shown, parameters)
    left, right = st.columns([2.35, 1], gap="medium")
    with left:
        _map(shown)
    with right:
        place.card(shown)
    _table(shown)
    chance.section(shown)
    _coverage(shown)


# ------------------------------------------------------------------ words and figures

def _title(collection: str, parameters: Parameters) -> str:
    if collection == "sample":
        return "Where the sampled crimes concentrate"
    verb = {"found": "are found", "last_seen": "were last seen", "pickup": "are picked up"}[parameters.roles[0]]
    return f"Places where missing children {verb}"


def _says(shown: Shown, parameters: Parameters) -> str:
    unit = controls.people(shown.collection)[1] if parameters.count == "children" else parameters.count
    filters = [*(controls.STRAND_LABELS[s].lower() for s in parameters.strands), *(f"age {a}" for a in parameters.age_bands),
               *(controls.place_label(p).lower() for p in parameters.place_types), *parameters.categories]
    labels = shown.release.labels
    said = (f"{labels[0]} to {labels[-1]}, {look.several(len(labels), 'window', 'windows')}. "
            f"A hotspot: at least {parameters.min_children} {'different ' if parameters.count == 'children' else ''}{unit} "
            f"within {parameters.eps_m:.0f} m.")
    if filters:
        said += f" Only: {', '.join(filters)}."
    if parameters.keep_left_out:
        said += " Left-out places are kept in."
    return said


def _figures(shown: Shown) -> list[look.Figure]:
    release, k = shown.release, shown.window
    now = release.hotspots[release.hotspots["window"] == k]
    total = release.windows.iloc[k]
    change = now["change"].value_counts()
    active = int(now["children"].notna().sum())
    records = total["locations"] - total["filtered"]
    unmapped = total["not_mappable"] / records if records else None
    _, people = controls.people(shown.collection)
    return [
        look.Figure(look.count(active), "Hotspots", "in this window"),
        look.Figure(look.count(change.get("born", 0) + change.get("reactivated", 0)), "New", "or active again", "up"),
        look.Figure(look.count(change.get("grew", 0)), "Growing", "beyond chance", "up"),
        look.Figure(look.count(change.get("shrank", 0) + change.get("dissolved", 0)), "Fading", "reducing or gone", "down"),
        look.Figure(look.count(total["children"]), people.capitalize(), f"different {people}"),
        look.Figure(look.count(total["episodes"]), "Episodes", "in this window"),
        look.Figure("–" if unmapped is None else f"{unmapped:.0%}", "Not mappable",
                    f"{look.count(total['not_mappable'])} of {look.count(records)} records"),
    ]


def _nothing(shown: Shown, parameters: Parameters) -> None:
    used = int(shown.release.windows["used"].max()) if len(shown.release.windows) else 0
    people = controls.people(shown.collection)[1]
    why = [f"No place in any window has {parameters.min_children} different {people} within {parameters.eps_m:.0f} m "
           "that may be shown."]
    if used == 0:
        why = ["No record passes these filters with a place that is exact enough."]
    look.empty("No hotspots under these settings", *why, *shown.release.withheld,
               "Try longer windows, a smaller minimum, a wider neighbourhood, or fewer filters. "
               "None at all is also an answer: it may simply be quiet.")


# ------------------------------------------------------------------ the map, and what comes back from it

def _window(release: Release, start: str) -> int:
    """The window that began on `start`, else the last before it; at first, the last complete one."""
    starts = [span[0] for span in release.spans]
    if start:
        earlier = [k for k, day in enumerate(starts) if day <= start]
        return earlier[-1] if earlier else 0
    complete = [k for k, partial in enumerate(release.partial) if not partial]
    return complete[-1] if complete else len(starts) - 1


def _heard() -> None:
    """The map spoke: take its window and selection once (its last word also comes back at every other rerun)."""
    said = st.session_state.get("map") or {}
    spot = st.session_state[SPOT]
    if said.get("event") and said["event"] != spot["event"]:
        spot |= {"event": said["event"], "hotspot": said.get("hotspot"), "start": said.get("start") or spot["start"]}


def choose(hotspot: str | None) -> None:
    """Python chooses (a click in the table): the map is asked to follow."""
    spot = st.session_state[SPOT]
    spot |= {"hotspot": hotspot, "ask": spot["ask"] + 1}


def _map(shown: Shown) -> None:
    ground = session.ground(*shown.given[:2])
    drawn = maps.base_map(ground.kind, ground.centre, ground.zoom, attribution=ground.attribution, layers=ground.layers,
                          version=ground.version)
    payload = session.timeline(*shown.given) | {
        "theme": look.theme(), "stamp": _STAMPS.get(shown.collection, ""),
        "unit": controls.people(shown.collection), "window": shown.window,
        "selected": shown.hotspot, "ask": st.session_state[SPOT]["ask"]}
    st_folium(drawn, key="map", height=MAP_HEIGHT, use_container_width=True, returned_objects=[],
              feature_group_to_add=maps.push(payload), on_change=_heard)


# ------------------------------------------------------------------ the table that says the same

_COLUMNS = {
    "Hotspot": st.column_config.TextColumn("Id", help="Keeps its id from window to window.", width="small"),
    "Place": st.column_config.TextColumn("Place", help="The nearest named place. Never an address."),
    "Change": st.column_config.TextColumn("Change", help="Against the windows before; growing and reducing are beyond chance."),
    "Children": st.column_config.NumberColumn("Children", width="small", help=(
        "Different children in this window. Empty: no hotspot now.")),
    "Episodes": st.column_config.NumberColumn("Episodes", help="Missing episodes in this window.", width="small"),
    "Children previous window": st.column_config.NumberColumn("Before", width="small", help=(
        "Different children one window before.")),
    "Since": st.column_config.TextColumn("Since", help="First day of the window in which it was first a hotspot."),
    "Windows seen": st.column_config.NumberColumn("Windows", help="In how many windows it was a hotspot.", width="small"),
    "Interval": st.column_config.TextColumn("Rate against the past year", help=(
        "How many times the past year's rate, with its 90 % interval. An interval that holds 1.0 is no change beyond chance.")),
}


def _table(shown: Shown) -> None:
    frame = views.table(shown.release, shown.names, shown.window)
    look.small_heading(f"The same in a table: {shown.release.labels[shown.window]}")
    if frame.empty:
        look.soft("No hotspots in this window.")
        return
    frame["Change"] = frame["Change"].str.capitalize()
    columns = _COLUMNS
    if shown.collection == "sample":
        columns = _COLUMNS | {"Children": st.column_config.NumberColumn("People", help="One for each record: public sample data.")}
    row = frame.index[frame["Hotspot"] == shown.hotspot].tolist()
    # the key names what is selected, so that a click on the map gives the table a new selection
    key = f"table-{shown.window}-{shown.hotspot}-{len(frame)}"
    said = st.dataframe(frame, hide_index=True, on_select="rerun", selection_mode="single-row", key=key,
                        selection_default={"selection": {"rows": row, "columns": []}}, column_config=columns, placeholder="",
                        height="content" if len(frame) <= 12 else 440, alt="Hotspots of this window, as on the map")
    picked = said["selection"]["rows"]
    chosen = str(frame["Hotspot"].iloc[picked[0]]) if picked else None
    if chosen != shown.hotspot and (chosen is not None or row):
        choose(chosen)
        st.rerun()


# ------------------------------------------------------------------ what the map cannot see

_TIER_WORDS = (("P1", "exact"), ("P2", "to the street"), ("P3", "to the postcode"), ("P4", "too coarse"), ("P5", "not placed"))


def _coverage(shown: Shown) -> None:
    release = shown.release
    look.small_heading("What this map cannot see")
    asked = release.roles[release.roles["asked"]]
    total = int(asked["locations"].sum())
    entered = int(asked["entered"].sum())
    look.soft(f"{entered:,} of {total:,} recorded places enter the counting over all dates. {' '.join(release.withheld)}")
    reasons = release.reasons[release.reasons["role"].isin(asked["role"])]
    others = release.roles[~release.roles["asked"] & (release.roles["locations"] > 0)]
    first, second, third = st.columns([1.2, 1.2, 1], gap="large")
    first.html('<div class="sc-card"><h3>How exactly the places could be placed</h3>'
               + look.bars([(word.capitalize(), float(asked[tier].sum()), look.count(asked[tier].sum()))
                            for tier, word in _TIER_WORDS])
               + "</div>")
    second.html('<div class="sc-card"><h3>Left out, by reason</h3>'
                + look.bars([(r["reason"].capitalize(), float(r["locations"]), look.count(r["locations"]))
                             for r in reasons.to_dict("records")]) + "</div>")
    if len(others):
        third.html('<div class="sc-card"><h3>Other places of these episodes</h3><ul class="sc-list">'
                   + "".join(f"<li><span>{ROLE_LABELS[r['role']]}</span><b>{look.count(r['located'])} of "
                             f"{look.count(r['locations'])} placed</b></li>" for r in others.to_dict("records")) + "</ul></div>")
