"""The population behind what is looked at, in aggregate: never a row, never a rank of people."""

from __future__ import annotations

from html import escape

import streamlit as st

from geo_data.errors import ScopingError
from scoping.populations import Facet, Population
from screens import look, results
from screens.spot import Shown, spot


def section(shown: Shown) -> None:
    """Who is at risk and how offending works, for the outline, else the hotspot, else the window; worked out when opened."""
    if shown.collection == "sample":
        return
    box = st.expander(f"Who is at risk, and how: {_whose(shown)}", key="people", on_change="rerun", icon=":material/groups:")
    if not box.open:
        return
    with box:
        try:
            at_risk, how, _ = found(shown)
        except ScopingError as error:
            st.warning(look.words(error))
            return
        look.soft(f"Different children. Groups of fewer than {at_risk.least} are not told, nor one more where a lone group "
                  "could be worked out. It describes a population and a pattern, never a person.")
        left, right = st.columns(2, gap="large")
        left.html(f'<div class="sc-card"><h2>The children</h2>{_population(at_risk)}</div>')
        told = _population(how, "recorded as picked up by another person")
        right.html(f'<div class="sc-card"><h2>How it happens</h2>{told}</div>')


def found(shown: Shown) -> tuple[Population, Population, int]:
    return results.people(shown.given, shown.choice)


def _whose(shown: Shown) -> str:
    if spot()["area"]:
        return "inside the outline"
    # no name of a place here: a label is read as Markdown, and names are data
    return "this hotspot" if shown.hotspot else "all counted places of this window"


def _population(of: Population, what: str = "different children") -> str:
    if of.children is None:
        return f"<p>Fewer than {of.least} children: nothing is told.</p>"
    again = "" if of.repeat_children is None else f", {of.repeat_children:,} of them more than once"
    return (f"<p>{of.children:,} {escape(what)} in {of.episodes:,} episodes{again}.</p>"
            + "".join(bars(facet) for facet in of.facets))


def bars(facet: Facet) -> str:
    """HTML: its groups that may be told, and how many may not."""
    told = [(g.label, float(g.children), f"{g.children:,}") for g in facet.groups if g.children is not None]
    hidden = f'<p class="sc-soft">{facet.hidden} more too small to tell</p>' if facet.hidden else ""
    return f"<h3>{escape(facet.title)}</h3>{look.bars(told[:9])}{hidden}" if told or hidden else ""
