"""The parts of the Changes page below its map: summary and chance, table, lives, one place, flows, settings, versions."""

from __future__ import annotations

from datetime import date
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.placing import districts
from geo_data.schema import ROLE_LABELS
from scoping.change.flows import FEEDERS
from scoping.change.school_year import KINDS
from scoping.showing import changes, sentences
from scoping.showing.review import FEW
from scoping.transitions import CHANGES
from screens import charts, controls, jobs, look, results, reviewed

if TYPE_CHECKING:
    from screens.changes import Seen

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# the colours of the map's marks, by the words of the table
TONES = {"in first window": "#9aa3ae", "forming": "#d9c3e6", "new": "#7b3294", "active again": "#af8dc3", "growing": "#c2a5cf",
         "continuing": "#8d97a4", "reducing": "#a6dba0", "moved": "#4f94c4", "merged": "#2171b5", "split": "#6baed6",
         "below threshold": "#d5d9df", "gone": "#1b7837", "no data": "#f0c674"}


# ------------------------------------------------------------------ what stands out, and what chance gives

def summary(seen: Seen) -> None:
    with st.container(border=True, height=662, key="review-summary"):
        for note in seen.review.notes:
            look.soft(note)
        rows = seen.table
        stands_out = rows["Hotspot"].isin(seen.review.places.loc[seen.review.places["beyond"], "hotspot_id"])
        told = rows[stands_out | ~rows["Change"].isin([changes.word(code) for code in ("stable", "first", "below", "")])]
        look.small_heading("In words")
        if told.empty:
            look.soft("Nothing has changed beyond what its own past year would lead one to expect.")
            _before_that(seen)
        parts = [f'<p><b>{escape(row["Place"])}</b> <span class="sc-soft">{escape(row["Hotspot"])}</span><br>'
                 f'{escape(row["In words"])}</p>'
                 + "".join(f'<p class="sc-flag">{escape(text)}</p>' for text in _watched(seen, row["Hotspot"]))
                 for row in told.to_dict("records")]
        if parts:
            st.html(f'<div class="sc-card">{"".join(parts)}</div>')
        _chance(seen)


def _before_that(seen: Seen) -> None:
    """In a quiet review: where the last change is to be seen."""
    if found := reviewed.last_change(seen.given, seen.month):
        month, counts = found
        told = ", ".join(f"{count} {CHANGES[change]}" for change in CHANGES if (count := counts.get(change, 0)))
        name = f"{date.fromisoformat(f'{month}-01'):%B %Y}"
        look.soft(f"The last review with a change is that of {name}: {told}. Some comes by chance alone: it says how much.")
        st.button(f"Look at {name}", on_click=st.session_state.update, args=({"review": month},), key="look-back")


def _watched(seen: Seen, hotspot: str) -> list[str]:
    row = seen.review.places.set_index("hotspot_id").loc[hotspot]
    return sentences.watched(row)


def _chance(seen: Seen) -> None:
    look.small_heading("What chance alone would give")
    if seen.review.chance.empty:
        _count_aside(seen)
        return
    rows = changes.chance_table(seen.review).to_dict("records")
    lines = "".join(f'<li><span>{escape(row["Change"])}{_so(row["So"])}</span>'
                    f'<b>{row["Seen"]} seen, {row["Expected by chance"]:.1f} by chance</b></li>' for row in rows)
    st.html(f'<div class="sc-card"><ul class="sc-list">{lines}</ul><p class="sc-soft">By chance: the mean of {reviewed.RUNS} '
            "worlds with the same children, places and dates, but the dates shuffled. Marked: outside nine in ten.</p></div>")


def _so(verdict: str) -> str:
    tone = {"more than chance": "sc-up", "fewer than chance": "sc-down"}.get(verdict)
    return f' <span class="{tone}">{verdict}</span>' if tone else ""


