"""From episodes to locations: one row per episode and role, with where, when and how exactly.

Each role of an episode climbs one ladder: recorded easting and northing, recorded latitude and
longitude, UPRN, postcode, text. A rung that is at fault (0,0, in the sea, swapped) is never repaired: the
next one is tried and the reason says so. What cannot be located keeps its row, tier P5, with a reason, so
that coverage can be counted. Everything is array work; only distinct texts are read one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_data.grid import in_gb_degrees, to_bng
from geo_data.placing.context import contexts
from geo_data.placing.decisions import Decisions
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.gazetteer_build import POSTCODE_RADIUS_M
from geo_data.placing.geocode import CONTRADICTION_M, COORDINATE_RADIUS_M, geocode
from geo_data.placing.pile_up import at_centre
from geo_data.schema import AGE_BANDS, LOCATIONS, METHODS, ROLES, STRANDS, TIERS

PUBLISHED_RADIUS_M = 150.0  # a published crime point is moved to a snap point of eight or more addresses
STREET_RADIUS_M = 60.0
FLAGGED_M = 1_000.0  # a postcode so far from the recorded point, and 3 of its radii, is worth a word
# How exact the recorded place is said to be: the best tier and the smallest radius it can have.
_RECORDED = {
    "premises": ("P1", COORDINATE_RADIUS_M),
    "street": ("P2", STREET_RADIUS_M),
    "postcode": ("P3", float(POSTCODE_RADIUS_M)),
    "locality": ("P4", 1_000.0),
    "settlement": ("P4", 3_000.0),
    "unknown": ("P4", np.nan),
}
_PARTS = ("location_text", "postcode", "uprn", "easting", "northing", "latitude", "longitude")
_PICKUP_ALSO = ("location_type", "precision", "at", "mode", "basis")
_TIERS = tuple(TIERS)
_P1, _P2, _P3, _P4, _P5 = range(5)
_NONE = METHODS.index("none")

Bools = npt.NDArray[np.bool_]
Column = npt.NDArray[Any]


def locate(episodes: pd.DataFrame, gazetteer: Gazetteer, category: pd.Series | None = None, *,
           decisions: Decisions | None = None) -> pd.DataFrame:
    """LOCATIONS for EPISODES, in the order of the episodes and within one of `schema.ROLES`.

    `episodes` may also carry `category` (crime type of public sample data; or give it as an aligned
    series) and `time_precision` (minute, day, month, unknown). A row is made for last_seen and found
    whether or not a place was recorded, for pickup only when anything about a pickup was. A row of
    public sample data is one published point: it has only the role found. A text is read in the own area of its
    record (`geo_data.placing.context`); `decisions` of a team about texts go before reading them.
    """
    frame = episodes.reset_index(drop=True)
    if category is not None:
        frame = frame.assign(category=category.to_numpy())
    sample = _present(frame, "category")
    parts, order = [], []
    for number, role in enumerate(ROLES):
        rows = np.flatnonzero(_wanted(frame, role, sample))
        if not rows.size and len(frame):  # most files know of no pickups; a frame without rows takes as long as one of a few
            continue
        parts.append(_role(frame.iloc[rows].reset_index(drop=True), role, gazetteer, decisions))
        order.append(rows * len(ROLES) + number)
    together = pd.concat(parts, ignore_index=True).iloc[np.argsort(np.concatenate(order), kind="stable")]
    return LOCATIONS.conform(together.reset_index(drop=True))


def _wanted(frame: pd.DataFrame, role: str, sample: Bools) -> Bools:
    if role == "pickup":
        return _any(frame, [f"pickup_{part}" for part in (*_PARTS, *_PICKUP_ALSO)])
    return np.ones(len(frame), dtype=bool) if role == "found" else ~sample


def _any(frame: pd.DataFrame, names: Iterable[str]) -> Bools:
    found = np.zeros(len(frame), dtype=bool)
    for name in names:
        found |= _present(frame, name)
    return found


def _present(frame: pd.DataFrame, name: str) -> Bools:
    """Rows where something is recorded; an empty text is nothing."""
    if name not in frame:
        return np.zeros(len(frame), dtype=bool)
    column = frame[name]
    given: Bools = column.notna().to_numpy(dtype=bool, copy=True)
    if isinstance(column.dtype, pd.StringDtype):
        given &= column.ne("").to_numpy(dtype=bool)
    return given


def _text(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name].astype("str") if name in frame else pd.Series(None, index=frame.index, dtype="str")


def _number(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return frame[name].to_numpy(dtype=np.float64, na_value=np.nan) if name in frame else np.full(len(frame), np.nan)


class _Ladder:
    """The answers of one role while it climbs: arrays with one element per row."""

    def __init__(self, size: int) -> None:
        self.e, self.n, self.precision = (np.full(size, np.nan) for _ in range(3))
        self.tier = np.full(size, _P5, dtype=np.int8)
        self.method = np.full(size, _NONE, dtype=np.int8)
        self.matched = np.full(size, None, dtype=object)
        self.phrases: list[str] = [""]
        self.reason = np.zeros(size, dtype=np.int32)
        self.trouble = np.zeros(size, dtype=np.int32)

    @property
    def open(self) -> Bools:
        still: Bools = self.tier == _P5
        return still

    def phrase(self, text: str) -> int:
        if text not in self.phrases:
            self.phrases.append(text)
        return self.phrases.index(text)

    def fault(self, rows: Bools, text: str) -> None:
        """Note why a rung was not used; the first fault of a row stays."""
        self.trouble[rows & (self.trouble == 0)] = self.phrase(text)

    def answer(self, rows: Bools, e: Column, n: Column, *, tier: int, radius: float, method: str, reason: str) -> None:
        self.e[rows], self.n[rows], self.precision[rows], self.tier[rows] = e[rows], n[rows], radius, tier
        self.method[rows], self.reason[rows] = METHODS.index(method), self.phrase(reason)

    def reasons(self) -> pd.Series:
        """One sentence per row: the fault of a rung that was passed over, then the answer."""
        size = len(self.phrases)
        pairs, row = np.unique(self.trouble.astype(np.int64) * size + self.reason, return_inverse=True)
        texts = ["; ".join(text for text in (self.phrases[p // size], self.phrases[p % size]) if text) for p in pairs]
        return pd.Series(np.array(texts, dtype=object)[row], dtype="str")


def _role(frame: pd.DataFrame, role: str, gazetteer: Gazetteer, decisions: Decisions | None) -> pd.DataFrame:
    ladder = _Ladder(len(frame))
    published = _present(frame, "category") & (_text(frame, "time_precision") == "month").to_numpy()
    _coordinates(ladder, frame, role, gazetteer, published)
    _uprns(ladder, frame, role, gazetteer)
    _contradictions(ladder, _text(frame, f"{role}_postcode"), gazetteer, published)
    _postcodes(ladder, _text(frame, f"{role}_postcode"), gazetteer)
    _texts(ladder, frame, role, gazetteer, decisions)
    _left(ladder, frame, role)
    _limit(ladder, _text(frame, f"{role}_precision"), published)
    at = _at(frame, role)
    return _described(frame, role).assign(
        at=at,
        at_precision=_at_precision(frame, at),
        easting=ladder.e, northing=ladder.n, precision_m=ladder.precision,
        tier=pd.Series(np.array(_TIERS, dtype=object)[ladder.tier], dtype="str"),
        method=pd.Series(np.array(METHODS, dtype=object)[ladder.method], dtype="str"),
        matched=pd.Series(ladder.matched, dtype="str"),
        reason=ladder.reasons(),
    )


def _coordinates(ladder: _Ladder, frame: pd.DataFrame, role: str, gazetteer: Gazetteer, published: Bools) -> None:
    e, n = (_number(frame, f"{role}_{axis}") for axis in ("easting", "northing"))
    half, given = np.isfinite(e) ^ np.isfinite(n), np.isfinite(e) & np.isfinite(n)
    good = given & gazetteer.on_land(e, n)
    ladder.fault(half, "easting without northing, or the reverse")
    ladder.fault(given & (e == 0) & (n == 0), "easting and northing are 0,0")
    ladder.fault(given & ~good & gazetteer.on_land(n, e), "easting and northing look swapped")
    ladder.fault(given & ~good, "easting and northing lie in the sea or outside Great Britain")
    ladder.answer(good, e, n, tier=_P1, radius=COORDINATE_RADIUS_M, method="coordinates_bng",
                  reason="recorded easting and northing")

    lat, lon = (np.where(ladder.open, _number(frame, f"{role}_{axis}"), np.nan) for axis in ("latitude", "longitude"))
    half, given = np.isfinite(lat) ^ np.isfinite(lon), np.isfinite(lat) & np.isfinite(lon)
    e, n = to_bng(lat, lon)
    good = given & gazetteer.on_land(e, n)
    ladder.fault(half, "latitude without longitude, or the reverse")
    ladder.fault(given & (lat == 0) & (lon == 0), "latitude and longitude are 0,0")
    ladder.fault(given & in_gb_degrees(lon, lat), "latitude and longitude look swapped")
    ladder.fault(given & ~good, "latitude and longitude lie in the sea or outside Great Britain")
    ladder.answer(good, e, n, tier=_P1, radius=COORDINATE_RADIUS_M, method="coordinates_wgs84",
                  reason="recorded latitude and longitude")
    middle = ~ladder.open & at_centre(ladder.e, ladder.n, gazetteer) & ~published
    ladder.fault(middle, "the coordinates are the middle of a settlement or postcode district")
    ladder.tier[middle], ladder.precision[middle] = _P4, np.nan
    ladder.answer(published & ~ladder.open, ladder.e, ladder.n, tier=_P2, radius=PUBLISHED_RADIUS_M,
                  method="published_point", reason="published, anonymised point")


def _uprns(ladder: _Ladder, frame: pd.DataFrame, role: str, gazetteer: Gazetteer) -> None:
    """Place rows by their recorded UPRN, as far as a list of UPRNs has been imported."""
    given = ladder.open & _present(frame, f"{role}_uprn")
    rows = np.flatnonzero(given)
    if not rows.size or not len(gazetteer.uprns):
        return
    text = _text(frame, f"{role}_uprn")
    ladder.e[rows], ladder.n[rows] = gazetteer.uprns.points(text.iloc[rows])
    good = given & np.isfinite(ladder.e)
    ladder.fault(given & ~good, "the UPRN is in no imported list")
    ladder.answer(good, ladder.e, ladder.n, tier=_P1, radius=COORDINATE_RADIUS_M, method="uprn", reason="recorded UPRN")
    ladder.matched[good] = text.astype(object).to_numpy()[good]


def _contradictions(ladder: _Ladder, text: pd.Series, gazetteer: Gazetteer, published: Bools) -> None:
    """A postcode far from the coordinates of the same place: said so, and beyond `CONTRADICTION_M` coarse.

    Which of the two is wrong cannot be known; a circle that holds both is known.
    """
    rows = np.flatnonzero(~ladder.open & ~published & text.notna().to_numpy())
    if not rows.size:
        return
    found = gazetteer.postcodes(text.iloc[rows])
    apart = np.hypot(found["easting"].to_numpy() - ladder.e[rows], found["northing"].to_numpy() - ladder.n[rows])
    far = apart > np.maximum(FLAGGED_M, 3 * found["precision_m"].to_numpy())
    wide = far & (apart > CONTRADICTION_M)
    ladder.tier[rows[wide]] = _P4
    ladder.precision[rows[wide]] = np.rint(apart[wide])
    flagged = np.zeros(len(ladder.tier), dtype=bool)
    flagged[rows[wide]] = True
    away = "the recorded postcode lies more than {:.0f} km from the point"
    ladder.fault(flagged, away.format(CONTRADICTION_M / 1000) + ": one of them is wrong")
    flagged[:] = False
    flagged[rows[far & ~wide]] = True
    ladder.fault(flagged, away.format(FLAGGED_M / 1000))


def _postcodes(ladder: _Ladder, text: pd.Series, gazetteer: Gazetteer) -> None:
    given = ladder.open & text.str.strip().ne("").to_numpy() & text.notna().to_numpy()
    rows = np.flatnonzero(given)
    if not rows.size:
        return
    found = gazetteer.postcodes(text.iloc[rows], repair=True)
    e, n = (found[axis].to_numpy() for axis in ("easting", "northing"))
    ladder.e[rows], ladder.n[rows], ladder.precision[rows] = e, n, found["precision_m"].to_numpy()
    good = np.isfinite(e)
    hit = rows[good]
    ladder.tier[hit], ladder.method[hit] = _P3, METHODS.index("postcode")
    ladder.matched[hit] = found["postcode"].astype(object).to_numpy()[good]
    how = found["marking"].where(found["marking"].eq(""), " (" + found["marking"] + ")")
    how = ("unit postcode" + how).where(~found["repaired"], "unit postcode, with O and 0 or I, l and 1 put right" + how)
    _say(ladder, ladder.reason, hit, how[good])
    bad = rows[~good]
    fault = found["fault"][~good]
    _say(ladder, ladder.trouble, bad[ladder.trouble[bad] == 0], "postcode: " + fault[ladder.trouble[bad] == 0])


def _say(ladder: _Ladder, where: npt.NDArray[np.int32], rows: npt.NDArray[np.intp], texts: pd.Series) -> None:
    code, names = pd.factorize(texts)
    where[rows] = np.array([ladder.phrase(name) for name in names], dtype=np.int32)[code] if len(rows) else 0


def _texts(ladder: _Ladder, frame: pd.DataFrame, role: str, gazetteer: Gazetteer, decisions: Decisions | None) -> None:
    """Read the texts of the rows that are still open, those of one own area together."""
    text = _text(frame, f"{role}_location_text")
    rows = np.flatnonzero(ladder.open & text.notna().to_numpy())
    if not rows.size:
        return
    area, homes = contexts(frame.iloc[rows], gazetteer)
    for number, own in enumerate(homes):
        here = rows[area == number]
        code, names = pd.factorize(text.iloc[here])
        _read(ladder, here, code, geocode(names.tolist(), gazetteer, own, decisions=decisions))


def _read(ladder: _Ladder, rows: npt.NDArray[np.intp], code: npt.NDArray[np.intp], found: pd.DataFrame) -> None:
    """Take over the answers to texts: row `rows[i]` has the text `code[i]`."""
    tier = found["tier"].map({name: i for i, name in enumerate(_TIERS)}).to_numpy(dtype=np.int8)
    method = found["method"].map({name: i for i, name in enumerate(METHODS)}).to_numpy(dtype=np.int8)
    ladder.e[rows], ladder.n[rows] = found["easting"].to_numpy()[code], found["northing"].to_numpy()[code]
    ladder.precision[rows], ladder.tier[rows] = found["precision_m"].to_numpy()[code], tier[code]
    ladder.method[rows] = method[code]
    ladder.matched[rows] = found["matched"].astype(object).to_numpy()[code]
    _say(ladder, ladder.reason, rows, found["reason"].iloc[code])


def _left(ladder: _Ladder, frame: pd.DataFrame, role: str) -> None:
    """Give a reason to the rows that no rung answered."""
    silent = ladder.open & (ladder.reason == 0)
    ladder.fault(silent & _present(frame, f"{role}_uprn"), "only a UPRN is recorded, and no list of UPRNs is loaded")
    nothing = silent & (ladder.trouble == 0)
    if role == "found":
        missing = nothing & ~_present(frame, "found_at") & ~_present(frame, "category")
        ladder.reason[missing] = ladder.phrase("no place recorded: not yet found")
        nothing &= ~missing
    ladder.reason[nothing] = ladder.phrase("no place recorded")


def _limit(ladder: _Ladder, recorded: pd.Series, published: Bools) -> None:
    """A recorded precision makes the tier coarser, never finer."""
    for name, (tier, radius) in _RECORDED.items():
        rows = (recorded == name).to_numpy() & ~ladder.open & ~published
        if name == "unknown":  # the team has said how exactly
            rows &= ladder.method != METHODS.index("team_decision")
        coarser = rows & (ladder.tier < _TIERS.index(tier))
        ladder.tier[coarser] = _TIERS.index(tier)
        ladder.precision[rows] = np.maximum(ladder.precision[rows], radius)  # a radius not known stays not known
        if tier == "P4":
            unknown = "recorded without saying how exactly"
            ladder.fault(coarser, unknown if name == "unknown" else f"recorded as exact only to the {name}")


def _at(frame: pd.DataFrame, role: str) -> pd.Series:
    chain = {"found": ("found_at",), "pickup": ("pickup_at", "last_seen_at", "reported_at"),
             "last_seen": ("last_seen_at", "reported_at")}[role]
    at = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
    for name in chain:
        if name in frame:
            at = at.fillna(frame[name].astype("datetime64[us, UTC]"))
    return at


def _at_precision(frame: pd.DataFrame, at: pd.Series) -> pd.Series:
    known = _text(frame, "time_precision").fillna("minute")
    return known.where(at.notna(), "unknown")


def _described(frame: pd.DataFrame, role: str) -> pd.DataFrame:
    """What the analysis filters by: taken over from the episode."""
    own = (_text(frame, f"{role}_location_type") == "own_address").to_numpy()
    if role == "found":
        own = own | (_text(frame, "found_at_own_address") == "Y").to_numpy()
    age = pd.cut(pd.Series(_number(frame, "age_at_episode")), [-1, 9, 11, 14, 17], labels=AGE_BANDS)
    ref = _text(frame, "episode_ref")
    review = frame["review_by"] if "review_by" in frame else pd.Series(pd.NaT, index=frame.index)
    return pd.DataFrame({
        "location_id": ref + f":{role}",
        "episode_ref": ref,
        "person_ref": _text(frame, "person_ref"),
        "role": role,
        "location_type": _text(frame, f"{role}_location_type"),
        "own_address": own,
        "location_source": _text(frame, "location_source"),
        "age_band": pd.Series(np.array([*AGE_BANDS, None], dtype=object)[age.cat.codes], dtype="str"),
        "strand": _text(frame, "missing_from_type").map(STRANDS).fillna("other").astype("str"),
        "missing_from_type": _text(frame, "missing_from_type"),
        "responsible_la": _text(frame, "responsible_la"),
        "category": _text(frame, "category"),
        "sharing_restriction": _text(frame, "sharing_restriction").fillna("none"),
        "review_by": review,
    })
