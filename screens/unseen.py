"""What the map cannot see: counted under it, by precision and by reason."""

from __future__ import annotations

import streamlit as st

from geo_data.schema import ROLE_LABELS
from screens import interviews, look
from screens.spot import Shown

_TIER_WORDS = (("P1", "exact"), ("P2", "to the street"), ("P3", "to the postcode"), ("P4", "too coarse"), ("P5", "not placed"))


def draw(shown: Shown) -> None:
    release = shown.release
    look.small_heading("What this map cannot see")
    asked = release.roles[release.roles["asked"]]
    total = int(asked["locations"].sum())
    entered = int(asked["entered"].sum())
    look.soft(f"{entered:,} of {total:,} recorded places enter the counting over all dates. {' '.join(release.withheld)} "
              f"{interviews.without(shown.given.collection, shown.given.version) if shown.collection != 'sample' else ''}".strip())
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
