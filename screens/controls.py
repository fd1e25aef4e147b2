"""The analyst's dials as widgets: a sidebar in, `Parameters` out. No analysis here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import streamlit as st

from geo_data.errors import ParameterError
from geo_data.schema import AGE_BANDS, PLACE_TYPES, ROLE_LABELS, ROLES
from scoping.parameters import STRAND_CHOICES, Parameters, WindowScheme

COLLECTIONS = {"demo": "Demonstration (synthetic)", "episodes": "Missing episodes", "sample": "Public sample"}
ORDER = ("episodes", "sample", "demo")  # of the data sets: the agency's own first
WINDOWS = {"month": "Calendar months", "rolling:91d:28d": "91 days, every 28 days", "days:28": "28 days, one after another",
           "days:91": "91 days, one after another", "days:7": "Weeks"}
STRAND_LABELS = {"home": "Home", "care": "Care", "education": "Education", "other": "Other"}
LAYERS = {"roles": "Other roles", "flows": "Pickup to found", "cells": "Cells of files", "left_out": "Left-out places",
          "unplaced": "Known only roughly", "alerts": "Alerts"}
COUNTS = {"children": "Children", "episodes": "Episodes"}
_BOUND: Any = {"bind": "query-params", "persist_state": "session"}  # in the link, and kept when the page changes
DEFAULTS: Mapping[str, Any] = {"role": "found", "window": "rolling:91d:28d", "strand": [], "age": [], "place": [], "crime": [],
                                  "eps": 250, "least": 5, "extra": 2, "count": "children", "leftout": False, "layers": []}
# filters that there are none of: for public sample data, and for all others
_UNASKED = {True: ("window", "strand", "age", "place"), False: ("crime",)}


@dataclass(frozen=True)
class Available:
    """What a collection offers to choose from."""

    roles: Mapping[str, int]  # located rows per role
    first: date | None
    last: date | None
    categories: Mapping[str, int]  # crime types of public sample data, with their records
    place_types: Sequence[str]


def data_set(present: Sequence[str]) -> str:
    """Which collection is shown: the agency's own first, the demonstration last."""
    order = [name for name in ORDER if name in present]
    if len(order) == 1:
        return order[0]
    if "data" in st.session_state and st.session_state["data"] not in order:
        st.session_state["data"] = order[0]
    return str(st.selectbox("Data set", order, format_func=COLLECTIONS.__getitem__, key="data", **_BOUND,
                            on_change=_forget_dates,
                            help="Each data set is analysed on its own; they are never mixed."))


def one_of(present: Sequence[str], key: str, **how: Any) -> str:
    """Which data set a page that keeps its own choice works on. Of one alone nothing is asked."""
    if len(present) == 1:
        return present[0]
    return str(st.selectbox("Data set", present, format_func=COLLECTIONS.__getitem__, key=key, **how))


def first_data_set(present: Sequence[str]) -> str | None:
    """What `data_set` begins with; None where the link or a step before says another."""
    order = [name for name in ORDER if name in present]
    return order[0] if order and "data" not in st.session_state and "data" not in st.query_params else None


def foreseen(available: Available) -> Parameters | None:
    """What `parameters` gives while nobody has turned a dial, from the link and the session alone; None where that is not sure.

    Of a link only dates and the kind of window are read here: what more it says is for the filters. Raises `ParameterError`.
    """
    said = {name: st.session_state[name] for name in DEFAULTS if name in st.session_state}
    linked = [name for name in DEFAULTS if name in st.query_params and name not in said]
    if not available.roles.get("found") or not available.first or set(linked) - {"window", "layers"}:
        return None
    if "window" in linked:
        known = {label: code for code, label in WINDOWS.items()}
        if st.query_params["window"] not in known:
            return None
        said["window"] = known[st.query_params["window"]]
    start, end = _between(available, _held(available))
    return parameters_of(said, Parameters(start=start, end=end))


