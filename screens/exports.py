"""Releases and snapshots: choose a view, see what is withheld and why, release it, and keep the register of what left."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from geo_data.errors import DisclosureError, ScopingError
from geo_data.grid import to_wgs84
from geo_data.keeping.releases import Register
from geo_data.placing.naming import describe
from geo_data.schema import ROLE_LABELS
from scoping.parameters import Parameters
from scoping.showing import desk, report
from scoping.showing.desk import Made, Proposal
from scoping.showing.dressing import particulars
from scoping.showing.formats import FORMATS, make
from scoping.showing.periods import MONTHS_OF, WORDS, Period
from scoping.showing.publication import Chosen
from scoping.showing.rules import PUBLISHED, Rules
from scoping.showing.snapshot import TITLES, Backdrop, Snapshot
from screens import controls, look, meeting_data, released_map, session, waiting

MIME = {"pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml", "html": "text/html", "csv": "text/csv",
        "geojson": "application/geo+json"}
TIER_WORDS = {"rmg": "Risk Management Group (named members)", "briefing": "Briefings and partners"}
SHORT_TIERS = {"rmg": "the group", "briefing": "briefings"}
DONE = "released"  # files of the last release in this session


class Asked(NamedTuple):
    """What the form says."""

    collection: str
    role: str
    tier: str
    period: Period
    area: str
    authority: str
    purpose: str
    author_role: str
    contact: str
    review_by: date
    formats: tuple[str, ...]


def page() -> None:
    look.head("Snapshots", "What leaves the team: a calendar period, released to the Risk Management Group or to briefings. "
              "Places are unions of fixed cells; a released period never changes.", session.rules().marking)
    try:
        session.must("release")
        rules = session.rules()
        present = [name for name in session.present() if name != "sample"]
        if not present:
            look.empty("There is nothing to release", "Import episodes, or load the demonstration.")
            return
        asked = _form(present, rules)
        if asked is not None:
            _look(asked, rules)
        _downloads()
        _register()
    except ScopingError as error:
        st.error(look.words(error))


# ------------------------------------------------------------------ what is asked for

def _form(present: list[str], rules: Rules) -> Asked | None:
    dials = session.settings()
    left, right = st.columns(2, gap="large")
    with left:
        collection = controls.one_of(present, "snap_data")
        role = st.selectbox("Places where children were", list(ROLE_LABELS), index=2, format_func=ROLE_LABELS.__getitem__,
                            key="snap_role")
        tier = st.selectbox("For", PUBLISHED, format_func=TIER_WORDS.__getitem__, key="snap_tier",
                            help="The operational tier is for the screen and makes no files.")
        kind = st.selectbox("Kind of period", list(MONTHS_OF), format_func=lambda name: WORDS[name].capitalize(), key="snap_kind")
        periods = _periods(collection, kind)
        if not periods:
            look.soft(f"No whole {WORDS[kind]} lies in these records yet.")
            return None
        period = st.selectbox("Period", periods, format_func=lambda each: each.label, key=f"snap_period_{kind}")
    with right:
        purpose = st.text_input("Purpose", placeholder="the RMG meeting of November", max_chars=150, key="snap_purpose")
        roles = sorted(who for who in session.person().roles if rules.may(who, tier))
        author = st.selectbox("Your role", roles, format_func=lambda name: name.replace("_", " "), key="snap_author",
                              placeholder="No role of yours may release to this tier")
        area = st.text_input("Area", placeholder=dials.area, max_chars=80, key="snap_area")
        authority = st.text_input("Force or authority", placeholder=dials.authority, max_chars=80, key="snap_authority")
        contact = st.text_input("Contact (a role's mailbox)", placeholder=dials.contact, max_chars=80, key="snap_contact")
        today = session.today()
        review = st.date_input("Review or destroy by", date(today.year + 1, today.month, min(today.day, 28)),
                               min_value=today + timedelta(days=1), format="DD/MM/YYYY", key="snap_review")
    formats = left.multiselect("Formats", list(FORMATS), ["pdf"], key="snap_formats",
                               format_func=lambda name: f"{FORMATS[name]} (.{name})")
    if author is None:
        st.warning("No role of yours may release to this tier: the policy file says which roles may.")
        return None
    return Asked(collection, role, tier, period, area.strip() or dials.area, authority.strip() or dials.authority, purpose.strip(),
                 author, contact.strip() or dials.contact, review, tuple(formats))


def _periods(collection: str, kind: str) -> list[Period]:
    """Whole periods of the records that are over, the latest first."""
    available = session.available(collection, session.version(collection))
    newest = meeting_data.last_day(collection)  # of all records, since a release is made of all
    if available.first is None or newest is None:
        return []
    last = min(newest, session.today() - timedelta(days=1))  # today itself is not over
    found, period = [], Period.holding(last, kind)
    while period.end > available.first and len(found) < 60:
        if (period.end - last).days <= 1:
            found.append(period)
        period = period.before()
    return found


# ------------------------------------------------------------------ what it would show, and releasing it

def _proposal(asked: Asked, rules: Rules, known: int) -> Proposal | None:
    """Made once for all who may release; None when that was stopped. `known`: periods in the register: with one more, another."""
    data, today = session.whole(asked.collection), session.today()

    def work() -> Proposal:
        scoped = Chosen(data.locations(), Parameters(roles=(asked.role,)))
        return desk.propose(Register(session.opened()), asked.collection, scoped, rules=rules, tier=asked.tier, period=asked.period,
                            addresses=session.grid, episodes=data.with_interviews(desk.NEEDED), today=today)

    key = ("proposal", *data[:2], asked.role, asked.tier, asked.period.key, known, repr(rules), today, data.names_stamp)
    return waiting.of_kept("proposal", key, "Counting in fixed cells, and what chance gives", work)


def _look(asked: Asked, rules: Rules) -> None:
    known = len(Register(session.opened()).editions(asked.collection))
    try:
        proposal = _proposal(asked, rules, known)
    except DisclosureError as error:
        look.empty("This may not be released", f"{error.what} {error.fix}".strip())
        return
    if proposal is None:
        return
    taken = _snapshot(asked, proposal)
    look.small_heading(f"What would be shown: {taken.period}")
    if asked.collection == "demo":
        look.band("SYNTHETIC DATA", "Quernshire is invented. No child, place or event on this page is real.")
    if not proposal.release.fresh:
        st.info("This period has been released before. It is frozen: the files will say the same.")
    if proposal.release.reason:
        st.info(proposal.release.reason)
    if taken.places():
        released_map.draw(asked.collection, proposal.release, dict(taken.names), key="snap_map")
    rows = [{"No.": place.number or None, "Place": place.place, "Kind": place.kind, "Change": place.change.capitalize(),
             "Children": place.children, "Episodes": place.episodes, "Periods shown": place.windows_seen,
             "First shown": place.since} for place in taken.places()]
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Places that the release shows", placeholder="", column_config={
            "No.": st.column_config.NumberColumn(width=50), "Kind": st.column_config.TextColumn(width="medium")})
    unheard = [f"Without return interview: {share}."] if (share := taken.without_interview()) else []
    for sentence in (taken.by_chance(), *unheard, *proposal.release.withheld, proposal.release.rule):
        look.soft(sentence)
    ready = bool(asked.purpose and asked.formats)
    if not ready:
        look.soft("Say what it is for and choose a format, then it can be released.")
    if st.button("Release and make the files", type="primary", disabled=not ready, icon=":material/ios_share:"):
        _release(asked, proposal, taken)


def _snapshot(asked: Asked, proposal: Proposal) -> Snapshot:
    gazetteer = session.gazetteer()
    about = particulars(
        TITLES[asked.role], demo=asked.collection == "demo", area=asked.area, authority=asked.authority, contact=asked.contact,
        author_role=asked.author_role, purpose=asked.purpose, today=session.today(), review_by=asked.review_by,
        attribution=session.attributions(printed=True), version=session.program())
    names = report.names(proposal.release, partial(describe, gazetteer))
    return Snapshot(proposal.release, about, names)


def _release(asked: Asked, proposal: Proposal, taken: Snapshot) -> None:
    with st.spinner("Making the files …"):
        full = Snapshot(taken.release, taken.about, taken.names, Backdrop(*session.paper(asked.collection).ground(*taken.around())))
        files = make(full, asked.formats, to_wgs84)
    try:
        desk.sign(Register(session.opened()), proposal, session.actor(), files, snapshot_id=full.id, title=full.about.title,
                  author_role=full.about.author_role, purpose=full.about.purpose, review_by=asked.review_by)
    except ScopingError as error:
        st.error(f"Nothing was released. {look.words(error)}")
        return
    st.session_state[DONE] = (full.id, full.marking, [(full.file_name(made.format), made) for made in files])
    st.rerun()


def _downloads() -> None:
    if DONE not in st.session_state:
        return
    name, marking, files = st.session_state[DONE]
    with st.container(border=True):
        look.small_heading(f"Released: {name}")
        look.soft(f"{marking}. Registered with their hashes. Downloads are yours to handle as marked.")
        with st.container(horizontal=True):
            for file_name, made in files:
                kind = MIME.get(made.format, "application/octet-stream")
                st.download_button(FORMATS[made.format], made.data, file_name, kind,
                                   icon=":material/download:", on_click="ignore", key=f"get_{made.format}")


# ------------------------------------------------------------------ the register

def _register() -> None:
    register = Register(session.opened())
    look.small_heading("Register of releases")
    kept = register.snapshots()
    upload = st.file_uploader("Verify a file", key="snap_verify",
                              help="By its hash: is it as it left, and has it been called back?")
    if upload is not None:
        _verify(register, upload.getvalue())
    if kept.empty:
        look.soft("Nothing has been released yet.")
        return
    st.dataframe(_listed(kept), hide_index=True, alt="Files that were released, the latest first", column_config={
        "Made": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
        "Review by": st.column_config.DateColumn(format="D MMM YYYY")})
    open_ = kept[kept["recalled_at"].isna()]
    with st.expander("Call a file back"), st.form("recall", border=False):
        number = st.selectbox("File", open_["id"].tolist(), format_func=lambda n: f"No. {n}")
        reason = st.text_input("Why", max_chars=150)
        if st.form_submit_button("Call back") and number is not None:
            register.recall(int(number), reason, session.actor())
            st.rerun()


def _verify(register: Register, data: bytes) -> None:
    found: Any = register.find(Made("", data).sha256)
    if found.empty:
        st.error("This file was not released from here, or it has been changed since.")
        return
    row = found.iloc[0]
    if found["recalled_at"].notna().any():
        st.error(f"This file was called back: {look.literal(row['recall_reason'])}")
    else:
        st.success(f"As it left: {row['snapshot_id']}, {row['tier']}, {row['period']}, {row['format']}.")


def _listed(kept: pd.DataFrame) -> pd.DataFrame:
    columns = {"id": "No.", "snapshot_id": "Snapshot", "made_at": "Made", "actor": "Who", "author_role": "Role", "tier": "For",
               "period": "Period", "format": "Format", "purpose": "Purpose", "review_by": "Review by",
               "recall_reason": "Called back", "sha256": "Hash"}
    shown = kept[list(columns)].assign(made_at=kept["made_at"].dt.tz_convert("Europe/London"), sha256=kept["sha256"].str[:16],
                                       recall_reason=kept["recall_reason"].fillna(""), tier=kept["tier"].map(SHORT_TIERS),
                                       period=kept["period"].map(lambda key: Period.parse(key).label))
    return shown.rename(columns=columns)
