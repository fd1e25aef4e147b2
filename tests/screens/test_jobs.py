"""Work beside the page: once for a key, with progress, stopped when asked, and its failure told."""

from __future__ import annotations

import threading
import time

import pytest

from geo_data.errors import InputError
from screens import jobs


@pytest.fixture(autouse=True)
def none(monkeypatch):
    monkeypatch.setattr(jobs, "_JOBS", {})


def wait(job, seconds=10):
    until = time.monotonic() + seconds
    while not job.ended and time.monotonic() < until:
        time.sleep(0.01)
    assert job.ended


def test_a_job_runs_once_and_tells_how_far_it_is():
    gate, calls = threading.Event(), []

    def work(tell):
        calls.append(1)
        assert tell(1, 4)
        gate.wait(10)
        return "done"

    job = jobs.start("a", work)
    assert jobs.start("a", work) is job and jobs.find("a") is job
    until = time.monotonic() + 10
    while not job.of and time.monotonic() < until:
        time.sleep(0.01)
    assert job.share == 0.25 and not job.ended
    gate.set()
    wait(job)
    assert job.result == "done" and calls == [1] and jobs.start("a", work) is job


def test_a_cancelled_job_stops_gives_nothing_and_can_begin_again():
    started = threading.Event()

    def work(tell):
        started.set()
        while tell(1, 2):
            time.sleep(0.01)
        return "half"

    job = jobs.start("a", work)
    started.wait(10)
    jobs.cancel("a")
    wait(job)
    assert job.result is None and not job.fault
    again = jobs.start("a", lambda tell: "whole")
    wait(again)
    assert again is not job and again.result == "whole"


def test_a_failure_is_told_without_its_details():
    def refused(tell):
        raise InputError("It cannot be counted.", fix="Try less.")

    def broken(tell):
        raise ValueError("Jo Bloggs")

    for key, work, said in (("a", refused, "It cannot be counted. Try less."),
                            ("b", broken, "The calculation failed (ValueError).")):
        job = jobs.start(key, work)
        wait(job)
        assert job.fault == said and job.result is None


def test_nothing_is_known_of_a_job_that_was_never_begun():
    assert jobs.find("x") is None
    jobs.cancel("x")
