"""The place card: one hotspot in one window. Every text of it is escaped; nothing of it is a single child's."""

from __future__ import annotations

from datetime import date, timedelta
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from geo_data.concern import VERDICTS
from geo_data.errors import ScopingError
from geo_data.grid import to_bng
from scoping.meeting.agenda import Standing
from scoping.showing import views
from scoping.showing.periods import Period
from scoping.transitions import CHANGES, TRANSITIONS
from screens import charts, controls, look, meeting_link, people, results, session, signals, signin
from screens.prompts import PATROL, PROMPTS
from screens.results import Choice
from screens.spot import Shown, spot

_SHORT = ["hotspot_id", "window", "change", "children"]  # what of a hotspot is said in a line; few columns are quick to cut
_ONWARD = (("meeting", "Decide", ":material/groups:", "Review meeting: decisions and actions about places"),
           ("snapshots", "Snapshot", ":material/ios_share:", "What leaves the team: a period, released and made into files"))
_OPEN = '<div class="sc-card" tabindex="0" role="region" aria-label="Place card">'  # what scrolls can be reached by keyboard


def card(shown: Shown) -> None:
    with st.container(border=True, height=640, key="card"):
        if spot()["area"]:
            st.html(_area_card(shown))
            return
        if shown.hotspot is None:
            st.html(results.once(shown.given, "window card", shown.window, lambda: _window_card(shown)) if shown.whole
                    else _window_card(shown))
            return
        facts = views.card(shown.release, shown.hotspot, shown.window, shown.names)
        if facts and shown.collection != "sample":
            facts["flags"] += [says for says in results.attention_of(shown.given, shown.window).get(shown.hotspot, ())
                               if not says.startswith(("One child", "A few children"))]
        if not facts:
            st.html(f'{_OPEN}<h2>{escape(shown.names[shown.hotspot])}</h2>'
                    f'<p class="sc-soft">{escape(shown.hotspot)}</p>'
                    f'<p>Not a hotspot in {escape(shown.release.labels[shown.window])}. '
                    "Move the window to see it, or choose another.</p></div>")
            return
        known = {} if shown.collection == "sample" else results.standings(shown.given, shown.hotspot)
        acting = "" if shown.collection == "sample" else _acting(known.get(shown.hotspot, ()))
        said = _facts(shown, facts, acting).removesuffix("</div>")
        if shown.collection != "sample":
            said += _roles(shown, shown.hotspot)
            strand = results.strands(shown.given, Choice(shown.window, shown.hotspot))
            said += people.bars(strand) if strand else ""
            said += signals.of_place(shown.release, shown.hotspot, shown.collection)
        said += "</div>"
        st.html(said.replace("children", "people") if shown.collection == "sample" else said)
        if shown.collection != "sample":
            _episodes(shown)
            _next(shown)


def _next(shown: Shown) -> None:
    """Where a place goes from here, at the foot of the card for those who may: decided upon with others, or told to them."""
    offered = [onward for onward in _ONWARD if session.person().may(signin.PAGES[onward[0]])]
    if not offered:
        return
    with st.container(horizontal=True, key="onward"):
        for name, label, icon, says in offered:
            st.page_link(st.session_state["pages"][name], label=label, icon=icon, help=says,
                         query_params=meeting_link.onward(shown) if name == "meeting" else None)


def _episodes(shown: Shown) -> None:
    """The records behind a hotspot, for those who may read them; each look is entered in the audit before it is given."""
    key = f"list-{shown.hotspot}-{shown.window}"
    if not session.person().may("records"):
        return
    if not st.toggle("List the episodes", key=key, help="Row by row. Opening the list is entered in the audit."):
        return
    rows = results.episode_list(shown.given, shown.choice)
    if st.session_state.get("listed") != (key, shown.given.version):
        session.store().note(session.actor(), "list episodes", {
            "collection": shown.collection, "hotspot": shown.hotspot, "window": shown.release.labels[shown.window],
            "episodes": len(rows)})
        st.session_state["listed"] = (key, shown.given.version)
    st.dataframe(rows, hide_index=True, alt="Episodes of this hotspot in this window", height=240)


