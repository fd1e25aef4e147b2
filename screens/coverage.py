"""The Coverage page: how well places are recorded and placed, and what the maps cannot see. Draws a `RecordedRelease`."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.keeping.facts import facts
from geo_data.placing.districts import told
from geo_data.schema import ROLE_LABELS, ROLES, TIERS
from scoping import marks, recording
from scoping.recording import ENOUGH, WINDOW_DAYS
from scoping.showing import recorded
from scoping.showing.disclosure import Rules
from scoping.showing.recorded import RecordedRelease
from screens import controls, look, rate_chart, session, waiting
from screens.worked import Data

SLICES = {"authority": "Responsible authority", "force": "Recording force", "source": "Source system", "profile": "Kind of file"}
WHERE = {"authority": "Responsible authority", "force": "Recording force", "named": "Town named in the text"}
SAYS = "How well places are recorded, and what the maps cannot see."
COULD_HIDE = 5  # different children: the least of a hotspot by default


def page() -> None:
    head = st.empty()
    with head:
        look.head("Coverage", SAYS)
    try:
        session.must("records")
        present = session.present()
        if not present:
            look.empty("Nothing to measure yet", "Import a file of episodes, or load the demonstration.")
            return
        with st.sidebar:
            collection = controls.data_set(present)
        shown = _release(collection, session.version(collection), session.rules(), session.today())
        if shown is None:
            return
    except ScopingError as error:
        st.error(look.literal(error.what))
        look.soft(error.fix)
        return
    with head:
        look.head("Coverage", f"{SAYS} Places away from home: a child's own address is easy to place and never enters a map.",
                  shown.marking)
    if collection == "demo":
        look.band("SYNTHETIC DATA", "Quernshire is invented. No child, place or event on this page is real.")
    _figures(shown)
    role = _role(shown)
    left, right = st.columns([1.5, 1], gap="large")
    with left:
        _months(shown, role)
    with right:
        _mix(shown, role)
    _slices(shown, role)
    _hidden(shown, role)
    _changes(shown)
    if shown.withheld:
        look.soft(f"{look.several(shown.withheld, 'line is', 'lines are')} without numbers: fewer than {shown.least} children, or "
                  "what would let such a number be worked out.")


def _release(collection: str, version: str, rules: Rules, today: date) -> RecordedRelease | None:
    """The figures of a collection, once for all who may read the same; None when they were stopped being counted."""
    data = session.data(collection, version)
    key = "coverage", *data[:2], repr(rules), today
    return waiting.of_kept("coverage", key, "Counting how well places are placed", lambda: figures(data, rules, today))


def figures(data: Data, rules: Rules, today: date) -> RecordedRelease:
    """The figures of the rows that a reader may see; records past their review date do not count."""
    known = facts(data.store, data.collection)
    known = known[~(known["review_by"] < pd.Timestamp(today))].reset_index(drop=True)
    places = data.locations()
    day_only = places.drop_duplicates("episode_ref").set_index("episode_ref")["at_precision"].reindex(known["episode_ref"])
    changes = marks.marks(known, day_only.isin(["day", "month", "unknown"]).reset_index(drop=True))
    return recorded.release(recording.measure(places, known), changes, rules, synthetic=data.collection == "demo")


def _share(part: float, whole: float) -> float | None:
    return None if pd.isna(part) or pd.isna(whole) or not whole else float(part / whole)


def _per_cent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _figures(shown: RecordedRelease) -> None:
    every = shown.rates[shown.rates["slice"] == "all"].set_index("role")
    cards = []
    for role in ROLES:
        if role in every.index:
            row = every.loc[role]
            fine = _share(row["fine"], row["places"])
            cards.append(look.Figure(_per_cent(_share(row["placed"], row["places"])), ROLE_LABELS[role],
                                     f"placed; {_per_cent(fine)} finely, of {look.count(row['places'])}"))
    cards += [look.Figure(look.count(shown.not_found_yet), "Not found yet", "no found place to know"),
              look.Figure(look.count(shown.piled), "Piled up", "share coordinates with 3 or more addresses")]
    look.figures(cards)
    below = [ROLE_LABELS[role].lower() for role in every.index
             if (share := _share(every.loc[role, "placed"], every.loc[role, "places"])) is not None and share < ENOUGH]
    if below:
        st.warning(f"Fewer than {ENOUGH:.0%} are placed: {', '.join(below)}. Below that a map of incidents is not dependable "
                   "(Ratcliffe 2004). The review queue is where to begin.", icon=":material/warning:")


def _role(shown: RecordedRelease) -> str:
    held = shown.rates.loc[shown.rates["slice"] == "all", "role"].tolist()
    roles = [role for role in ROLES if role in held] or ["found"]
    return str(st.segmented_control("Place", roles, default="found" if "found" in roles else roles[0], required=True,
                                    format_func=ROLE_LABELS.__getitem__, key="coverage_role"))


def _months(shown: RecordedRelease, role: str) -> None:
    look.small_heading("By month of report")
    rows = shown.rates[(shown.rates["slice"] == "month") & (shown.rates["role"] == role)].sort_values("value")
    if rows.empty:
        look.soft("No month to show.")
        return
    every = [str(m) for m in pd.period_range(rows["value"].iloc[0], rows["value"].iloc[-1], freq="M")]
    rows = rows.set_index("value").reindex(every)
    placed, fine = ([_share(part, whole) for part, whole in zip(rows[name], rows["places"], strict=True)]
                    for name in ("placed", "fine"))
    st.html(rate_chart.by_month([rate_chart.named(month) for month in every], placed, fine, ENOUGH, key=(
        "fine enough for the map (exact, street or unit postcode)", "only a town or district")))


def _mix(shown: RecordedRelease, role: str) -> None:
    look.small_heading("How exactly")
    rows = shown.mix[(shown.mix["role"] == role) & (shown.mix["where"] == "away")]
    if rows.empty:
        look.soft("Too few to show.")
        return
    row = rows.iloc[0]
    bars = [(says.partition(":")[0].capitalize(), float(row[tier]), look.count(row[tier])) for tier, says in TIERS.items()]
    st.html(f'<div class="sc-card">{look.bars(bars)}</div>')


def _slices(shown: RecordedRelease, role: str) -> None:
    look.small_heading(f"Against {ENOUGH:.0%}, by where the record comes from")
    name = st.segmented_control("By", list(SLICES), default="authority", required=True, format_func=SLICES.__getitem__,
                                key="coverage_slice", label_visibility="collapsed")
    rows = shown.rates[(shown.rates["slice"] == name) & (shown.rates["role"] == role)]
    placed = (rows["placed"] / rows["places"]).to_numpy()
    frame = pd.DataFrame({
        SLICES[name]: [label(name, value) for value in rows["value"]], "Children": rows["children"], "Places": rows["places"],
        "Placed": placed * 100, "Fine": (rows["fine"] / rows["places"]).to_numpy() * 100,
        f"Against {ENOUGH:.0%}": ["withheld" if pd.isna(p) else "reached" if p >= ENOUGH else "below" for p in placed]})
    bar = {"min_value": 0, "max_value": 100, "format": "%.0f %%"}
    st.dataframe(frame.sort_values("Places", ascending=False), hide_index=True, placeholder="–",
                 alt="Rates by where records come from", height="content" if len(frame) <= 10 else 380, column_config={
                     "Placed": st.column_config.ProgressColumn(**bar), "Fine": st.column_config.ProgressColumn(**bar),
                     "Children": look.NUMBER, "Places": look.NUMBER})


def label(slice_: str, value: str) -> str:
    """What a value of a slice is called: an authority by its name where it is known."""
    return told(value) if slice_ == "authority" else value


def _hidden(shown: RecordedRelease, role: str) -> None:
    look.small_heading("Where a hotspot could hide")
    look.soft(f"Places away from home without a fine point. Where {COULD_HIDE} or more different children of one area come "
              f"together within {WINDOW_DAYS} days, they could be a hotspot that no map shows.")
    rows = shown.hidden[shown.hidden["role"] == role]
    frame = pd.DataFrame({
        "Area": [label(s, v) for s, v in zip(rows["slice"], rows["value"], strict=True)], "Known by": rows["slice"].map(WHERE),
        "Children": rows["children"], "Places": rows["places"], "Share": rows["share"] * 100,
        "Most children": rows["most_children"],
        "Hotspot": ["" if pd.isna(m) else "could hide" if m >= COULD_HIDE else "too few" for m in rows["most_children"]]})
    if frame.empty:
        look.soft("Every place away from home is placed finely.")
        return
    st.dataframe(frame, hide_index=True, placeholder="–", height="content" if len(frame) <= 10 else 380,
                 alt="Places without a fine point, by area", column_config={
                     "Share": st.column_config.NumberColumn(format="%.0f %%", help="Of all places of the area away from home."),
                     "Children": look.NUMBER, "Places": look.NUMBER,
                     "Most children": st.column_config.NumberColumn(help=f"Different children in any {WINDOW_DAYS} days.")})


def _changes(shown: RecordedRelease) -> None:
    left, right = st.columns([1.5, 1], gap="large")
    with left:
        look.small_heading("Where the recording changed")
        if shown.marks.empty:
            look.soft("No source, force or kind of file begins, ends or pauses within these data.")
        else:
            names = {"source": "Source system", "profile": "Kind of file", "force": "Recording force"}
            st.dataframe(pd.DataFrame({"Month": shown.marks["month"], "Of": shown.marks["slice"].map(names),
                                       "Which": shown.marks["value"], "What": shown.marks["what"]}), hide_index=True,
                         height="content" if len(shown.marks) <= 8 else 300, alt="Changes of recording")
    with right:
        look.small_heading("Days from report to extract")
        frame = pd.DataFrame({"Source": shown.lags["source"], "Episodes": shown.lags["episodes"],
                              "Half within": shown.lags["median_days"], "Nine of ten": shown.lags["p90_days"]})
        st.dataframe(frame, hide_index=True, placeholder="–", height="content", alt="Reporting lag", column_config={
                         "Episodes": look.NUMBER,
                         **{name: st.column_config.NumberColumn(format="%.0f days") for name in ("Half within", "Nine of ten")}})
        look.soft("Of episodes never amended. A first load of old records makes it long.")