def turned(available: Available) -> Parameters | None:
    """What `parameters` will most likely give once its filters were drawn before; None where they were not."""
    if any(name not in st.session_state for name in ("window", "eps", "least", "dates")):
        return None
    start, end = _between(available, _held(available))
    said = {name: st.session_state[name] for name in DEFAULTS if name in st.session_state and name != "crime"}
    try:
        return parameters_of(said, Parameters(start=start, end=end))
    except ParameterError:
        return None  # told by the filters themselves


def parameters(available: Available, *, sample: bool) -> Parameters:
    """Draw the filters and give what they say. Values of widgets are already in range; `Parameters` checks again."""
    _keep_valid(available)
    roles = [role for role in ROLES if available.roles.get(role)] or ["found"]
    role = roles[0]
    if len(roles) > 1:
        role = st.segmented_control("Place", roles, required=True, format_func=ROLE_LABELS.__getitem__, key="role",
                                    default="found" if "found" in roles else roles[0], **_BOUND, width="stretch", wrap=False, help=(
            "Last seen, picked up (collected by another person) and found are three different places of one episode. "
            "Each is analysed on its own."))
    # published crimes are dated to the month, so no other window can be cut from them
    scheme = "month" if sample else st.selectbox("Windows", list(WINDOWS), index=list(WINDOWS).index(str(DEFAULTS["window"])),
                          format_func=WINDOWS.__getitem__, key="window", **_BOUND,
                          help="How time is cut. One month alone is often too thin: 91 days moved on by 28 days "
                               "shows the most with the fewest false alarms. Each window runs from local midnight.")
    start, end = _dates(available)
    strands: list[str] = []
    ages: list[str] = []
    kinds: list[str] = []
    crimes: list[str] = []
    if sample:
        crimes = st.multiselect("Crime type", list(available.categories), default=_one_type(available), key="crime", **_BOUND,
                                placeholder="All",
                                help="Public street-level crime, for trying the program out.")
    else:
        strands = st.pills("Missing from", list(STRAND_CHOICES), selection_mode="multi", format_func=STRAND_LABELS.__getitem__,
                           key="strand", **_BOUND, help="The joint protocol's strands. None chosen means all.")
        ages = st.pills("Age", list(AGE_BANDS), selection_mode="multi", key="age", **_BOUND,
                        help="Age at the episode, in years. None chosen means all.")
        kinds = st.multiselect("Kind of place", list(available.place_types), key="place", **_BOUND,
                               placeholder="All", format_func=place_label,
                               help="As recorded. A kind says which guardian to talk to; it is never a mark of suspicion.")
    if not sample:
        st.pills("Layers on the map", list(LAYERS), selection_mode="multi", format_func=LAYERS.__getitem__, key="layers", **_BOUND,
                 help="Beside the hotspots: hotspots of the other roles as outlines, the fixed cells that files carry, places left "
                      "out by rule, records placed only in a district or settlement, and what the weekly scan flags at the end "
                      "of the window.")
    with st.expander("Method", expanded=False):
        eps = st.slider("Neighbourhood (eps)", 50, 1000, 250, step=25, format="%d m", key="eps", **_BOUND,
                        help="Places closer than this belong together, in metres. 250 m is walking scale; above 500 m "
                             "neighbouring hotspots chain into one.")
        least = st.slider("At least", 2, 20, 5, key="least", **_BOUND,
                          help="How many distinct children (or episodes) a hotspot needs. Fewer than three children "
                               "are never shown.")
        extra = st.slider("More to be called new", 0, 10, 2, key="extra", **_BOUND,
                          help="How many children above the least a place needs before it is called new; until then it is shown as "
                               "forming. 2 cuts false news about fourfold; 0 calls every cluster new at once.")
        count = st.segmented_control("Count", list(COUNTS), default="children", required=True,
                                     format_func=COUNTS.__getitem__, key="count",
                                     **_BOUND, width="stretch",
                                     help="Counting children keeps one child with many episodes from making a hotspot.")
        keep = st.checkbox("Keep left-out places", key="leftout", **_BOUND,
                           help="Own address, placement, police station and hospital are left out of found places. "
                                "Keep them only to see what that hides.")
    st.button("Reset filters", on_click=reset, width="stretch", icon=":material/restart_alt:")
    _link_dates()  # after what is bound, so that the address has the whole of it
    said = {"role": role, "window": scheme, "strand": strands, "age": ages, "place": kinds, "crime": crimes,
            "eps": eps, "least": least, "extra": extra, "count": count, "leftout": keep}
    return parameters_of(said, Parameters(start=start, end=end))


