"""What the Hotspots screen shows beside the release itself: layers, populations, counts by source. Cached for one session.

Everything here is made from results with personal detail and leaves as a protected aggregate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

from geo_data.concern import OPEN_STATUSES, cells_of
from geo_data.grid import to_bng, to_wgs84
from geo_data.keeping.concerns import Concerns
from geo_data.keeping.interviews import Interviews
from geo_data.placing import districts
from geo_data.placing.naming import describe
from scoping import populations, selection
from scoping.change.attention import RULES, attention, edge
from scoping.change.scan import prospective
from scoping.meeting import agenda
from scoping.meeting.agenda import Standing
from scoping.parameters import Parameters
from scoping.populations import Population
from scoping.scope import Scoped
from scoping.showing import areas, links, overlays
from scoping.showing.alerts import names, release_alerts
from scoping.showing.disclosure import Release, Rules
from scoping.windows import ZONE, microseconds
from screens import session
from screens.worked import Asked

T = TypeVar("T")
Corners = tuple[tuple[float, float], ...]  # lon, lat


class Given(NamedTuple):
    """What results are made from, and what caches are keyed by."""

    collection: str
    version: str
    parameters: Parameters
    rules: Rules
    today: date

    @property
    def asked(self) -> Asked:
        """These, beside the data."""
        return Asked(self.parameters, self.rules, self.today)


class Choice(NamedTuple):
    """What of the results is looked at: an outline, else a hotspot, else the whole window."""

    window: int
    hotspot: str | None = None
    area: Corners | None = None


def _scoped(given: Given) -> Scoped:
    return session.scoped(given.collection, given.version, given.parameters, given.today)


def once(given: Given, what: str, window: int, work: Callable[[], T]) -> T:
    """What is said of one window of whole results, made by `work` for the first of all who may see the same; read only."""
    data, asked = session.data(given.collection, given.version), given.asked
    return data.kept.get((what, *data[:2], *asked.key, data.names_stamp, window), work)


# ------------------------------------------------------------------ layers

@st.cache_resource(scope="session", max_entries=12, show_spinner="Drawing the layer …", hash_funcs=session.KEYED)
def overlay(given: Given, layer: str) -> dict[str, Any]:
    """A further layer of the map, as overlays.js draws it."""
    if layer == "cells":
        return overlays.cells(session.release(*given), to_wgs84)
    if layer == "flows":
        pickup, found = _both(given)
        names = {role: session.names(*each) for role, each in (("pickup", pickup), ("found", found))}
        shown = {role: session.release(*each) for role, each in (("pickup", pickup), ("found", found))}
        return links.overlay(flows(given), shown, names, to_wgs84)
    if layer == "left_out":
        return overlays.areas(areas.left_out_places(_scoped(given), given.rules.operational), to_wgs84, "Left-out places", layer, (
            "Own addresses, placements, police stations and hospitals, by cell of 500 m: not counted as hotspots."))
    return overlays.areas(unplaced(given), to_wgs84, "Known only roughly", layer, (
        "Records placed only in a district or settlement. They are in no hotspot, and may hide one."))


@st.cache_resource(scope="session", max_entries=12, show_spinner="Drawing the layer …", hash_funcs=session.KEYED)
def role_overlay(given: Given, role: str) -> dict[str, Any]:
    """The hotspots of another role under the same settings."""
    return overlays.role(session.release(*given._replace(parameters=replace(given.parameters, roles=(role,)))), to_wgs84)


@st.cache_resource(scope="session", max_entries=24, show_spinner="Looking at the week …", hash_funcs=session.KEYED)
def alerts(given: Given, window: int) -> list[dict[str, Any]]:
    """What the weekly scan flags at the end of the window, under the same filters: the last whole week, as on the page Alerts."""
    end = date.fromisoformat(session.release(*given).spans[window][1]) - timedelta(days=1)
    last = session.available(given.collection, given.version).last
    end = min(end, last) if last else end
    found = prospective(session.locations(given.collection, given.version), given.parameters,
                        end - timedelta(days=(end.weekday() + 1) % 7), today=given.today)
    release = release_alerts(found, given.rules, synthetic=given.collection == "demo")
    return overlays.alerts(release, names(release, partial(describe, session.gazetteer())), to_wgs84, window)


def _both(given: Given) -> tuple[Given, Given]:
    """The same settings for pickup and for found places."""
    pickup, found = (given._replace(parameters=replace(given.parameters, roles=(role,))) for role in ("pickup", "found"))
    return pickup, found


@st.cache_resource(scope="session", max_entries=6, show_spinner="Joining pickups and found places …", hash_funcs=session.KEYED)
def flows(given: Given) -> links.Links:
    """Protected lines from pickup to found in every window."""
    pickup, found = _both(given)
    return links.links({"pickup": _scoped(pickup), "found": _scoped(found)},
                       {"pickup": session.release(*pickup), "found": session.release(*found)}, given.rules.operational)


def told_flows(given: Given, window: int) -> list[tuple[str, str, int]]:
    """From, to and children of the lines of one window, in words."""
    pickup, found = (session.names(*each) for each in _both(given))
    rows = flows(given).rows
    rows = rows[rows["window"] == window]
    return [(f"{pickup.get(a, a)} ({a})", f"{found.get(b, b)} ({b})", int(n))
            for a, b, n in zip(rows["from_id"], rows["to_id"], rows["children"], strict=True)]


ATTENTION = ("episode_ref", "found_by", "extracted_at", "recording_force")  # of EPISODES: what its rules look at


def attention_of(given: Given, window: int) -> dict[str, tuple[str, ...]]:
    """What to think of before each hotspot of the window is believed, in sentences."""
    return once(given, "attention", window, lambda: _attention(given, window))


def _attention(given: Given, window: int) -> dict[str, tuple[str, ...]]:
    refs = chosen(given, Choice(window)).episodes
    records = session.store().episodes(given.collection, refs, ATTENTION)
    beyond = session.beyond(records["recording_force"]) or edge(session.data(given.collection, given.version).outline())
    table = attention(_scoped(given), window, records, beyond)
    return {str(row["hotspot_id"]): tuple(says for rule, says in RULES.items() if row.get(rule) is True or row.get(rule) == 1)
            for row in table.to_dict("records")}


def open_actions(given: Given) -> frozenset[str] | None:
    """Hotspots with a live action, as the group's meeting keeps them; None where no place is kept."""
    held = Concerns(session.store()).held(given.collection)
    if held.places.empty:
        return None
    live = held.actions[held.actions["status"].isin(OPEN_STATUSES) & (held.actions["review_by"] >= pd.Timestamp(given.today))]
    places = held.places[held.places["id"].isin(live["concern"])]
    taken = {cell for text in places["cells"] for cell in cells_of(text)}
    release = session.release(*given)
    touched = [cell in taken for cell in zip(release.cells["cell_e"], release.cells["cell_n"], strict=True)]
    return frozenset(release.cells["hotspot_id"][touched])