def _count_aside(seen: Seen) -> None:
    """Counts in the background; the page is whole without it and shows it when it is there."""
    key = f"{seen.given.version}{reviewed.chance_key(seen.given, seen.month)}"
    job = jobs.find(key)
    if job is not None and not job.cancelled and not job.ended:
        st.fragment(_progress, run_every=1.0)(key)
        return
    if job is not None and job.fault:
        st.error(look.literal(job.fault))
    look.soft(f"Shuffles the dates {reviewed.RUNS} times over the same children and places and counts the changes that are still "
              "seen. Once for a year of reviews, these data and settings; the page can be used meanwhile.")
    st.button("Count what chance gives", icon=":material/casino:", key="chance-start", on_click=jobs.start,
              args=(key, reviewed.chance_work(seen.given, seen.month)))


def _progress(key: str) -> None:
    job = jobs.find(key)
    if job is None or job.ended or job.cancelled:
        st.rerun()
    else:
        st.progress(job.share, text=f"Shuffle {job.done} of {job.of or reviewed.RUNS}")
        st.button("Stop", icon=":material/stop:", key="chance-stop", on_click=jobs.cancel, args=(key,))


# ------------------------------------------------------------------ the table

_COLUMNS: dict[str, Any] = {
    "Place": st.column_config.TextColumn(help="The nearest named place. Never an address."),
    "Hotspot": st.column_config.TextColumn("Id", width=80),
    "Children": st.column_config.NumberColumn(width="small", help="Different children now. Empty: no hotspot now."),
    "Last review": st.column_config.NumberColumn(width=92, help="Different children in the window before."),
    "Year ago": st.column_config.NumberColumn(width=80, help="Different children in the same window a year ago."),
    "Episodes": st.column_config.NumberColumn(width=80),
    "Against its past year": st.column_config.TextColumn("Against past year", width=140, help=(
        "How many times its past year's rate, with its 90 % interval. An interval that holds 1.0 is no change beyond chance.")),
    "q": st.column_config.NumberColumn("q", format="%.2f", width=52, help=(
        "Of the places with this q or less, at most this share are false alarms, all places of the review allowed for. "
        "0.10 or less stands out.")),
    "By chance": st.column_config.NumberColumn(format="%.1f", width=85, help="Such changes in a review by chance alone."),
    "Stability": st.column_config.NumberColumn(format="%.2f", width=78, help=(
        "How alike the hotspot stays when its children are drawn again, 200 times: from 0.75 sound, under 0.60 doubtful.")),
    "Settings": st.column_config.TextColumn(width="small", help="Under how many neighbouring settings it is seen."),
    "Since": st.column_config.TextColumn(width="small"),
    "Think of": st.column_config.TextColumn("Think of", help="Before it is believed."),
    "In words": st.column_config.TextColumn("In words", width="large"),
}


def table(seen: Seen) -> None:
    look.small_heading("Every place of this review")
    frame = seen.table if seen.table["By chance"].notna().any() else seen.table.drop(columns="By chance")  # not counted yet
    st.dataframe(frame, hide_index=True, column_config=_COLUMNS, placeholder="", alt="Every place of this review with its tests",
                 height="content" if len(frame) <= 12 else 460)


# ------------------------------------------------------------------ lives

def lives(seen: Seen) -> None:
    look.small_heading("The life of every hotspot")
    bars, links, told = results.once(seen.given, "lives", seen.review.at.now, partial(_lives, seen))
    if bars.empty:
        look.soft("No hotspot has been seen yet.")
        return
    st.altair_chart(_drawn(bars, links), width="stretch", theme="streamlit")
    if len(links):
        look.soft("An orange line joins hotspots that merged or split: from the full dot to the ring.")
    with st.expander("The same in words"):
        st.dataframe(told, hide_index=True, placeholder="", alt="The life of every hotspot in words")


def _lives(seen: Seen) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    bars, links = changes.lives(seen.review.release, seen.names, seen.review.at.now)
    return bars, links, changes.told_lives(bars, links)