def _area_card(shown: Shown) -> str:
    """What is in the outline drawn on the map: hotspots that touch it, and how many children, over whole grid cells."""
    try:
        at_risk, _, cells = people.found(shown)
    except ScopingError as error:
        return f'{_OPEN}<h2>What is in here?</h2><p>{escape(error.what)} {escape(error.fix)}</p></div>'
    lon, lat = np.array(spot()["area"]).T
    inside = views.inside(shown.release, shown.window, np.column_stack(to_bng(lat, lon)))
    said = (f"{at_risk.children:,} different children in {at_risk.episodes:,} episodes" if at_risk.children is not None
            else f"Fewer than {at_risk.least} different children")
    rows = "".join(f'<li><span>{escape(shown.names[name])} '
                   f'<span class="sc-soft">{escape(name)}</span></span>'
                   f"<b>{_children(n, shown.collection)}</b></li>" for name, n in inside)
    label = escape(shown.release.labels[shown.window])
    return (f'{_OPEN}<h2>What is in here?</h2><p class="sc-soft">{label}, in the {cells:,} '
            f"cells of 500 m that the outline touches. Escape on the map clears it.</p>"
            f"<p>{said}.</p><h3>Hotspots</h3>" + (f'<ul class="sc-list">{rows}</ul>' if rows else "<p>None.</p>")
            + '<p class="sc-soft">Who is at risk and how it happens, of this outline, stands under the table.</p></div>')


def _window_card(shown: Shown) -> str:
    """Nothing chosen: what stands out in this window, and how to choose."""
    release = shown.release
    rows = release.hotspots.loc[release.hotspots["window"] == shown.window, _SHORT]
    parts = [f'{_OPEN}<h2>{escape(release.labels[shown.window])}</h2>']
    if not shown.whole:
        parts.append('<p class="sc-soft">This window first. What is new, growing or fading, the ids and the cards of places follow '
                     "when the other windows are worked out.</p>")
        return "".join([*parts, *_largest(shown, rows)]) + "</div>"
    parts.append('<p class="sc-soft">Choose a hotspot on the map or a row of the table to see the place.</p>')
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
    if len(parts) == 2:
        why = views.unsettled(release, shown.window)
        parts.append(f"<p>{escape(why) or f'Nothing changed beyond chance in this window.{_last_change(shown)}'}</p>")
    parts += _largest(shown, rows)
    people_each = [int(n) for n in release.windows["children"]]
    parts += [f"<h3>Different {controls.people(shown.collection)[1]} counted in each window</h3>",
              charts.history(release.labels, people_each, shown.window, _ends(release.spans), absent=[
                  "no data" if gap else "none counted" for gap in release.windows["no_data"]])]
    return "".join(parts) + "</div>"


def _last_change(shown: Shown) -> str:
    """In a quiet window: the last one before it in which something happened at a place that is shown."""
    rows = shown.release.hotspots[_SHORT]
    before = rows[(rows["window"] < shown.window) & rows["change"].isin(TRANSITIONS)
                  & (rows["children"].notna() | rows["change"].eq("dissolved"))]
    if before.empty:
        return ""
    last = before[before["window"] == before["window"].max()]
    counts = last["change"].value_counts()
    told = ", ".join(f"{counts[change]} {CHANGES[change]}" for change in TRANSITIONS if change in counts)
    return f" The last change: {told}, in {escape(shown.release.labels[int(last['window'].iloc[0])])}."


def _largest(shown: Shown, rows: pd.DataFrame) -> list[str]:
    largest = rows[rows["children"].notna()].sort_values(["children", "hotspot_id"], ascending=[False, True]).head(5)
    if largest.empty:
        return []
    said = [(r, CHANGES[r["change"]] if shown.whole else "") for r in largest.to_dict("records")]
    return ['<h3>Most children now</h3><ul class="sc-list">' + "".join(
        f'<li><span>{escape(shown.names[r["hotspot_id"]])} <span class="sc-soft">{escape(word)}</span></span>'
        f'<b>{_children(r["children"], shown.collection)}</b></li>' for r, word in said) + "</ul>"]


def _children(number: Any, collection: str) -> str:
    return "" if pd.isna(number) else look.several(int(number), *controls.people(collection))


