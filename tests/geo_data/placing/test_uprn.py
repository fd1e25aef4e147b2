from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.placing.uprn import Uprns, numbers_of


def layer(*rows: tuple[int, int, int]) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    key, e, n = (np.array(column) for column in zip(*rows, strict=True))
    return {"uprn_key": key.astype(np.int64), "uprn_e": e.astype(np.int32), "uprn_n": n.astype(np.int32), "other": key}


def test_texts_to_numbers() -> None:
    texts = ["100012345678", "000000000012", " 7 ", "", None, "1234567890123", "12a", "-5", "1.0", "١٢"]
    assert numbers_of(texts).tolist() == [100_012_345_678, 12, 7, -1, -1, -1, -1, -1, -1, -1]


def test_the_first_layer_that_holds_a_number_answers() -> None:
    both = Uprns([layer((5, 100, 200)), layer((5, 1, 1), (9, 300, 400))])
    e, n = both.points(["9", "x", "0005", "6", None])
    np.testing.assert_array_equal(e, [300, np.nan, 100, np.nan, np.nan])
    np.testing.assert_array_equal(n, [400, np.nan, 200, np.nan, np.nan])
    assert len(both) == 3 and len(Uprns([])) == 0 and np.isnan(Uprns([]).points(["5"])[0]).all()


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 10**12 - 1), unique=True, min_size=1, max_size=50), st.randoms())
def test_every_number_is_found_in_any_order(keys: list[int], chance: object) -> None:
    rows = [(key, i, i + 1) for i, key in enumerate(sorted(keys))]
    asked = list(reversed(keys))
    e, _ = Uprns([layer(*rows)]).points([str(key) for key in asked])
    assert e.tolist() == [sorted(keys).index(key) for key in asked]
