"""What the map cannot see: counted under it, by precision and by reason."""

from __future__ import annotations

import streamlit as st

from geo_data.schema import ROLE_LABELS
from scoping.left_out import TOO_COARSE
from screens import interviews, look
from screens.spot import Shown

_TIER_WORDS = (("P1", "exact"), ("P2", "to the street"), ("P3", "to the postcode"), ("P4", "to a town or district"),
               ("P5", "not located"))
_REASON_WORDS = {TOO_COARSE: "located too roughly"}  # what a reader who knows no eps would call it


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
    named = [_REASON_WORDS.get(reason, reason).capitalize() for reason in reasons["reason"]]
    first, second, third = st.columns([1.2, 1.2, 1], gap="large")
    first.html('<div class="sc-card"><h3>How exactly they are located</h3>'
               + look.bars([(word.capitalize(), float(asked[tier].sum()), look.count(asked[tier].sum()))
                            for tier, word in _TIER_WORDS])
               + "</div>")
    second.html('<div class="sc-card"><h3>Left out, by reason</h3>'
                + look.bars([(word, float(number), look.count(number))
                             for word, number in zip(named, reasons["locations"], strict=True)]) + "</div>")
    if len(others):
        third.html('<div class="sc-card"><h3>Other roles, located</h3><ul class="sc-list">'
                   + "".join(f"<li><span>{ROLE_LABELS[r['role']]}</span><b>{look.count(r['located'])} of "
                             f"{look.count(r['locations'])}</b></li>" for r in others.to_dict("records")) + "</ul></div>")
