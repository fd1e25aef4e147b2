"""The Return interviews page: which are due, how many were held in time, and the places that children told of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.keeping.interviews import Interviews, Told
from geo_data.placing import districts
from geo_data.placing.geocode import geocode
from geo_data.schema import PLACE_TYPES, ROLE_LABELS, ROLES, TIERS
from scoping import response
from scoping.showing import responded
from scoping.showing.disclosure import Rules
from scoping.showing.responded import RespondedRelease
from screens import arrivals, controls, look, rate_chart, session

ZONE = "Europe/London"
RECENT_DAYS = 28  # how far back an overdue interview still waits in the list
YES = {"Y": "Yes", "N": "No", "NA": "Not applicable", "NK": "Not known"}
BASES = {"child_account": "The child told it", "carer_observed": "A carer saw it", "cctv": "CCTV", "witness": "A witness",
         "intelligence": "Intelligence", "not_known": "Not known"}
REFERRALS = pd.DataFrame({"agency": [], "month": [], "area": [], "referrals": []})


def page() -> None:
    look.head("Return interviews", "To be offered when a child is found, and held within 72 hours. What is not held is a blind "
              "spot of the map.", session.rules().marking)
    try:
        session.must("interviews")
        present = [name for name in session.present() if name != "sample"]
        if not present:
            look.empty("Nothing to interview about yet", "Import a file of episodes, or load the demonstration.")
            return
        with st.sidebar:
            collection = controls.data_set(present)
        if collection == "demo":
            look.band("SYNTHETIC DATA", "Quernshire is invented. The clock of this page stands at the last extract.")
        version = session.version(collection)
        known, now = records(collection, version, session.today()), arrivals.clock(collection, version)
        _queue(collection, known, now)
        _measure(collection, version)
        _learned(collection)
    except ScopingError as error:
        st.error(look.literal(error.what))
        look.soft(error.fix)


@st.cache_resource(scope="session", max_entries=3, show_spinner=False)
def records(collection: str, version: str, today: date) -> pd.DataFrame:
    """FACTS with what was entered by hand; records past their review date on `today` left out."""
    known = Interviews(session.store()).over(collection, arrivals.known(collection, version))
    return known[~(known["review_by"] < pd.Timestamp(today))].reset_index(drop=True)


@st.cache_resource(scope="session", max_entries=3, show_spinner=False)
def release(collection: str, version: str, rules: Rules, today: date) -> RespondedRelease:
    """Interviews and repeats by month as of `today`, through the door."""
    known, now = records(collection, version, today), arrivals.clock(collection, version)
    return responded.release(response.interviews(known, now), response.repeats(known, now), REFERRALS, rules,
                             synthetic=collection == "demo")


def without(collection: str, version: str) -> str:
    """A sentence for beside a map: how many episodes have no interview. Empty where too few children would stand behind it.

    Counted once a day of these data, for all who may see the same: it goes through every episode.
    """
    mine = session.data(collection, version)
    now = arrivals.clock(collection, version) if collection == "demo" else session.now()
    returned, missed, children = mine.kept.get(("interviews missed", collection, version, session.today()),
                                               lambda: Interviews(mine.store).missed(collection, now))
    if children < session.rules().operational:
        return ""
    return (f"{missed / returned:.0%} of the episodes that needed a return interview had none: what those children could have told "
            "of places is not on this map.")


# ------------------------------------------------------------------ the queue

def _queue(collection: str, known: pd.DataFrame, now: datetime) -> None:
    told = response.states(known, now)
    waits = told[told["state"].isin(response.WAITING)]
    recent = waits[waits["hours_left"] > -24.0 * RECENT_DAYS].sort_values(["due_at", "episode_ref"])
    late = recent["hours_left"] < 0
    done = told[(told["state"] == response.COMPLETED) & told["hours_taken"].notna()]
    in_time = (done["hours_taken"] <= response.DUE_HOURS).mean() if len(done) else None
    look.figures([
        look.Figure(look.count((~late).sum()), "Due", "within 72 hours of the return"),
        look.Figure(look.count(late.sum()), "Overdue", f"of the last {RECENT_DAYS} days", "up" if late.any() else ""),
        look.Figure(look.count(len(waits) - len(recent)), "Never held", "due longer ago than that"),
        look.Figure("–" if in_time is None else f"{in_time:.0%}", "In 72 hours", f"of {len(done):,} interviews held")])
    if recent.empty:
        look.empty("No interview waits", f"None is due, and none of the last {RECENT_DAYS} days is overdue.")
        return
    of = known.loc[recent.index]
    left, right = st.columns([1.8, 1], gap="medium")
    with left:
        said = st.dataframe(pd.DataFrame({
            "Episode": recent["episode_ref"], "Found": of["found_at"].dt.tz_convert(ZONE), "Status": recent["state"],
            "Due": recent["due_at"].dt.tz_convert(ZONE), "Left": [_left(hours) for hours in recent["hours_left"]],
            "Authority": of["responsible_la"].map(districts.told, na_action="ignore")}), hide_index=True, on_select="rerun",
            selection_mode="single-row", height=460, key=f"rhi-{len(recent)}",
            selection_default={"selection": {"rows": [0], "columns": []}}, alt="Return interviews that wait", column_config={
                **{name: st.column_config.DatetimeColumn(format="D MMM, HH:mm") for name in ("Found", "Due")},
                "Left": st.column_config.TextColumn(help="Until 72 hours after the return, or how long it is overdue.")})
    picked = said["selection"]["rows"]
    chosen = recent.index[min(picked[0] if picked else 0, len(recent) - 1)]
    with right:
        _card(collection, known.loc[chosen])


def _left(hours: float) -> str:
    return f"{look.lasting(hours)} left" if hours >= 0 else f"overdue {look.lasting(-hours)}"


def _card(collection: str, record: pd.Series) -> None:
    ref = str(record["episode_ref"])
    with st.container(border=True):
        look.small_heading(f"Episode {ref}")
        with st.form(f"interview-{ref}", border=False):
            offered = st.segmented_control("Offered", list(YES), default=_held(record["rhi_offered"]), format_func=YES.__getitem__)
            accepted = st.segmented_control("Accepted", list(YES), default=_held(record["rhi_accepted"]),
                                            format_func=YES.__getitem__)
            first, second = st.columns(2)
            day = first.date_input("Held on", value=None, format="DD/MM/YYYY")
            hour = second.time_input("At", value=None)
            if st.form_submit_button("Save", icon=":material/edit_note:"):
                moment = None if day is None else pd.Timestamp.combine(day, hour or datetime.min.time()).tz_localize(
                    ZONE, ambiguous=True, nonexistent="shift_forward").tz_convert(UTC).to_pydatetime()
                _do(lambda: Interviews(session.store()).enter(session.actor(), collection, ref, offered=offered or "NK",
                                                              accepted=accepted or "NK", completed_at=moment))
        with st.expander("A place learned in the interview"):
            _learn(collection, ref)


def _held(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _learn(collection: str, ref: str) -> None:
    role = st.segmented_control("It is where the child was", list(ROLES), default="pickup", required=True, key=f"role-{ref}",
                                format_func=lambda r: ROLE_LABELS[r].lower())
    text = st.text_input("Place", key=f"place-{ref}", max_chars=200, placeholder="Street and town, station, park, postcode …")
    basis = st.selectbox("How it is known", list(BASES), format_func=BASES.__getitem__, key=f"basis-{ref}")
    kind = st.selectbox("Kind of place", list(PLACE_TYPES), index=None, format_func=controls.place_label, key=f"kind-{ref}",
                        placeholder="Not said")
    if not text.strip():
        return
    answer = geocode([text], session.gazetteer(), decisions=session.decided().taught(synthetic=collection == "demo")).iloc[0]
    if answer["tier"] == "P5":
        look.soft("It is not found on the map. Kept, it is counted as a place that is not located.")
    else:
        look.soft(f"{answer['matched']}: {TIERS[answer['tier']].partition(':')[0]}, within {answer['precision_m']:,.0f} m.")
    if st.button("Keep this place", key=f"keep-{ref}", icon=":material/add_location:"):
        told = Told(ref, role, text, basis, dict(answer), kind)
        _do(lambda: Interviews(session.store()).learn(session.actor(), collection, told))


def _do(act: Any) -> None:
    try:
        session.must("interviews")
        act()
    except ScopingError as error:
        st.error(look.words(error))
        return
    st.toast("Kept.")
    st.rerun()


# ------------------------------------------------------------------ how it goes, and what was learned

def _measure(collection: str, version: str) -> None:
    table = release(collection, version, session.rules(), session.today()).interviews
    look.small_heading("Held, and held within 72 hours, by month of return")
    if table.empty:
        look.soft("No month to show.")
        return
    held, soon = ([None if pd.isna(part) or not whole else float(part / whole) for part, whole in
                   zip(table[name], table["returned"], strict=True)] for name in ("completed", "in_72_hours"))
    months = [rate_chart.named(month) for month in table["month"]]
    st.html(rate_chart.by_month(months, held, soon, None, ("held", "within 72 hours"), key=(
        "held within 72 hours", "held later; of all returns for which an interview was due")))
    with st.expander("The same in a table"):
        st.dataframe(table.rename(columns={
            "month": "Month", "children": "Children", "returned": "Returns", "offered": "Offered", "accepted": "Accepted",
            "completed": "Held", "in_72_hours": "In 72 hours", "without": "None held"}), hide_index=True, placeholder="–",
            alt="Return interviews by month")


def _learned(collection: str) -> None:
    kept = Interviews(session.store())
    places = kept.learned(collection)
    look.small_heading("Places learned")
    if places.empty:
        look.soft("None entered here yet. They join the map under their role, with the interview as their source.")
        return
    frame = pd.DataFrame({
        "Episode": places["episode_ref"], "Place": places["text"], "Role": places["role"].map(ROLE_LABELS),
        "Known by": places["basis"].map(BASES), "Found as": places["matched"],
        "How exactly": places["tier"].map(lambda tier: TIERS[tier].partition(":")[0]),
        "Entered": places["at"].dt.tz_convert(ZONE)})
    said = st.dataframe(
        frame, hide_index=True, on_select="rerun", selection_mode="single-row",
        height="content" if len(places) <= 8 else 300, key=f"learned-{len(places)}", alt="Places learned from interviews",
        column_config={"Entered": st.column_config.DatetimeColumn(format="D MMM YYYY")})
    if said["selection"]["rows"] and st.button("Take it back", icon=":material/undo:"):
        number = int(places["id"].iloc[said["selection"]["rows"][0]])
        _do(lambda: kept.forget(session.actor(), collection, number))


