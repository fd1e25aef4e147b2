"""The map on the page: its base, what is pushed into it, and the answers to what its tools ask."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.grid import to_wgs84
from geo_data.ground import own
from geo_data.placing.geocode import geocode
from geo_data.schema import ROLES
from scoping.showing import maps
from screens import controls, look, results, session
from screens.framed import framed
from screens.spot import Shown, heard, spot

DRAWN_WITHIN_S = 6.0  # a map that has not spoken by then is waited for no longer
HEIGHT = 640  # what the component is told; the page's style gives it the height of the screen
STAMPS = {"demo": "SYNTHETIC DATA", "sample": "PUBLIC SAMPLE DATA"}


def draw(shown: Shown) -> None:
    ground = session.ground(*shown.given[:2])
    drawn = maps.base_map(ground, own=own.as_options(_own(shown)))
    state = spot()
    held = state["holds"] if "map" in st.session_state else ""  # whoever comes back to the page has a new map
    looked_at = {
        "theme": look.theme(), "stamp": STAMPS.get(shown.collection, ""), "unit": controls.people(shown.collection),
        "window": shown.window, "selected": shown.hotspot, "ask": state["ask"], "compare": state["compare"],
        "overlays": _overlays(shown),
        "goto": _found(state["find"], state["found"])}
    with st.container(key="themap"):
        framed(drawn, key="map", height=HEIGHT, use_container_width=True, returned_objects=[],
               feature_group_to_add=maps.push(looked_at, shown.payload, held), on_change=heard)
    state["holds"] = maps.revision(shown.payload)


def wait() -> None:
    """Until the map says that it is drawn, which runs the page again; or no longer, if it never does."""
    with st.sidebar:
        look.soft("Filters follow the map …")  # without a word the side has no width, and the map is drawn twice
    waits, until = st.empty(), time.monotonic() + DRAWN_WITHIN_S
    while time.monotonic() < until:
        time.sleep(0.1)
        waits.empty()  # a moment at which the page can be called away


def _overlays(shown: Shown) -> list[dict[str, Any]]:
    """The layers that were asked for, once every window is there; the hotspots of other roles last: they lie over the rest."""
    asked = list(st.session_state.get("layers") or []) if shown.whole else []
    drawn = [results.overlay(shown.given, layer) for layer in asked if layer not in ("roles", "alerts")]
    if "alerts" in asked:
        drawn += results.alerts(shown.given, shown.window)
    if "roles" in asked:
        held = shown.release.roles.set_index("role")["located"]
        drawn += [results.role_overlay(shown.given, role) for role in ROLES
                  if role not in shown.parameters.roles and held.get(role, 0)]
    return drawn


def _own(shown: Shown) -> list[own.Layer]:
    """The operator's layers, but not under the invented county, which lies in the sea. A fault is said, and the map still drawn."""
    if shown.collection == "demo":
        return []
    try:
        layers = session.own_layers()
    except ScopingError as error:
        st.warning(look.words(error))
        return []
    if any(layer.type in ("xyz", "wms") and own.is_public(urlsplit(layer.url).hostname or "") for layer in layers):
        look.band("Map tiles come from outside.", "Whoever serves them can see which area is looked at. The settings allow it.")
    return layers


@st.cache_data(scope="session", max_entries=20, show_spinner=False)
def _found(text: str, number: int) -> dict[str, Any] | None:
    """What the gazetteer knows of a text, for the map to go to. The text goes no further and is not logged."""
    if not text:
        return None
    try:
        row = geocode(np.array([text], dtype=object), session.gazetteer()).iloc[0]
    except ScopingError as error:
        return {"fault": f"{error.what} {error.fix}", "n": number}
    if not np.isfinite(row["easting"]):
        return {"fault": f"Not found: {row['reason']}", "n": number}
    lat, lon = to_wgs84(np.array([row["easting"]]), np.array([row["northing"]]))
    return {"lat": round(float(lat[0]), 5), "lon": round(float(lon[0]), 5), "m": float(row["precision_m"]),
            "label": str(row["matched"]), "n": number}
