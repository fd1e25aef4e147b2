"""Did it work? A place before and after an action, beside places where nobody acted.

Counted are child-periods: a child counts once in each 28-day period in which it was at the place. After is
the run of whole periods from the day the action began; before is as many periods that end where the window
which picked the place began: a place is acted upon because it was busy, and would look calmer afterwards
whatever anyone did (regression to the mean; METHODS 1 finding 4).

The rate ratio is (a / A) / (b / B) with a, b the counts at the place after and before, and A, B those of
matched control places: known places beyond the ring whose count before was nearest. So a fall of the whole
area is nobody's success. Its interval is the exact conditional one of the 2 x 2 table (Fisher), which takes the
control's own chance into account.

Displacement is the weighted displacement quotient of Bowers & Johnson (2003, Journal of Quantitative
Criminology 19:275): with the ring's share of the control before and after,

    WDQ = (R_after / C_after - R_before / C_before) / (P_after / C_after - P_before / C_before).

It is told only where the place fell against its control. Above 0 the ring gained too (diffusion of benefit),
below 0 some of what left the place turned up in the ring, below -1 more than left it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo_data.errors import ParameterError
from scoping.clustering.points import Floats, Points

PERIOD_US = 28 * 86_400_000_000
MIN_PERIODS, MAX_PERIODS = 3, 13  # from 84 days to a year, each side
RING_M = 500.0
CONTROLS = 5
FEW = 10  # child-periods at the place, before and after together, under which nothing is told
LEVEL = 0.90

Verdict = Literal["too_early", "too_short", "too_few", "fell", "rose", "unclear"]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Place:
    """A place as it stood before the action, EPSG:27700 metres: its core locations, or the middles of its square cells."""

    name: str
    easting: Floats
    northing: Floats
    square: bool = False  # cells: distances are along the grid, so that `radius_m` of half a side is the cell itself

    def __post_init__(self) -> None:
        if not len(self.easting) or len(self.easting) != len(self.northing):
            raise ParameterError("A place needs as many eastings as northings, and at least one.", where="place")

    def distance(self, easting: Floats, northing: Floats) -> Floats:
        """Metres from each point to the nearest of the place's."""
        from scipy.spatial import cKDTree

        if not len(easting):
            return np.empty(0)
        tree = cKDTree(np.column_stack((self.easting, self.northing)))
        near: Floats = tree.query(np.column_stack((easting, northing)), p=np.inf if self.square else 2)[0]
        return near


@dataclass(frozen=True)
class Tally:
    """Child-periods before and after."""

    before: int
    after: int


@dataclass(frozen=True)
class Effect:
    """What was measured. Counts are true counts: only the one door may show them. Ratios are None where not told."""

    verdict: Verdict
    periods: int  # of 28 days, each side
    place: Tally
    ring: Tally
    control: Tally
    controls: tuple[str, ...]  # names; none: the whole area beyond the ring stands in for them
    rr: float | None
    low: float | None
    high: float | None
    wdq: float | None


