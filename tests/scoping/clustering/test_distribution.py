"""Workers give what one process gives, also when one of them is killed at work."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings

from scoping.clustering import distribution
from scoping.clustering.clusters import cluster
from scoping.clustering.solving import Stopped
from scoping.parameters import Parameters
from tests.scoping.clustering.test_clusters import points_of, windows_of, worlds

distributed = pytest.importorskip("distributed", reason="Dask is not installed")


def same(one, other):
    for name in ("opens", "core_site", "core_open", "border_site", "border_label", "border_open"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.summary.equals(other.summary)


@pytest.fixture(scope="module")
def client() -> Iterator[distributed.Client]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as workers, \
            distributed.Client(workers) as client:
        yield client


def crowd():
    chance = np.random.default_rng(5)
    points = points_of(*(chance.integers(0, most, 6_000) for most in (3_000, 3_000, 400, 500)))
    return points, windows_of([(start, start + 28) for start in range(0, 400, 4)])


@settings(max_examples=60, derandomize=True, deadline=None)
@given(worlds())
def test_tasks_of_any_size_give_the_answer_of_one_process(world):
    e, n, day, person, spans, eps, minimum = world
    points, windows = points_of(e, n, day, person), windows_of(spans)
    for told in (Parameters(eps_m=eps, min_children=minimum), Parameters(eps_m=eps, min_children=minimum, count="episodes")):
        with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
            patch.setattr(distribution, "TASK_POINTS", 20)
            same(cluster(points, windows, told, client=pool), cluster(points, windows, told))


def test_a_client_of_dask_gives_the_answer_of_one_process(client, monkeypatch):
    monkeypatch.setattr(distribution, "TASK_POINTS", 1_000)
    points, windows = crowd()
    for told in (Parameters(eps_m=60, min_children=4), Parameters(eps_m=60, min_children=4, count="episodes")):
        whole = cluster(points, windows, told)
        assert len(whole.summary) > 100
        same(cluster(points, windows, told, client=client), whole)


def test_a_worker_killed_at_work_changes_nothing(client, monkeypatch):
    monkeypatch.setattr(distribution, "TASK_POINTS", 500)
    points, windows = crowd()
    told = Parameters(eps_m=60, min_children=4)
    killed = []

    class Watched:
        """Kills a worker once the first task is done and others wait."""

        def submit(self, function, *arguments):
            future = client.submit(function, *arguments)
            if not killed:
                killed.append(None)
                future.add_done_callback(lambda _: kill())
            return future

    done = threading.Event()

    def kill():
        process = next(iter(client.cluster.workers.values())).pid
        killed.append(process)
        os.kill(process, signal.SIGKILL)
        done.set()

    found = cluster(points, windows, told, client=Watched())
    assert done.wait(60) and len(killed) == 2
    same(found, cluster(points, windows, told))


def test_distributed_work_stops_when_it_is_no_longer_wanted(client):
    points, windows = crowd()
    with pytest.raises(Stopped):
        cluster(points, windows, Parameters(), client=client, stop=lambda: True)
