"""The Alerts page: places where children newly gather (weekly scan), and the fixed grid. Draws releases; analyses nothing."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from geo_data.errors import ParameterError, ScopingError
from geo_data.grid import to_wgs84
from geo_data.placing.naming import describe
from geo_data.schema import ROLE_LABELS, ROLES
from scoping.change import grid as squares
from scoping.change.emerging import LEAST_STEPS
from scoping.change.scan import OK, Alerts, prospective
from scoping.parameters import Parameters, WindowScheme
from scoping.showing import alerts, area_map, grid_view, maps
from scoping.showing.alerts import AlertRelease
from scoping.showing.grid_view import GridRelease
from screens import controls, look, session
from screens.framed import framed
from screens.mapped import STAMPS

SAYS = "Places where different children newly gather, looked for week by week, with how often chance alone would give as much."
HEIGHT = 560
WEEKS = 8
VARIANTS = {"simple": "Simple", "esri28": "Esri 2.8", "esri3": "Esri 3"}


def page() -> None:
    try:
        session.must("records")
        present = session.present()
        if not present:
            look.head("Alerts", SAYS)
            look.empty("Nothing to look at yet", "Import a file of episodes, or load the demonstration.")
            return
        with st.sidebar:
            collection = controls.data_set(present)
            version = session.version(collection)
            available = session.available(collection, version)
            role = _role(available.roles)
            view = str(st.segmented_control("View", ["Alerts", "Grid"], default="Alerts", required=True, key="alerts_view"))
        if view == "Alerts":
            _alerts(collection, version, role, available.last)
        else:
            _grid(collection, version, role)
    except ScopingError as error:
        look.head("Alerts", SAYS)
        st.warning(look.words(error))


def _role(held: Any) -> str:
    roles = [role for role in ROLES if held.get(role)] or ["found"]
    return str(st.segmented_control("Place", roles, default="found" if "found" in roles else roles[0], required=True,
                                    format_func=ROLE_LABELS.__getitem__, key="alerts_role",
                                    help="Each place of an episode is looked at on its own."))


# ------------------------------------------------------------------ alerts

@st.cache_resource(scope="session", max_entries=60, show_spinner=False)
def scanned(collection: str, version: str, role: str, at: date, today: date) -> Alerts:
    """With personal detail: only a release of it is drawn."""
    return prospective(session.locations(collection, version), Parameters(roles=(role,)), at, today=today)


def _band(collection: str) -> None:
    if collection == "demo":
        look.band("SYNTHETIC DATA", "Quernshire is invented. No child, place or event on this page is real.")
    elif collection == "sample":
        look.band("PUBLIC SAMPLE DATA", "Published street-level crime, each record counted as a person of its own.")


def _alerts(collection: str, version: str, role: str, last: date | None) -> None:
    with st.sidebar:
        # the last whole week: the newest day may not be complete, and a week's end is the same for all its days
        newest = (last or session.today()) - timedelta(days=((last or session.today()).weekday() + 1) % 7)
        weeks = [newest - timedelta(days=7 * k) for k in range(104)]
        at = st.selectbox("Week ending", weeks, format_func=lambda day: f"{day.day} {day:%b %Y}", key="alerts_week",
                          help="What could have been known on that day: later records are not looked at.")
        back = st.toggle("Since when?", key="alerts_since", help=f"Also looks at the {WEEKS} weeks before, to say since when "
                         "each place is flagged.")
    series = [_week(collection, version, role, at - timedelta(days=7 * k), k) for k in (range(WEEKS, -1, -1) if back else (0,))]
    release = alerts.release_alerts(series, session.rules(), synthetic=collection == "demo")
    look.head("Alerts", SAYS, release.marking)
    _band(collection)
    places = alerts.names(release, partial(describe, session.gazetteer()))
    _figures(release)
    for told in (*release.statements, *release.withheld):
        look.soft(told)
    if release.status != OK:
        look.empty("Not enough data to say", "No alert is not the same as all clear.", *release.statements[-1:])
        return
    if release.alerts.empty:
        look.empty("Nothing beyond chance in this week",
                   "No place gathers more different children than its own year, and the area's total, explain.",
                   "Places that grow slowly are found by the hotspots; where little is reported, silence is not safety.")
    else:
        left, right = st.columns([1.6, 1], gap="medium")
        with left:
            _map(collection, version, area_map.alerts(release, places, to_wgs84, look.theme()), "alertmap",
                 "Map of alerts; the list beside it says the same")
        with right:
            _cards(release, places, since=back)
    _chance(release)


def _week(collection: str, version: str, role: str, at: date, back: int) -> Alerts:
    with st.spinner("Looking at the week …" if not back else f"Looking {back} weeks back …"):
        return scanned(collection, version, role, at, session.today())


def _figures(release: AlertRelease) -> None:
    level = release.alerts["level"].value_counts()
    chance = alerts.expected_a_year()
    look.figures([
        look.Figure(look.count(level.get("alert", 0)), "Alerts", "once a year or less by chance", "up"),
        look.Figure(look.count(level.get("watch", 0)), "To watch", "once in 100 days or less"),
        look.Figure(f"{chance['watch_or_alert']:g}", "Expected by chance", "flagged weeks a year, with nothing going on"),
        look.Figure(look.count(release.searched["children"]), "Children", f"in the {release.searched['days']} days looked at"),
        look.Figure(look.count(release.searched["records"]), "Records", "that are placed and dated well enough"),
    ])


def _cards(release: AlertRelease, places: list[str], *, since: bool) -> None:
    for row, place in zip(release.alerts.to_dict("records"), places, strict=True):
        parts = [f'<div class="sc-card"><h2>{escape(place)}</h2><span class="sc-class">{escape(row["level"].capitalize())}</span>',
                 f"<p>{escape(alerts.sentence(row))}</p>",
                 f'<p class="sc-soft">{escape(_day(row["first_day"]))} to {escape(_day(row["last_day"]))}, '
                 f'{look.several(row["episodes"], "episode", "episodes")}, {row["radius_m"]:,} m around its square\'s centre.</p>']
        if since:
            known = release.at - timedelta(days=7 * WEEKS)
            said = f"Flagged for more than {WEEKS} weeks." if row["flagged_since"] <= known else (
                "Not flagged the week before." if row["flagged_since"] == release.at else
                f"Flagged every week since {_day(row['flagged_since'])}.")
            parts.append(f'<p class="sc-soft">{escape(said)}</p>')
        if row["one_child_half"]:
            parts.append('<p class="sc-flag">One child makes half of the records: refer to the child\'s plan as well.</p>')
        with st.container(border=True):
            st.html("".join(parts) + "</div>")


def _chance(release: AlertRelease) -> None:
    searched = release.searched
    chance = alerts.expected_a_year()
    look.small_heading("What would be expected by chance")
    look.soft(f"The dates of {searched['child_places']:,} visits of different children were dealt anew "
              f"{searched['permutations']:,} times over the same places. A place is flagged when few of these dealings give any "
              f"place as much. So with nothing going on, about {chance['watch_or_alert']:g} weeks a year are flagged, "
              f"{chance['alert']:g} of them as an alert.")
    look.soft("An alert says that something shifted, not what or who: a new children's home, a holiday or a school's trip "
              "shift places too. Advisory only: people who know the place decide.")


# ------------------------------------------------------------------ grid

@st.cache_resource(scope="session", max_entries=6, show_spinner="Counting squares …")
def counted(collection: str, version: str, role: str, scheme: str, today: date) -> squares.Grid:
    """With personal detail: only a release of it is drawn."""
    parameters = Parameters(roles=(role,), window=WindowScheme.parse(scheme))
    return squares.grid(session.locations(collection, version), parameters, today)


def _grid(collection: str, version: str, role: str) -> None:
    with st.sidebar:
        scheme = "month" if collection == "sample" else str(st.selectbox(
            "Windows", list(controls.WINDOWS), index=list(controls.WINDOWS).index("rolling:91d:28d"),
            format_func=controls.WINDOWS.__getitem__, key="grid_window"))
        variant = str(st.segmented_control("Words", list(VARIANTS), default="simple", required=True,
                                           format_func=VARIANTS.__getitem__, key="grid_variant",
                                           help=f"Esri's categories need at least {LEAST_STEPS} windows."))
    found = counted(collection, version, role, scheme, session.today())
    look.head("Grid", "Fixed squares of 500 m: where children are more than elsewhere beyond chance, and how that went.",
              session.rules().stamped(collection == "demo"))
    _band(collection)
    if not found.measured.any():
        raise ParameterError("No complete window has data.", fix="Choose other windows.", where="window")
    complete = [k for k, whole in enumerate(found.measured) if whole]
    window = complete[-1] if len(complete) == 1 else int(st.select_slider(
        "Window", complete, value=complete[-1], format_func=lambda k: found.windows.labels[k], key=f"grid_at_{scheme}"))
    try:
        release = grid_view.release_grid(found, session.rules(), variant=variant, window=window,
                                         synthetic=collection == "demo")
    except ParameterError as error:  # too few windows for these words: the reader can choose others
        st.warning(look.words(error))
        return
    for told in (*release.statements, *release.withheld):
        look.soft(told)
    if release.squares.empty:
        look.empty("No square stands out", "In no window up to this one is any square hot beyond chance.")
        return
    _map(collection, version, area_map.squares(release, to_wgs84, look.theme()), "gridmap",
         "Map of squares; the table below says the same")
    _table(release)


def _table(release: GridRelease) -> None:
    look.small_heading(f"The same in a table: {release.window}")
    rows = release.squares
    words = describe(session.gazetteer(), rows["cell_e"] + squares.CELL_M // 2, rows["cell_n"] + squares.CELL_M // 2)
    frame = pd.DataFrame({
        "Place": words, "Square": [f"{e:06d} {n:06d}" for e, n in zip(rows["cell_e"], rows["cell_n"], strict=True)],
        "Class": ["hot in this window only" if word == "none" else word for word in rows["category"]],
        "Hot now": ["yes" if hot else "no" for hot in rows["hot"]], "Children": rows["children"],
        "Windows hot": [f"{n} of {release.windows}" for n in rows["windows_hot"]], "Gi*": rows["gi_star"]})
    st.dataframe(frame, hide_index=True, placeholder="few", height="content" if len(frame) <= 12 else 440,
                 alt="Squares as on the map", column_config={
                     "Square": st.column_config.TextColumn(help="South-west corner, National Grid metres."),
                     "Children": st.column_config.NumberColumn(help="Different children in this window; few: too few to tell."),
                     "Gi*": st.column_config.NumberColumn(format="%.1f", help="Drawn for comparison; what is hot is decided by "
                                                                              "the exact tail.")})


# ------------------------------------------------------------------ both

def _map(collection: str, version: str, payload: dict[str, Any], key: str, label: str) -> None:
    ground = session.ground(collection, version)
    drawn = maps.area_map(ground)
    pushed = maps.push_areas(payload | {"theme": look.theme(), "label": label, "stamp": STAMPS.get(collection, "")})
    framed(drawn, key=key, height=HEIGHT, use_container_width=True, returned_objects=[], feature_group_to_add=pushed)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