def effect(points: Points, place: Place, others: Sequence[Place], *, radius_m: float, start_us: int, until_us: int,
           picked_us: int | None = None, since_us: int | None = None, ring_m: float = RING_M) -> Effect:
    """What became of `place` after an action that began at `start_us` (microseconds since 1970 UTC).

    `points` of one role; `others` are the known places that may serve as controls; `radius_m` around core
    locations bounds a place (eps/2), the ring reaches `ring_m` beyond. `picked_us`: start of the window that
    led to the action. `since_us`, `until_us`: extent of the data. Raises `ParameterError` for impossible dates.
    """
    edge = start_us if picked_us is None else picked_us
    since = since_us if since_us is not None else int(points.time[0]) if len(points) else edge
    if edge > start_us:
        raise ParameterError("An action cannot begin before the window that led to it.", where="start")
    if radius_m <= 0 or ring_m <= 0:
        raise ParameterError("Radius and ring must be more than 0 m.", where="radius_m, ring_m")
    after, before = ((until_us - start_us) // PERIOD_US, (edge - since) // PERIOD_US)
    periods = int(min(after, before, MAX_PERIODS))
    none = Tally(0, 0)
    if periods < MIN_PERIODS:
        return Effect("too_early" if after < MIN_PERIODS else "too_short", max(periods, 0), none, none, none, (),
                      None, None, None, None)
    half = _Halves(points, edge, start_us, periods)
    far = _distance(points, place)
    here, ring = far <= radius_m, (far > radius_m) & (far <= radius_m + ring_m)
    at_place, in_ring = half.count(here), half.count(ring)
    chosen = _matched(half, points, place, others, before=at_place.before, radius_m=radius_m, apart_m=2 * radius_m + ring_m)
    if chosen:
        counts = [count for _, count in chosen]
        control = Tally(sum(c.before for c in counts), sum(c.after for c in counts))
    else:
        control = half.count(~here & ~ring)
    names = tuple(name for name, _ in chosen)
    if at_place.before + at_place.after < FEW or control.before < FEW or control.after < FEW:
        return Effect("too_few", periods, at_place, in_ring, control, names, None, None, None, None)
    rr, low, high = ratio(at_place, control)
    verdict: Verdict = "fell" if high < 1 else "rose" if low > 1 else "unclear"
    return Effect(verdict, periods, at_place, in_ring, control, names, rr, low, high, displacement(at_place, in_ring, control))


def ratio(place: Tally, control: Tally, level: float = LEVEL) -> tuple[float, float, float]:
    """Rate ratio of the place against its control, after against before, and its exact conditional interval.

    The control's counts must not be 0. A place that nobody came to before has a ratio of infinity.
    """
    from scipy.stats.contingency import odds_ratio

    found = odds_ratio([[place.after, place.before], [control.after, control.before]], kind="conditional")
    interval = found.confidence_interval(level)
    return float(found.statistic), float(interval.low), float(interval.high)


def displacement(place: Tally, ring: Tally, control: Tally) -> float | None:
    """The weighted displacement quotient; None where the place did not fall against its control, whose counts are not 0."""
    fell = place.after / control.after - place.before / control.before
    if fell >= 0:
        return None
    return (ring.after / control.after - ring.before / control.before) / fell


_UNTOLD: dict[Verdict, str] = {
    "too_early": "Too early to tell: fewer than 84 days have passed since the action began.",
    "too_short": "Cannot be told: there are fewer than 84 days of records before the action to compare with.",
    "too_few": "Too few to tell: so few children were at the place that any difference may be chance.",
}


def sentence(result: Effect) -> str:
    """The result in plain words, without a count: what a Risk Management Group may read aloud."""
    if result.rr is None or result.low is None or result.high is None:
        return _UNTOLD[result.verdict]
    beside = f"{len(result.controls)} similar places" if len(result.controls) > 1 else \
        "one similar place" if result.controls else "the rest of the area"
    range_ = f"{_times(result.rr)} (90 % interval {_times(result.low)} to {_times(result.high)})"
    span = f"in {result.periods * 28} days each side, beside {beside}"
    if result.verdict == "unclear":
        return f"No clear change: {range_} the rate before, {span}. The interval holds 1, so chance alone could give this."
    said = f"{'Lower' if result.verdict == 'fell' else 'Higher'} than before: {range_} the rate before, {span}. "
    said += "Other causes are possible: this compares, it does not prove."
    if result.verdict == "fell":
        said += f" {_moved(result.wdq)}"
    return said


def _moved(wdq: float | None) -> str:
    if wdq is None or abs(wdq) < 0.1:
        return "Around the place little changed."
    if wdq > 0:
        return "Around the place it fell too."
    return "Around the place it rose, " + ("by more than the place fell: activity may have moved nearby." if wdq < -1
                                          else "by less than the place fell: some activity may have moved nearby.")


def _times(ratio_: float) -> str:
    return f"{ratio_:.2g} times" if np.isfinite(ratio_) else "many times"


class _Halves:
    """The periods before and after, and the points in each."""

    def __init__(self, points: Points, edge: int, start: int, periods: int) -> None:
        later = (points.time - start) // PERIOD_US
        earlier = (edge - 1 - points.time) // PERIOD_US
        self._after = (later >= 0) & (later < periods)
        self._before = (earlier >= 0) & (earlier < periods)
        self._unit = points.person * periods + np.where(self._after, later, np.where(self._before, earlier, 0))

    def count(self, where: Mask) -> Tally:
        """Different (child, period) pairs among the points that `where` marks."""
        before, after = (len(np.unique(self._unit[where & half])) for half in (self._before, self._after))
        return Tally(before, after)


def _distance(points: Points, place: Place) -> Floats:
    """Metres from each point to the nearest core location of the place."""
    return place.distance(points.site_e, points.site_n)[points.site]


def _matched(half: _Halves, points: Points, place: Place, others: Sequence[Place], *, before: int, radius_m: float,
             apart_m: float) -> list[tuple[str, Tally]]:
    """The controls: those far enough away whose count before is nearest on a log scale; ties by name."""
    from scipy.spatial import cKDTree

    own_tree = cKDTree(np.column_stack((place.easting, place.northing)))
    found = []
    for other in others:
        gap = own_tree.query(np.column_stack((other.easting, other.northing)))[0].min()
        if gap > apart_m:
            count = half.count(_distance(points, other) <= radius_m)
            if count.before:
                found.append((abs(float(np.log((count.before + 1) / (before + 1)))), other.name, count))
    return [(name, count) for _, name, count in sorted(found, key=lambda one: one[:2])[:CONTROLS]]