def _drawn(bars: pd.DataFrame, links: pd.DataFrame) -> alt.LayerChart:
    named = bars.assign(name=bars["place"].str.slice(0, 28) + "  " + bars["hotspot_id"],
                        children=bars["children"].astype("float64"))
    rows = list(dict.fromkeys(named["name"]))
    name_of = dict(zip(named["hotspot_id"], named["name"], strict=True))
    there = [word for word in TONES if word in set(named["change"])]

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:N", sort=None, scale=alt.Scale(domain=rows), title=None, axis=alt.Axis(labelLimit=320, ticks=False))

    layers: list[alt.Chart] = [alt.Chart(named).mark_bar(height=13, cornerRadius=2).encode(
        x=alt.X("start:T", title=None, axis=alt.Axis(format="%b %Y")), x2="end:T", y=y("name"),
        color=alt.Color("change:N", title=None, scale=alt.Scale(domain=there, range=[TONES[word] for word in there]),
                        legend=alt.Legend(orient="top", columns=8)),
        tooltip=[alt.Tooltip("name:N", title="Hotspot"), alt.Tooltip("change:N", title="Change"),
                 alt.Tooltip("start:T", title="From", format="%-d %b %Y"), alt.Tooltip("children:Q", title="Children")])]
    if len(links):
        named_links = links.assign(child=links["child"].map(name_of), parent=links["parent"].map(name_of))
        kin = alt.Chart(named_links).encode(x="start:T")
        layers += [kin.mark_rule(strokeWidth=2, color="#d95f02").encode(y=y("parent"), y2="child:N"),
                   kin.mark_point(filled=True, size=45, color="#d95f02").encode(y=y("parent")),
                   kin.mark_point(filled=False, size=60, strokeWidth=2, color="#d95f02").encode(y=y("child"))]
    return alt.layer(*layers).properties(height=alt.Step(21))


# ------------------------------------------------------------------ one place: when, and who feeds it

def place(seen: Seen) -> None:
    rhythm = seen.review.rhythm
    if not rhythm.hotspot_id:
        return
    look.small_heading("One place: when, and who comes")
    names = [f"{seen.names.get(name, name)} ({name})" for name in rhythm.hotspot_id]
    chosen = st.selectbox("Place", range(len(names)), format_func=names.__getitem__, key=f"review-place-{len(names)}",
                          label_visibility="collapsed")
    k = int(chosen)
    first, second, third = st.columns([1.25, 1, 1], gap="large")
    with first:
        st.html('<div class="sc-card"><h3>Hour and weekday</h3>' + charts.rhythm(np.round(rhythm.hours[k]).astype(int).tolist())
                + f'<p class="sc-soft">Records of the past year. Time not known: {int(rhythm.unknown[k]):,}. '
                f'Spread over the time between last seen and found: {int(rhythm.spread[k]):,}.</p></div>')
    with second:
        st.html('<div class="sc-card"><h3>Month</h3>' + look.bars([(month, float(n), f"{n:,}") for month, n in zip(
            MONTHS, rhythm.months[k].tolist(), strict=True) if n]) + "</div>")
    with third:
        st.html('<div class="sc-card"><h3>Records a day in this window</h3>' + look.bars(_a_day(rhythm.days[k], rhythm.usual))
                + '<p class="sc-soft">School holidays by the dates of the settings, else by a common pattern.</p>'
                + _fed(seen, rhythm.hotspot_id[k]) + "</div>")


def _a_day(days: Any, usual: Any) -> list[tuple[str, float, str]]:
    return [(kind.capitalize(), float(n) / max(int(of), 1), f"{n / max(int(of), 1):.2f}")
            for kind, n, of in zip(KINDS, days.tolist(), usual.tolist(), strict=True) if of]


