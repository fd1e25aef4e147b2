"""The Import screen: choose files, see what would happen to every row, then store them.

Nothing is stored before the button is pressed. Values of the file appear in tables only, never in text of ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from html import escape
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from geo_data.errors import GazetteerError, InputError, ScopingError
from geo_data.placing import gazetteer
from geo_data.placing.gazetteer import Gazetteer
from geo_data.reading import template
from geo_data.reading.intake import ImportReport, Prepared, commit, prepare, refused
from geo_data.reading.personal import refused_columns
from geo_data.reading.profiles import PROFILES, TARGETS, adopt, guess
from geo_data.reading.read import read_table
from geo_data.schema import EPISODES, ROLE_LABELS, TIERS
from screens import controls, look, profiles, session, welcome

AUTOMATIC = "automatic"
MOST_RULES = 20  # told above the table of refused rows
_TIER_WORDS = {"P1": "Exact", "P2": "Street", "P3": "Postcode", "P4": "Only roughly", "P5": "Not located"}
NOT_READ = "not read"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Upload(NamedTuple):
    """One chosen file. `sha` names its state; the name is the sender's word and is only ever shown."""

    sha: str
    name: str
    data: bytes


def page() -> None:
    look.head("Import", "Files are read on this computer, checked row by row, and stored only when you say so.",
              session.settings().marking)
    try:
        known = session.gazetteer()
    except GazetteerError as error:
        _prepare_gazetteer(error)
        return
    st.session_state.setdefault("choices", {})
    st.session_state.pop(profiles.SAMPLE, None)  # a file that was taken to Profiles is held no longer than it is wanted there
    own = _own_profiles()
    left, right = st.columns([2.35, 1], gap="large")
    with right:
        _templates()
        _sources()
    with left:
        given = st.file_uploader("Missing episodes (CSV or Excel), or public police.uk street crime (CSV)",
                                 type=["csv", "txt", "tsv", "xlsx"],
                                 accept_multiple_files=True, key="files", max_upload_size=session.settings().max_upload_mb,
                                 help="Several files at once are imported one after the other.")
        _reports()
        uploads = [Upload(hashlib.sha256(data := f.getvalue()).hexdigest(), f.name, data) for f in given]
        _forget_all_but(uploads)
        if not uploads:
            look.soft("Drop files here. You will see what is in them, which rows are refused and why, and how well the places "
                      "can be found, before anything is stored.")
            return
        checked = [(upload, _check(upload, known, own)) for upload in uploads]
        _files(checked)


def _prepare_gazetteer(error: GazetteerError) -> None:
    look.empty("Place names and postcodes are not ready yet", error.what,
               "They are made once from the installed packages, without the network; it takes under a minute.")
    if st.button("Prepare them now", type="primary"):
        bar = st.progress(0.0)
        gazetteer.build(session.gazetteer_folder(), lambda fraction, text: bar.progress(min(fraction, 1.0), text=text))
        st.rerun()


# ------------------------------------------------------------------ checking

def _choice(sha: str) -> dict[str, Any]:
    chosen = st.session_state["choices"].get(sha)
    gone = chosen is None or chosen["profile"] not in (AUTOMATIC, *PROFILES)  # an own profile can be taken away meanwhile
    return {"profile": AUTOMATIC, "mapping": {}} if gone else dict(chosen)


def _own_profiles() -> tuple[tuple[str, int], ...]:
    """The team's own profiles, taken at every look, as another process may have saved one; their files and when they changed."""
    folder = session.settings().profiles_folder
    try:
        adopt(folder)
    except InputError as error:
        st.error(look.literal(str(error)))
    return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.toml")))


def _check(upload: Upload, known: Gazetteer, own: tuple[tuple[str, int], ...]) -> Prepared | InputError:
    """The dry run, kept for this session as long as the file is there and the choices and the own profiles stay the same."""
    choice = _choice(upload.sha)
    key = (own, choice["profile"], tuple(sorted(choice["mapping"].items())), session.decided().latest())
    kept = st.session_state.setdefault("checked", {})
    if upload.sha not in kept or kept[upload.sha][0] != key:
        bar = st.progress(0.0, text="Reading the file")
        try:
            found: Prepared | InputError = prepare(
                upload.data, upload.name, gazetteer=known, now=session.now(), mapping=choice["mapping"],
                decisions=session.decided().taught(synthetic=False),
                profile=None if choice["profile"] == AUTOMATIC else choice["profile"],
                progress=lambda fraction, text: bar.progress(min(fraction, 1.0), text=text))
        except InputError as error:
            found = error
        bar.empty()
        kept[upload.sha] = (key, found)
    checked: Prepared | InputError = kept[upload.sha][1]
    return checked


