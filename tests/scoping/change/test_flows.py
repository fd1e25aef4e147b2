import numpy as np
import pandas as pd
import pytest

from scoping.change.flows import compass, feeders, flows
from scoping.parameters import Parameters
from scoping.scope import scope
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0


def county():
    """Nine children, picked up at one place and found 2 km east or 3 km south of it; four more found there from elsewhere."""
    found = Story().visits(0, E + 2_000, N, 6).visits(0, E, N - 3_000, 3).visits(0, E, N - 3_000, 4).background(2).frame()
    pickup = found.head(9).assign(role="pickup", easting=E + 10.0 * np.arange(9), northing=N)
    frame = pd.concat([found, pickup], ignore_index=True)
    return frame.assign(location_id=frame["episode_ref"] + ":" + frame["role"])


def roles(frame):
    return {role: scope(frame, Parameters(roles=(role,))) for role in ("pickup", "last_seen", "found")}


def test_each_episode_flows_once_with_distance_and_direction():
    table = flows(roles(county()), 0)
    assert table["from_role"].eq("pickup").all() and table["to_role"].eq("found").all()
    assert table["children"].tolist() == [6, 3] and table["episodes"].tolist() == [6, 3]
    assert table["direction"].tolist() == ["E", "S"]
    assert table["distance_m"].tolist() == pytest.approx([2_000, 3_000], rel=0.05)
    assert table["top_share"].tolist() == pytest.approx([1 / 6, 1 / 3])


def test_one_child_many_times_is_one_child():
    frame = county()
    again = frame[frame["episode_ref"] == frame["episode_ref"].iloc[0]]
    more = pd.concat([again.assign(episode_ref=f"X{k}", location_id=[f"X{k}:{role}" for role in again["role"]]) for k in range(5)])
    table = flows(roles(pd.concat([frame, more], ignore_index=True)), 0)
    assert table["children"].tolist() == [6, 3] and table["episodes"].tolist() == [11, 3]
    assert table["top_share"].iloc[0] == pytest.approx(6 / 11)


def test_without_pickups_or_in_an_empty_window_nothing_flows():
    assert flows(roles(county()), 1).empty
    found = county()
    assert flows(roles(found[found["role"] == "found"].reset_index(drop=True)), 0).empty


@pytest.mark.parametrize(("east", "north", "said"), [(0, 5, "N"), (5, 5, "NE"), (5, 0, "E"), (-4, -4, "SW"), (-5, 1, "W"),
                                                     (0.1, 0, "")])
def test_the_compass(east, north, said):
    assert compass(east, north) == said


def test_feeders_count_children_of_each_kind():
    frame = county().assign(strand="home")
    frame.loc[:3, "strand"] = "care"
    table = feeders(scope(frame, Parameters()), 0)
    strands = table[table["what"] == "strand"].groupby("code")["children"].sum()
    assert strands.to_dict() == {"care": 4, "home": 9}
