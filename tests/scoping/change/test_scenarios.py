"""Ten scripted stories. Each gives the one transition that a reader would name, in its window, and no other."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from scoping.parameters import Parameters
from scoping.scope import Scoped, scope
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0
MONTHS = 12
QUIET = {"first", "stable", "below", "no_data", "forming"}  # nothing happened
Told = tuple[pd.DataFrame, Parameters]


def monthly(story: Story, counts: dict[int, int], e: float = E, n: float = N, spread: float = 20.0) -> Story:
    for month, children in counts.items():
        story.visits(month, e, n, children, spread=spread)
    return story


def steady(children: int, since: int = 0, until: int = MONTHS) -> dict[int, int]:
    return dict.fromkeys(range(since, until), children)


def told(story: Story, **dials: float) -> Told:
    return story.background(MONTHS).frame(), Parameters(**dials)  # type: ignore[arg-type]


def born() -> Told:
    return told(monthly(Story(), steady(7, since=5)))


def reactivated() -> Told:
    # three months without anybody, but the test is of the return: the going is in the first two
    return told(monthly(Story(), {**steady(7, until=2), **steady(7, since=9)}))


def moved() -> Told:
    story = Story()
    for month in range(MONTHS):
        for k in range(10):  # a street of a kilometre, so that it still overlaps itself 400 m further
            story.visits(month, E + 100 * k + (400 if month >= 6 else 0), N, 2, spread=10)
    return told(story, min_children=4)


def merge() -> Told:
    story = monthly(monthly(Story(), steady(9)), steady(7), e=E + 500)
    return told(monthly(story, steady(8, since=6), e=E + 250))


def split() -> Told:
    story = monthly(monthly(Story(), steady(9)), steady(5), e=E + 500)
    return told(monthly(story, steady(8, until=6), e=E + 250))


def dissolve() -> Told:
    return told(monthly(Story(), steady(8, until=5)))


def missing_month() -> Told:
    frame, parameters = told(monthly(Story(), steady(7)))
    return frame[frame["at"].dt.tz_convert("Europe/London").dt.month != 6].reset_index(drop=True), parameters


def centroid_pile_up() -> Told:
    frame, parameters = told(monthly(Story(), steady(9, since=5), spread=0))
    pile = frame["easting"] == E
    return frame.assign(tier=frame["tier"].where(~pile, "P4"), precision_m=frame["precision_m"].where(~pile, 900.0)), parameters


def one_child() -> Told:
    story = Story()
    for month in range(5, MONTHS):
        story.visits(month, E, N, 15, person="BUSY")
    return told(story)


def home_opens() -> Told:
    frame, parameters = told(monthly(Story(), steady(9, since=5)))
    home = (frame["easting"] - E).abs() < 200
    return frame.assign(location_type=frame["location_type"].where(~home, "childrens_home_vicinity")), parameters


STORIES: list[tuple[Callable[[], Told], list[tuple[int, str]]]] = [
    (born, [(5, "born")]),
    (reactivated, [(3, "dissolved"), (9, "reactivated")]),
    (moved, [(6, "moved")]),
    (merge, [(6, "merged")]),
    (split, [(6, "split")]),
    (dissolve, [(6, "dissolved")]),
    (missing_month, []),
    (centroid_pile_up, []),
    (one_child, []),
    (home_opens, []),
]


@pytest.mark.parametrize(("story", "expected"), STORIES, ids=[story.__name__ for story, _ in STORIES])
def test_each_story_gives_its_transition_and_no_other(story: Callable[[], Told], expected: list[tuple[int, str]]) -> None:
    ledger = found(story()).ledger
    happened = ledger[~ledger["change"].isin(QUIET)]
    assert sorted(set(zip(happened["window"].tolist(), happened["change"].tolist(), strict=True))) == expected


def found(story: Told) -> Scoped:
    return scope(*story)


def test_the_missing_month_is_said_and_is_no_fall() -> None:
    ledger = found(missing_month()).ledger
    assert ledger.loc[ledger["window"] == 5, "change"].tolist() == ["no_data"]
    assert len(set(ledger["hotspot_id"])) == 1


@pytest.mark.parametrize(("story", "reason"), [(centroid_pile_up, "too coarse: precision above eps"),
                                               (home_opens, "outside a children's home")])
def test_what_makes_no_hotspot_is_counted_under_its_reason(story: Callable[[], Told], reason: str) -> None:
    reasons = found(story()).coverage.reasons
    assert reasons.loc[reasons["reason"] == reason, "children"].tolist() == [63]  # nine a month for seven months


def test_one_childs_records_are_all_there_and_no_hotspot() -> None:
    scoped = found(one_child())
    assert scoped.ledger.empty and scoped.coverage.windows["used"].iloc[5:].min() >= 15


def test_the_opening_of_a_home_is_seen_when_homes_are_put_back() -> None:
    frame, _ = home_opens()
    ledger = scope(frame, Parameters(keep_left_out=True)).ledger
    assert ledger["change"].tolist() == ["born", *["stable"] * 6]
