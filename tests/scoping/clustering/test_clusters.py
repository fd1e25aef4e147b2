from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from geo_data.errors import InputError
from scoping.clustering.clusters import cluster
from scoping.clustering.points import build, take
from scoping.clustering.solving import Stopped
from scoping.parameters import Parameters, WindowScheme
from scoping.windows import Windows, make
from tests.scoping.worlds import locations
from tests.shared_data import shared

DAY = 86_400_000_000


def windows_of(spans):
    starts, ends = (pd.to_datetime([span[k] * DAY for span in spans], unit="us", utc=True).as_unit("us")
                    for k in (0, 1))
    return Windows(starts, ends, tuple(str(span) for span in spans), np.zeros(len(spans), dtype=bool))


def points_of(e, n, day, person):
    count = len(e)
    return build(row=np.arange(count), time=np.asarray(day, np.int64) * DAY, person=np.asarray(person, np.int64),
                 episode=np.arange(count), role=np.full(count, 2),
                 easting=np.asarray(e, float), northing=np.asarray(n, float))


@st.composite
def worlds(draw):
    """Integer lattices: 3-4-5 triangles put distances exactly at eps, and points coincide."""
    count = draw(st.integers(1, 120))
    side = draw(st.sampled_from([4, 6, 15, 40]))
    cell = st.integers(0, side - 1)
    e = np.array(draw(st.lists(cell, min_size=count, max_size=count))) * 50.0
    n = np.array(draw(st.lists(cell, min_size=count, max_size=count))) * 50.0
    if draw(st.booleans()):
        e[: count // 4], n[: count // 4] = e[0], n[0]
    day = np.array(draw(st.lists(st.integers(0, 29), min_size=count, max_size=count)))
    child = st.integers(0, draw(st.sampled_from([2, 6, 200])))
    person = np.array(draw(st.lists(child, min_size=count, max_size=count)))
    east, north = draw(st.sampled_from([(0, 0), (450_000, 300_000)]))
    step, length = draw(st.sampled_from([(30, 30), (10, 10), (5, 12), (6, 30), (7, 3)]))
    spans = [(start, start + length) for start in range(0, 30, step)]
    eps = draw(st.sampled_from([50.0, 125.0, 250.0, 500.0]))
    return e + east, n + north, day, person, spans, eps, draw(st.integers(2, 8))


def check_partition(members, label, core, *, e, n, eps, rows):
    """`members` of one window against the oracle's labels and core flags of `rows`."""
    mine = members.set_index("point").loc[rows]
    assert mine["core"].tolist() == core.tolist()
    assert (mine["label"] == -1).tolist() == (label == -1).tolist()
    pairs = set(zip(mine["label"][mine["core"]].tolist(), label[core].tolist(), strict=True))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})  # a bijection of the core partition
    squared = (e[rows][:, None] - e[rows][None, :]) ** 2 + (n[rows][:, None] - n[rows][None, :]) ** 2
    labels = mine["label"].to_numpy()
    for k in np.flatnonzero((labels >= 0) & ~core):  # border: the nearest core's, ties by (northing, easting)
        order = np.lexsort((e[rows][core], n[rows][core], squared[k][core]))
        assert squared[k][core][order[0]] <= eps**2
        assert labels[k] == labels[core][order[0]]


@settings(max_examples=80, derandomize=True, deadline=None)
@given(worlds())
def test_episodes_give_scikit_learns_partition_in_every_window(world):
    e, n, day, person, spans, eps, minimum = world
    parameters = Parameters(eps_m=eps, min_children=minimum, count="episodes")
    found = cluster(points_of(e, n, day, person), windows_of(spans), parameters)
    for k, (start, end) in enumerate(spans):
        rows = np.flatnonzero((day >= start) & (day < end))
        members = found.members[found.members["window"] == k]
        assert sorted(members["point"]) == rows.tolist()
        if len(rows):
            oracle = DBSCAN(eps=eps, min_samples=minimum).fit(np.column_stack((e[rows], n[rows])))
            core = np.zeros(len(rows), dtype=bool)
            core[oracle.core_sample_indices_] = True
            check_partition(members, oracle.labels_, core, e=e, n=n, eps=eps, rows=rows)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(worlds())
def test_children_agree_with_episodes_when_every_point_has_its_own_child(world):
    e, n, day, _, spans, eps, minimum = world
    points = points_of(e, n, day, np.arange(len(e)))
    by_child, by_point = (cluster(points, windows_of(spans), Parameters(eps_m=eps, min_children=minimum, count=count))
                          for count in ("children", "episodes"))
    pd.testing.assert_frame_equal(by_child.members, by_point.members)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(worlds())
