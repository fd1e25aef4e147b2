"""Across borders: flows between authorities, who must be told about which place, and one agency's extract."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from geo_data.keeping.releases import Register
from geo_data.placing import districts
from geo_data.schema import ROLE_LABELS
from scoping.showing import bordering, desk
from scoping.showing.disclosure import Rules
from scoping.showing.editions import Edition
from screens import controls, look, meeting_data, session
from screens.worked import Data


def page() -> None:
    present = [name for name in session.present() if name != "sample"]
    if not present:
        look.head("Across borders", "")
        look.empty("Nothing to look at yet", "Import episodes first.")
        return
    with st.sidebar:
        collection = controls.one_of(present, "borders_data")
    version, rules = session.version(collection), session.rules()
    released = _flows(collection, version, rules, session.today())
    look.head("Across borders", "Home, placing and recording authorities, and whom a published place concerns. "
              "The map is never cut at a boundary.", released.marking)
    flows, tell = st.tabs(["Flows", "Whom to tell"])
    with flows:
        named = {column: released.flows[column].map(districts.told, na_action="ignore") for column in ("home", "placing", "force")}
        st.dataframe(released.flows.assign(**named), hide_index=True, placeholder="withheld",
                     alt="Children by home, placing and recording authority",
                     column_config={"home": "Home authority", "placing": "Placing authority", "force": "Recorded by",
                                    "children": look.NUMBER | {"label": "Children", "help": "Different children"},
                                    "episodes": look.NUMBER | {"label": "Episodes"}})
        hidden = (f"{look.several(released.withheld, 'row is', 'rows are')} without numbers: fewer than {released.least} children. "
                  if released.withheld else "")
        look.soft(hidden + "A child with episodes in two rows is counted in both.")
    with tell:
        _tell(collection, rules)


@st.cache_resource(scope="session", max_entries=3, show_spinner=False)
def _flows(collection: str, version: str, rules: Rules, today: date) -> bordering.BorderRelease:
    return bordering.release(_records(collection, version), rules, today=today, synthetic=collection == "demo")


def _records(collection: str, version: str) -> pd.DataFrame:
    return session.data(collection, version).episodes(bordering.NEEDED)


def _tell(collection: str, rules: Rules) -> None:
    editions = {f"{each.period.label}, {ROLE_LABELS[each.role].lower()}, {each.tier}": each
                for tier in ("briefing", "rmg") for each in desk.released(Register(session.store()), collection, tier)}
    if not editions:
        look.empty("Nothing was released yet", "Whom to tell is worked out for released places, so that an extract never says more "
                   "than a release does.")
        return
    edition = editions[st.selectbox("Release", list(editions))]
    # of all rows, as the release was: who reads only a part must tell the same agencies
    every = session.whole(collection)
    told = bordering.to_tell(edition, every.locations(), every.episodes(bordering.NEEDED), rules, today=session.today())
    if told.empty:
        look.empty("No agency has enough children at one place", f"A place needs {rules.least(edition.tier)} of them.")
        return
    named = meeting_data.names(desk.reopen(Register(session.store()), collection, rules, edition))
    told.insert(1, "name", told["place"].map(named))
    st.dataframe(told.assign(agency=told["agency"].map(districts.told)), hide_index=True, placeholder="and more",
                 alt="Which agency must be told about which place",
                 column_config={"place": "Place", "name": "Near", "agency": "Agency", "link": "Because it is the",
                                "least": "Children from", "most": "to"})
    agency = st.selectbox("Extract for", sorted(told["agency"].unique()), format_func=districts.told)
    of = (*every[:2], edition.tier, edition.role, edition.period.key, agency, rules)
    if st.button("Prepare the extract"):
        session.must("release")
        st.session_state["border_file"] = (of, _file(every, edition, agency, rules))
    kept = st.session_state.get("border_file")
    if kept and kept[0] == of:
        st.download_button("Download", kept[1], f"scoping-extract-{edition.tier}-{edition.role}-{edition.period.key}.csv",
                           "text/csv", on_click="ignore")


def _file(every: Data, edition: Edition, agency: str, rules: Rules) -> bytes:
    collection = every.collection
    made = bordering.extract(edition, every.locations(), every.episodes(bordering.NEEDED), agency, rules, today=session.today())
    session.opened().note(session.actor(), "export extract", {
        "collection": collection, "agency": agency[:80], "period": edition.period.key, "tier": edition.tier, "places": len(made)})
    return bordering.extract_csv(made, edition, agency, rules, str(session.opened().anchor()))
