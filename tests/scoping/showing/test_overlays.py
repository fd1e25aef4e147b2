"""The layer of fixed cells holds, in every window, exactly the squares of the release's cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing import overlays
from scoping.showing.disclosure import release
from tests.scoping.change.test_ledger import world

flat = lambda e, n: (n / 1e4, e / 1e4)  # noqa: E731 - a projection that tests can undo: latitude, longitude


def test_each_hotspots_squares_in_each_window_are_its_cells_and_no_outline_is_sent_twice():
    given = release(scope(world(), Parameters(min_children=3)), synthetic=True)
    side = given.rules.cell_m
    drawn = overlays.cells(given, flat)["items"]
    found = {(item["label"].split(":")[0], int(k), *(np.array(square[0]) * 1e4).round().astype(int).tolist())
             for item in drawn for k, ring in item["w"].items() for square in item["rings"][ring]}
    assert len(found) > 10
    assert found == {tuple(row) for row in given.cells[["hotspot_id", "window", "cell_e", "cell_n"]].itertuples(index=False)}
    for item in drawn:
        assert all(len({tuple(map(tuple, square)) for square in ring}) == len(ring) for ring in item["rings"])
        assert len({str(ring) for ring in item["rings"]}) == len(item["rings"]) == len(set(item["w"].values()))
        square = np.array(item["rings"][0][0]) * 1e4
        assert (square - square[0]).round().tolist() == [[0, 0], [side, 0], [side, side], [0, side]]


def test_without_a_cell_the_layer_is_empty():
    given = release(scope(world(), Parameters(min_children=3)), synthetic=True)
    assert overlays.cells(replace(given, cells=given.cells.iloc[:0]), flat)["items"] == []