def standings(given: Given, hotspot: str | None = None) -> dict[str, tuple[Standing, ...]]:
    """What the group has decided about hotspots, and who acts there; of one hotspot alone where it is named."""
    held = Concerns(session.store()).held(given.collection)
    if held.places.empty:
        return {}
    cells = session.release(*given).cells
    return agenda.standings(cells if hotspot is None else cells[cells["hotspot_id"] == hotspot], held)


def doing(given: Given) -> dict[str, tuple[str, ...]]:
    """The open actions at each hotspot, in words; hotspots without one are not in it."""
    found = {hotspot: tuple(said for each in places for said in each.actions) for hotspot, places in standings(given).items()}
    return {hotspot: said for hotspot, said in found.items() if said}


def unplaced(given: Given) -> areas.Areas:
    """Protected counts of what is known only roughly."""
    return once(given, "unplaced", -1, lambda: areas.roughly_placed(_scoped(given), given.rules.operational))


# ------------------------------------------------------------------ people

def chosen(given: Given, choice: Choice) -> selection.Choice:
    """The episodes that a choice is about."""
    result = _scoped(given)
    if choice.area:
        lon, lat = np.array(choice.area).T
        return selection.outline(result, np.column_stack(to_bng(lat, lon)), choice.window)
    if choice.hotspot:
        return selection.hotspot(result, choice.hotspot, choice.window)
    return selection.in_window(result, choice.window)


@st.cache_data(scope="session", max_entries=40, show_spinner=False, hash_funcs=session.KEYED)
def people(given: Given, choice: Choice) -> tuple[Population, Population, int]:
    """The population behind a choice and how offending against it works, protected; and the cells of an outline."""
    found = chosen(given, choice)
    episodes = session.store().episodes(given.collection, found.episodes, populations.COLUMNS)
    least = given.rules.operational
    return populations.population(episodes, least, districts.told), populations.methods(episodes, least), found.cells


