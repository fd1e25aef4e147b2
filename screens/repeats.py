"""The Repeat and response page: children and repeats over time, and what each agency signalled. Counts; nobody is scored."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from geo_data.concern import ACTION_KINDS, OPEN_STATUSES, STATUSES
from geo_data.errors import ScopingError
from geo_data.keeping import referrals
from geo_data.keeping.concerns import Concerns
from scoping import patterns, response
from scoping.showing import responded
from scoping.showing.disclosure import Rules
from screens import arrivals, controls, interviews, look, rate_chart, session, signals


def page() -> None:
    try:
        session.must("records")
        present = [name for name in session.present() if name != "sample"]
        with st.sidebar:
            collection = controls.data_set(present) if present else "episodes"
        _page(collection, held=bool(present))
    except ScopingError as error:
        look.head("Repeat and response", "How many children, how many again, and who signalled what.")
        st.error(look.literal(error.what))
        look.soft(error.fix)


def _page(collection: str, *, held: bool) -> None:
    synthetic = collection == "demo"
    counts = referrals.counts(session.store(), synthetic=synthetic)
    rules = session.rules()
    look.head("Repeat and response", "How many children are reported missing, how many of them again, and what each agency "
              "signalled. Counts over time; no child is scored or ranked.",
              rules.stamped(synthetic))
    if synthetic:
        look.band("SYNTHETIC DATA", "Quernshire is invented. No child, place or event on this page is real.")
    if held:
        _repeats(release(collection, session.version(collection), rules, counts))
        if session.person().may("patterns"):
            _patterns(collection, rules)
        if session.person().may("review"):
            _strategies(collection)
    else:
        look.empty("No episodes yet", "Import a file of episodes, or load the demonstration.")
    _signals(counts)
    if held and len(counts):
        signals.by_area(collection, counts)
    _import(synthetic=synthetic)


def release(collection: str, version: str, rules: Rules, counts: pd.DataFrame) -> responded.RespondedRelease:
    """Repeats and referrals by month, through the door."""
    known, now = interviews.records(collection, version, session.today()), arrivals.clock(collection, version)
    return responded.release(response.interviews(known, now), response.repeats(known, now), counts, rules,
                             synthetic=collection == "demo")


# ------------------------------------------------------------------ repeats

def _repeats(shown: responded.RespondedRelease) -> None:
    table = shown.repeats
    if table.empty:
        look.soft("No month to show.")
        return
    full = table.iloc[:-1] if len(table) > 1 else table  # the last month is not over
    last, soon = full.iloc[-1], full.dropna(subset=["soon"]).tail(12)
    again = _share(last["again"], last["children"])
    firsts, back = soon["firsts"].sum(), soon["soon"].sum()
    look.figures([
        look.Figure(look.count(last["children"]), "Children", f"reported missing in {rate_chart.named(last['month'])}"),
        look.Figure(look.count(last["episodes"]), "Episodes", "in that month"),
        look.Figure("–" if again is None else f"{again:.0%}", "Again", "of its children were missing in the year before"),
        look.Figure(f"{back / firsts:.0%}" if firsts else "–", "Soon again",
                    f"within {response.SOON_DAYS} days of a first return, last {look.several(len(soon), 'month', 'months')}")])
    left, right = st.columns(2, gap="large")
    months = [rate_chart.named(month) for month in table["month"]]
    with left:
        look.small_heading("Children reported missing, by month")
        children = [None if pd.isna(n) else int(n) for n in table["children"]]
        st.html(rate_chart.counts(months, children, max((n for n in children if n), default=0), "children",
                                  rate_chart.TALL))
    with right:
        look.small_heading("Of them, missing before within a year")
        shares = [_share(part, whole) for part, whole in zip(table["again"], table["children"], strict=True)]
        st.html(rate_chart.by_month(months, shares, shares, None, ("again", "again")))
    look.soft("The first year of the data has no share: nobody can know who was missing before. A first return is followed for "
              f"{response.SOON_DAYS} days before it counts. A change may be one of recording: see Coverage.")
    with st.expander("The same in a table"):
        st.dataframe(table.rename(columns={"month": "Month", "children": "Children", "episodes": "Episodes", "again": "Again",
                                           "firsts": "First episodes", "soon": "Soon again"}), hide_index=True, placeholder="–",
                     alt="Children and repeats by month")


def _share(part: float, whole: float) -> float | None:
    return None if pd.isna(part) or pd.isna(whole) or not whole else float(part / whole)


# ------------------------------------------------------------------ where they are found: the same places, or others

@st.cache_resource(scope="session", max_entries=3, show_spinner=False)
def changed_patterns(collection: str, version: str, rules: Rules, today: date) -> responded.PatternRelease:
    """How many children's pattern of places changed, through the door."""
    found = patterns.changes(session.locations(collection, version), today)
    return responded.patterns(found, rules, synthetic=collection == "demo")