def _forget_all_but(uploads: list[Upload]) -> None:
    """A file that was taken off the list is held no longer: its rows are personal data."""
    present = {upload.sha for upload in uploads}
    kept = st.session_state.get("checked", {})
    for sha in set(kept) - present:
        del kept[sha]


def _files(checked: list[tuple[Upload, Prepared | InputError]]) -> None:
    chosen = 0
    if len(checked) > 1:
        frame = pd.DataFrame([{
            "File": upload.name, "Kind": PROFILES[found.profile].title if isinstance(found, Prepared) else "cannot be used",
            "Rows": found.rows if isinstance(found, Prepared) else None,
            "Refused": found.rejected if isinstance(found, Prepared) else None} for upload, found in checked])
        said = st.dataframe(frame, hide_index=True, on_select="rerun", selection_mode="single-row", key="chosen_file",
                            selection_default={"selection": {"rows": [0], "columns": []}}, placeholder="", alt="Files to import")
        chosen = min(said["selection"]["rows"][0] if said["selection"]["rows"] else 0, len(checked) - 1)
    upload, found = checked[chosen]
    with st.container(border=True):
        st.text(upload.name)
        _profile(upload, found)
        if isinstance(found, InputError):
            st.error(f"This file cannot be imported yet. {look.words(found)}")
            if found.where.endswith("header"):
                look.soft("Headings of your own? Say once, on the page Profiles, which column is which and what its words mean: "
                          "most are guessed. Every file like it is then recognised here.")
                if st.button("Make a profile from this file", icon=":material/schema:"):
                    st.session_state[profiles.SAMPLE] = (upload.name, upload.data)
                    st.switch_page(st.session_state["pages"]["profiles"])
        else:
            _result(found)
        _mapping(upload, found)
    ready = [found for _, found in checked if isinstance(found, Prepared) and len(found.episodes)]
    rows = sum(len(found.episodes) for found in ready)
    label = f"Import {look.several(rows, 'row', 'rows')}" + (f" from {len(ready)} files" if len(ready) > 1 else "")
    if st.button(label, type="primary", disabled=not ready, icon=":material/download_done:"):
        _import(ready)


def _profile(upload: Upload, found: Prepared | InputError) -> None:
    choice = _choice(upload.sha)
    by_itself = "By its headings"
    if choice["profile"] == AUTOMATIC:
        by_itself = f"Recognised: {PROFILES[found.profile].title}" if isinstance(found, Prepared) else "Not recognised"
    options = [AUTOMATIC, *PROFILES]
    picked = st.selectbox("Kind of file", options, index=options.index(choice["profile"]), key=f"profile-{upload.sha}",
                          format_func=lambda name: by_itself if name == AUTOMATIC else PROFILES[name].title,
                          help="Tells how the columns are named and how dates are written.")
    if picked != choice["profile"]:
        st.session_state["choices"][upload.sha] = {"profile": picked, "mapping": {}}
        st.rerun()


def _result(found: Prepared) -> None:
    if found.nature == "public_sample":
        st.info("Public sample data: published crimes, each counted as a person of its own, known to the month. "
                "They are kept in a data set of their own and never mixed with episodes.")
    located = {role: tiers for role, tiers in found.located.items() if _tells(found.episodes, role)}
    placed = sum(n for tiers in located.values() for tier, n in tiers.items() if tier in ("P1", "P2", "P3"))
    every = sum(n for tiers in located.values() for n in tiers.values())
    look.figures([
        look.Figure(look.count(found.rows), "Rows", "in the file"),
        look.Figure(look.count(len(found.episodes)), "Ready", "pass every check", "up" if len(found.episodes) else ""),
        look.Figure(look.count(found.rejected), "Refused", "listed below"),
        look.Figure(f"{placed / every:.0%}" if every else "–", "Placed", f"{look.count(placed)} of {look.count(every)} places"),
    ])
    for note in found.notes:
        st.text(f"– {note}")
    if len(found.episodes) and (silent := [ROLE_LABELS[role].lower() for role in found.located if role not in located]):
        st.text(f"– No column of the file says where a child was {' or '.join(silent)}.")
    if every:
        st.dataframe(_placed(located), hide_index=True, alt="Places by role and precision",
                     column_config={tier: st.column_config.NumberColumn(_TIER_WORDS[tier], help=says.capitalize())
                                    for tier, says in TIERS.items()})
    if found.rejected:
        look.small_heading("Refused rows: where, which rule, what to do")
        st.html(_refused(found.rejects))
        with st.expander("Row by row"):
            st.dataframe(found.rejects[["row", "column", "value", "rule", "fix"]], hide_index=True, placeholder="",
                         height="content" if len(found.rejects) <= 8 else 320, alt="Refused rows", column_config={
                             "row": st.column_config.NumberColumn("Row", help="The line of the file; the header is line 1"),
                             "column": "Column", "value": "What was there", "rule": "Rule", "fix": "What to do"})
        st.download_button("Download the refused rows", template.rejects_csv(found.rejects), "refused-rows.csv", "text/csv",
                           icon=":material/download:", on_click="ignore")
        look.soft("Correct them in the source and import the file again: rows that are already stored stay as they are.")


