import json

import pandas as pd

from scoping.change.review import reviewed
from scoping.change.versions import differences, frozen
from scoping.parameters import Parameters
from scoping.scope import scope
from tests.scoping.change.test_ledger import world
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0


def said(frame, month=None):
    scoped = scope(frame, Parameters())
    return frozen(scoped, reviewed(scoped, month))


def test_the_same_records_say_the_same_and_fit_in_json():
    frame = world()
    rows = said(frame)
    assert rows and json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert said(frame.sample(frac=1, random_state=5)) == rows
    assert differences(rows, said(frame), 250).empty


def test_later_records_change_nothing_of_a_month_that_is_over():
    frame = world(months=14)
    cut = frame[frame["at"] < pd.Timestamp("2025-01-01", tz="UTC")]
    last = cut["at"].idxmax()
    cut = pd.concat([cut, cut.loc[[last]].assign(at=pd.Timestamp("2024-12-31T20:00Z"), location_id="L:found", episode_ref="L",
                                                 person_ref="L", easting=1.0)], ignore_index=True)
    later = pd.concat([frame, cut.tail(1)], ignore_index=True)
    assert said(cut, "2024-12") == said(later, "2024-12")


def test_a_correction_is_told_row_by_row():
    story = Story()
    for month in range(4):
        story.visits(month, E, N, 9).visits(month, E + 9_000, N, 8)
    frame = story.background(4).frame()
    wrong = frame.index[(frame["at"] >= pd.Timestamp("2024-04-01", tz="UTC")) & (frame["easting"] == E)]
    before, after = said(frame), said(frame.drop(index=wrong).reset_index(drop=True))
    told = differences(before, after, 250)
    assert told[["what", "before", "after"]].to_numpy().tolist() == [["children", "9", "7"], ["episodes", "9", "7"]]
    assert set(told["hotspot_id"]) <= {row["hotspot_id"] for row in before}


def row(name, e, children=7, change="stable"):
    return {"hotspot_id": name, "change": change, "parents": "", "first_seen": "2024-01-01", "windows_seen": 1,
            "children": children, "episodes": 9, **dict.fromkeys(["rr", "rr_low", "rr_high", "q"]),
            "centre_e": e, "centre_n": 0.0}


def test_a_hotspot_under_another_id_is_found_by_its_centre():
    old, new = [row("H1", 0.0), row("H2", 5_000.0)], [row("H9", 60.0, children=8), row("H3", 9_000.0, change="born")]
    told = differences(old, new, 250)
    assert told.to_numpy().tolist() == [["H1", "children", "7", "8"], ["H1", "id", "H1", "H9"], ["H2", "lost", "stable", ""],
                                        ["H3", "found", "", "born"]]
    assert differences(old, [], 250)["what"].tolist() == ["lost", "lost"] and differences([], [], 250).empty
