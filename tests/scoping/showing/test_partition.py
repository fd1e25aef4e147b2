from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoping.showing.partition import Addresses, Partition

BLOCKS = st.lists(st.integers(0, 60).map(lambda n: 0 if n < 25 else n - 20), min_size=64, max_size=64)


def grid(counts, block=(100, 150)):
    row, column = np.divmod(np.arange(64), 8)
    return Addresses(block[0] * 8 + column, block[1] * 8 + row, np.array(counts))


def middles(block=(100, 150)):
    row, column = np.divmod(np.arange(64), 8)
    return block[0] * 4_000 + column * 500.0 + 250, block[1] * 4_000 + row * 500.0 + 250


@settings(deadline=None)
@given(BLOCKS)
def test_regions_cover_a_block_once_and_each_holds_enough_addresses(counts):
    partition = Partition(grid(counts))
    region = partition.regions(*middles())
    if sum(counts) < 20:
        assert (region == -1).all()
        return
    cells = [cell for each in np.unique(region) for cell in partition.cells(int(each))]
    assert len(cells) == len(set(cells)) == 64
    for each in np.unique(region):
        assert partition.held(int(each)) >= 20
        assert partition.held(int(each)) == sum(np.array(counts)[region == each])


def test_plenty_of_addresses_everywhere_leave_the_cells_as_they_are():
    region = Partition(grid([20] * 64)).regions(*middles())
    assert len(np.unique(region)) == 64


def test_a_poor_quarter_takes_its_least_neighbour_along_and_no_other():
    counts = np.full((8, 8), 40)
    counts[0:2, 0:2] = [[0, 30], [50, 60]]
    region = Partition(grid(counts.ravel())).regions(*middles()).reshape(8, 8)
    assert region[0, 0] == region[0, 1]
    assert len(np.unique(region)) == 63


def test_quarters_that_are_enough_together_stand_together():
    counts = np.full((8, 8), 40)
    counts[0:2, 0:2] = [[12, 12], [50, 60]]
    region = Partition(grid(counts.ravel())).regions(*middles()).reshape(8, 8)
    assert region[0, 0] == region[0, 1] != region[1, 0]
    assert len(np.unique(region)) == 63


def test_no_record_moves_the_regions_and_every_address_can():
    partition = Partition(grid([20] * 64))
    one = partition.regions(*middles())[:1]
    assert one == Partition(grid([20] * 64)).regions(*(axis[:1] for axis in middles()))
    assert partition.stamp != Partition(grid([21] + [20] * 63)).stamp


def test_coarser_cells_are_never_cut_finer():
    partition = Partition(grid([100] * 64), cell_m=1_000)
    assert {len(partition.cells(int(each))) for each in np.unique(partition.regions(*middles()))} == {4}
