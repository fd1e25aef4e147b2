"""A snapshot: what a release says at one moment, with everything that a file of it must carry.

Every format is made of the same `Snapshot`, so none says more than another. The same release and the same particulars give
the same bytes; there is no clock here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.errors import DisclosureError
from geo_data.safe_cell import plain
from geo_data.schema import PLACE_TYPES, ROLE_LABELS
from scoping.showing.chance import RUNS
from scoping.showing.contents import Release
from scoping.showing.editions import Edition
from scoping.showing.periods import WORDS
from scoping.showing.views import CAVEAT
from scoping.transitions import TOLD, TOLD_AS
from scoping.windows import ZONE

LEAST_EXTENT_M, MARGIN_M = 6_000.0, 1_500.0
UPRIGHT, LONG = 1.2, 2.6  # width to height of the maps that are drawn: a half of the sheet, the whole of it
LONGEST_CREDIT = 1_600  # characters: what licences ask for is not cut
LEAST_OF_SHARE = 20  # of fewer no share is told
GREAT_BRITAIN = (700_000.0, 1_300_000.0)
MAP_PLACES = 10  # numbered on the map; the rest are in the list
TITLES = {"found": "Places where missing children are found", "pickup": "Places where missing children are picked up",
          "last_seen": "Places where missing children were last seen"}
ACCURACY = "Places are unions of fixed 500 m cells of the British National Grid; no point, outline or centre is exact."
CHANCE = "New: not shown in the periods before. Growing and reducing hold at 90 % for every count that a band allows."
NOT_COUNTED = ("How many would come by chance alone was not counted: half a year of earlier periods is needed, and a "
               "period released without it, or under other thresholds, stays without.")
READING = ("It describes where children were seen or found, not who lives there. An area without places is not safe: it may be "
           "one where little is reported or located.")


@dataclass(frozen=True)
class About:
    """The particulars that the maker gives; each is one line of text. All but `contact` and `sources` are needed."""

    title: str
    area: str
    authority: str
    author_role: str
    purpose: str
    produced: str  # date, or date and time
    review_by: str  # date by which it is reviewed or destroyed
    attribution: str  # copyright of the map
    version: str  # of the program
    contact: str = ""
    sources: str = ""

    def __post_init__(self) -> None:
        for each in fields(self):
            most = LONGEST_CREDIT if each.name == "attribution" else 300
            if each.name == "attribution" and len(self.attribution) > most:
                raise DisclosureError(f"The credits of the map take more than {most:,} characters, and none may be cut.",
                                      fix="Shorten those of your own layers, or take a layer away: 'scoping basemap'.",
                                      where="attribution")
            object.__setattr__(self, each.name, plain(getattr(self, each.name), most))
            if not getattr(self, each.name) and each.name not in ("contact", "sources"):
                raise DisclosureError(f"A snapshot needs its {each.name.replace('_', ' ')}.", where=each.name)


@dataclass(frozen=True)
class Backdrop:
    """What lies under the places (EPSG:27700 metres): how built-up each square is, 0 to 1, rows from the south, and names.

    Made from public data alone; `left`, `bottom` are the corner and `side` the width of the squares. `features`, `marks` and
    `areas` are those of `geo_data.ground.backdrop.Ground`: shapes by how they are drawn, named points, and districts by name.
    """

    left: float
    bottom: float
    side: float
    built: NDArray[np.float32]
    labels: tuple[tuple[str, float, float, int], ...] = ()  # name, easting, northing, population
    features: tuple[tuple[str, NDArray[Any]], ...] = ()
    marks: tuple[tuple[str, str, float, float], ...] = ()
    areas: tuple[tuple[str, Any], ...] = ()


class Listed(NamedTuple):
    """A place as it is told; `number` 0 when it is no longer shown, `change` a word of `TOLD`, `rings` its outlines."""

    number: int
    hotspot_id: str
    place: str
    kind: str
    change: str
    children: str
    episodes: str
    windows_seen: int
    since: str
    rings: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True)
class Snapshot:
    """A published release with its names of places, particulars and backdrop. Raises `DisclosureError` for another."""

    release: Release
    about: About
    names: Mapping[str, str]
    backdrop: Backdrop | None = None
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.release.published:
            raise DisclosureError("The operational tier is for the screen: files are made for rmg or briefing.", where="tier",
                                  fix="Release to rmg or briefing.")
        object.__setattr__(self, "names", {name: plain(word, 80) for name, word in sorted(self.names.items())})

    @property
    def window(self) -> int:
        """The window that it tells of: the last."""
        return len(self.release.labels) - 1

    @property
    def period(self) -> str:
        return self.release.labels[self.window]

    @property
    def before(self) -> str:
        """The period that it is compared with; empty when there is none."""
        return self.release.labels[self.window - 1] if self.window else ""

    @property
    def id(self) -> str:
        """A short text that its content gives: printed on every file, and kept in the register."""
        if "id" not in self._kept:
            told = {"editions": [each.dump() for each in self.release.editions], "marking": self.release.marking,
                    "names": dict(self.names), "reason": self.release.reason, "about": vars(self.about),
                    "rule": self.release.rule, "handling": self.handling}
            self._kept["id"] = "S-" + sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12].upper()
        return str(self._kept["id"])

    def file_name(self, kind: str) -> str:
        """The marking, the period and the id: a file says from its name how to handle it."""
        marking = "-".join("".join(sign if sign.isalnum() else " " for sign in self.marking).split())
        return f"{marking}_{self.release.editions[-1].period.key}_{self.id}.{kind}"

    @property
    def handling(self) -> str:
        return plain(self.release.rules.handling(self.release.tier))

    @property
    def marking(self) -> str:
        return plain(self.release.marking)

    def places(self, window: int | None = None) -> list[Listed]:
        """The places of a window (by default the last), the most children first, numbered from 1; those no longer shown last."""
        at = self.window if window is None else window
        rows = self.release.hotspots[self.release.hotspots["window"] == at]
        order = np.lexsort((rows["hotspot_id"].to_numpy(dtype=object), -rows["low"].fillna(0).to_numpy(dtype=np.int64)))
        labels = {span[0]: label for span, label in zip(self.release.spans, self.release.labels, strict=True)}
        found = []
        ordered: list[dict[Any, Any]] = rows.iloc[order].to_dict("records")
        for number, row in enumerate(ordered, start=1):
            day = row["first_seen"].tz_convert(ZONE).date().isoformat()
            found.append(Listed(
                number=0 if pd.isna(row["low"]) else number, hotspot_id=row["hotspot_id"],
                place=self.names.get(row["hotspot_id"], "no named place near"),
                kind=PLACE_TYPES[row["kind"]].label if row["kind"] else "", change=TOLD_AS[row["change"]], children=row["said"],
                episodes=row["episodes_said"], windows_seen=int(row["windows_seen"]), since=labels.get(day, day),
                rings=self.release.shapes[row["shape"]]))
        return found

    def further(self) -> int:
        """Places beyond those that the map numbers: drawn quietly, and told in the list."""
        return max(sum(1 for place in self.places() if place.number) - MAP_PLACES, 0)

    def middle(self, place: Listed, window: int) -> tuple[float, float]:
        """Where the number of a shown place stands: the middle of the cell nearest to the middle of its cells."""
        mine = self.corners(place, window)
        nearest = mine[np.argmin(((mine - mine.mean(axis=0)) ** 2).sum(axis=1))] + self.release.cell_side / 2
        return float(nearest[0]), float(nearest[1])

    def numbered(self) -> NDArray[np.float64]:
        """Where the numbers of the map stand (n, 2): lettering leaves them free, on the map before as well."""
        shown = [place for place in self.places() if 0 < place.number <= MAP_PLACES]
        return np.array([self.middle(place, self.window) for place in shown], dtype=np.float64).reshape(-1, 2)

    def covered(self) -> NDArray[np.float64]:
        """South-west corners (n, 2) of all cells of the places of the period and of the one before: of both maps of a sheet."""
        cells = self.release.cells
        return cells.loc[cells["window"] >= self.window - 1, ["cell_e", "cell_n"]].drop_duplicates().to_numpy(dtype=np.float64)

    def corners(self, place: Listed, window: int) -> NDArray[np.float64]:
        """South-west corners of the cells of a shown place."""
        cells = self.release.cells
        mine = (cells["hotspot_id"] == place.hotspot_id) & (cells["window"] == window)
        return cells.loc[mine, ["cell_e", "cell_n"]].to_numpy(dtype=np.float64)

    def extent(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of a map of it: of the cells of all windows with a margin; without any, of the backdrop."""
        cells = self.release.cells[["cell_e", "cell_n"]].to_numpy(dtype=np.float64)
        if len(cells):
            low, high = cells.min(axis=0) - MARGIN_M, cells.max(axis=0) + self.release.cell_side + MARGIN_M
        elif self.backdrop is not None:
            low = np.array([self.backdrop.left, self.backdrop.bottom])
            high = low + np.array(self.backdrop.built.shape[::-1]) * self.backdrop.side
        else:
            low, high = np.zeros(2), np.array(GREAT_BRITAIN)
        middle, size = (low + high) / 2, np.maximum(high - low, LEAST_EXTENT_M)
        (left, bottom), (right, top) = (middle - size / 2).tolist(), (middle + size / 2).tolist()
        return left, bottom, right, top

    def around(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of the ground that any map of it may show: of all shapes between `UPRIGHT` and `LONG`."""
        left, bottom, right, top = self.extent()
        wide, tall = max(right - left, (top - bottom) * LONG), max(top - bottom, (right - left) / UPRIGHT)
        e, n = (left + right) / 2, (bottom + top) / 2
        return e - wide / 2, n - tall / 2, e + wide / 2, n + tall / 2

    def legend(self) -> dict[str, int]:
        """How many places each class of change has, in the order of `TOLD`."""
        listed = [place.change for place in self.places()]
        return {name: listed.count(name) for name in TOLD}

    def chance(self) -> dict[str, str]:
        return chance(self.release.editions[-1])

    def by_chance(self) -> str:
        return by_chance(self.release.editions[-1])

    def facts(self) -> list[tuple[str, str]]:
        """Everything that a file carries beside its places, as (name, text), in the order in which it is read."""
        release, about = self.release, self.about
        figures = release.figures[release.figures["window"] == self.window].set_index("figure")["said"]
        found = [
            ("Marking", self.marking), ("Handling", self.handling), ("Title", about.title), ("Area", about.area),
            ("Period", f"{self.period} ({WORDS[release.editions[-1].period.kind]})"), ("Compared with", self._compared()),
            ("Why this period", release.reason), ("Role of the places", ROLE_LABELS[release.editions[-1].role]),
            ("Records known until", release.cut_off), ("Produced", about.produced),
            ("Author", about.author_role), ("Authority", about.authority), ("Purpose", about.purpose),
            *((f"{name}"[:1].upper() + f"{name}"[1:], str(said)) for name, said in figures.items()),
            ("Not located", self.share("places not located well enough", "episodes")),
            ("Without return interview", self.without_interview()),
            ("Rule", release.rule), ("Withheld", " ".join(release.withheld)), ("Accuracy", ACCURACY),
            ("By chance", f"{self.by_chance()} {CHANCE}"), ("Indicative", CAVEAT), ("Reading", READING),
            ("Parameters", ", ".join(f"{name} {_value(value)}" for name, value in release.parameters.items())),
            ("Sources", about.sources), ("Copyright", about.attribution), ("Program", about.version),
            ("Snapshot", self.id), ("Review or destroy by", about.review_by), ("Contact", about.contact)]
        return [(name, plain(text, LONGEST_CREDIT if name == "Copyright" else 600)) for name, text in found if text]

    def share(self, part: str, whole: str) -> str:
        """A share of the area's records in words, from rounded totals, to the nearest 5 %; of few it is not told."""
        figures = self.release.figures[self.release.figures["window"] == self.window].set_index("figure")["count"]
        if part not in figures.index or pd.isna(figures[whole]) or figures[whole] < LEAST_OF_SHARE:
            return ""
        return "fewer than 5" if pd.isna(figures[part]) else _percent(int(figures[part]), int(figures[whole]))

    def without_interview(self) -> str:
        """The share of episodes without a completed return interview, likewise."""
        figures = self.release.figures[self.release.figures["window"] == self.window].set_index("figure")["count"]
        name = "episodes with a return interview completed"
        if name not in figures.index or pd.isna(figures["episodes"]) or figures["episodes"] < LEAST_OF_SHARE:
            return ""
        done = 0 if pd.isna(figures[name]) else int(figures[name])
        return _percent(int(figures["episodes"]) - done, int(figures["episodes"]))

    def _compared(self) -> str:
        return f"{self.release.labels[0]} to {self.before}" if self.window > 1 else self.before


def _percent(part: int, whole: int) -> str:
    return f"about {5 * round(20 * part / whole)} %"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def chance(edition: Edition) -> dict[str, str]:
    """By class of change how many places chance alone would give, in words; empty where it was not counted."""
    counted = edition.chance
    return {name: f"about {counted[change]}" if counted[change] else "under 1"
            for name, changes in TOLD.items() for change in changes if change in counted}


def by_chance(edition: Edition) -> str:
    """The same as a sentence."""
    told = chance(edition)
    if not told:
        return NOT_COUNTED
    said = ", ".join(f"{many} {name}" for name, many in told.items())
    return f"By chance alone, had nothing changed: {said} (the months of these records dealt anew, {RUNS} times)."