def test_children_agree_with_sets_of_children(world):
    e, n, day, person, spans, eps, minimum = world
    found = cluster(points_of(e, n, day, person), windows_of(spans), Parameters(eps_m=eps, min_children=minimum))
    for k, (start, end) in enumerate(spans):
        rows = np.flatnonzero((day >= start) & (day < end))
        near = (e[rows][:, None] - e[rows][None, :]) ** 2 + (n[rows][:, None] - n[rows][None, :]) ** 2 <= eps**2
        core = np.array([len(set(person[rows][near[i]])) >= minimum for i in range(len(rows))], dtype=bool)
        label = np.full(len(rows), -1)
        for i in np.flatnonzero(core):  # flood over core points
            if label[i] < 0:
                label[i], stack = i, [i]
                while stack:
                    for j in np.flatnonzero(near[stack.pop()] & core & (label < 0)):
                        label[j] = i
                        stack.append(j)
        border = ~core & (near & core[None, :]).any(axis=1)
        label[border] = len(rows)  # some cluster: check_partition knows which
        members = found.members[found.members["window"] == k]
        if len(rows):
            check_partition(members, label, core, e=e, n=n, eps=eps, rows=rows)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_row_order_repeats_translation_and_quarter_turns_change_nothing(world, chance):
    e, n, day, person, spans, eps, minimum = world
    parameters, windows = Parameters(eps_m=eps, min_children=minimum), windows_of(spans)
    base = cluster(points_of(e, n, day, person), windows, parameters)
    facts = base.members.set_index(["window", "point"]).sort_index()

    order = list(range(len(e)))
    chance.shuffle(order)
    other = cluster(points_of(e[order], n[order], day[order], person[order]), windows, parameters)
    back = other.members.assign(point=np.array(order)[other.members["point"]])
    back = back.set_index(["window", "point"]).sort_index()
    pd.testing.assert_frame_equal(facts, back)
    numbers = ["children", "episodes", "points", "top_share", "n_eff", "easting", "northing"]
    np.testing.assert_allclose(base.summary[numbers], other.summary[numbers], rtol=1e-9)

    again = np.concatenate((np.arange(len(e)), np.flatnonzero(person == person[0])))
    twice = cluster(points_of(e[again], n[again], day[again], person[again]), windows, parameters)
    first = twice.members[twice.members["point"] < len(e)].set_index(["window", "point"]).sort_index()
    pd.testing.assert_frame_equal(facts, first)
    np.testing.assert_allclose(base.summary[["children", "easting", "northing"]],
                               twice.summary[["children", "easting", "northing"]], rtol=1e-12)
    np.testing.assert_array_equal(base.footprints.area, twice.footprints.area)

    for turned in (points_of(e + 1_000, n - 3_000, day, person), points_of(-n, e, day, person)):
        moved = cluster(turned, windows, parameters)
        after = moved.members.set_index(["window", "point"]).sort_index()
        assert after["core"].equals(facts["core"])
        assert (after["label"] == -1).equals(facts["label"] == -1)
        for k in range(len(spans)):  # a turn renumbers the clusters
            areas = [np.sort(part.footprints.area[part.summary["window"] == k]) for part in (base, moved)]
            np.testing.assert_allclose(*areas, rtol=1e-9)


def test_the_summary_counts_children_episodes_and_the_largest_childs_share():
    frame = locations([0, 10, 20, 20, 20, 5_000], [0, 0, 0, 0, 0, 0], ["2025-03-03"] * 6, list("abcccd"),
                      role=["found", "found", "found", "found", "pickup", "found"],
                      episode_ref=["E001", "E002", "E003", "E004", "E004", "E006"])
    points = take(frame, np.ones(6, dtype=bool))
    windows = make(WindowScheme("month"), frame["at"].min(), frame["at"].max())
    row = cluster(points, windows, Parameters(min_children=3)).summary.iloc[0]
    assert (row["children"], row["episodes"], row["points"]) == (3, 4, 5)
    assert (row["found"], row["pickup"], row["last_seen"]) == (4, 1, 0)
    assert row["top_share"] == 0.5
    assert row["n_eff"] == pytest.approx(1 / (0.5**2 + 0.25**2 + 0.25**2))
    assert row["easting"] == pytest.approx(10)  # each child once at each site


