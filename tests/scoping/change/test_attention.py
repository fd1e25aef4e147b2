import numpy as np
import pandas as pd
import pytest

from scoping.change.attention import RULES, attention, edge, outline
from scoping.parameters import Parameters
from scoping.scope import scope
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0


def frame(children=9):
    story = Story().visits(0, E, N, children)
    for east in (-9_000, 9_000):  # data all around, so that the place is not at the edge
        for north in (-9_000, 9_000):
            story.visits(0, E + east, N + north, 1)
    for k in range(12):
        story.visits(0, E - 9_000 + 1_500 * k, N - 9_000, 1).visits(0, E - 9_000 + 1_500 * k, N + 9_000, 1)
        story.visits(0, E - 9_000, N - 9_000 + 1_500 * k, 1).visits(0, E + 9_000, N - 9_000 + 1_500 * k, 1)
    rows = story.frame()
    last = rows.tail(1).assign(at=pd.Timestamp("2024-02-29 12:00", tz="UTC"), episode_ref="LAST", person_ref="L", location_id="L:f")
    return pd.concat([rows, last], ignore_index=True)


def here(rows):
    return ((rows["easting"] - E).abs() < 300) & ((rows["northing"] - N).abs() < 300)


def rules(rows, episodes=None):
    scoped = scope(rows, Parameters())
    found = attention(scoped, 0, episodes)
    assert len(found) == 1
    row = found.iloc[0]
    return {name for name in RULES if name in row.index and bool(row[name])}


def test_a_plain_place_asks_for_nothing():
    assert rules(frame().assign(tier="P1")) == set()


def test_each_rule_alone():
    rows = frame().assign(tier="P1")
    mine = here(rows)
    assert rules(rows.assign(tier=np.where(mine, "P3", "P1"))) == {"coarse"}
    assert rules(rows.assign(location_type=np.where(mine, "school_college", "street"))) == {"school"}
    busy = pd.concat([rows, *(rows[mine].head(1).assign(episode_ref=f"B{k}", location_id=f"B{k}:found") for k in range(8))])
    assert rules(busy.reset_index(drop=True)) == {"one_child"}
    home = rows[mine].head(1).assign(location_type="childrens_home_vicinity", episode_ref="H", person_ref="H",
                                     location_id="H:found", easting=E + 200)
    assert rules(pd.concat([rows, home], ignore_index=True)) == {"institution"}
    far = home.assign(easting=E + 2_000)
    assert rules(pd.concat([rows, far], ignore_index=True)) == set()


def test_a_place_at_the_edge_of_the_data_is_said():
    rows = frame().assign(tier="P1")
    assert rules(rows[(rows["easting"] <= E + 300) | ~rows["easting"].between(E + 300, 1e9)].reset_index(drop=True)) == {"border"}


def test_where_the_area_is_known_its_border_counts_and_not_the_outline_of_the_data():
    rows = frame().assign(tier="P1")
    at_edge = rows[(rows["easting"] <= E + 300) | ~rows["easting"].between(E + 300, 1e9)].reset_index(drop=True)
    asked = []

    def beyond(easting, northing, within_m):
        asked.append((float(easting[0]), float(northing[0]), within_m))
        return np.array([foreign])

    for foreign in (False, True):
        found = attention(scope(at_edge, Parameters()), 0, None, beyond)
        assert found["border"].tolist() == [foreign]
    assert abs(asked[0][0] - E) < 50 and abs(asked[0][1] - N) < 50 and asked[0][2] == 250.0


def test_an_outline_found_before_says_the_same_in_every_window():
    rows = frame().assign(tier="P1")
    later = rows.assign(at=rows["at"] + pd.Timedelta(days=31), episode_ref=rows["episode_ref"] + "L",
                        location_id=rows["location_id"] + "L")
    for held in (rows, rows[(rows["easting"] <= E + 300)].reset_index(drop=True)):
        scoped = scope(pd.concat([held, later[later.index.isin(held.index)]], ignore_index=True), Parameters())
        found = edge(outline(scoped.locations))
        for window in range(2):
            assert attention(scoped, window, None, found)["border"].tolist() == attention(scoped, window)["border"].tolist() != []


def test_every_place_is_at_the_edge_of_records_without_an_outline():
    rows = frame().assign(tier="P1").head(40)
    flat = rows.assign(northing=N)
    for few in (flat, rows.head(3), rows.assign(easting=np.nan)):
        assert outline(few) is None
    assert edge(None)(np.array([E, E + 5.0]), np.array([N, N]), 250.0).tolist() == [True, True]


def episodes(rows, police, taken):
    found_by = np.where(here(rows), police, "public")
    return pd.DataFrame({"episode_ref": rows["episode_ref"], "found_by": found_by, "extracted_at": taken})


@pytest.mark.parametrize(("police", "said"), [("police", {"police"}), ("returned_self", set()), ("not_known", set())])
def test_where_half_were_found_by_police_it_is_said(police, said):
    rows = frame().assign(tier="P1")
    taken = pd.Timestamp("2024-03-01", tz="UTC")
    assert rules(rows, episodes(rows, police, taken)) == said


def test_records_that_still_come_in_are_said_only_when_the_lag_is_known():
    rows = frame().assign(tier="P1")
    slow = rows["at"] + pd.to_timedelta(np.resize([20, 50, 80], len(rows)), unit="D")
    assert rules(rows, episodes(rows, "public", slow.where(slow < "2024-03-05", pd.Timestamp("2024-03-05", tz="UTC")))) == {"late"}
    quick = rows["at"] + pd.to_timedelta(np.resize([1, 2, 3], len(rows)), unit="D")
    assert rules(rows, episodes(rows, "public", quick)) == set()
    assert rules(rows, episodes(rows, "public", pd.Timestamp("2024-03-01", tz="UTC"))) == set()


def test_an_empty_window_needs_no_attention():
    assert attention(scope(frame(), Parameters()), 1).empty
