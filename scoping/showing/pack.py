"""The page that a Risk Management Group decides on: one side of A4, with an appendix only where it must have one.

Its sections answer in the group's own order: what was seen and how much of it can be known (figures against the same period a
year before), where (map and list, at most ten places), what faded, what is done about it and by whom, what to
decide. A profile of a quarter, half-year or year adds who is affected and how, in rounded aggregates.

Everything is taken from a `Snapshot`, hence from a release; decisions and actions from the group's own register.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pandas as pd

from geo_data.concern import ACTION_KINDS, OPEN_STATUSES, STATUSES, VERDICTS, Held
from geo_data.safe_cell import plain
from scoping.meeting.agenda import called, late, matches, of_edition
from scoping.showing import aggregates
from scoping.showing.aggregates import inside
from scoping.showing.snapshot import MAP_PLACES, Listed, Snapshot

MOST_LATE = 4
MOST_BESIDE = 7  # lines of a list beside the map
FIGURES = (  # figure of a release -> its name on the page
    ("episodes", "Episodes"),
    ("different children", "Children"),
    ("children with more than one episode", "Missing again"),
    ("places not located well enough", "Not located"),
    ("episodes with a return interview offered", "Interviews offered"),
    ("episodes with a return interview completed", "Interviews held"),
    ("episodes with a return interview within 72 hours", "Within 72 hours"),
)
GAPS = ("Silence is not safety: an area without places may be one where little is reported, located or asked about.",)


class Line(NamedTuple):
    """A place as the page lists it."""

    number: int
    place: str
    kind: str
    children: str
    change: str
    seen: str
    since: str
    decision: str
    action: str


class Figure(NamedTuple):
    """One number of the page: now, and in the same period a year before ("" where that was not released)."""

    name: str
    now: str
    before: str


class Section(NamedTuple):
    """A heading and its lines."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Pack:
    """All that the page says, in words; every format prints the same."""

    snapshot: Snapshot
    title: str
    figures: tuple[Figure, ...]
    lines: tuple[Line, ...]  # every place that is shown, the numbered ones first
    gone: tuple[str, ...]
    late: tuple[str, ...]
    decisions: tuple[str, ...]  # recorded at this review; empty where the group has not met
    profile: tuple[Section, ...]  # of a quarter or longer

    @property
    def page(self) -> tuple[Line, ...]:
        """The places on the page."""
        return self.lines[:MAP_PLACES]

    @property
    def appendix(self) -> tuple[Line, ...]:
        """The places that the page has no room for."""
        return self.lines[MAP_PLACES:]


def pack(snapshot: Snapshot, held: Held, today: date) -> Pack:
    """The page of a snapshot."""
    release = snapshot.release
    listed = snapshot.places()
    edition = release.editions[-1]
    period, mine = edition.period, of_edition(edition, held)
    of = {str(spot): int(place) for spot, place in matches(release, mine.places).dropna().items()}
    names = called(held, edition.role)
    shown = [place for place in listed if place.number]
    kind = "month" if period.kind == "month" else "profile"
    return Pack(
        snapshot=snapshot,
        title=f"Risk Management Group: {'review of ' if kind == 'month' else 'problem profile, '}{period.label}",
        figures=tuple(_figures(snapshot)),
        lines=tuple(_line(place, of.get(place.hotspot_id), held) for place in shown),
        gone=tuple(_gone(listed)),
        late=tuple(_late(held, names, today)),
        decisions=tuple(plain(f"{names[row['concern']]}: {VERDICTS[row['verdict']].lower()}", 120)
                        for row in mine.verdicts[mine.verdicts["review"] == period.key].to_dict("records")),
        profile=() if kind == "month" else tuple(_profile(snapshot, held)),
    )


def beside(lines: tuple[str, ...]) -> tuple[str, ...]:
    """What of a list has room beside the map: its first lines, and how many more there are."""
    if not lines:
        return ("None.",)
    return lines if len(lines) <= MOST_BESIDE else (*lines[:MOST_BESIDE - 1], f"and {len(lines) - MOST_BESIDE + 1} more")


def _figures(snapshot: Snapshot) -> Iterable[Figure]:
    release = snapshot.release
    starts = [span[0] for span in release.spans]
    start = date.fromisoformat(starts[snapshot.window])
    a_year_before = start.replace(year=start.year - 1).isoformat()
    told = release.figures
    for figure, name in FIGURES:
        mine = told[told["figure"] == figure].set_index("window")["said"]
        if snapshot.window not in mine.index:
            continue
        before = starts.index(a_year_before) if a_year_before in starts else -1
        yield Figure(name, str(mine[snapshot.window]), str(mine[before]) if before in mine.index else "")


def _line(place: Listed, concern: int | None, held: Held) -> Line:
    decision = action = ""
    if concern is not None:
        verdicts = held.verdicts[held.verdicts["concern"] == concern]
        decision = VERDICTS[verdicts["verdict"].iloc[-1]] if len(verdicts) else ""
        going = held.actions[(held.actions["concern"] == concern) & held.actions["status"].isin(OPEN_STATUSES)]
        action = "; ".join(_doing(row) for row in going.to_dict("records"))
    return Line(place.number, place.place, inside(place.kind), place.children, place.change, f"{place.windows_seen}×", place.since,
                decision, plain(action, 160))


def _doing(row: Mapping[object, object]) -> str:
    until = f", until {row['expires']:%d %b %Y}" if not pd.isna(row["expires"]) else ""  # type: ignore[call-overload]
    return f"{ACTION_KINDS[str(row['kind'])].label} ({row['owner']}{until})"


def _gone(listed: list[Listed]) -> Iterable[str]:
    for place in listed:
        if not place.number:
            yield f"{place.place} (first shown {place.since})"


def _late(held: Held, names: Mapping[int, str], today: date) -> Iterable[str]:
    overdue = late(held, today)
    for row in overdue.head(MOST_LATE).to_dict("records"):
        what = ACTION_KINDS[row["kind"]].label if row["kind"] else "Nothing begun"
        yield plain(f"{names[row['concern']]}: {what}, {row['days_late']} days{', ' + row['owner'] if row['owner'] else ''}", 140)
    if len(overdue) > MOST_LATE:
        yield f"and {len(overdue) - MOST_LATE} more"


# ------------------------------------------------------------------ the profile of a quarter or longer

def _profile(snapshot: Snapshot, held: Held) -> Iterable[Section]:
    release = snapshot.release
    edition = release.editions[-1]
    yield Section("Victims: who is affected", tuple(aggregates.sentences(edition, aggregates.VICTIMS)))
    yield Section("Offenders' methods: places, times and travel, never persons",
                  tuple(aggregates.sentences(edition, aggregates.METHODS)))
    counts = {name: number for name, number in snapshot.legend().items() if number}
    kinds = pd.Series([place.kind for place in snapshot.places() if place.number and place.kind]).value_counts()
    yield Section("Locations", (
        "; ".join(f"{number} {name}" for name, number in counts.items()) or release.reason,
        *(("Kinds told: " + "; ".join(f"{inside(str(kind))} {n}" for kind, n in kinds.items()),) if len(kinds) else ())))
    done = "; ".join(f"{int(n)} {STATUSES[str(status)].lower()}" for status, n in held.actions["status"].value_counts().items())
    yield Section("Themes: what was done", (f"Actions: {done}." if done else "No action has been begun.",))
    share = [("Not located", snapshot.share("places not located well enough", "episodes")),
             ("Without return interview", snapshot.without_interview())]
    yield Section("Data gaps", (*(f"{name}: {text}" for name, text in share if text), *release.withheld, *GAPS))