def _fed(seen: Seen, hotspot: str) -> str:
    rows = seen.review.feeders[seen.review.feeders["hotspot_id"] == hotspot]
    parts = []
    for what, title in FEEDERS.items():
        mine = rows[rows["what"] == what]
        if what == "responsible_la" and len(mine) < 2:
            continue
        lines = "".join(f"<li><span>{escape(_kind(what, row['code']))}</span><b>{escape(_children(row['children']))}</b></li>"
                        for row in mine.to_dict("records"))
        parts.append(f'<h3>{escape(title)}</h3><ul class="sc-list">{lines}</ul>')
    return "".join(parts)


def _kind(what: str, code: str) -> str:
    if code == FEW:
        return "Others"
    if what == "strand":
        return controls.STRAND_LABELS.get(code, code)
    if what == "responsible_la":
        return districts.told(code)
    return code.replace("_", " ").capitalize()


def _children(band: str) -> str:
    return "fewer than 3 each" if band == FEW else f"{band} children"


# ------------------------------------------------------------------ flows, settings, versions

def flows(seen: Seen) -> None:
    look.small_heading("From where to where")
    found = seen.review.flows
    if found.empty:
        look.soft("No flow between two hotspots rests on enough different children to be shown.")
        return
    rows = found.to_dict("records")
    ends = {title: [f"{ROLE_LABELS[row[f'{end}_role']]}: {_near(seen, row[f'{end}_id'])}" for row in rows]
            for title, end in (("From", "from"), ("To", "to"))}
    st.dataframe(pd.DataFrame({
        **ends, "Children": found["children"].array,
        "Distance": [f"{row['distance_m'] / 1000:.1f} km {row['direction']}".strip() for row in rows],
    }), hide_index=True, height="content", alt="Flows between hotspots", column_config={
        "Children": st.column_config.TextColumn(width="small", help="Different children whose episode links the two, in bands."),
        "Distance": st.column_config.TextColumn(width="small", help="Between the middles, to the nearest 100 m; the direction.")})


def _near(seen: Seen, hotspot: str) -> str:
    name = reviewed.every_name(seen.given).get(hotspot, "")
    return f"{name} ({hotspot})" if name else hotspot


def settings_grid(seen: Seen) -> None:
    with st.expander("Would other settings say the same?"):
        grid = seen.review.grid
        st.dataframe(grid.pivot_table(index="eps_m", columns="min_children", values="hotspots", aggfunc="first").rename(
            index=lambda eps: f"{eps:.0f} m", columns=lambda least: f"at least {least}").rename_axis("Neighbourhood"),
            alt="Hotspots of this window under neighbouring settings")
        look.soft("Hotspots of this window under each neighbourhood and least number of children. The column Settings of the table "
                  "says under how many of these each hotspot is still seen (a cluster holds half or more of its children).")


def versions(seen: Seen) -> None:
    """What was frozen of this review, and what the records of today say otherwise."""
    with st.expander("Frozen versions of this review"):
        kept = reviewed.versions_of(seen.given, seen.month)
        if len(kept):
            last = kept.iloc[-1]
            for row in kept.to_dict("records"):
                when = row["frozen_at"].tz_convert("Europe/London")
                look.soft(f"Version {row['number']}, frozen {when:%-d %b %Y %H:%M} by {row['actor']}.")
            found = reviewed.differences(seen.given, seen.month, seen.review, last["content"])
            if found.empty:
                look.soft("Today's records say the same as the last version.")
            else:
                look.soft(f"Today's records differ from version {last['number']} in {look.several(len(found), 'point', 'points')}. "
                          "The version stays as it is; freezing makes another.")
                st.dataframe(found, hide_index=True, alt="Differences between the frozen version and today's records")
        else:
            look.soft("Nothing is frozen yet. A frozen version never changes, whatever is corrected later; "
                      "a later version is kept beside it with its differences.")
        if st.button("Freeze this review", icon=":material/ac_unit:", key="freeze"):
            try:
                number = reviewed.freeze(seen.given, seen.month)
            except ScopingError as error:
                st.error(look.words(error))
                return
            st.toast(f"Version {number} is kept.")
            st.rerun()
