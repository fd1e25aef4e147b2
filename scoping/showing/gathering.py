"""From editions to the frames of a release: published values only, said the same way wherever they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import pandas as pd
import shapely

from scoping.clustering.points import Floats
from scoping.clustering.rings import Rings
from scoping.showing.contents import ANCHORS, CELLS, FIGURES, HOTSPOTS, PROFILE, WINDOWS, Release
from scoping.showing.editions import OPEN, Edition, under
from scoping.showing.partition import CELL_M
from scoping.showing.published import FEW_KNOWN
from scoping.showing.rules import FEW, Rules
from scoping.showing.succession import Told, told
from scoping.windows import ZONE

_NA = FEW_KNOWN
_FIGURES = {
    "episodes": "episodes", "children": "different children", "repeat": "children with more than one episode",
    "not_mappable": "places not located well enough", "left_out": "places left out by rule",
    "offered": "episodes with a return interview offered", "interviewed": "episodes with a return interview completed",
    "within_72h": "episodes with a return interview within 72 hours",
}


def gather(editions: Sequence[Edition], rules: Rules, tier: str, *, synthetic: bool, parameters: dict[str, object],
             reason: str, fresh: tuple[Edition, ...]) -> Release:
    """The release of these editions (of one tier, role and kind of period, in order of time); the last is the one asked for.

    What was published by lower thresholds than those of `rules` is left out of it, and that is said.
    """
    published, editions = editions, [under(each, rules) for each in editions]
    last = editions[-1]
    rows = told(editions)
    shapes, shape = _shapes(editions, rows)
    hotspots = _hotspots(editions, rows, shape)
    spans = tuple((each.period.start.isoformat(), each.period.end.isoformat()) for each in editions)
    return Release(
        tier=tier, rules=rules, marking=rules.stamped(synthetic), synthetic=synthetic,
        parameters=parameters | {"window": last.period.kind, "period": last.period.key},
        labels=tuple(each.period.label for each in editions), spans=spans, partial=(False,) * len(editions),
        hotspots=hotspots, shapes=shapes, profile=np.zeros((len(hotspots), len(PROFILE)), dtype=np.int32),
        cells=_cells(rows), anchors=_anchors(rows), windows=_windows(editions, hotspots),
        roles=pd.DataFrame({"role": [last.role], "asked": [True], **{name: [_said(last.totals[name])] for name in (
            "locations", "episodes", "children", "used", "not_mappable")}}),
        reasons=pd.DataFrame({"role": last.role, "reason": list(last.left_out), "locations": [
            _said(count) for count in last.left_out.values()]}),
        withheld=(*last.withheld, *_left_out(published, editions)), period=last.period, reason=reason, figures=_figures(editions),
        editions=tuple(editions), fresh=fresh, grid=last.grid, cut_off=last.cut_off)


def _left_out(published: Sequence[Edition], shown: Sequence[Edition]) -> list[str]:
    """What today's rules leave out of editions that were published by lower ones, in words."""
    less = [len(now.places) < len(then.places) for then, now in zip(published, shown, strict=True)]
    said, last = [], shown[-1]
    if any(less):
        where = " and ".join(words for words, lost in (("of this period", less[-1]), ("of those before", any(less[:-1]))) if lost)
        said.append(f"Left out, {where}: places released under lower thresholds than today's ({last.least} different children, "
                    f"{last.floor} in each cell).{' One that is called new may have been among them.' if any(less[:-1]) else ''}")
    if last.people != published[-1].people:
        said.append(f"Left out of who is affected and how: numbers released that may be of fewer than {last.least} children.")
    return said


def _hotspots(editions: Sequence[Edition], rows: list[Told], shape: list[int]) -> pd.DataFrame:
    starts, ends = (_midnights([getattr(each.period, side) for each in editions]) for side in ("start", "end"))
    places = [row.place for row in rows]
    low, high = (_counts([getattr(place, side) if place else 0 for place in places]) for side in ("low", "high"))
    exact = _counts([place.low if place and place.exact else 0 for place in places])
    none = pd.Series(pd.array([pd.NA] * len(rows), dtype="Int64"))
    columns: dict[str, object] = {
        "hotspot_id": _texts(row.name for row in rows), "window": _numbers(row.edition for row in rows),
        "change": _texts(row.change for row in rows), "parents": _texts("" for _ in rows),
        "first_seen": starts[[row.first for row in rows]], "last_seen": ends[[row.last for row in rows]],
        "windows_seen": _numbers(row.seen for row in rows), "rr": np.nan, "rr_low": np.nan, "rr_high": np.nan,
        "children": exact, "episodes": none, "one_child_half": False, "few_effective": False, "file_children": exact,
        "file_episodes": none, "shape": _numbers(shape), "low": low, "high": high,
        "said": _texts(bounds(row.place.low, row.place.high) if row.place else f"<{editions[row.edition].least}" for row in rows),
        "episodes_said": _texts(bounds(place.episodes_low, place.episodes_high) if place else "" for place in places),
        "kind": _texts(place.kind if place else "" for place in places)}
    return pd.DataFrame(columns, index=range(len(rows)))[list(HOTSPOTS)]


