"""The adjustment of many tests at once (Benjamini & Hochberg 1995).

SciPy's `false_discovery_control` gives the same (a test holds them together); it comes with `scipy.stats`, which takes a second
and more to load, and the first map would wait for it.
"""

from __future__ import annotations

import numpy as np

from scoping.clustering.points import Floats


def adjusted(p: Floats) -> Floats:
    """q-values of `p` (n,), all tested together: reporting those of at most q keeps the expected share of false ones at q."""
    order = np.argsort(p)
    many = len(p)
    raised = p[order] * (many / np.arange(1, many + 1))
    q = np.empty(many)
    q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return q
