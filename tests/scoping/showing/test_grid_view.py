"""Which squares of the grid leave, and what they say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import DisclosureError, ParameterError
from scoping.change.grid import grid
from scoping.parameters import Parameters, WindowScheme
from scoping.showing.grid_view import SQUARES, meaning, release_grid, report
from scoping.showing.rules import Rules
from tests.scoping.worlds import locations


def world(crowd=15, person=None):
    """Twelve months of lone children; a crowd at one square in the last two."""
    chance = np.random.default_rng(1)
    e, n = chance.uniform(400_000, 420_000, (2, 300))
    at = pd.date_range("2024-01-01", "2024-12-31 20:00", periods=300, tz="UTC")
    late = pd.date_range("2024-11-01", "2024-12-30", periods=2 * crowd, tz="UTC")
    who = [person or f"c{k}" for k in range(2 * crowd)]
    return locations(np.append(e, np.full(2 * crowd, 410_100.0)), np.append(n, np.full(2 * crowd, 410_100.0)), at.append(late),
                     [*(f"b{k}" for k in range(300)), *who])


def months(frame):
    return grid(frame, Parameters(window=WindowScheme("month")))


def test_a_square_that_became_hot_is_emerging_and_shown():
    release = release_grid(months(world()))
    assert tuple(release.squares.columns) == SQUARES
    row = release.squares.set_index(["cell_e", "cell_n"]).loc[(410_000, 410_000)]
    assert row["category"] == "emerging" and row["hot"] and row["children"] == 15 and row["windows_hot"] == 2
    assert release_grid(months(world()), variant="esri28").squares["category"].isin(["consecutive", "new"]).any()
    said = report(release)
    assert said["categories"]["emerging"] >= 1 and said["meaning"]["emerging"] == "hot lately, not before"


def test_squares_of_few_children_or_of_one_are_withheld_or_uncounted():
    release = release_grid(months(world()))
    around = release.squares[release.squares["children"].isna()]
    assert (release.squares["children"].dropna() >= 3).all() and len(around) < len(release.squares)
    strict = release_grid(months(world()), Rules(operational=40, rmg=40, briefing=40))
    assert strict.squares.empty and "withheld" in strict.withheld[0]
    assert not release_grid(months(world(person="ONE"))).squares["hot"].any()


def test_an_earlier_window_does_not_know_what_came_later():
    found = months(world())
    before = release_grid(found, window=found.windows.labels.index("Oct 2024"))
    assert before.squares.empty and before.windows == 10
    with pytest.raises(ParameterError, match="no such window"):
        release_grid(found, window=40)


def test_not_enough_data_is_an_answer():
    few = world().iloc[:0]
    with pytest.raises(ParameterError, match="No complete window"):
        release_grid(months(few))
    short = world()
    with pytest.raises(ParameterError, match="at least 10 windows"):
        release_grid(months(short[short["at"] > pd.Timestamp("2024-06-01", tz="UTC")]), variant="esri3")
    quiet = release_grid(months(world(crowd=0)))
    assert any("chance explains" in told for told in quiet.statements)


def test_the_release_checks_itself():
    release = release_grid(months(world()))
    for wrong in ({"marking": ""}, {"tier": "rmg"}, {"squares": release.squares.assign(person=1)},
                  {"squares": release.squares.assign(cell_e=410_003)}, {"squares": release.squares.assign(children=2)}):
        with pytest.raises(DisclosureError):
            replace(release, **wrong)


def test_words():
    assert meaning("cold new") == "cold in the last window for the first time"
    assert meaning("cold oscillating") == "cold in the last window, hot in some before"