def feeds(given: Given, window: int, most: int = 6) -> dict[str, Population]:
    """The populations of the hotspots with the most children in a window."""
    rows = session.release(*given).hotspots[["hotspot_id", "window", "children"]]
    rows = rows[(rows["window"] == window) & rows["children"].notna()]
    rows = rows.sort_values(["children", "hotspot_id"], ascending=[False, True])
    return {name: people(given, Choice(window, name))[0] for name in rows["hotspot_id"].head(most)}


@st.cache_data(scope="session", max_entries=20, show_spinner=False, hash_funcs=session.KEYED)
def agencies(given: Given, choice: Choice) -> tuple[populations.Facet, ...]:
    """Whose children a choice is about, and who recorded them, protected."""
    columns = ("episode_ref", "person_ref", *populations.AGENCIES.values())
    episodes = session.store().episodes(given.collection, chosen(given, choice).episodes, columns)
    return populations.agencies(episodes, given.rules.operational, districts.told)


@st.cache_data(scope="session", max_entries=40, show_spinner=False, hash_funcs=session.KEYED)
def strands(given: Given, choice: Choice) -> populations.Facet | None:
    """From what the children of a choice went missing: three columns alone, since each card asks for it."""
    episodes = session.store().episodes(given.collection, chosen(given, choice).episodes,
                                        ("episode_ref", "person_ref", "missing_from_type"))
    return populations.strands(episodes, given.rules.operational)


@st.cache_data(scope="session", max_entries=40, show_spinner=False, hash_funcs=session.KEYED)
def roles(given: Given, window: int, hotspot: str) -> populations.Facet | None:
    """Children found, last seen and picked up at a hotspot, protected."""
    result = _scoped(given)
    rows = selection.by_role(result, hotspot, window)
    return populations.roles(result.locations.iloc[rows][["role", "person_ref"]], given.rules.operational)


LISTED = {"episode_ref": "Episode", "reported_at": "Reported", "found_at": "Found", "missing_from_type": "Missing from",
          "risk_level_initial": "Risk", "found_by": "Found by", "rhi_offered": "Interview offered"}


def episode_list(given: Given, choice: Choice) -> pd.DataFrame:
    """The episodes of a choice, row by row, for the person who may read records; times in local time."""
    rows = session.store().episodes(given.collection, chosen(given, choice).episodes, tuple(LISTED))[list(LISTED)]
    local = {name: rows[name].dt.tz_convert(ZONE).dt.tz_localize(None) for name in ("reported_at", "found_at")}
    words = {name: rows[name].str.replace("_", " ") for name in ("missing_from_type", "risk_level_initial", "found_by")}
    return rows.assign(**local, **words).sort_values("reported_at", ascending=False).rename(columns=LISTED)


def interviews(given: Given, window: int) -> tuple[int, int]:
    """Episodes of the window that have ended, mapped or not, and how many of them had a return home interview."""
    recorded = selection.recorded(_scoped(given), window).episodes
    ended = session.store().episodes(given.collection, recorded, ("episode_ref", "found_at", "rhi_completed_at"))
    ended = Interviews(session.store()).over(given.collection, ended[ended["found_at"].notna()])
    return len(ended), int(ended["rhi_completed_at"].notna().sum())


@st.cache_data(scope="session", max_entries=6, show_spinner=False, hash_funcs=session.KEYED)
def by_source(given: Given) -> dict[str, list[int]]:
    """Episodes of each source system in each window, by when they were reported."""
    result = _scoped(given)
    episodes = session.data(given.collection, given.version).episodes(("reported_at", "source_system"))
    at = microseconds(episodes["reported_at"].array)
    counts = {}
    for source in sorted(episodes["source_system"].dropna().unique()):
        mine = np.sort(at[(episodes["source_system"] == source).to_numpy()])
        starts, ends = np.searchsorted(mine, result.windows.start_us), np.searchsorted(mine, result.windows.end_us)
        counts[str(source)] = (ends - starts).tolist()
    return counts


def other_settings(given: Given, window: int) -> dict[str, Release]:
    """The window alone, of the same data under slightly other settings, by what differs."""
    now = given.parameters
    tried: dict[str, Parameters] = {}
    for eps in (now.eps_m - 50, now.eps_m + 50):
        if 50 <= eps <= 1_000:
            tried[f"{eps:.0f} m instead of {now.eps_m:.0f}"] = replace(now, eps_m=eps)
    for least in (now.min_children - 1, now.min_children + 1):
        if 2 <= least <= 100:
            tried[f"at least {least} instead of {now.min_children}"] = replace(now, min_children=least)
    data, asked = session.data(given.collection, given.version), given.asked
    return once(given, "other settings", window,
                lambda: {name: data.window_alone(asked, window, parameters) for name, parameters in tried.items()})