@pytest.mark.parametrize("text", ["month", "rolling:91d:28d"])
def test_empty_single_and_coincident_points(text):
    scheme = WindowScheme.parse(text)
    none = cluster(points_of([], [], [], []), windows_of([(0, 5)]), Parameters(window=scheme))
    assert none.members.empty and none.summary.empty
    assert cluster(points_of([], [], [], []), windows_of([]), Parameters()).summary.empty
    one = cluster(points_of([1], [1], [1], [1]), windows_of([(0, 5), (5, 9)]), Parameters())
    assert one.members[["window", "label"]].to_numpy().tolist() == [[0, -1]]
    same = cluster(points_of([7] * 50, [7] * 50, [1] * 50, range(50)), windows_of([(0, 5)]), Parameters())
    assert same.members["core"].all() and len(same.summary) == 1
    assert same.footprints.area[0] == pytest.approx(np.pi * 125**2)


def test_many_episodes_at_one_children_s_home_stay_cheap_and_one_child_is_no_cluster():
    chance = np.random.default_rng(1)
    e = np.concatenate((np.full(5_000, 1_000.0), chance.integers(900, 1_100, 300)))
    n = np.concatenate((np.full(5_000, 1_000.0), chance.integers(900, 1_100, 300)))
    alone = cluster(points_of(e, n, np.ones(5_300), np.zeros(5_300)), windows_of([(0, 5)]), Parameters())
    assert alone.summary.empty
    crowd = cluster(points_of(e, n, np.ones(5_300), np.arange(5_300) % 40), windows_of([(0, 5)]), Parameters())
    assert crowd.summary[["children", "points"]].to_numpy().tolist() == [[40, 5_300]]


def test_a_row_without_place_or_time_is_refused_at_the_door():
    frame = locations([0.0, np.nan], [0.0, 0.0], ["2025-03-03"] * 2, ["a", "b"])
    with pytest.raises(InputError):
        take(frame, np.ones(2, dtype=bool))


def test_northumbria_burglary_gives_the_published_partition():
    files = [shared("events", "northumbria_street", f"2022-{k}-northumbria-street.csv.gz") for k in (10, 11, 12)]
    rows = pd.concat([pd.read_csv(file) for file in files]).query("`Crime type` == 'Burglary'")
    rows = rows[rows["LSOA name"].str[:-5].isin(["Newcastle upon Tyne", "Sunderland", "Northumberland", "Gateshead",
                                                 "North Tyneside", "South Tyneside"])]
    assert len(rows) == 1_525
    e, n = pyproj.Transformer.from_crs(4326, 27700, always_xy=True).transform(rows["Longitude"], rows["Latitude"])
    points = points_of(np.asarray(e), np.asarray(n), np.ones(len(rows)), np.arange(len(rows)))
    for count in ("episodes", "children"):
        found = cluster(points, windows_of([(0, 5)]), Parameters(eps_m=300, min_children=8, count=count))
        assert len(found.summary) == 17
        assert (found.members["label"] == -1).sum() == 1_301


@pytest.mark.parametrize("count", ["children", "episodes"])
def test_neither_runs_nor_threads_change_the_answer(monkeypatch, count):
    chance = np.random.default_rng(3)
    points = points_of(*(chance.integers(0, most, 3_000) for most in (2_000, 2_000, 200, 300)))
    windows = windows_of([(start, start + 30) for start in range(0, 200, 5)])
    answers = []
    for visits, threads in ((1, 1), (2_000, 3), (10**9, 2)):
        monkeypatch.setattr("scoping.clustering.solving.RUN_VISITS", visits)
        monkeypatch.setattr("scoping.clustering.compiling.threads", lambda threads=threads: threads)
        answers.append(cluster(points, windows, Parameters(eps_m=60, min_children=4, count=count)))
    for other in answers[1:]:
        pd.testing.assert_frame_equal(answers[0].members, other.members)
        pd.testing.assert_frame_equal(answers[0].summary, other.summary)


def test_windows_that_jump_overlap_and_nest_are_each_as_if_alone():
    chance = np.random.default_rng(4)
    points = points_of(*(chance.integers(0, most, 800) for most in (1_500, 1_500, 60, 90)))
    spans = [(0, 30), (0, 10), (5, 6), (20, 25), (24, 60), (24, 24), (40, 41), (40, 60)]
    for count in ("children", "episodes"):
        parameters = Parameters(eps_m=125, min_children=4, count=count)
        together = cluster(points, windows_of(spans), parameters)
        for k, span in enumerate(spans):
            alone = cluster(points, windows_of([span]), parameters)
            mine = together.members[together.members["window"] == k].drop(columns="window").reset_index(drop=True)
            pd.testing.assert_frame_equal(mine, alone.members.drop(columns="window"))


def test_work_that_is_no_longer_wanted_stops():
    points = points_of([0, 0], [0, 0], [1, 2], [0, 1])
    with pytest.raises(Stopped):
        cluster(points, windows_of([(0, 5)]), Parameters(), stop=lambda: True)
    assert len(cluster(points, windows_of([(0, 5)]), Parameters(), stop=lambda: False).members) == 2
