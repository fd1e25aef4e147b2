"""The Hotspots screen: filters, figures, map, place card, table and coverage. Draws a `Release`; analyses nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import streamlit as st

from geo_data.errors import GazetteerError, ParameterError
from scoping.parameters import Parameters
from screens import (
    asking,
    chance,
    choosing,
    controls,
    look,
    mapped,
    people,
    place,
    reviewed,
    session,
    table,
    tour,
    unseen,
    viewing,
    waiting,
)
from screens.results import Given
from screens.spot import Shown, chosen, spot, tell_link, window
from screens.worked import Drawn


def page() -> None:
    state, line = spot(), waiting.line()
    begins = _begins(line)
    asked = begins or choosing.chosen("Hotspots", at_once=True, guess=_begin_on)
    if asked is None:
        return
    collection, version, parameters = asked
    if not begins:
        viewing.remember()
    with st.container(key="news"):  # always there, so that the map keeps its place in the page, and with it its frame
        waiting.changed(collection, version)
    given = Given(collection, version, parameters, session.rules(), session.today())
    try:
        found = waiting.results(given, state["start"], line, lambda first: _results(_shown(given, first, whole=False)))
    except (ParameterError, GazetteerError) as error:
        st.warning(look.words(error))
        return
    if found is None:
        return
    if not found.release.labels:
        look.empty("There is nothing in time to look at", "None of these records has a date. Import records with dates.")
        return
    _results(_shown(given, found), begins=bool(begins))


def _begins(line: Any) -> tuple[str, str, Parameters] | None:
    """At a session's first look, where the results come soon: what the filters will say, so that the map comes before them.

    Page and map share one thread of the browser, and the filters alone take it a second. Without a browser nothing is gained.
    """
    state = spot()
    if state["begun"] or not st.context.headers:
        return None
    state["begun"] = True
    asked = choosing.foreseen()
    if asked is None:
        return None
    found = waiting.soon(Given(*asked, session.rules(), session.today()), state["start"], line)
    return asked if found is not None and found.release.labels else None


def _begin_on(collection: str, version: str, parameters: Parameters) -> None:
    """Work on what the filters will most likely say goes on while they are drawn."""
    waiting.begin(Given(collection, version, parameters, session.rules(), session.today()), spot()["start"])


def _shown(given: Given, found: Drawn, *, whole: bool = True) -> Shown:
    release, names, payload = found
    hotspot = chosen(release) if whole else None
    return Shown(given.collection, given, release, names, window(release, spot()["start"]), hotspot, payload, whole)


def _results(shown: Shown, *, begins: bool = False) -> None:
    """The page of these results. One that `begins` ends with its map, and runs again in full once that is drawn.

    What stands before the map is the same in both: with its place in the page it would lose its frame.
    """
    head = st.container(key="head")  # drawn after the map, which the browser takes longest over
    left, right = st.columns([2.35, 1], gap="medium")
    with left:
        mapped.draw(shown)
    with head:
        _head(shown, begins=begins)
    if begins:
        mapped.wait()
        st.rerun()
    with right:
        place.card(shown)
    table.draw(shown)
    if not shown.whole:
        return
    people.section(shown)
    chance.section(shown)
    unseen.draw(shown)
    tell_link(shown)


def _head(shown: Shown, *, begins: bool) -> None:
    """What stands above the map."""
    release, state, parameters = shown.release, spot(), shown.parameters
    with st.container(horizontal=True, vertical_alignment="top", key="top"):
        with st.container(key="headline"):
            look.title(_title(shown.collection, parameters))
        if shown.whole and not begins:
            tour.button(shown.collection)
            asking.menu()
            viewing.menu(shown)
    look.says(_says(shown, parameters), release.marking, mapped.STAMPS.get(shown.collection, ""))
    with st.container(key="said"):
        if shown.whole and state["gone"]:
            look.soft(f"The hotspot {state['gone'][:20]} is not in these results any more: "
                      "the data or the filters have changed.")
        if shown.whole and not begins:
            tour.strip(shown.collection)
            asking.answer(shown)
    look.figures(_figures(shown))
    with st.container(key="nothing"):
        if release.hotspots.empty:
            _nothing(shown, parameters)


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
    spans = shown.release.spans
    first, last = date.fromisoformat(spans[0][0]), date.fromisoformat(spans[-1][1]) - timedelta(days=1)
    said = (f"{look.several(len(spans), 'window', 'windows')}, {first.day} {first:%b %Y} to {last.day} {last:%b %Y}. "
            f"A hotspot: at least {parameters.min_children} {'different ' if parameters.count == 'children' else ''}{unit} "
            f"within {parameters.eps_m:.0f} m.")
    if (parameters.start and parameters.start < first) or (parameters.end and parameters.end - timedelta(days=1) > last):
        said += " The dates chosen reach further; only whole windows are counted."
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
    told = look.count if shown.whole else _unsaid
    reviews = shown.whole and shown.collection != "sample"
    given = reviewed.chance_in(shown.given, k) if reviews else {}

    filling = ", so far" if release.partial[k] else ""

    def beside(word: str, *codes: str) -> str:
        word += filling
        return f"{word}, {sum(given[code] for code in codes):.1f} by chance" if given else word

    where = " What chance alone gives is counted on the page Changes, and then said here." if reviews and not given else ""
    return [
        look.Figure(look.count(active), "Hotspots", "in this window", help=(
            f"Places with enough different {people} in this window; {look.count(total['withheld'])} more are withheld.")),
        look.Figure(told(change.get("born", 0) + change.get("reactivated", 0)), "New",
                    beside("or active again", "born", "reactivated"), "up",
                    "No hotspot here in the last twelve months, or gone and back. Of the hotspots of this window." + where),
        look.Figure(told(change.get("grew", 0)), "Growing",
                    beside("beyond its past year", "grew"), "up",
                    "More than over the past year, the 90 % interval of the rate above 1. Of the hotspots of this window." + where),
        look.Figure(told(change.get("shrank", 0) + change.get("dissolved", 0)), "Fading",
                    beside("reducing or gone", "shrank", "dissolved"), "down",
                    "Fewer than over the past year beyond chance, or no hotspot in two windows running." + where),
        look.Figure(look.count(total["children"]), people.capitalize(), f"different {people}", help=(
            f"Different {people} among the {look.count(total['used'])} records of this window that were counted.")),
        look.Figure(look.count(total["episodes"]), "Episodes", "in this window", help=(
            f"Episodes among the {look.count(total['used'])} records of this window that were counted.")),
        look.Figure("–" if unmapped is None else f"{unmapped:.0%}", "Not mappable",
                    f"{look.count(total['not_mappable'])} of {look.count(records)} records",
                    help="Records of this window that are not located, or only too roughly to be counted."),
    ]


def _unsaid(_number: int) -> str:
    return "…"  # of one window it cannot be said what changed


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
