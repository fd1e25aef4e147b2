"""Who is affected and how, over the whole area: the aggregates of a problem profile, as they may be published.

Different children of a quarter or longer, to the nearest five, never of a group under the tier's threshold. They are frozen with
the edition that first tells them, so asking again gives the same numbers whatever was recorded since. What of a longer
period may be said is capped as the counts of places are (`editions.least_bound`), and no tier tells of a group so much that
the other's numbers would say who lies between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial

import pandas as pd

from scoping.populations import Population, methods, population
from scoping.showing.editions import OPEN, Bounds, Edition, Group, least_bound
from scoping.showing.periods import Period
from scoping.showing.rules import KEPT_FROM, RMG, Rules
from scoping.windows import ZONE

NEAREST = 5
VICTIMS, METHODS = "victims", "methods"
QUESTIONS = {  # of each part, in the order of the page
    VICTIMS: ("Age", "Gender", "Care status", "Missing from", "Placed out of area", "How long missing"),
    METHODS: ("Means of travel", "Kind of pickup place", "Time of pickup", "How the pickup is known"),
}
_ASK: dict[str, Callable[[pd.DataFrame, int], Population]] = {VICTIMS: population, METHODS: methods}


def groups(episodes: pd.DataFrame, period: Period, tier: str, *, rules: Rules, before: Sequence[Edition],
           today: date | None = None) -> tuple[tuple[Group, ...], str]:
    """What may be told of the period's EPISODES, beside everything published `before`; and why nothing is, if nothing is.

    The first entry of each part has no title: all children that it tells of, `low` 0 when they are too few.
    """
    told = [each for each in before if each.people]
    same = [each for each in told if each.period == period]
    mine = next((each for each in same if each.tier == tier), None)
    if mine is not None:  # of another role: the aggregates are of all episodes
        return mine.people, ""
    around = next((each for each in told if period.inside(each.period)), None)
    if around is not None:
        return (), f"Who is affected and how is told for {around.period.label} alone: its parts could be subtracted from it."
    rows = _within(episodes, period, tier, today)
    inside = [each for each in told if each.period.inside(period)]
    found: list[Group] = []
    for part, ask in _ASK.items():
        for title, label, count in _counted(ask(rows, rules.least(tier)), part):
            one = _said(part, title, label, count, rules.least(tier))
            one = _beside(one, same, tier, least_bound(inside, period, partial(_held, one)), rules.least(tier))
            if one.low or not title:
                found.append(one)
    return tuple(found), ""


def _within(episodes: pd.DataFrame, period: Period, tier: str, today: date | None) -> pd.DataFrame:
    """Episodes reported in the period that the tier may count."""
    day = episodes["reported_at"].dt.tz_convert(ZONE).dt.tz_localize(None)
    keep = (day >= pd.Timestamp(period.start)) & (day < pd.Timestamp(period.end))
    keep &= ~episodes["sharing_restriction"].isin(KEPT_FROM[tier])
    if today is not None:
        keep &= ~(episodes["review_by"] < pd.Timestamp(today))
    kept: pd.DataFrame = episodes[keep]
    return kept


def _counted(people: Population, part: str) -> Iterable[tuple[str, str, int]]:
    """Title, label and number of each group; 0 for one that is not told."""
    yield "", "", people.children or 0
    for title in QUESTIONS[part]:
        facet = people.facet(title)
        for group in facet.groups if facet else ():
            yield title, group.label, group.children or 0


def _said(part: str, title: str, label: str, count: int, least: int) -> Group:
    near = NEAREST * ((count + 2) // NEAREST)
    return Group(part, title, label, max(near - 2, least), near + 2) if count else Group(part, title, label, 0, OPEN)


def _beside(one: Group, same: Sequence[Edition], tier: str, most: int, least: int) -> Group:
    """The group as it may stand beside the shorter periods' (`most`) and the other tier's numbers; untold if it may not."""
    other = next((entry for each in same for entry in each.people if _key(entry) == _key(one) and entry.low), None)
    if other is not None and tier == RMG:
        most = min(most, other.high)
    if not one.low or (one.low <= most and not (other is not None and tier != RMG and one.high < other.low)):
        return one
    low = NEAREST * (min(one.low, most) // NEAREST)
    return Group(one.of, one.title, one.label, low if low >= least else 0, OPEN)


def _held(group: Group, edition: Edition) -> Bounds:
    """The most that an edition's published values allow of a group: what it tells, what it does not tell."""
    for entry in edition.people:
        if _key(entry) == _key(group):
            return (entry.high, 0) if entry.low else (0, edition.least - 1)
    return 0, edition.least - 1


def _key(group: Group) -> tuple[str, str, str]:
    return group.of, group.title, group.label


# ------------------------------------------------------------------ in words

def sentences(edition: Edition, part: str) -> list[str]:
    """A part of the aggregates in words, one line a question."""
    mine = [entry for entry in edition.people if entry.of == part]
    if not mine:
        return ["Not told: this period was released without it."]
    everyone, *rest = mine
    if not everyone.low:
        return ["Too few children to tell."]
    lines = [f"{_number(everyone)[:1].upper()}{_number(everyone)[1:]} different children."]
    for title in QUESTIONS[part]:
        said = [f"{inside(entry.label)} {_number(entry)}" for entry in rest if entry.title == title]
        if said:
            lines.append(f"{title}: {'; '.join(said)}.")
    return [*lines, "Groups that are not named: none, or too few to tell."]


def _number(group: Group) -> str:
    return f"about {group.high - 2}" if group.high < OPEN else f"at least {group.low}"


def inside(words: str) -> str:
    """Words as they stand inside a sentence: abbreviations keep their capitals."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