def _midnights(days: list[date]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(days)).as_unit("us").tz_localize(ZONE).tz_convert("UTC")


def _counts(values: list[int]) -> pd.Series[int]:
    """Published bounds; missing where there is none."""
    return pd.Series(pd.array([value if 0 < value < OPEN else pd.NA for value in values], dtype="Int64"))


def _texts(values: Iterable[str]) -> pd.Series[str]:
    return pd.Series(list(values), dtype="str")


def _numbers(values: Iterable[int]) -> pd.Series[int]:
    return pd.Series(list(values), dtype="int64")


def bounds(low: int, high: int) -> str:
    """A published count in words: "7", "8-19", "50+"; empty when it is not told."""
    if not low:
        return ""
    return f"{low}" if low == high else f"{low}+" if high >= OPEN else f"{low}-{high}"


def _shapes(editions: Sequence[Edition], rows: list[Told]) -> tuple[Rings, list[int]]:
    """The outlines of the unions, each once, and the outline of each row: its own or the one it had last."""
    kept: dict[tuple[tuple[int, int], ...], int] = {}
    shape = []
    for row in rows:
        shown = row.place or next(place for place in editions[row.last].places if place.place == row.name)
        shape.append(kept.setdefault(shown.cells, len(kept)))
    return Rings.of([_outline(cells) for cells in kept]), shape


def _outline(cells: Sequence[tuple[int, int]]) -> tuple[Floats, ...]:
    e, n = np.array(cells, dtype=np.float64).T
    union = shapely.union_all(shapely.box(e, n, e + CELL_M, n + CELL_M))
    return tuple(np.asarray(shapely.normalize(part).exterior.coords) for part in shapely.get_parts(union))


def _cells(rows: list[Told]) -> pd.DataFrame:
    found = [(row.name, row.edition, e, n) for row in rows if row.place for e, n in row.place.cells]
    kinds = {"hotspot_id": "str", "window": "int64", "cell_e": "int64", "cell_n": "int64"}
    return pd.DataFrame(found, columns=list(CELLS)).astype(kinds)


def _anchors(rows: list[Told]) -> pd.DataFrame:
    """Of each place the middle of the cell nearest to the middle of its cells, in the last edition that shows it."""
    latest = {row.name: row.place for row in rows if row.place}
    found = []
    for name, place in sorted(latest.items()):
        cells = np.array(place.cells)
        e, n = cells[np.argmin(((cells - cells.mean(axis=0)) ** 2).sum(axis=1))]
        found.append((name, int(e) + CELL_M // 2, int(n) + CELL_M // 2))
    return pd.DataFrame(found, columns=list(ANCHORS)).astype({"hotspot_id": "str", "cell_e": "int64", "cell_n": "int64"})


def _windows(editions: Sequence[Edition], hotspots: pd.DataFrame) -> pd.DataFrame:
    names = ("locations", "used", "episodes", "children", "not_mappable", "left_out")
    shown = hotspots[hotspots["low"].notna()].groupby("window").size()
    frame = pd.DataFrame({"window": np.arange(len(editions))})
    for name in names:
        frame[name] = pd.array([pd.NA if each.totals[name] == _NA else each.totals[name] for each in editions], dtype="Int64")
    return frame.assign(filtered=0, no_data=[each.totals["locations"] == 0 for each in editions],
                        shown=shown.reindex(range(len(editions)), fill_value=0).to_numpy(),
                        withheld=pd.array([pd.NA] * len(editions), dtype="Int64"))[list(WINDOWS)]


def _figures(editions: Sequence[Edition]) -> pd.DataFrame:
    found = [(k, _FIGURES[name], pd.NA if each.totals[name] == _NA else each.totals[name], _said(each.totals[name]))
             for k, each in enumerate(editions) for name in _FIGURES if name in each.totals]
    return pd.DataFrame(found, columns=list(FIGURES)).astype({"window": "int64", "figure": "str", "count": "Int64", "said": "str"})


def _said(count: int) -> str:
    return f"<{FEW}" if count == _NA else f"about {count}" if count else "0"
