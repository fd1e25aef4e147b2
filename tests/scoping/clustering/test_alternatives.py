"""ST-DBSCAN against its definition, pair by pair; HDBSCAN against scikit-learn's; and what a comparison counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from geo_data.errors import ParameterError
from scoping.clustering.alternatives import MOST_POINTS, compare, label, st_dbscan
from scoping.clustering.clusters import cluster
from scoping.parameters import Parameters
from tests.scoping.clustering.test_clusters import DAY, points_of, windows_of, worlds


def by_definition(points, eps, span, minimum, *, children):
    """Neighbours, cores and the components of cores, by looking at every pair."""
    e, n = points.site_e[points.site], points.site_n[points.site]
    far = (e[:, None] - e[None, :]) ** 2 + (n[:, None] - n[None, :]) ** 2
    near = (far <= eps**2) & (np.abs(points.time[:, None] - points.time[None, :]) <= span)
    size = [len(set(points.person[row])) if children else int(row.sum()) for row in near]
    core = np.array(size) >= minimum
    label = np.full(len(e), -1)
    for i in np.flatnonzero(core):
        if label[i] < 0:
            label[i], stack = i, [i]
            while stack:
                for j in np.flatnonzero(near[stack.pop()] & core & (label < 0)):
                    label[j] = i
                    stack.append(j)
    for i in np.flatnonzero(~core & (near & core[None, :]).any(axis=1)):
        inner = np.flatnonzero(near[i] & core)
        late = points.time[inner]
        order = np.lexsort((late, np.abs(late - points.time[i]), points.site[inner], far[i][inner]))
        label[i] = label[inner[order[0]]]
    return label, core


@settings(max_examples=80, derandomize=True, deadline=None)
@given(worlds(), st.sampled_from([1, 2, 5, 29]), st.booleans())
def test_st_dbscan_is_near_in_space_and_in_time(world, days, children):
    e, n, day, person, _, eps, minimum = world
    points = points_of(e, n, day, person)
    told = Parameters(eps_m=eps, min_children=minimum, count="children" if children else "episodes")
    labels, core = st_dbscan(points, told, days)
    wanted, inner = by_definition(points, eps, days * DAY, minimum, children=children)
    assert core.tolist() == inner.tolist()
    assert ((labels < 0) == (wanted < 0)).all()
    pairs = set(zip(labels[labels >= 0].tolist(), wanted[labels >= 0].tolist(), strict=True))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@settings(max_examples=30, derandomize=True, deadline=None)
@given(worlds())
def test_st_dbscan_with_all_of_time_is_dbscan(world):
    e, n, day, person, _, eps, minimum = world
    points = points_of(e, n, day, person)
    labels, core = st_dbscan(points, Parameters(eps_m=eps, min_children=minimum, count="episodes"), 60)
    oracle = DBSCAN(eps=eps, min_samples=minimum).fit(np.column_stack((points.site_e[points.site], points.site_n[points.site])))
    assert np.flatnonzero(core).tolist() == sorted(oracle.core_sample_indices_.tolist())
    assert ((labels < 0) == (oracle.labels_ < 0)).all()


def slow_and_quick():
    """A place that a child reaches each sixth day, and one that six children reach on one day."""
    e = np.concatenate((np.zeros(10), np.full(6, 9_000)))
    return points_of(e, np.zeros(16), np.concatenate((np.arange(10) * 6, np.full(6, 20))), np.arange(16))


def test_a_slow_place_is_a_cluster_of_the_window_but_not_of_st_dbscan():
    told = Parameters(min_children=5)
    found = cluster(slow_and_quick(), windows_of([(0, 60), (18, 24)]), told)
    row = compare(found, told, "st-dbscan", within_days=7).windows.iloc[0]
    assert (row["points"], row["clusters"], row["other_clusters"]) == (16, 2, 1)
    assert (row["both"], row["only"], row["only_other"]) == (6, 10, 0)
    wide = compare(found, told, "st-dbscan", within_days=60).windows
    assert wide["agreement"].tolist() == [1.0, 1.0] and wide["window"].tolist() == [0, 1]


def test_hdbscan_takes_each_child_once_a_site():
    chance = np.random.default_rng(2)
    e = np.concatenate((chance.normal(0, 20, 30), chance.normal(5_000, 400, 30), np.full(200, 20_000.0)))
    child = np.concatenate((np.arange(60), np.full(200, 60)))
    points = points_of(np.round(e), np.round(chance.normal(0, 20, 260)), np.ones(260), child)
    same_place = points_of(np.round(e), np.zeros(260), np.ones(260), child)
    told = Parameters(min_children=5, eps_m=100)
    assert len(set(label(points, told, "hdbscan").tolist()) - {-1}) >= 2
    assert set(label(same_place, told, "hdbscan")[same_place.person == 60].tolist()) == {-1}  # one child is no cluster
    row = compare(cluster(points, windows_of([(0, 5)]), told), told, "hdbscan").windows.iloc[0]
    assert row["only_other"] > 0  # the sparse place, which no radius of 100 m holds


def test_what_cannot_be_compared_is_refused():
    told = Parameters()
    found = cluster(slow_and_quick(), windows_of([(0, 60), (70, 80)]), told)
    with pytest.raises(ParameterError):
        compare(found, told, "k-means")
    for days in (0, 367):
        with pytest.raises(ParameterError):
            compare(found, told, "st-dbscan", within_days=days)
    many = points_of(np.zeros(MOST_POINTS + 1), np.zeros(MOST_POINTS + 1), np.ones(MOST_POINTS + 1), np.zeros(MOST_POINTS + 1))
    with pytest.raises(ParameterError):
        compare(cluster(many, windows_of([(0, 5)]), told), told, "hdbscan")
    for method in ("st-dbscan", "hdbscan"):
        assert compare(found, told, method).windows.iloc[1]["points"] == 0
