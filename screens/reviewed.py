"""The results behind the Changes page, cached for one session: releases of every role, the review, what chance gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from geo_data.keeping.reviews import Reviews
from geo_data.schema import ROLE_LABELS, ROLES
from scoping.change import calibrate, findings, school_year, versions
from scoping.change import review as reviews
from scoping.change.attention import edge
from scoping.showing import review as door
from scoping.showing.disclosure import Release
from scoping.showing.review import ReviewRelease
from scoping.transitions import TRANSITIONS
from scoping.windows import ZONE
from screens import session, waiting
from screens.jobs import Tell
from screens.kept import Task
from screens.results import Given
from screens.worked import Asked, Data

RUNS = 200


def _of(given: Given, role: str) -> Given:
    return given._replace(parameters=replace(given.parameters, roles=(role,)))


def months(given: Given) -> list[str]:
    """The months that can be reviewed, the first to the latest. Raises `ParameterError` when there is none."""
    scoped = session.scoped(given.collection, given.version, given.parameters, given.today)
    reviews.reviewed(scoped)
    return reviews.months(scoped.windows, scoped.coverage.windows["no_data"].to_numpy(dtype=bool))


def last_change(given: Given, month: str) -> tuple[str, dict[str, int]] | None:
    """The latest review before `month` in which a place that is shown changed, and how many in which way; None: in no review."""
    scoped = session.scoped(given.collection, given.version, given.parameters, given.today)
    hotspots = session.release(*given).hotspots
    shown = hotspots[hotspots["change"].isin(TRANSITIONS) & (hotspots["children"].notna() | hotspots["change"].eq("dissolved"))]
    for earlier in (each for each in months(given)[::-1] if each < month):
        changed = shown.loc[shown["window"] == reviews.reviewed(scoped, earlier).now, "change"]
        if len(changed):
            return earlier, changed.value_counts().to_dict()
    return None


NEEDED = ("episode_ref", "found_by", "extracted_at", "last_seen_at", "reported_at", "found_at", "pickup_at", "recording_force")


def episodes(given: Given) -> pd.DataFrame:
    """The columns of episodes that a review needs besides the locations."""
    return session.data(given.collection, given.version).episodes(NEEDED)


def made(given: Given) -> bool:
    """Have the releases of every role made, with progress; False when that was stopped: the page has said so."""
    data, asked = session.data(given.collection, given.version), _by_role(given)
    if all(data.named(each) for each in asked.values()):
        return True

    def work(task: Task) -> None:
        for k, role in enumerate(ROLES):
            task.tell(f"Looking for hotspots: {ROLE_LABELS[role].lower()}", k / len(ROLES))
            data.release(asked[role], task.unwanted)
            data.names(asked[role])

    return waiting.beside("roles", ("releases", *data[:2], *asked[ROLES[0]].key), work)


def found(given: Given, month: str) -> findings.Findings | None:
    """The changes of a review, found with progress; None when that was stopped: the page has said so."""
    data = session.data(given.collection, given.version)
    key, work = _findings(data, _by_role(given), given.parameters.roles[0], month)
    return waiting.of_kept("findings", key, "Looking at the changes", work)


def prepare() -> None:
    """What the first who opens the page of changes asks for: the latest review under the filters as they stand at first."""
    begins = session.beginning()
    if begins is None or begins[0].collection == "sample":
        return
    data, asked = begins
    scoped = data.scoped(asked)
    found = reviews.months(scoped.windows, scoped.coverage.windows["no_data"].to_numpy(dtype=bool))
    if not found:  # no whole window with data yet
        return
    by_role = {role: _in(asked, role) for role in ROLES}
    for each in by_role.values():
        data.release(each)
        data.names(each)
    data.kept.get(*_findings(data, by_role, asked.parameters.roles[0], found[-1]))


def _in(asked: Asked, role: str) -> Asked:
    return asked._replace(parameters=replace(asked.parameters, roles=(role,)))


def _by_role(given: Given) -> dict[str, Asked]:
    return {role: _in(given.asked, role) for role in ROLES}


def _findings(data: Data, asked: Mapping[str, Asked], role: str, month: str) -> tuple[Hashable, Callable[[], findings.Findings]]:
    """Under which key they are kept, for all who may see the same, and what finds them, which asks nothing of a page."""
    def work() -> findings.Findings:
        records = data.episodes(NEEDED)
        beyond = session.beyond(records["recording_force"]) or edge(data.outline())
        return findings.find({each: data.scoped(asked[each]) for each in ROLES}, role, month=month, episodes=records,
                             breaks=school_year.parse(session.settings().school_holidays), beyond=beyond)

    return (f"findings of {month}", *data[:2], *asked[role].key, data.names_stamp), work


def review(given: Given, changes: findings.Findings, chance: pd.DataFrame | None) -> ReviewRelease:
    releases: dict[str, Release] = {role: session.release(*_of(given, role)) for role in ROLES}
    return door.review(releases, given.parameters.roles[0], changes, chance)


def every_name(given: Given) -> dict[str, str]:
    """The hotspots of every role in words."""
    return {hotspot: name for role in ROLES for hotspot, name in session.names(*_of(given, role)).items()}


# ------------------------------------------------------------------ what chance gives: kept in the store, else counted aside

@st.cache_resource(scope="session", max_entries=40, show_spinner=False, hash_funcs=session.KEYED)
def _chance_key(given: Given, month: str, runs: int) -> str:
    scoped = session.scoped(given.collection, given.version, given.parameters, given.today)
    return calibrate.kept_for(scoped, runs, given.today, month)


def chance_key(given: Given, month: str) -> str:
    return _chance_key(given, month, RUNS)


def kept_chance(given: Given, month: str) -> pd.DataFrame | None:
    """What was counted before for exactly these data, settings and year, in any session."""
    text = Reviews(session.opened()).kept(given.collection, calibrate.KEPT, chance_key(given, month), given.version)
    return calibrate.from_text(text) if text else None


def chance_in(given: Given, window: int) -> dict[str, float]:
    """Of each class of change how many chance alone gives this window; empty where that was not counted or it is no review's."""
    at = _reviewed_in(given).get(window)
    table = kept_chance(given, at) if at else None
    if table is None:
        return {}
    mine = table[table["window"] == window]
    return dict(zip(mine["change"], mine["expected_mean"], strict=True))