def parameters_of(view: Mapping[str, Any], now: Parameters) -> Parameters:
    """The parameters of filters by their keys, over the same dates as `now`. Raises `ParameterError` when one does not fit."""
    known = {name: value for name, value in view.items() if name in DEFAULTS}
    if not all(fits(name, value) for name, value in known.items()):
        raise ParameterError("The kept view holds something that is no filter.", fix="Keep it anew.", where="view")
    said = {**DEFAULTS, **known}
    return Parameters(roles=(str(said["role"]),), eps_m=float(said["eps"]), min_children=int(said["least"]),
                      enter_extra=int(said["extra"]), count=said["count"],
                      window=WindowScheme.parse(str(said["window"])), start=now.start, end=now.end,
                      strands=_ordered(said["strand"], STRAND_CHOICES),
                      age_bands=_ordered(said["age"], AGE_BANDS), place_types=tuple(sorted(said["place"])),
                      categories=tuple(sorted(said["crime"])), keep_left_out=bool(said["leftout"]))


def kept_parameters(view: Mapping[str, Any], now: Parameters, *, sample: bool) -> Parameters:
    """The parameters that a kept view would have on the screen, whose own are `now`. Raises `ParameterError`.

    What this data set has no filter for is not the view's to say: public sample data have the window that the screen has.
    """
    asked = {name: value for name, value in view.items() if name not in _UNASKED[sample]}
    whole = st.session_state.get("all_dates")
    start, end = _bounds(_sides(_reached(days(view), whole), whole)) if whole else (None, None)
    meant = replace(parameters_of(asked, now), start=start, end=end)
    return replace(meant, window=now.window) if sample else meant


