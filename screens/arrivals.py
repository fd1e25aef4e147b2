"""The Daily feed page: what came from whom, what is new, who is still missing, and episodes told by two systems."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.keeping import feed_book
from geo_data.keeping.facts import facts
from geo_data.placing import districts
from geo_data.reading import feed
from geo_data.reading.profiles import adopt
from scoping import same_episode
from screens import controls, feed_watch, look, session

DAYS = 35  # of the calendar
ZONE = "Europe/London"
_BECAME = {"imported": "imported", "repeated": "imported before", "quarantined": "put aside", "withdrawn": "taken back"}
_TIME = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")


def page() -> None:
    look.head("Daily feed", "What arrived from whom, what is new since yesterday, and which children are still missing.",
              session.rules().marking)
    try:
        session.must("records")
        _senders()
        present = session.present()
        if not present:
            look.soft("No episodes yet.")
            return
        with st.sidebar:
            collection = controls.data_set(present)
        if collection == "demo":
            look.band("SYNTHETIC DATA", "Quernshire is invented. How long children are missing is told as at the last extract.")
        _news(collection, known(collection, session.version(collection)))
    except ScopingError as error:
        st.error(look.literal(error.what))
        look.soft(error.fix)


@st.cache_resource(scope="session", max_entries=3, show_spinner="Reading the records …")
def known(collection: str, version: str) -> pd.DataFrame:
    """FACTS of a collection, as this person may read them."""
    return facts(session.store(), collection)


def clock(collection: str, version: str) -> datetime:
    """Now; for invented data the time of their last extract."""
    last = known(collection, version)["extracted_at"].max()
    return last.to_pydatetime() if collection == "demo" and not pd.isna(last) else session.now()


# ------------------------------------------------------------------ who sends

def _senders() -> None:
    folder = session.settings().feed_folder
    told = feed.status(folder, session.opened(), session.now())
    if told.empty:
        look.empty("No folder is watched yet", f"Make a folder for each sender in {folder} and let files arrive there; then have "
                   "'scoping feed run' run every hour. Files brought by hand go to Import as before.")
        return
    state = ["overdue" if late else "whenever" if not every else "as expected"
             for late, every in zip(told["overdue"], told["every_days"], strict=True)]
    st.dataframe(pd.DataFrame({
        "Sender": told["sender"], "State": state,
        "Last received": pd.to_datetime(told["last_received"], utc=True).dt.tz_convert(ZONE),
        "Every": told["every_days"], "Files": told["files"], "Waiting": told["waiting"], "Put aside": told["quarantined"]}),
        hide_index=True, height="content", placeholder="never", alt="Senders of the daily feed", column_config={
            "Last received": _TIME, "Every": st.column_config.NumberColumn(format="%.0f days"),
            "Waiting": st.column_config.NumberColumn(help="Files that have arrived and are not yet dealt with."),
            "Put aside": st.column_config.NumberColumn(help="Files in the sender's quarantine, each beside its reasons.")})
    book = feed_book.files(session.opened())
    st.html(_calendar(told["sender"].tolist(), book))
    if session.person().may("import") and st.button("Look for files now", icon=":material/sync:"):
        _run()
    told = book[book["reason"].notna()].tail(10).iloc[::-1]
    if len(told):
        look.small_heading("Put aside, or not as expected, lately")
        st.dataframe(pd.DataFrame({"When": told["at"].dt.tz_convert(ZONE), "Sender": told["source"], "File": told["filename"],
                                   "State": told["outcome"].map(_BECAME), "Why": told["reason"]}), hide_index=True,
                     height="content", alt="Files put aside, or of which something must be known", column_config={"When": _TIME})


def _run() -> None:
    bar = st.progress(0.0)
    dials = session.settings()
    adopt(dials.profiles_folder)  # a sender may have a profile that nobody has used since the server started
    done = feed.run(dials.feed_folder, session.opened(), session.gazetteer(), now=session.now(), actor=session.actor(),
                    keep_days=dials.feed_keep_days, progress=lambda part, text: bar.progress(min(part, 1.0), text=text))
    feed_watch.status.clear()
    st.toast(f"{look.several(len(done.handled), 'file', 'files')} dealt with, {len(done.left):,} left for the next run.")
    st.rerun()


def _calendar(senders: list[str], book: pd.DataFrame) -> str:
    """A row for each sender, a square for each of the last days: imported, put aside only, nothing."""
    today = session.today()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    on = book.assign(day=book["at"].dt.tz_convert(ZONE).dt.date)
    rows = []
    for sender in senders:
        mine = on[on["source"] == sender]
        good, bad = (set(mine.loc[mine["outcome"].eq("quarantined") == aside, "day"]) for aside in (False, True))
        cells = []
        for day in days:
            what, colour = (("imported", "var(--sc-accent)") if day in good else ("put aside", "var(--sc-flag)") if day in bad
                            else ("nothing", "var(--sc-track)"))
            cells.append(f'<i title="{day:%-d %b}: {what}" style="flex:1;height:14px;border-radius:2px;background:{colour}"></i>')
        came = sum(day in good for day in days)
        rows.append(f'<span style="font-size:.85rem">{escape(sender)}</span><div role="img" aria-label="{escape(sender)}: files on '
                    f'{came} of the last {DAYS} days" style="display:flex;gap:2px">{"".join(cells)}</div>')
    return (f'<div style="display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.4rem 1rem;align-items:center">'
            f'{"".join(rows)}<span></span><div class="sc-ends"><span>{days[0]:%-d %B}</span><span>today</span></div></div>')


# ------------------------------------------------------------------ what it brought

def _news(collection: str, records: pd.DataFrame) -> None:
    since = pd.Timestamp(session.now()) - pd.Timedelta(days=1)
    came = records[records["received_at"] >= since]
    new, amended = came[came["version"] == 1], came[came["version"] > 1]
    missing = records[records["found_at"].isna()].sort_values("reported_at")
    pairs = matches(collection, session.version(collection))
    look.figures([
        look.Figure(look.count(len(new)), "New since yesterday", f"episodes of {look.count(new['person_ref'].nunique())} children"),
        look.Figure(look.count(len(amended)), "Amended since yesterday", "newer records of known episodes"),
        look.Figure(look.count(len(missing)), "Still missing", "no return is recorded"),
        look.Figure(look.count(len(pairs)), "Told by two systems", "both are kept")])
    look.small_heading("Still missing")
    if missing.empty:
        look.soft("Every recorded child has returned.")
    else:
        _seen(collection, "view still missing", len(missing))
        hours = (pd.Timestamp(clock(collection, session.version(collection))) - missing["reported_at"]).dt.total_seconds() / 3600
        st.dataframe(pd.DataFrame({
            "Episode": missing["episode_ref"], "Reported": missing["reported_at"].dt.tz_convert(ZONE),
            "Missing for": [look.lasting(each) for each in hours],
            "Force": missing["recording_force"], "Authority": missing["responsible_la"].map(districts.told, na_action="ignore"),
            "System": missing["source_system"],
            "Extracted": missing["extracted_at"].dt.tz_convert(ZONE)}), hide_index=True, alt="Episodes without a recorded return",
            height="content" if len(missing) <= 10 else 380, column_config={"Reported": _TIME, "Extracted": _TIME})
        look.soft("As the sources recorded it: an old extract may not know of a return.")
    _pairs(collection, pairs)


@st.cache_resource(scope="session", max_entries=3, show_spinner=False)
def matches(collection: str, version: str) -> pd.DataFrame:
    """Episodes told by two systems (`same_episode.pairs`)."""
    return same_episode.pairs(known(collection, version))


def _pairs(collection: str, pairs: pd.DataFrame) -> None:
    look.small_heading("Episodes told by two systems")
    if pairs.empty:
        look.soft("None: no child has episodes in two systems whose times overlap. Records match only where the systems share the "
                  "child's pseudonym.")
        return
    look.soft("The same child, overlapping times, two systems. Neither record is changed; hotspots count the child once either "
              "way. Choose a pair to see where they differ.")
    said = st.dataframe(pd.DataFrame({"One": pairs["first"], "System": pairs["first_source"], "Other": pairs["second"],
                                      "Its system": pairs["second_source"], "Starts apart": pairs["apart_hours"]}), hide_index=True,
                        on_select="rerun", selection_mode="single-row", key=f"pairs-{len(pairs)}", alt="Matched episodes",
                        height="content" if len(pairs) <= 8 else 300,
                        column_config={"Starts apart": st.column_config.NumberColumn(format="%.1f hours")})
    if not said["selection"]["rows"]:
        return
    pair = pairs.iloc[said["selection"]["rows"][0]]
    records = session.store().episodes(collection, [pair["first"], pair["second"]])
    _seen(collection, "view matched episodes", 2)
    found = same_episode.differences(records, pair["first"], pair["second"])
    st.dataframe(pd.DataFrame({"Column": found["column"], pair["first"]: found["first"].astype("str"),
                               pair["second"]: found["second"].astype("str")}), hide_index=True, height="content",
                 alt="Where the two records differ")


def _seen(collection: str, what: str, rows: int) -> None:
    """Enter a view of records in the audit, once for each state of the data and session."""
    seen = st.session_state.setdefault("seen_records", set())
    key = (what, collection, session.version(collection), rows)
    if key not in seen:
        session.opened().note(session.actor(), what, {"collection": collection, "rows": rows})
        seen.add(key)
