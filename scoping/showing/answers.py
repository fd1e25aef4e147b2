"""The sentence that answers each question, from what may be shown: a `Release`, protected populations, protected areas.

`answer(number, facts)` gives an `Answer`; `facts` carries the release, the window, the names, and what some questions
need besides. A question that the data cannot answer says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo_data.schema import PLACE_TYPES, ROLE_LABELS, SOURCE_LABELS
from scoping.populations import NOT_RECORDED, Facet, Population
from scoping.showing.areas import Areas
from scoping.showing.disclosure import HOURS, PROFILE, Release
from scoping.showing.views import interval, unsettled
from scoping.transitions import CHANGES
from scoping.windows import ZONE

Line = tuple[str, str]
Row = dict[Any, Any]
_POLICE = ("police_record", "crime_report", "prevention_interview")
_CHANGED = ("grew", "shrank", "moved", "merged", "split", "dissolved")


@dataclass(frozen=True)
class Facts:
    """What is looked at. `flows`: (from, to, children) of different children, already protected. `others`: releases of this
    window alone under other settings, by what differs. `open_actions`: hotspots with a live action or owner; `doing`: the
    open actions at hotspots, in words. `feeds`: the population of each of the largest hotspots; `agencies`: whose children.
    `signals`: referrals by area and agency (`signals.BESIDE`); None where none were counted.
    """

    release: Release
    window: int
    names: Mapping[str, str]
    hotspot: str | None = None
    population: Population | None = None
    unplaced: Areas | None = None
    interviews: tuple[int, int] | None = None  # episodes ended, of them interviewed
    by_source: Mapping[str, Sequence[int]] = field(default_factory=dict)  # source system -> episodes a window
    flows: Sequence[tuple[str, str, int]] | None = None
    others: Mapping[str, Release] = field(default_factory=dict)
    open_actions: frozenset[str] | None = None
    doing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    feeds: Mapping[str, Population] = field(default_factory=dict)
    agencies: Sequence[Facet] = ()
    signals: pd.DataFrame | None = None


@dataclass(frozen=True)
class Answer:
    """One sentence, and the few lines under it."""

    sentence: str
    lines: tuple[Line, ...] = ()


def answer(number: int, facts: Facts) -> Answer:
    """The answer to question `number` (1 to 15)."""
    return _ANSWERS[number](facts)


def _rows(facts: Facts, *changes: str) -> list[Row]:
    """Hotspots of the window with one of these changes, else all that are there; the most children first. `at` is their row."""
    rows = facts.release.hotspots
    rows = rows[rows["window"] == facts.window]
    rows = rows[rows["change"].isin(changes)] if changes else rows[rows["children"].notna()]
    rows = rows.sort_values("children", ascending=False, na_position="last", kind="stable")
    return rows.assign(at=rows.index).to_dict("records")


def _place(facts: Facts, hotspot: str) -> str:
    return f"{facts.names.get(hotspot, hotspot)} ({hotspot})"


def _children(n: Any) -> str:
    return "no hotspot now" if pd.isna(n) else f"{int(n)} children"


def _several(n: int, one: str, many: str) -> str:
    return f"{'no' if n == 0 else n} {one if n == 1 else many}"


def _label(facts: Facts) -> str:
    return facts.release.labels[facts.window]


def _listed(facts: Facts, rows: Sequence[Row], says: Callable[[Row], str], most: int = 6) -> tuple[Line, ...]:
    return tuple((_place(facts, row["hotspot_id"]), says(row)) for row in rows[:most])


def _interval(row: Row) -> str:
    return interval(row["rr"], row["rr_low"], row["rr_high"])


def _new(facts: Facts) -> Answer:
    rows = _rows(facts, "born", "reactivated")
    said = f"{_several(len(rows), 'place is', 'places are').capitalize()} new or active again in {_label(facts)}"
    if rows:
        numbers = [str(int(row["children"])) for row in rows]
        spoken = " and ".join([", ".join(numbers[:-1]), numbers[-1]] if len(numbers) > 1 else numbers)
        said += f", resting on {spoken} different children"
    said += ". It is not complete: more may follow" if facts.release.partial[facts.window] else ""
    return Answer(said + ".", _listed(facts, rows, lambda row: f"{CHANGES[row['change']]}, {_children(row['children'])}"))


def _changed(facts: Facts) -> Answer:
    rows = _rows(facts, *_CHANGED)
    by, steady = Counter(row["change"] for row in rows), len(_rows(facts, "stable"))
    parts = [f"{by[code]} {CHANGES[code]}" for code in _CHANGED if by[code]]
    if not rows and (why := unsettled(facts.release, facts.window)):
        return Answer(why)
    said = f"Beyond chance in {_label(facts)}: {', '.join(parts) or 'nothing'}; {steady} continuing within chance."
    return Answer(said, _listed(facts, rows, lambda row: f"{CHANGES[row['change']]}, {_interval(row)}", 8))


def _several_or_one(facts: Facts) -> Answer:
    rows = _rows(facts)
    few = [row for row in rows if row["one_child_half"] or row["few_effective"]]
    withheld = int(facts.release.windows["withheld"].iloc[facts.window])
    said = (f"Of {_several(len(rows), 'hotspot', 'hotspots')}, {len(rows) - len(few)} rest on several children and {len(few)} on "
            f"one or a few who make most of the episodes; {withheld} more {'is' if withheld == 1 else 'are'} withheld.")
    return Answer(said, _listed(facts, rows, lambda row: f"{_children(row['children'])}, "
                                                         f"{_several(int(row['episodes']), 'episode', 'episodes')}"))


def _roles(facts: Facts) -> Answer:
    table = facts.release.roles
    lines = [(ROLE_LABELS[row["role"]], f"over all dates {row['located']} of {row['locations']} placed, {row['children']} children")
             for row in table.to_dict("records") if row["locations"]]
    sources = _profile(facts, "source", tuple(SOURCE_LABELS))
    known = sum(sources.values())
    first = max(sources, key=lambda code: sources[code]) if known else ""
    said = f"{_several(len(_rows(facts)), 'place', 'places').capitalize()} where children are collected in {_label(facts)}"
    said += f"; most often known from: {SOURCE_LABELS[first].lower()} ({sources[first]} of {known} records)." if known else "."
    return Answer(said, tuple(lines))


def _profile(facts: Facts, kind: str, codes: Sequence[str], window: int | None = None) -> dict[str, int]:
    window = facts.window if window is None else window
    rows = np.flatnonzero((facts.release.hotspots["window"] == window).to_numpy())
    total = facts.release.profile[rows].sum(axis=0)
    return {code: int(total[PROFILE.index(f"{kind}:{code}")]) for code in codes if f"{kind}:{code}" in PROFILE}


def _flows(facts: Facts) -> Answer:
    if facts.flows is None or not facts.flows:
        return Answer(f"No pickup place leads to a found place with at least {facts.release.rules.operational} different children "
                      f"in {_label(facts)}.")
    top = facts.flows[0]
    lines = tuple((f"{a} to {b}", f"{n} children") for a, b, n in facts.flows[1:8])
    one = "it" if len(facts.flows) == 1 else "the strongest"
    return Answer(f"{_several(len(facts.flows), 'line', 'lines').capitalize()} from pickup to found place; {one} leads from "
                  f"{top[0]} to {top[1]} ({top[2]} children).", lines)


def _rhythm(facts: Facts) -> Answer:
    lines, starred = [], 0
    profile = facts.release.profile[:, PROFILE.index(HOURS[0]):PROFILE.index(HOURS[-1]) + 1].reshape(-1, 7, 24)
    for row in _rows(facts)[:8]:
        counts = profile[row["at"]]
        known = int(counts.sum())
        if known < 5:
            lines.append((_place(facts, row["hotspot_id"]), "too few known times"))
            continue
        shares = {"weekdays 14-17 (school run)": counts[:5, 14:17].sum(), "evening 17-22": counts[:, 17:22].sum(),
                  "night 22-01": counts[:, 22:].sum() + counts[:, 0].sum(), "weekend": counts[5:].sum()}
        name = max(shares, key=lambda key: shares[key])
        starred += int(shares[name] * 2 >= known)
        lines.append((_place(facts, row["hotspot_id"]), f"{name}: {int(shares[name])} of {known} records"))
    return Answer(f"In {_label(facts)} {_several(starred, 'place has', 'places have')} half or more of the records in one part "
                  "of the day or week.", tuple(lines))


def _kinds(facts: Facts) -> Answer:
    before = _apart(facts)
    now, then = (_profile(facts, "type", tuple(PLACE_TYPES), k) if k is not None else {} for k in (facts.window, before))
    rising = sorted(((now[code] - then.get(code, 0), code) for code in now if now[code] - then.get(code, 0) > 0), reverse=True)
    why = unsettled(facts.release, facts.window)
    if before is None or not rising:
        return Answer(why or (f"There is no earlier window that shares no day with {_label(facts)}." if before is None else
                              f"No kind of place has more records in the hotspots of {_label(facts)} than before."))
    kind = PLACE_TYPES[rising[0][1]]
    lines = tuple((PLACE_TYPES[code].label, f"{then.get(code, 0)} to {now[code]} records"
                   + (f"; {PLACE_TYPES[code].response}" if PLACE_TYPES[code].response else "")) for _, code in rising[:6])
    guardian = f" Guardian: {kind.response}." if kind.response else ""
    return Answer(f"Largest rise in the hotspots: {kind.label.lower()}, {_several(rising[0][0], 'more record', 'more records')} "
                  f"than in {facts.release.labels[before]}.{guardian}", lines)


def _apart(facts: Facts) -> int | None:
    """The last earlier window that shares no day with this one."""
    begins = facts.release.spans[facts.window][0]
    earlier = [k for k in range(facts.window) if facts.release.spans[k][1] <= begins]
    return earlier[-1] if earlier else None


def _told(population: Population | None, *titles: str) -> tuple[Line, ...]:
    lines = []
    for title in titles:
        facet = population.facet(title) if population else None
        if facet:
            lines.append((title, _groups(facet)))
    return tuple(lines)


def _groups(facet: Facet | None) -> str:
    """Its groups in words, the first six."""
    said = [f"{group.label} {group.children}" for group in facet.groups if group.children] if facet else []
    hidden = [f"{facet.hidden} too small to tell"] if facet and facet.hidden else []
    return "; ".join([*([", ".join(said[:6])] if said else []), *hidden]) or "too few to tell"


def _whose(facts: Facts) -> str:
    return f"the hotspot {_place(facts, facts.hotspot)}" if facts.hotspot else "the counted places"


def _feeds(facts: Facts) -> Answer:
    found = facts.population.facet("Missing from") if facts.population else None
    told = [group for group in found.groups if group.children] if found else []
    if not facts.population or not told:
        return Answer(f"Too few children in {_whose(facts)} to say where they went missing from.")
    most = max(told, key=lambda group: group.children or 0)
    lines = _told(facts.population, "Missing from", "Strand", "Responsible authority")
    lines += tuple((_place(facts, name), _groups(of.facet("Missing from"))) for name, of in facts.feeds.items())
    return Answer(f"Of {facts.population.children} children in {_whose(facts)} in {_label(facts)}, most went missing from: "
                  f"{most.label.lower()} ({most.children}).", lines)


def _out_of_area(facts: Facts) -> Answer:
    found = facts.population.facet("Placed out of area") if facts.population else None
    out = next((group.children for group in found.groups if group.label == "Out of area"), 0) if found else None
    if not facts.population or found is None:
        return Answer(f"Too few children in {_whose(facts)} to say how many are out of their area.")
    said = "fewer than can be told" if out is None else str(out)
    lines = _told(facts.population, "Placed out of area") + tuple((facet.title, _groups(facet)) for facet in facts.agencies)
    named = dict.fromkeys(group.label for facet in reversed(facts.agencies) for group in facet.groups
                          if group.children and group.label != NOT_RECORDED)
    more = f" and {len(named) - 4} more" if len(named) > 4 else ""
    return Answer(f"Of {facts.population.children} children in {_whose(facts)} in {_label(facts)}, {said} are placed out of their "
                  f"area. To be told: {', '.join(list(named)[:4]) or 'nobody has enough of them to be named'}{more}.", lines)


def _unseen(facts: Facts) -> Answer:
    total = facts.release.windows.iloc[facts.window]
    records = int(total["locations"] - total["filtered"])
    share = total["not_mappable"] / records if records else 0.0
    lines: list[Line] = [("Not mappable", f"{int(total['not_mappable'])} of {records} records ({share:.0%})"),
                         ("Left out by rule", f"{int(total['left_out'])} records")]
    if facts.interviews:
        ended, held = facts.interviews
        lines.append(("Return home interview held", f"{held} of {_several(ended, 'episode', 'episodes')}"
                      + (f" ({held / ended:.0%})" if ended else "")))
    said = f"{share:.0%} of the records of {_label(facts)} are placed too roughly for a map, or not at all"
    if facts.interviews and facts.interviews[0]:
        said += f"; {1 - held / ended:.0%} of the episodes that ended had no return home interview"
    if facts.unplaced is not None:
        here = facts.unplaced.rows[facts.unplaced.rows["window"] == facts.window]
        areas = _several(len(here), "area", "areas")
        lines.append(("Known only roughly, by area", f"{areas} of {facts.unplaced.least} or more children"))
        if len(here):
            said += f"; {areas} {'holds' if len(here) == 1 else 'hold'} enough roughly placed children to hide a hotspot"
    return Answer(said + ".", tuple(lines))


def _recording(facts: Facts) -> Answer:
    totals = facts.release.windows["locations"].to_numpy(dtype=np.float64)
    k, gaps = facts.window, int(facts.release.windows["no_data"].sum())
    usual = float(np.median(totals[max(0, k - 12):k])) if k else 0.0
    lines: list[Line] = [("Windows without any record", str(gaps))]
    for source, counts in facts.by_source.items():
        before = f", usually {np.median(counts[max(0, k - 12):k]):.0f}" if k else ""
        lines.append((source.replace("_", " "), f"{counts[k]} episodes{before}"))
    if not usual:
        return Answer("There are no earlier windows to compare the recording with.", tuple(lines))
    earlier = f"median of {_several(min(k, 12), 'window', 'windows')} before: {usual:.0f}"
    if why := unsettled(facts.release, k):
        return Answer(f"{why} {totals[k]:.0f} records so far ({earlier}).", tuple(lines))
    ratio = totals[k] / usual
    said = "about as many as usual" if 0.75 <= ratio <= 1.33 else "far fewer than usual" if ratio < 0.75 else "far more than usual"
    warned = "" if 0.75 <= ratio <= 1.33 else " Look at the recording before the picture."
    return Answer(f"{_label(facts)} has {totals[k]:.0f} records, {said} ({earlier}).{warned}", tuple(lines))


def _after(facts: Facts) -> Answer:
    before = _apart(facts)
    doing = tuple((_place(facts, name), said) for name, each in facts.doing.items() for said in each)
    if before is None:
        return Answer("There is no earlier window to compare with.", doing[:8])
    if facts.hotspot is None:
        known = f" Actions are open at {_several(len(facts.doing), 'hotspot', 'hotspots')}." if doing else ""
        return Answer(f"Choose the hotspot where something was done, and the window after it.{known}", doing[:8])
    history = facts.release.hotspots[facts.release.hotspots["hotspot_id"] == facts.hotspot].to_dict("records")
    mine = {row["window"]: row for row in history}

    def at(k: int) -> str:
        return _children(mine[k]["children"]) if k in mine else "no hotspot"

    lines = [(facts.release.labels[before], at(before)), (_label(facts), at(facts.window)),
             *(("Action", said) for said in facts.doing.get(facts.hotspot, ()))]
    if facts.window in mine:
        lines.append(("Rate against the past year", _interval(mine[facts.window])))
    near = _neighbours(facts)
    lines += [(_place(facts, name), f"within 2 km: {CHANGES[change]}") for name, change in near[:4]]
    grown = sum(change in ("born", "reactivated", "grew") for _, change in near)
    return Answer(f"At {_place(facts, facts.hotspot)}: {at(before)} before, {at(facts.window)} after; "
                  f"{_several(grown, 'hotspot is', 'hotspots are')} new or growing within 2 km.", tuple(lines))


def _neighbours(facts: Facts) -> list[tuple[str, str]]:
    centres = facts.release.anchors.set_index("hotspot_id")[["cell_e", "cell_n"]].astype(float)
    if facts.hotspot not in centres.index:
        return []
    far = np.hypot(*(centres - centres.loc[facts.hotspot]).to_numpy().T)
    near = set(centres.index[(far <= 2_000) & (centres.index != facts.hotspot)])
    return [(row["hotspot_id"], row["change"]) for row in _rows(facts, *CHANGES) if row["hotspot_id"] in near]


def _longest(facts: Facts) -> Answer:
    rows = sorted(_rows(facts), key=lambda row: row["first_seen"])
    rows = [row for row in rows if row["hotspot_id"] not in (facts.open_actions or ())]
    if not rows:
        return Answer(f"No place is open with no live action in {_label(facts)}.")
    end = date.fromisoformat(facts.release.spans[facts.window][1])
    known_from = date.fromisoformat(facts.release.spans[0][0])

    def months(row: Row) -> str:
        began = row["first_seen"].tz_convert(ZONE).date()
        months = max(1, round((end - began).days / 30.4))
        return f"{'at least ' if began <= known_from else ''}{_several(months, 'month', 'months')}"

    return Answer(f"Open longest with no live action: {_place(facts, rows[0]['hotspot_id'])}, {months(rows[0])}; "
                  f"{_several(len(rows), 'place is', 'places are')} open with no live action.",
                  _listed(facts, rows, lambda row: f"{months(row)}, {_several(int(row['windows_seen']), 'window', 'windows')}"))


def _other_sources(facts: Facts) -> Answer:
    lines, both = [], 0
    for row in _rows(facts):
        counts = facts.release.profile[row["at"]]
        by = {code: int(counts[PROFILE.index(f"source:{code}")]) for code in SOURCE_LABELS}
        police = sum(by[code] for code in _POLICE if code in by)
        other = sum(by.values()) - police
        both += int(police > 0 and other > 0)
        if sum(by.values()):
            lines.append((_place(facts, row["hotspot_id"]), f"police {police}, others {other} records"))
    said = (f"{both} of {len(lines)} hotspots with a recorded source are known both from the police and from others in "
            f"{_label(facts)}." if lines else f"No source is recorded for the places of {_label(facts)}.")
    if facts.signals is None:
        return Answer(f"{said} No referral counts are here to set beside them.", tuple(lines[:8]))
    areas = []
    for area, rows in facts.signals.groupby("area", sort=False):
        heard = ", ".join(f"{agency} {n}" for agency, n in zip(rows["agency"], rows["referrals"], strict=True))
        there = rows["hotspots"].iloc[0]
        areas.append((str(area), heard + ("" if pd.isna(there) else f"; {_several(int(there), 'hotspot', 'hotspots')}")))
    held = facts.signals.drop_duplicates("area")["hotspots"]
    return Answer(f"{said} Referrals were counted about {_several(len(areas), 'area', 'areas')}; in {int((held > 0).sum())} of "
                  "them a hotspot shows.", (*lines[:6], *areas[:6]))


def _lasting(facts: Facts) -> Answer:
    rows, rules = _rows(facts), facts.release.rules
    tiers = (("the group", rules.rmg), ("a briefing or file", rules.briefing))
    lines: list[Line] = [(f"Enough for {tier} ({least} or more children)",
                          f"{sum(row['children'] >= least for row in rows)} of {len(rows)}") for tier, least in tiers]
    survive = {row["hotspot_id"] for row in rows}
    for setting, other in facts.others.items():
        there = _overlapping(facts.release, rows, other)
        survive &= there
        lines.append((setting, f"{len(there)} of {len(rows)} still there"))
    if not facts.others:
        return Answer(f"{_several(len(rows), 'hotspot', 'hotspots').capitalize()} in {_label(facts)}.", tuple(lines))
    enough = [sum(row["children"] >= least for row in rows) for _, least in tiers]
    return Answer(f"{len(survive)} of {len(rows)} hotspots of {_label(facts)} survive every one of {len(facts.others)} other "
                  f"settings; {enough[0]} have enough children for the group, {enough[1]} for a briefing or file.", tuple(lines))


def _overlapping(release: Release, rows: Sequence[Row], other: Release) -> set[str]:
    theirs = other.hotspots[other.hotspots["children"].notna()]
    ground = shapely.union_all([_polygon(other, shape) for shape in theirs["shape"]])
    return {row["hotspot_id"] for row in rows if _polygon(release, row["shape"]).intersects(ground)}


def _polygon(release: Release, shape: Any) -> shapely.Geometry:
    return shapely.union_all([shapely.make_valid(shapely.polygons(ring)) for ring in release.shapes[int(shape)]])


_ANSWERS: dict[int, Callable[[Facts], Answer]] = {
    1: _new, 2: _changed, 3: _several_or_one, 4: _roles, 5: _flows, 6: _rhythm, 7: _kinds, 8: _feeds, 9: _out_of_area,
    10: _unseen, 11: _recording, 12: _after, 13: _longest, 14: _other_sources, 15: _lasting,
}
