from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.ground import mercator

_axis = st.integers(0, 2**mercator.LEVEL - 1)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(_axis, _axis)
def test_interleaving_is_undone(x: int, y: int) -> None:
    quad = mercator.interleave(np.array([x], dtype=np.uint64), np.array([y], dtype=np.uint64))
    back = mercator.separate(quad)
    assert (int(back[0][0]), int(back[1][0])) == (x, y)
    assert int(quad[0]) == sum(((x >> i) & 1) << (2 * i) | ((y >> i) & 1) << (2 * i + 1) for i in range(mercator.LEVEL))


def test_a_known_tile() -> None:
    """London lies in tile 10/511/340 (slippy map tile names, OpenStreetMap wiki)."""
    quad = mercator.quads([51.505], [-0.12])
    x, y = mercator.separate(quad >> np.uint64(2 * (mercator.LEVEL - 10)))
    assert (int(x[0]), int(y[0])) == (511, 340)
