"""How to read the map, where the data come from, and what the program does with them. Fixed text."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from scoping.showing.maps import CLASSES
from screens import look, session

_READING = """
**A hotspot** is a place where several different children were found, last seen or picked up within a short walk of each
other, in one window of time. The number on it is the number of **distinct children**; episodes are counted beside it,
because one child who goes missing often can make many episodes.

**Each window is compared with the ones before.** Footprints that overlap are the same hotspot, so a place keeps its
identity while it grows, shrinks, moves, merges or splits. A change is called growing or reducing only when it is larger
than chance would give.

**The shape is the ground the hotspot covers**, half a neighbourhood around its places and simplified. It is for the analyst's
screen; files hold fixed grid cells of 500 m instead. Places with fewer than three different children, and places where one
child makes more than half of the episodes, are never shown: they are counted under the map.
"""

_LIMITS = """
- It shows **reported** episodes whose place was **recorded and could be placed**. What could not be placed is counted
  under the map, and may hide a hotspot.
- It is indicative. It is not evidence about any person or business, and it scores nobody.
- *Picked up* means collected by another person. It is known mostly from return home interviews: sparse, late, and only
  from children who accepted one.
- A change may be a change in recording: a feed that stopped, a new system, a category that was dropped. Check the
  coverage before the place.
- Own addresses, placements, police stations and hospitals are left out of found places, because they say where a child
  returned to or was brought to. Schools and stations are never left out.
"""

_PRIVACY = """
- **Nothing leaves this computer,** or your team's own server. Maps, scripts, fonts, place names and postcodes are all here.
  The browser is told to refuse anything else.
- **Not in the data at all:** names, dates of birth, telephone numbers, registrations, ethnicity, narrative. Files that
  hold them have those columns refused at import.
- Data sets are kept apart: your own episodes, public sample data and the synthetic demonstration are never mixed.
- Logs hold no value of any row; an error shows a reference only.
"""


def page() -> None:
    look.head("How to read this", "What the map says, what it cannot say, and where its data come from.",
              session.settings().marking)
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        st.header("What you see")
        st.markdown(_READING)
        st.header("What it cannot say")
        st.markdown(_LIMITS)
        st.header("Privacy")
        st.markdown(_PRIVACY)
        if host := urlsplit(session.settings().tiles_url).hostname:
            st.text(f"Map tiles come from {host}, as whoever runs this program has set: that host learns which area is looked at.")
    with right:
        st.header("The classes of change")
        st.table({"Class": [label for label, _ in CLASSES.values()], "Means": [says for _, says in CLASSES.values()]},
                 border="horizontal", hide_index=True)
        st.header("Data and software")
        for line in session.attributions():
            st.text(line)
        st.text("Map: Leaflet 1.9.4 (BSD-2-Clause), protomaps-leaflet 5.1.0 (BSD-3-Clause), folium (MIT). "
                "The demonstration county, Quernshire, is invented: every street, name and postcode.")
