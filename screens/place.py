"""The place card: one hotspot in one window. Every text of it is escaped; nothing of it is a single child's."""

from __future__ import annotations

from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from scoping.showing import views
from screens import charts, controls, look

if TYPE_CHECKING:
    from screens.hotspots import Shown


def card(shown: Shown) -> None:
    with st.container(border=True, height=640, key="card"):
        if shown.hotspot is None:
            st.html(_window_card(shown))
            return
        facts = views.card(shown.release, shown.hotspot, shown.window, shown.names)
        if not facts:
            st.html(f'<div class="sc-card"><h2>{escape(shown.names[shown.hotspot])}</h2>'
                    f'<p class="sc-soft">{escape(shown.hotspot)}</p>'
                    f'<p>Not a hotspot in {escape(shown.release.labels[shown.window])}. '
                    "Move the window to see it, or choose another.</p></div>")
            return
        said = _facts(shown, facts)
        st.html(said.replace("children", "people") if shown.collection == "sample" else said)


def _window_card(shown: Shown) -> str:
    """Nothing chosen: what stands out in this window, and how to choose."""
    release = shown.release
    rows = release.hotspots[release.hotspots["window"] == shown.window]
    parts = [f'<div class="sc-card"><h2>{escape(release.labels[shown.window])}</h2>'
             '<p class="sc-soft">Choose a hotspot on the map or a row of the table to see the place.</p>']
    for title, codes in (("New or active again", ("born", "reactivated")), ("Growing beyond chance", ("grew",)),
                         ("Moved, merged or split", ("moved", "merged", "split")), ("Reducing or gone", ("shrank", "dissolved"))):
        found = rows[rows["change"].isin(codes)].sort_values("children", ascending=False, na_position="last")
        if found.empty:
            continue
        parts.append(f'<h3>{escape(title)}</h3><ul class="sc-list">' + "".join(
            f'<li><span>{escape(shown.names[r["hotspot_id"]])} <span class="sc-soft">{escape(r["hotspot_id"])}</span></span>'
            f'<b>{_children(r["children"], shown.collection)}</b></li>' for r in found.head(6).to_dict("records")) + "</ul>")
        if len(found) > 6:
            parts.append(f'<p class="sc-soft">and {len(found) - 6} more in the table</p>')
    if len(parts) == 1:
        parts.append("<p>Nothing changed beyond chance in this window.</p>")
    return "".join(parts) + "</div>"


def _children(number: Any, collection: str) -> str:
    return "" if pd.isna(number) else look.several(int(number), *controls.people(collection))


def _ends(spans: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """First and last month of the windows."""
    last = date.fromisoformat(spans[-1][1]) - timedelta(days=1)
    return f"{date.fromisoformat(spans[0][0]):%b %Y}", f"{last:%b %Y}"


def _facts(shown: Shown, facts: dict[str, Any]) -> str:
    labels = shown.release.labels
    by_window = {entry["window"]: entry["children"] for entry in facts["history"]}
    children, episodes = look.count(facts["children"]), look.count(facts["episodes"])
    parts = [
        f'<div class="sc-card"><h2>{escape(facts["name"])}</h2>',
        f'<p class="sc-soft">{escape(facts["id"])} · {escape(facts["window"])}</p>',
        f'<div class="sc-pair"><div><b>{children}</b><span>children</span></div><div><b>{episodes}</b><span>episodes</span></div>'
        f'<div><b>{escape(str(facts["windows_seen"]))}</b><span>windows seen</span></div></div>',
        f'<span class="sc-class">{escape(facts["change"].capitalize())}</span><p>{escape(facts["meaning"])}</p>',
        f'<p class="sc-soft">Rate against the past year: {escape(facts["interval"])}. Since {escape(facts["since"])}.'
        + (f' From {escape(", ".join(facts["parents"]))}.' if facts["parents"] else "") + "</p>",
        *(f'<p class="sc-flag">{escape(flag)}</p>' for flag in facts["flags"]),
        "<h3>Children in each window</h3>",
        charts.history(labels, [by_window.get(label) for label in labels], shown.window, _ends(shown.release.spans)),
        "<h3>Hour and weekday</h3>", charts.rhythm(facts["hours"]),
        f'<p class="sc-soft">Records in all windows so far. Time not known: {facts["hours_unknown"]:,}.</p>',
    ]
    if facts["kinds"]:
        parts += ["<h3>Kind of place</h3>", look.bars([(k["kind"], k["records"], f'{k["records"]:,}') for k in facts["kinds"][:6]])]
        talk = [k["response"] for k in facts["kinds"][:3] if k["response"] and not k["response"].startswith(("none", "excluded"))]
        if talk:
            parts.append(f'<p class="sc-soft">Who can make it safer: {escape("; ".join(dict.fromkeys(talk)))}.</p>')
    for title, name in (("How exactly placed", "tiers"), ("How learned", "sources")):
        if facts[name]:
            parts += [f"<h3>{title}</h3>", look.bars([(label.capitalize(), n, f"{n:,}") for label, n in facts[name]])]
    parts.append(f'<p class="sc-soft" style="margin-top:1rem">{escape(facts["caveat"])}</p></div>')
    return "".join(parts)