def _ordered(values: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    """In one order whoever chose first what: the same filters are the same results. What is unknown comes last, to be refused."""
    return tuple(sorted(values, key=lambda value: order.index(value) if value in order else len(order)))


def fits(name: str, value: Any) -> bool:
    """Whether a filter that was kept or sent is of the filter's kind: its widget would choke on another."""
    listed = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return name in DEFAULTS and type(value) is type(DEFAULTS[name]) and (listed or not isinstance(value, list))


def reset() -> None:
    for name, value in DEFAULTS.items():
        st.session_state[name] = list(value) if isinstance(value, list) else value
    _forget_dates()


def _forget_dates() -> None:
    set_days({})


def _keep_valid(available: Available) -> None:
    """Drop choices that this data set does not offer."""
    state = st.session_state
    roles = [role for role in ROLES if available.roles.get(role)]
    if roles and "role" in state and state["role"] not in roles:
        state["role"] = "found" if "found" in roles else roles[0]
    for name, offered in (("place", available.place_types), ("crime", available.categories)):
        if name in state and not set(state[name]) <= set(offered):
            state[name] = [kind for kind in state[name] if kind in offered]


# ------------------------------------------------------------------ dates

def days(said: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """First and last day as a link or a kept view says them; None for a side that it leaves open, or of which it says nonsense."""
    first, last = _day(said.get("from")), _day(said.get("to"))
    return (None, None) if first and last and first > last else (first, last)


def _day(said: Any) -> date | None:
    if not isinstance(said, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said):
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:  # there is no such day
        return None


def set_days(said: Mapping[str, Any]) -> None:
    """Choose the dates that a kept view says; all dates where it says none, or where there is nothing between them.

    All dates are said, not dropped: a browser keeps what it shows, and would say dropped dates anew.
    """
    if "all_dates" in st.session_state:
        st.session_state["dates"] = _reached(days(said), st.session_state["all_dates"])


def said_days() -> dict[str, str]:
    """The dates chosen, as a link and a kept view say them. A side that leaves nothing out is not said: it would leave out what
    is recorded later."""
    chosen, whole = st.session_state.get("dates"), st.session_state.get("all_dates")
    if not whole:
        return {}
    return {name: day.isoformat() for name, day in zip(("from", "to"), _sides(chosen, whole), strict=True) if day}


def half_chosen() -> bool:
    """Whether the first of two days is chosen and the other not yet."""
    chosen = st.session_state.get("dates")
    return isinstance(chosen, tuple) and len(chosen) == 1


def _dates(available: Available) -> tuple[date | None, date | None]:
    if not available.first or not available.last:
        return None, None
    whole = available.first, available.last
    if (held := _held(available)) != st.session_state.get("dates", whole):
        st.session_state["dates"] = held
    st.session_state["all_dates"] = whole
    # not bound to the link: it would say both sides of whatever was chosen, and so freeze one that leaves nothing out
    chosen = st.date_input(
        "Dates", value=whole, min_value=available.first, max_value=available.last, format="DD/MM/YYYY", key="dates",
        persist_state="session",
        help="First and last day that enter the windows. A window that lies only partly between them is left out whole.")
    return _between(available, chosen)


def _link_dates() -> None:
    """Keep the address bar true."""
    said = said_days()
    for name in ("from", "to"):
        if name not in said:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != said[name]:
            st.query_params[name] = said[name]


def _held(available: Available) -> Any:
    """The dates chosen before, or those of the link, for what there is now. A side that left nothing out still does, though it be
    another data set or one that has grown."""
    if not available.first or not available.last:
        return st.session_state.get("dates")
    whole = available.first, available.last
    if "dates" not in st.session_state:
        return _reached(days(st.query_params), whole)
    chosen = st.session_state["dates"]
    if not isinstance(chosen, tuple):
        return chosen
    if len(chosen) == 2:
        return _reached(_sides(chosen, st.session_state.get("all_dates", whole)), whole)
    return chosen if all(whole[0] <= day <= whole[1] for day in chosen) else whole


def _reached(said: tuple[date | None, date | None], whole: tuple[date, date]) -> tuple[date, date]:
    """What `said` chooses of the dates that there are; all of them where it chooses none."""
    first, last = max(said[0] or whole[0], whole[0]), min(said[1] or whole[1], whole[1])
    return (first, last) if first <= last else whole


def _sides(chosen: Any, whole: tuple[date, date]) -> tuple[date | None, date | None]:
    """First and last day of the dates chosen; None where one leaves nothing out, or they are half chosen."""
    if not isinstance(chosen, tuple) or len(chosen) != 2:
        return None, None
    return None if chosen[0] == whole[0] else chosen[0], None if chosen[1] == whole[1] else chosen[1]


def _between(available: Available, chosen: Any) -> tuple[date | None, date | None]:
    """First day and the day after the last, of the dates chosen; None where one leaves nothing out, or they are half chosen."""
    if not available.first or not available.last:
        return None, None
    return _bounds(_sides(chosen, (available.first, available.last)))


def _bounds(sides: tuple[date | None, date | None]) -> tuple[date | None, date | None]:
    # a window must lie whole between them: were the last day of all data said, the month that still fills would go
    first, last = sides
    return first, date.fromordinal(last.toordinal() + 1) if last else None


def _one_type(available: Available) -> list[str]:
    """All crime together is everywhere: begin with the rarest type that has a thousand records."""
    enough = {name: n for name, n in available.categories.items() if n >= 1_000}
    return [min(enough, key=lambda name: (enough[name], name))] if enough else []


def people(collection: str) -> tuple[str, str]:
    """What is counted, in the singular and the plural."""
    return ("person", "people") if collection == "sample" else ("child", "children")


def place_label(code: str) -> str:
    return PLACE_TYPES[code].label if code in PLACE_TYPES else code
