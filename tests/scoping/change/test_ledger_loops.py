"""The compiled walk and the counts at known places equal the plain definitions, row for row, in messy worlds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoping.change.ledger import follow
from scoping.change.ledger_loops import WORDS
from scoping.clustering.clusters import cluster
from scoping.clustering.nearby import Nearby
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from tests.scoping.change.plain_ledger import Plain
from tests.scoping.worlds import Story


def restless(seed, months=18):
    """Places near one another that come, drift, run together and go, some of their children again and again."""
    chance = np.random.default_rng(seed)
    story = Story().background(months)
    for number in range(18):
        e, n = chance.integers(400_000, 402_000), chance.integers(550_000, 552_000)
        there = np.repeat(chance.random(months // 3 + 1) < 0.7, 3)
        for month in np.flatnonzero(there[:months]):
            e, n = e + chance.integers(-90, 90), n + chance.integers(-90, 90)
            story.visits(int(month), e, n, int(chance.poisson(5)), spread=float(chance.integers(5, 60)))
            story.visits(int(month), e, n, 16, person=f"AGAIN{number % 4}")
    return story.frame()


@pytest.mark.parametrize(("text", "dials"), [
    ("month", {}), ("month", {"enter_extra": 0, "min_children": 4}), ("month", {"count": "episodes", "eps_m": 350.0}),
    ("rolling:91d:28d", {}), ("rolling:56d:14d", {"min_children": 3}), ("days:7", {"min_children": 2}),
    ("days:4", {"min_children": 2, "eps_m": 400.0})])  # 91 windows before one that is tested: more than bits in a word
def test_the_walk_equals_the_plain_one(text, dials):
    scoped = scope(restless(len(text)), Parameters(window=WindowScheme.parse(text), **dials))
    gaps = np.zeros(len(scoped.windows), dtype=bool)
    gaps[[len(gaps) // 3, len(gaps) // 2]] = True  # as if the feed had been missing
    plain = Plain(scoped, gaps)
    counts = plain.counts()
    known = replace(scoped.points, near=Nearby(scoped.points.site_e, scoped.points.site_n, scoped.parameters.eps_m))
    for points in (scoped.points, known):
        clusters = cluster(points, scoped.windows, scoped.parameters)
        book = follow(clusters, points, scoped.windows, scoped.parameters, gaps)
        assert told(book) == plain.rows
        assert list(zip(book.tests.now.tolist(), book.tests.before.tolist(), strict=True)) == counts
    assert len({row[4] for row in plain.rows}) > 7 and max(before for _, before in counts) > 5


def told(book):
    parents = {}
    for row, parent in zip(*book.parents, strict=True):
        parents.setdefault(row, set()).add(parent)
    fields = ("place", "window", "cluster", "shape", "last_window", "seen", "before", "arrived")
    rows = zip(*(book.rows[field].tolist() for field in fields), strict=True)
    return [(*row[:4], WORDS[word], parents.get(k, set()), *row[4:])
            for k, (row, word) in enumerate(zip(rows, book.rows["word"], strict=True))]