def _refused(rejects: pd.DataFrame) -> str:
    """HTML: each rule that refused rows once, with what to do about it and where."""
    rules = refused(rejects)
    told = "".join(f"<li><span>{escape((rule['column'] or 'the row') + ': ' + rule['rule'])}. "
                   f'<span class="sc-soft">{escape(rule["fix"])}</span></span>'
                   f"<b>{look.several(rule['rows'], 'row', 'rows')}: {_lines(rule)}</b></li>" for rule in rules[:MOST_RULES])
    more = f'<p class="sc-soft">And {len(rules) - MOST_RULES:,} more, row by row.</p>' if len(rules) > MOST_RULES else ""
    return f'<div class="sc-card"><ul class="sc-list">{told}</ul>{more}</div>'


def _lines(rule: Mapping[str, Any]) -> str:
    more = " ..." if len(rule["lines"]) < rule["rows"] else ""
    return f"line {', '.join(map(str, rule['lines']))}{more}"


def _tells(episodes: pd.DataFrame, role: str) -> bool:
    """Whether any row says where that was."""
    given = [f"{role}_{what}" for what in ("location_text", "postcode", "uprn", "easting", "latitude")]
    return bool(episodes[given].notna().to_numpy().any())


def _placed(located: Mapping[str, Mapping[str, int]]) -> pd.DataFrame:
    rows = [{"Place": ROLE_LABELS[role], **{tier: tiers.get(tier, 0) for tier in TIERS}} for role, tiers in located.items()
            if sum(tiers.values())]
    frame = pd.DataFrame(rows)
    frame["Enters hotspots"] = frame[["P1", "P2", "P3"]].sum(axis=1) / frame[list(TIERS)].sum(axis=1)
    frame["Enters hotspots"] = frame["Enters hotspots"].map("{:.0%}".format)
    return frame


# ------------------------------------------------------------------ mapping

@st.cache_resource(scope="session", max_entries=10, show_spinner=False)
def _columns(sha: str, name: str, *, _data: bytes) -> tuple[list[str], dict[str, str]]:
    """The file's column names, and the personal ones among them with the reason; kept by `sha`, which names the data."""
    columns = list(read_table(_data, name).frame.columns)
    return columns, refused_columns(columns)


def _mapping(upload: Upload, found: Prepared | InputError) -> None:
    try:
        columns, personal = _columns(upload.sha, upload.name, _data=upload.data)
    except InputError:
        return
    choice = _choice(upload.sha)
    profile = PROFILES[found.profile] if isinstance(found, Prepared) else (
        PROFILES.get(choice["profile"]) or guess(columns) or PROFILES["native"])
    with st.expander("Columns", expanded=isinstance(found, InputError)):
        match = profile.match([c for c in columns if c not in personal], choice["mapping"])
        feeds = {source: target for target, sources in match.sources.items() for source in sources}
        if match.missing:
            look.soft(f"Still needed: {', '.join(match.missing)}.")
        before = pd.DataFrame({"Column in the file": columns, "Becomes": [
            NOT_READ if c in personal else feeds.get(c, NOT_READ) for c in columns],
            "Meaning": [f"{personal[c].capitalize()}: never read" if c in personal else _meaning(feeds.get(c, ""))
                        for c in columns]})
        after = st.data_editor(before, hide_index=True, disabled=["Column in the file", "Meaning"],
                               key=f"columns-{upload.sha}-{profile.name}-{len(choice['mapping'])}", num_rows="fixed",
                               column_config={"Becomes": st.column_config.SelectboxColumn(
                                   options=[NOT_READ, *TARGETS], required=True)},
                               alt="Columns of the file and what they become")
        changed = {source: "" if target == NOT_READ else target
                   for source, target, old in zip(columns, after["Becomes"], before["Becomes"], strict=True) if target != old}
        if changed and st.button("Use these columns"):
            name = profile.name if isinstance(found, InputError) else choice["profile"]
            st.session_state["choices"][upload.sha] = {"profile": name, "mapping": choice["mapping"] | changed}
            st.rerun()


