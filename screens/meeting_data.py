"""What the Review meeting works with: the policy, names and ground of a release, and the points of a role."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import streamlit as st

from geo_data.grid import to_wgs84
from geo_data.placing.naming import describe
from scoping.clustering.points import Points, take
from scoping.left_out import gate
from scoping.parameters import Parameters
from scoping.showing.contents import Release
from scoping.showing.rules import Rules, parse
from scoping.windows import microseconds
from screens import session
from screens.session import GREAT_BRITAIN, Ground

DEMO_ZOOM = 11


def reviewable() -> list[str]:
    """Collections of episodes, the agency's own first; public sample data have nothing to decide about."""
    held = session.opened().collections()
    names = set(held.loc[(held["nature"] != "public_sample") & (held["episodes"] > 0), "name"])
    return [name for name in ("episodes", *sorted(names - {"episodes", "demo"}), "demo") if name in names]


def rules() -> Rules:
    """The policy. Raises `DisclosureError`, `ParameterError`."""
    dials = session.settings()
    return parse(dials.policy_text(), dials.marking)


def names(release: Release) -> dict[str, str]:
    """Each place of a release in words, from the middle of one of its cells."""
    anchors = release.anchors
    middle = anchors[["cell_e", "cell_n"]].to_numpy(dtype=np.float64)
    words = describe(session.gazetteer(), middle[:, 0], middle[:, 1])
    return {str(name): str(word) for name, word in zip(anchors["hotspot_id"], words, strict=True)}


def ground(collection: str, release: Release) -> Ground:
    """The base map under a release; no record is read for it."""
    described = session.demo_map_folder() / "map.json"
    if collection == "demo" and described.is_file():
        about = json.loads(described.read_text(encoding="utf-8"))
        return Ground("demo", tuple(about["centre"]), DEMO_ZOOM, about["attribution"], tuple(about["layers"]),
                      str(int(described.stat().st_mtime)))
    centre, zoom = GREAT_BRITAIN
    corners = release.anchors[["cell_e", "cell_n"]].to_numpy(dtype=np.float64)
    if len(corners):
        low, high = corners.min(axis=0), corners.max(axis=0)
        lat, lon = to_wgs84((low[:1] + high[:1]) / 2, (low[1:] + high[1:]) / 2)
        centre, zoom = (float(lat[0]), float(lon[0])), session._zoom(float(max(high - low)))
    return Ground("real", centre, zoom, " ".join(session.attributions()), (), "")


def cut_off(collection: str) -> str:
    """The day until which records were known: the latest extract."""
    extracted = session.store().episodes(collection)["extracted_at"].max()
    return "" if pd.isna(extracted) else f"{extracted.tz_convert('Europe/London'):%Y-%m-%d}"


@st.cache_resource(scope="session", max_entries=3, show_spinner=False)
def points(collection: str, version: str, role: str) -> tuple[Points, int]:
    """The counted points of a role, and the end of the records in microseconds since 1970 UTC."""
    locations = session.locations(collection, version)
    kept = gate(locations, Parameters(roles=(role,)), session.today()).isna() & (locations["role"] == role)
    last = locations["at"].max()
    return take(locations, kept.to_numpy(dtype=bool)), int(microseconds(pd.DatetimeIndex([last]))[0])