def _patterns(collection: str, rules: Rules) -> None:
    shown = changed_patterns(collection, session.version(collection), rules, session.today())
    look.small_heading("Children whose pattern of places changed")
    if shown.rows.empty:
        look.soft("A year of records is needed before this can be counted.")
        return
    rows = shown.rows.iloc[::-1].assign(until=lambda told: [f"{date.fromisoformat(day):%-d %b %Y}" for day in told["until"]])
    st.dataframe(rows, hide_index=True, height="content", placeholder="withheld",
                 alt="Children whose pattern of places changed", column_config={
                     "until": st.column_config.TextColumn("Half-year to"),
                     "children": st.column_config.NumberColumn("Children compared", format="%d"),
                     "changed": st.column_config.NumberColumn("Pattern changed", format="%d"),
                     "by_chance": st.column_config.NumberColumn("By chance alone", format="%.1f")})
    look.soft(f"Of children found at least {patterns.LEAST_PLACES} times in each of two half-years: how many were in the later "
              f"one mostly found farther than {patterns.NEAR_M / 1000:.0f} km from every place of the earlier. By chance alone: "
              "the same, with each child's own records dealt to the half-years at random. Counted, never listed; no child is "
              "scored.")


# ------------------------------------------------------------------ what is being done, place by place

def _strategies(collection: str) -> None:
    look.small_heading("Ongoing strategies by place")
    held = Concerns(session.store()).held(collection)
    going = held.actions[held.actions["status"].isin(OPEN_STATUSES)]
    if going.empty:
        look.soft("None is open. Actions are agreed and followed on the page Review meeting.")
        return
    going = going.assign(place=going["concern"].map(held.names)).sort_values(["place", "review_by", "action"])
    st.dataframe(pd.DataFrame({
        "Place": going["place"], "Strategy": going["kind"].map(lambda kind: ACTION_KINDS[kind].label), "Agency": going["agency"],
        "Answers for it": going["owner"], "State": going["status"].map(STATUSES), "Since": going["starts"],
        "Review by": going["review_by"]}), hide_index=True, height="content" if len(going) <= 10 else 380,
        alt="Open actions by place", column_config={
            name: st.column_config.DateColumn(format="D MMM YYYY") for name in ("Since", "Review by")})
    late = int((going["review_by"] < pd.Timestamp(session.today())).sum())
    look.soft(f"{look.several(len(going), 'strategy', 'strategies')} at {look.several(going['place'].nunique(), 'place', 'places')}"
              + (f"; {late:,} past the day of review." if late else "."))


# ------------------------------------------------------------------ what each agency signalled

def _signals(counts: pd.DataFrame) -> None:
    look.small_heading("Signal by agency")
    if counts.empty:
        look.soft("No referral counts yet. Import a file with the columns agency, month, area and referrals: counts only, no "
                  "persons. A signal that one agency sees and no other hears shows here.")
        return
    areas = sorted(counts["area"].unique())
    chosen = st.multiselect("Area", areas, key="signal_areas", placeholder="All areas") if len(areas) > 1 else []
    rows = counts[counts["area"].isin(chosen)] if chosen else counts
    every = [str(m) for m in pd.period_range(rows["month"].min(), rows["month"].max(), freq="M")]
    most = int(rows.groupby(["agency", "month"])["referrals"].sum().max())  # one scale for all: volumes can be compared
    columns = st.columns(min(3, rows["agency"].nunique()), gap="large")
    for number, (agency, mine) in enumerate(rows.groupby("agency")):
        by = mine.groupby("month")["referrals"].sum().reindex(every)
        with columns[number % len(columns)]:
            st.text(str(agency))
            st.html(rate_chart.counts(every, [None if pd.isna(n) else int(n) for n in by], most, "referrals"))
            look.soft(f"{int(by.sum()):,} referrals in {look.several(int(by.notna().sum()), 'month', 'months')} with a count: "
                      f"{by.mean():.1f} a month.")
    with st.expander("The same in a table"):
        st.dataframe(rows.drop(columns=["synthetic", "received_at"]).rename(columns=str.capitalize), hide_index=True,
                     alt="Referral counts")


def _import(*, synthetic: bool) -> None:
    if not session.person().may("import"):
        return
    given = st.file_uploader("Referral counts (CSV or Excel): agency, month, area, referrals", type=["csv", "xlsx"],
                             key="referral_file", max_upload_size=session.settings().max_upload_mb)
    if not given:
        return
    try:
        found = referrals.read(given.getvalue(), given.name, session.now())
    except ScopingError as error:
        st.error(f"{look.words(error)} ({look.literal(error.where)})")
        return
    look.soft(f"{look.several(len(found), 'count', 'counts')} of {look.several(found['agency'].nunique(), 'agency', 'agencies')}. "
              "A count that is there already is replaced.")
    if st.button("Keep these counts", type="primary", icon=":material/download_done:"):
        session.must("import")
        referrals.keep(session.store(), found, session.now(), session.actor(), synthetic=synthetic)
        st.toast("Kept.")
        st.rerun()
