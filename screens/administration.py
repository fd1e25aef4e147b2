"""Administration: is everything well, who may do what, who is signed in, and how the program is set. No record is shown."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from geo_data.errors import InputError, ScopingError
from geo_data.keeping.sign_ins import People, SignIns
from geo_data.people import AGENCIES, RIGHTS, ROLES, Person
from screens import controls, look, session

BACKUP_DUE = timedelta(days=2)
LITTLE_SPACE = 5 << 30  # bytes
_TIME = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")


def page() -> None:
    look.head("Administration", "Whether everything is well, who may do what, and how the program is set. No record is "
              "shown here.", session.settings().marking)
    try:
        session.must("administer")
        health, people, settings = st.tabs(["Health", "People and roles", "Settings"])
        with health:
            _health()
        with people:
            _people()
        with settings:
            _settings()
    except ScopingError as error:
        st.error(look.words(error))


# ------------------------------------------------------------------ is everything well

def _health() -> None:
    store, ready, now = session.opened(), session.ready(), session.now()
    saved = store.latest("back up")
    free = shutil.disk_usage(session.settings().home).free
    look.figures([
        look.Figure("Answers" if ready["database"] else "Gone", "Database", store.place),
        look.Figure("There" if ready["gazetteer"] else "Missing", "Gazetteer", "postcodes, places, streets"),
        look.Figure(_day(saved) if saved else "Never", "Last backup", _ago(now - saved) if saved else "by 'scoping backup'"),
        look.Figure(f"{free / 2**30:,.0f} GB", "Free disk", "where the program keeps its files"),
        look.Figure(look.count(store.last().seq), "Audit entries", "the chain is checked on the page Audit")])
    if saved is None or now - saved > BACKUP_DUE:
        st.warning("No backup was made in the last two days. See that the nightly job runs: scoping-daily.timer, or "
                   "'scoping backup FILE.db' by hand.", icon=":material/backup:")
    if free < LITTLE_SPACE:
        st.warning("Little disk is left. An import that does not fit is undone as a whole.", icon=":material/storage:")
    held = store.collections()
    look.small_heading("Data sets")
    if held.empty:
        look.soft("None yet.")
        return
    st.dataframe(pd.DataFrame({
        "Data set": held["name"].map(controls.COLLECTIONS).fillna(held["name"]), "Nature": held["nature"].str.replace("_", " "),
        "Episodes": held["episodes"], "Places": held["locations"],
        "Last import": held["updated_at"].dt.tz_convert("Europe/London")}), hide_index=True, height="content",
        alt="What the store holds", column_config={
            "Last import": _TIME, "Episodes": look.NUMBER, "Places": look.NUMBER})


def _day(moment: datetime) -> str:
    return f"{pd.Timestamp(moment).tz_convert('Europe/London'):%-d %b %Y}"


def _ago(gone: timedelta) -> str:
    hours = int(gone.total_seconds() // 3600)
    return f"{hours} hours ago" if hours < 48 else f"{hours // 24} days ago"


# ------------------------------------------------------------------ who may do what

def _people() -> None:
    kept_here = session.settings().roles_from == "table"
    if session.settings().sign_in == "local":
        look.soft("At one's own computer nobody signs in. This list holds when the program runs for a team.")
    elif not kept_here:
        look.soft("Roles come from the sign-in provider (roles_from = \"claims\"): change them there. They act at the next "
                  "sign-in; end somebody's sign-in below to make that now.")
    team = People(session.opened())
    listed = team.all()
    if listed.empty:
        look.soft("Nobody is entered here yet.")
    else:
        st.dataframe(pd.DataFrame({
            "Name": listed["name"], "Roles": listed["roles"].map(_roles), "Agency": listed["agency"],
            "Areas": listed["areas"].str.replace("|", ", "), "Entered by": listed["added_by"],
            "On": listed["added_at"].dt.tz_convert("Europe/London")}), hide_index=True, height="content",
            alt="People and their roles", column_config={"On": _TIME})
    left, right = st.columns([1.4, 1], gap="large")
    with left:
        _enter(team)
        if len(listed):
            _remove(team, listed["name"].tolist())
    with right:
        _signed_in()
        with st.expander("What each role may do"):
            st.dataframe(pd.DataFrame({"Right": list(RIGHTS), **{words: ["yes" if role in RIGHTS[right] else "" for right in RIGHTS]
                                                                 for role, words in ROLES.items()}}), hide_index=True,
                         height="content", alt="Rights of each role")


def _roles(kept: str) -> str:
    return ", ".join(ROLES.get(role, role) for role in kept.split(","))


def _enter(team: People) -> None:
    look.small_heading("Enter somebody, or change what they may do")
    with st.form("person"):
        name = st.text_input("Name, as the provider tells it: as a rule their e-mail address", max_chars=200)
        roles = st.multiselect("Roles", list(ROLES), format_func=ROLES.__getitem__)
        agency = st.selectbox("Kind of agency", AGENCIES, format_func=str.capitalize)
        areas = st.text_input("Areas whose rows they may see: GSS codes and forces as recorded, joined by commas, or *",
                              max_chars=400)
        if st.form_submit_button("Keep", type="primary"):
            session.must("administer")
            found = frozenset(part.strip() for part in areas.split(",") if part.strip())

            def put() -> None:
                if name.strip().lower() == session.actor() and "administrator" not in roles:
                    raise InputError("You cannot take your own administration away.", fix="Another administrator can.")
                team.put(Person("", name, frozenset(roles), str(agency), found), session.actor(), session.now())

            _try(put)


def _remove(team: People, names: list[str]) -> None:
    with st.form("remove", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Take somebody out", names, index=None, placeholder="Choose")
        if st.form_submit_button("Take out") and name:
            session.must("administer")

            def take_out() -> None:
                if name == session.actor():
                    raise InputError("You cannot take yourself out.", fix="Another administrator can.")
                team.remove(name, session.actor())
                SignIns(session.opened()).end_all(name, session.actor(), session.now())

            _try(take_out)


def _signed_in() -> None:
    look.small_heading("Signed in now")
    kept = SignIns(session.opened())
    living = kept.living(session.now())
    if living.empty:
        look.soft("Nobody.")
        return
    st.dataframe(pd.DataFrame({"Name": living["name"], "Since": living["started"].dt.tz_convert("Europe/London"),
                               "Last step": living["seen"].dt.tz_convert("Europe/London")}), hide_index=True, height="content",
                 alt="Browsers that are signed in", column_config={"Since": _TIME, "Last step": _TIME})
    with st.form("end", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("End every sign-in of", sorted(set(living["name"])), index=None, placeholder="Choose")
        if st.form_submit_button("End") and name:
            session.must("administer")
            _try(lambda: kept.end_all(name, session.actor(), session.now()))


def _try(work: Callable[[], object]) -> None:
    try:
        work()
    except ScopingError as error:
        st.warning(look.words(error))
        return
    st.rerun()


# ------------------------------------------------------------------ how the program is set

def _settings() -> None:
    look.soft("Read only: they are set in scoping.toml or the environment, and read when the program starts. Secrets are not told.")
    st.dataframe(pd.DataFrame([(name, _plain(value), meaning) for name, value, meaning in session.settings().rows()],
                              columns=["Setting", "Value", "What it is"]), hide_index=True, height="content",
                 alt="Settings of the program")


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