@st.cache_resource(scope="session", max_entries=8, show_spinner=False, hash_funcs=session.KEYED)
def _reviewed_in(given: Given) -> dict[int, str]:
    """The month in which each whole window with data ends: one whose review's year holds it."""
    scoped = session.scoped(given.collection, given.version, given.parameters, given.today)
    whole = ~scoped.windows.partial & ~scoped.coverage.windows["no_data"].to_numpy(dtype=bool)
    last = (scoped.windows.ends - pd.Timedelta(days=1)).tz_convert(ZONE)
    return {int(k): f"{last[k]:%Y-%m}" for k in np.flatnonzero(whole)}


def chance_work(given: Given, month: str) -> Callable[[Tell], pd.DataFrame]:
    """The counting of the year of reviews that holds this one, for a job: it keeps what it finds in the store."""
    scoped = session.scoped(given.collection, given.version, given.parameters, given.today)
    store, key = session.opened(), chance_key(given, month)

    def work(tell: Tell) -> pd.DataFrame:
        found = calibrate.expected_by_window(scoped.locations, given.parameters, runs=RUNS, today=given.today, progress=tell,
                                             month=month, scoped=scoped)
        if int(found["runs"].iloc[0]) == RUNS:
            Reviews(store).keep(given.collection, calibrate.KEPT, key, given.version, calibrate.as_text(found))
        return found

    return work


# ------------------------------------------------------------------ frozen versions

def settings_key(given: Given) -> str:
    """Dials and need-to-know: what one reader froze is compared with what that reader sees."""
    reader = session.person().reader.key
    return json.dumps(given.parameters.as_dict() | ({"reader": reader} if reader else {}))


def frozen(given: Given, month: str) -> list[dict[str, Any]]:
    scoped = session.scoped(given.collection, given.version, given.parameters, given.today)
    return versions.frozen(scoped, reviews.reviewed(scoped, month))


def freeze(given: Given, month: str) -> int:
    return Reviews(session.opened()).freeze(given.collection, settings_key(given), month, json.dumps(frozen(given, month)),
                                            data_version=given.version, actor=session.actor())


def versions_of(given: Given, month: str) -> pd.DataFrame:
    return Reviews(session.opened()).versions(given.collection, settings_key(given), month)


def differences(given: Given, month: str, shown: ReviewRelease, content: str) -> pd.DataFrame:
    return door.differences(shown, json.loads(content), frozen(given, month), given.parameters.eps_m)
