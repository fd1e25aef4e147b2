"""The Changes page: one review beside the last and beside a year ago, and what of it can be believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from geo_data.errors import GazetteerError, ParameterError
from scoping.showing import changes, maps
from scoping.showing.review import ReviewRelease
from screens import change_parts, choosing, controls, interviews, look, mapped, results, reviewed, session
from screens.framed import framed
from screens.results import Given

MAP_HEIGHT = 620
AGAINST = {"last": "The review before", "year": "A year ago"}


class Seen(NamedTuple):
    """One review and how it is looked at."""

    given: Given
    review: ReviewRelease
    names: dict[str, str]
    month: str
    against: str
    table: pd.DataFrame  # one row a place, with its tests and its sentence


def page() -> None:
    asked = choosing.chosen("Changes")
    if asked is None:
        return
    collection, version, parameters = asked
    given = Given(collection, version, replace(parameters, roles=parameters.roles[:1]), session.rules(), session.today())
    head = st.empty()
    with head:
        look.title("What has changed")
    try:
        if not reviewed.made(given):
            return
        months = reviewed.months(given)
    except ParameterError as error:
        look.empty("There is no review yet", error.what, error.fix)
        return
    try:
        _review(given, months, head)
    except (ParameterError, GazetteerError) as error:
        st.warning(look.words(error))


def _review(given: Given, months: list[str], head: Any) -> None:
    with head.container(horizontal=True, vertical_alignment="bottom", key="top"):
        with st.container(key="headline"):
            look.title("What has changed")
        if st.session_state.get("review", months[-1]) not in months:
            st.session_state["review"] = months[-1]
        month = st.selectbox("Review of", months[::-1], format_func=_month, key="review", width=180, bind="query-params",
                             persist_state="session")
        against = st.segmented_control("Compared with", list(AGAINST), format_func=AGAINST.__getitem__, default="last",
                                       required=True, key="against", bind="query-params", persist_state="session")
    found = reviewed.found(given, str(month))
    if found is None:
        return
    chance = reviewed.kept_chance(given, str(month))
    review, names = reviewed.review(given, found, chance), session.names(*given)
    seen = Seen(given, review, names, str(month), str(against), changes.table(review, names))
    look.says(_says(seen), seen.review.release.marking, mapped.STAMPS.get(given.collection, ""))
    look.figures(_figures(seen))
    if seen.review.places.empty:
        look.empty("No hotspots in this review", "Neither now nor in the windows compared has a place that may be shown.",
                   *seen.review.notes)
        return
    left, right = st.columns([2, 1], gap="medium")
    with left:
        _map(seen)
    with right:
        change_parts.summary(seen)
    if given.collection != "sample" and (unheard := interviews.without(given.collection, given.version)):
        look.soft(unheard)
    change_parts.table(seen)
    change_parts.lives(seen)
    change_parts.place(seen)
    change_parts.flows(seen)
    change_parts.settings_grid(seen)
    change_parts.versions(seen)


def _month(month: str) -> str:
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


def _says(seen: Seen) -> str:
    labels, at = seen.review.release.labels, seen.review.at
    before = at.last if seen.against == "last" else at.year
    other = f"beside {labels[before]}" if before >= 0 else "with nothing to compare it with"
    return f"{labels[at.now]}, {other}. A change is named by tests against each place's own past year, never by a percentage."


def _figures(seen: Seen) -> list[look.Figure]:
    rows = seen.review.places
    count = rows["change"].value_counts()
    chance = seen.review.chance.set_index("change")["expected_mean"] if len(seen.review.chance) else pd.Series(dtype="float64")

    def figure(label: str, codes: tuple[str, ...], tone: str = "") -> look.Figure:
        by_chance = f"{sum(chance[code] for code in codes):.1f} by chance" if len(chance) else "in this review"
        return look.Figure(look.count(sum(count.get(code, 0) for code in codes)), label, by_chance, tone)

    return [
        look.Figure(look.count(int(rows["children"].notna().sum())), "Hotspots", "in this window"),
        figure("New", ("born",), "up"), figure("Active again", ("reactivated",), "up"), figure("Growing", ("grew",), "up"),
        figure("Moved, merged, split", ("moved", "merged", "split")), figure("Reducing", ("shrank",), "down"),
        figure("Gone", ("dissolved",), "down"),
        look.Figure(look.count(int(rows["beyond"].sum())), "Stand out", "after allowing for all places"),
    ]


def _map(seen: Seen) -> None:
    given = seen.given
    ground = session.ground(given.collection, given.version)
    drawn = maps.base_map(ground)
    timeline = results.once(given, f"picture {seen.against}", seen.review.at.now, lambda: maps.as_text(
        changes.picture(seen.review, session.timeline(*given), seen.against)))
    two = (seen.review.at.last if seen.against == "last" else seen.review.at.year) >= 0
    looked_at = {
        "theme": look.theme(), "stamp": mapped.STAMPS.get(given.collection, ""), "unit": controls.people(given.collection),
        "selected": None, "ask": f"{seen.month}{seen.against}", "overlays": [], "goto": None, "window": int(two),
        "compare": "change" if two else "now"}
    look.small_heading("Before and now" if two else "Now")
    framed(drawn, key="review-map", height=MAP_HEIGHT, use_container_width=True, returned_objects=[],
           feature_group_to_add=maps.push(looked_at, timeline))