def _ends(spans: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """First and last month of the windows."""
    last = date.fromisoformat(spans[-1][1]) - timedelta(days=1)
    return f"{date.fromisoformat(spans[0][0]):%b %Y}", f"{last:%b %Y}"


def _safer(kinds: list[dict[str, Any]]) -> str:
    """What would make this place safer? Prompts by kind of place; patrol stands last."""
    asked = [prompt for kind in kinds[:3] for prompt in PROMPTS.get(kind["code"], ())]
    asked = [*list(dict.fromkeys(asked))[:6], PATROL]
    return ('<h3>What would make this place safer?</h3><ul class="sc-prompts">'
            + "".join(f"<li>{escape(prompt)}</li>" for prompt in asked) + "</ul>")


def _acting(places: tuple[Standing, ...]) -> str:
    """What the group has decided about this place, and who already acts here."""
    parts = ["<h3>Decided, and who acts here</h3>"]
    for place in places:
        stands = "Not decided"
        if place.verdict:
            stands = f"{VERDICTS[place.verdict]}, since the review of {Period.parse(place.review).label}"
        parts.append(f'<p>{escape(stands)}: <span class="sc-soft">{escape(place.name)}</span>.</p>')
    actions = [f"<li>{escape(said)}</li>" for place in places for said in place.actions]
    none = "No action is open here." if places else "Nothing decided yet, and no action is known."
    parts.append(f'<ul class="sc-prompts">{"".join(actions)}</ul>' if actions else f'<p class="sc-soft">{none}</p>')
    return "".join(parts)


def _roles(shown: Shown, hotspot: str) -> str:
    """Children of each role at the place, and what is counted."""
    told = results.roles(shown.given, shown.window, hotspot)
    return people.bars(told) + (
        f'<p class="sc-soft">In this window. Of the other roles: places within {shown.parameters.eps_m:.0f} m of a record of this '
        'hotspot. A child may count in several.</p>') if told else ""


def _absent(shown: Shown) -> list[str]:
    """What the card's bars say of each window in which the place has no number."""
    gaps = shown.release.windows["no_data"]
    return ["later than this window" if k > shown.window else "no data" if gap else "no hotspot" for k, gap in enumerate(gaps)]


def _facts(shown: Shown, facts: dict[str, Any], acting: str) -> str:
    labels = shown.release.labels
    by_window = {entry["window"]: entry["children"] for entry in facts["history"]}
    usual = {entry["window"]: entry["usual"] for entry in facts["history"]}
    children, episodes = look.count(facts["children"]), look.count(facts["episodes"])
    parts = [
        f'{_OPEN}<h2>{escape(facts["name"])}</h2>',
        f'<p class="sc-soft">{escape(facts["id"])} · {escape(facts["window"])}</p>',
        f'<div class="sc-pair"><div><b>{children}</b><span>children</span></div><div><b>{episodes}</b><span>episodes</span></div>'
        f'<div><b>{escape(str(facts["windows_seen"]))}</b><span>windows seen</span></div></div>',
        f'<span class="sc-class">{escape(facts["change"].capitalize())}</span><p>{escape(facts["meaning"])}</p>',
        f'<p class="sc-soft">Rate against the past year: {escape(facts["interval"])}. Since {escape(facts["since"])}.'
        + (f' From {escape(", ".join(facts["parents"]))}.' if facts["parents"] else "") + "</p>",
        *(f'<p class="sc-flag">{escape(flag)}</p>' for flag in facts["flags"]),
        acting,
        "<h3>Children in each window</h3>",
        charts.history(labels, [by_window.get(label) for label in labels], shown.window, _ends(shown.release.spans),
                       [usual.get(label) for label in labels], absent=_absent(shown)),
        '<p class="sc-soft">Framed: where nine of ten windows would lie at the past year\'s rate.</p>',
        "<h3>Hour and weekday</h3>", charts.rhythm(facts["hours"]),
        '<p class="sc-soft">Records of this window and of those before it that share no day, each once. '
        f'Time not known: {facts["hours_unknown"]:,}.</p>',
    ]
    if facts["kinds"]:
        parts += ["<h3>Kind of place</h3>", look.bars([(k["kind"], k["records"], f'{k["records"]:,}') for k in facts["kinds"][:6]])]
        parts.append(_safer(facts["kinds"]))
    for title, name in (("How exactly placed", "tiers"), ("How learned", "sources")):
        if facts[name]:
            parts += [f"<h3>{title}</h3>", look.bars([(label.capitalize(), n, f"{n:,}") for label, n in facts[name]])]
    parts.append(f'<p class="sc-soft" style="margin-top:1rem">{escape(facts["caveat"])}</p></div>')
    return "".join(parts)
