"""The link from the card of a place to its item in a review.

It names a collection, a review and the number of a place in what was released for it: nothing of a person, and no place that
the group has not been shown. What it says is believed only when it fits.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import streamlit as st

from geo_data.keeping.releases import Register
from geo_data.schema import ROLES
from scoping.showing import desk
from scoping.showing.contents import Release
from scoping.showing.editions import Edition
from scoping.showing.partition import CELL_M
from screens import session
from screens.spot import Shown

PARAMETER = "item"  # no filter of another page is called so: an address keeps those where they belong
_ITEM = re.compile(rf"([a-z][a-z_]{{0,39}})(?:\.(\d{{4}}(?:-\d\d|-Q[1-4]|-H[12])?)\.({'|'.join(ROLES)})\.(\d{{1,4}}))?")
_HEARD = "meeting_link"  # the link that was followed last: it chooses the review once, and then the person does


class Linked(NamedTuple):
    """What a link asks for; `place` 0: a place that was not released for the review, or for none yet."""

    collection: str
    review: str
    place: int


def onward(shown: Shown) -> dict[str, str]:
    """The link to the place that is looked at, in the latest review of its role."""
    opened = [each for each in desk.released(Register(session.store()), shown.collection, "rmg")
              if each.role in shown.parameters.roles and each.places]
    if not opened:
        return {PARAMETER: shown.collection}
    edition = max(opened, key=lambda each: each.period.start)
    mine = shown.release.cells
    mine = mine[(mine["hotspot_id"] == shown.hotspot) & (mine["window"] == shown.window)]
    cells = (mine[["cell_e", "cell_n"]].to_numpy(dtype=np.int64) // CELL_M * CELL_M).tolist()
    number = _number(edition, {(e, n) for e, n in cells})
    return {PARAMETER: f"{shown.collection}.{edition.period.key}.{edition.role}.{number}"}


def _number(edition: Edition, cells: set[tuple[int, int]]) -> int:
    """Of the places of an edition, from 1, the one that has most of these cells; 0 when none has any."""
    shared = [len(cells.intersection(place.cells)) for place in edition.places]
    return int(np.argmax(shared)) + 1 if max(shared, default=0) else 0


def key(edition: Edition) -> str:
    """A review as the page's list of them calls it."""
    return f"{edition.period.key} {edition.role}"


def follow(present: list[str]) -> Linked | None:
    """What the address asks for. A link that is new chooses the collection and the review, before these lists are drawn."""
    said = _ITEM.fullmatch(st.query_params.get(PARAMETER, ""))
    if not said:
        return None
    collection, period, role, number = said.groups()
    linked = Linked(collection, f"{period} {role}" if period else "", int(number or 0))
    if st.session_state.get(_HEARD) != linked:
        st.session_state[_HEARD] = linked
        if linked.collection in present:
            st.session_state["meeting_data"] = linked.collection
        if linked.review:
            st.session_state["meeting_review"] = linked.review
    return linked


def item(linked: Linked | None, edition: Edition, release: Release) -> str | None:
    """The hotspot of the release that a link to this review asks for; None for another review, or without such a place."""
    if linked is None or linked.review != key(edition) or not 0 < linked.place <= len(edition.places):
        return None
    e, n = edition.places[linked.place - 1].cells[0]
    cells = release.cells
    last = (cells["window"] == len(release.labels) - 1) & (cells["cell_e"] == e) & (cells["cell_n"] == n)
    found = cells.loc[last, "hotspot_id"].tolist()
    return str(found[0]) if found else None
