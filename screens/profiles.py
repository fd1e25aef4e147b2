"""The Profiles page: teach the program how a source names its columns and words, once, from a sample file; saved as TOML."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from geo_data.errors import ScopingError
from geo_data.reading import guesses, own_profiles
from geo_data.reading.own_profiles import WORDED, Draft
from geo_data.reading.personal import refused_columns
from geo_data.reading.profiles import BUILT_IN, PROFILES, RECEIVED, adopt, required
from geo_data.reading.read import read_table
from geo_data.reading.validate import validate
from geo_data.schema import EPISODES
from screens import look, session

NONE = "–"
SAMPLE = "profile_sample"  # in this session: a file that Import could not read, by name and bytes
DATES = {"day_first": "Day first: 03/04/2025 is 3 April", "iso": "Year first: 2025-04-03"}
MOST_WORDS = 40
OF_A_ROW = ("episode_ref", "person_ref", "age_at_episode", "reported_at")  # never the same for all
WHEN_RECEIVED = "When the file is received"


def page() -> None:
    look.head("Profiles", "A profile tells how a source names its columns and words. Make one from a sample file; it is kept in "
              "the home folder and used by Import, the daily feed and the command line.", session.settings().marking)
    try:
        session.must("import")
        own = adopt(session.settings().profiles_folder)
        left, right = st.columns([2.2, 1], gap="large")
        with right:
            _held(own)
        with left:
            given = st.file_uploader("A sample file of the source (CSV or Excel)", type=["csv", "txt", "tsv", "xlsx"],
                                     key="profile_file", max_upload_size=session.settings().max_upload_mb,
                                     help="Read on this computer; nothing is stored.")
            name, data = (given.name, given.getvalue()) if given else st.session_state.get(SAMPLE, ("", b""))
            if data:
                if not given:
                    look.soft(f"From Import: {name}")
                _edit(data, name)
            else:
                look.soft("Nothing of the sample is kept: only the names of its columns and the words you translate.")
    except ScopingError as error:
        st.error(look.words(error))


def _held(own: list[str]) -> None:
    look.small_heading("Profiles")
    st.dataframe(pd.DataFrame({"Name": list(PROFILES), "Source": [p.title for p in PROFILES.values()],
                               "Own": [name not in BUILT_IN for name in PROFILES]}), hide_index=True, height="content",
                 alt="Profiles", column_config={"Own": st.column_config.CheckboxColumn()})
    if own:
        chosen = st.selectbox("See one of your own", own, index=None, placeholder="Choose", key="own_profile")
        if chosen:
            st.code((session.settings().profiles_folder / f"{chosen}.toml").read_text("utf-8"), language="toml")


def _edit(data: bytes, name: str) -> None:
    table = read_table(data, name)
    personal = refused_columns(table.frame.columns)
    frame = table.frame.drop(columns=list(personal))
    if personal:
        look.soft(f"Never read: {', '.join(personal)}.")
    columns = _columns(frame)
    constants = _constants(columns)
    dates = st.radio("Dates", list(DATES), format_func=DATES.__getitem__, key="profile_dates", horizontal=True)
    midnight = st.checkbox("Midnight means that the time is not known", key="profile_midnight")
    values = _values(frame, columns)
    title = st.text_input("Source", key="profile_title", max_chars=60, placeholder="Northumbria Police, missing persons export")
    stem = st.text_input("Name of the profile", value=_stem(title), key=f"profile_stem_{_stem(title)}", max_chars=40,
                         help="Small letters, digits and _.")
    draft = Draft(title, dates, columns, values, constants, midnight)
    ready = _preview(frame, draft)
    if st.button("Save the profile", type="primary", disabled=not (ready and title.strip() and stem), icon=":material/save:"):
        session.must("import")
        own_profiles.save(session.settings().profiles_folder, stem, draft)
        session.opened().note(session.actor(), "save profile", {"profile": stem, "columns": len(columns)})
        st.session_state.pop(SAMPLE, None)
        st.toast("Saved. Import now recognises files like this one.")
        st.rerun()


def _columns(frame: pd.DataFrame) -> dict[str, str]:
    """Which source column feeds each schema column; guessed from its heading, chosen in a table."""
    look.small_heading("Which column is which")
    guessed = guesses.targets(frame.columns)
    rows = []
    for name in frame.columns:
        example = frame[name].dropna()
        rows.append({"Column of the file": name, "First value": example.iloc[0] if len(example) else "",
                     "Is": guessed.get(name, NONE)})
    edited = st.data_editor(pd.DataFrame(rows), hide_index=True, height=420,
                            key=f"columns-{abs(hash(tuple(frame.columns)))}", column_config={
        **{name: st.column_config.TextColumn(disabled=True) for name in ("Column of the file", "First value")},
        "Is": st.column_config.SelectboxColumn(options=[NONE, *EPISODES.names], required=True, width="large", format_func=_said,
                                               help="The columns of the template; docs/DATA.md explains each.")})
    chosen = edited[edited["Is"] != NONE]
    twice = chosen.loc[chosen["Is"].duplicated(), "Is"]
    if len(twice):
        st.warning(f"Two columns are {', '.join(sorted(set(twice)))}: the first is taken.")
    first = chosen.drop_duplicates("Is")
    return dict(zip(first["Is"], first["Column of the file"], strict=True))


def _said(name: str) -> str:
    """A column of the template in words, for those who do not know its name."""
    return name if name == NONE else f"{name}: {EPISODES[name].meaning}"


def _constants(columns: dict[str, str]) -> dict[str, str]:
    """The same value for every row, for required columns that the file does not have."""
    lacking = [name for name in required("episodes") if name not in columns]
    if not lacking:
        return {}
    needed = [name for name in lacking if name in OF_A_ROW]
    if needed:
        st.warning(f"Still needed, each from a column of its own: {'; '.join(_said(name) for name in needed)}.")
    if len(needed) == len(lacking):
        return {}
    look.small_heading("What every row has in common")
    look.soft("Needed columns that the file does not have: the same for each row. Leave empty what a column above says.")
    given = {}
    halves = st.columns(2, gap="large")
    for number, name in enumerate(name for name in lacking if name not in OF_A_ROW):
        allowed, meaning, where = EPISODES[name].allowed, EPISODES[name].meaning, halves[number % 2]
        if name == "extracted_at":
            if where.selectbox(meaning, [WHEN_RECEIVED], index=None, key=f"constant-{name}", placeholder="Not said", help=(
                    "Of two records of one episode the later extracted counts: hand files in in the order they were made.")):
                given[name] = RECEIVED
            continue
        said = (where.selectbox(meaning, allowed, index=None, help=name, key=f"constant-{name}", placeholder="Not said") if allowed
                else where.text_input(meaning, help=name, key=f"constant-{name}"))
        if said and said.strip():
            given[name] = said.strip()
    return given


def _values(frame: pd.DataFrame, columns: dict[str, str]) -> dict[str, dict[str, str]]:
    """Which word of the source means which code, for columns with fixed codes."""
    words: dict[str, dict[str, str]] = {}
    for target in (name for name in WORDED if name in columns):
        allowed = EPISODES[target].allowed
        found = [word for word in frame[columns[target]].dropna().unique() if word not in allowed]
        if not found or len(found) > MOST_WORDS:
            continue
        like = guesses.codes(target, found)
        with st.expander(f"Words of {look.literal(columns[target])} ({target})"):
            edited = st.data_editor(pd.DataFrame({"Word": found, "Means": [like.get(word, NONE) for word in found]}),
                                    hide_index=True, key=f"words-{target}-{len(found)}", column_config={
                                        "Word": st.column_config.TextColumn(disabled=True),
                                        "Means": st.column_config.SelectboxColumn(options=[NONE, *allowed], required=True)})
        kept = edited[edited["Means"] != NONE]
        words[target] = dict(zip(kept["Word"], kept["Means"], strict=True))
    return words


def _stem(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40].lstrip("0123456789_")


def _preview(frame: pd.DataFrame, draft: Draft) -> bool:
    """What the profile would make of the sample; whether it can be saved."""
    look.small_heading("What it would make of the sample")
    try:
        applied = own_profiles.trial(draft).apply(frame, received=session.now())
    except ScopingError as error:
        st.warning(look.words(error))
        return False
    checked = validate(applied.frame, "episodes", now=session.now())
    rejects = pd.concat([applied.rejects, checked.rejects]) if len(applied.rejects) else checked.rejects
    look.soft(f"{len(checked.episodes):,} of {len(frame):,} rows pass every check. {' '.join(applied.notes)}")
    if len(rejects):
        by = rejects.groupby(["column", "rule"], dropna=False)["row"].nunique().sort_values(ascending=False).head(12).reset_index()
        st.dataframe(by.rename(columns={"column": "Column", "rule": "Rule", "row": "Rows"}), hide_index=True, height="content",
                     alt="Rules that rows do not meet")
    return True