def _meaning(target: str) -> str:
    if not target:
        return ""
    return EPISODES[target].meaning if target in EPISODES.names else "Crime type (public sample data)"


# ------------------------------------------------------------------ storing

def _import(ready: list[Prepared]) -> None:
    session.must("import")
    reports: list[ImportReport] = []
    with st.status("Importing", expanded=True) as status:
        bar = st.progress(0.0)
        for done, prepared in enumerate(ready):
            bar.progress(done / len(ready), text=f"File {done + 1} of {len(ready)}")
            try:
                reports.append(commit(prepared, session.store(), actor=session.actor()))
            except ScopingError as error:
                status.update(label="The import stopped; nothing of this file was stored.", state="error")
                st.error(look.words(error))
                break
        else:
            status.update(label="Imported", state="complete")
    st.session_state["reports"] = reports
    if len(reports) == len(ready):
        st.rerun()


def _reports() -> None:
    reports: list[ImportReport] = st.session_state.get("reports", [])
    if not reports:
        return
    with st.container(border=True):
        look.small_heading("Imported")
        st.dataframe(pd.DataFrame([{
            "File": r.filename, "Data set": controls.COLLECTIONS[r.collection], "Rows": r.rows, "New": r.accepted,
            "Amended": r.amended, "Unchanged": r.unchanged, "Refused": r.rejected} for r in reports]),
            hide_index=True, alt="What the import did")
        for note in dict.fromkeys(note for r in reports if r.already_imported for note in r.notes[:1]):
            st.text(note)
        if st.button("See the hotspots", type="primary", icon=":material/map:"):
            st.session_state["data"] = reports[-1].collection
            st.session_state["reports"] = []
            st.switch_page(st.session_state["pages"]["hotspots"])


# ------------------------------------------------------------------ templates and what is here

def _templates() -> None:
    st.html('<div class="sc-card"><h2>Template</h2><p>One row per missing episode. The workbook explains every column and '
            "holds the allowed values as lists.</p></div>")
    with st.container(horizontal=True):
        st.download_button("Excel", _xlsx(), "missing-episodes-template.xlsx", XLSX, icon=":material/download:", on_click="ignore")
        st.download_button("CSV", template.csv_template(), "missing-episodes-template.csv", "text/csv", icon=":material/download:",
                           on_click="ignore")
    st.html('<div class="sc-card"><p class="sc-soft">Also read: COMPACT-like police exports, Liquidlogic-like authority '
            "exports, and data.police.uk street crime (public sample data, kept apart).</p><h3>Never imported</h3>"
            "<p class='sc-soft'>Names, dates of birth, telephone numbers, registrations, ethnicity and narrative. "
            "Such columns are refused by their name and by what they hold.</p></div>")


@st.cache_resource(show_spinner=False)
def _xlsx() -> bytes:
    return template.xlsx_template()


def _sources() -> None:
    try:
        names = session.present()
    except ScopingError as error:
        st.error(look.words(error))
        return
    look.small_heading("What is here")
    if not names:
        look.soft("Nothing yet.")
    for name in names:
        sources = session.store().sources(name)
        look.soft(controls.COLLECTIONS[name])
        st.dataframe(pd.DataFrame({"Received": sources["received_at"].dt.tz_convert("Europe/London"), "Rows": sources["rows"],
                                   "Refused": sources["rejected"], "File": sources["filename"]}), hide_index=True, placeholder="",
                     height="content" if len(sources) <= 6 else 250, alt="Imported files",
                     column_config={"Received": st.column_config.DatetimeColumn(format="D MMM YYYY"), "Rows": look.NUMBER,
                                    "Refused": look.NUMBER})
    if "demo" not in names and st.button("Load the demonstration", icon=":material/science:"):
        welcome.load_demo()
