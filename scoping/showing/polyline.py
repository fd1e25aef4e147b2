"""Outlines and rows of numbers as short texts, in the manner of the Encoded Polyline Algorithm Format (Google Maps Platform).

A number goes as groups of five bits from the lowest, a sixth bit on where more follow, plus 63. A corner is its difference from
the corner before, in steps of 0.00001 degrees (about a metre), latitude before longitude, each doubled and turned over where it is
negative; then one letter says by how much the outline turns on its way to the next corner, 0 for a straight edge (a CAD program's
"bulge"). So an arc of a circle takes five letters, however long it is. `marks.js` reads them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scoping.clustering.points import Floats, Ints

STEPS = 100_000  # of a degree
TURNS = 63  # letters that tell from no turn to half a circle
MOST = 6  # groups of five bits that a difference of 360 degrees needs
SAME_M = 1.0  # centres as near as this are one


def arcs(corners: Floats, begin: Ints, radius: float) -> tuple[Ints, Floats]:
    """Which corners of open rings to keep, and how far the outline turns (radians) from each of them to the next.

    `corners`: (n, 2) metres, anticlockwise; `begin` the rows at which rings begin, rising from 0. Edges that are chords of one
    circle of `radius` metres, one after the other, become one arc, or two or three where they go round more than half of it.
    With a radius of 0 every edge is straight.
    """
    if not len(begin):
        return np.empty(0, np.int64), np.empty(0)
    last = np.append(begin[1:], len(corners)) - 1
    onward, back = np.arange(1, len(corners) + 1), np.arange(-1, len(corners) - 1)
    onward[last], back[begin] = begin, last
    edge = corners[onward] - corners
    half = np.hypot(edge[:, 0], edge[:, 1]) / 2
    chord = (half > 0) & (half <= radius)
    side = np.sqrt(np.maximum(radius**2 - half**2, 0)) / np.maximum(2 * half, 1e-9)
    centre = (corners + corners[onward]) / 2 + side[:, None] * np.column_stack((-edge[:, 1], edge[:, 0]))
    turn = np.where(chord, 2 * np.arcsin(np.minimum(half / max(radius, 1e-9), 1.0)), 0.0)
    apart = np.hypot(*(centre - centre[back]).T)
    first = ~(chord & chord[back] & (apart <= SAME_M))
    first[begin] = True
    starts, length, whole = _runs(first, turn)
    round_ = (whole > np.pi) & (length > 1)
    starts, length = starts[round_], length[round_]
    odd = length % 2 == 1  # halves of an odd number of edges would be more than half of a circle, and less
    first[np.where(odd, starts + length // 3, starts + length // 2)] = True
    first[(starts + 2 * length // 3)[odd]] = True
    starts, _, whole = _runs(first, turn)
    return starts, np.minimum(whole, np.pi)


def _runs(first: NDArray[np.bool_], turn: Floats) -> tuple[Ints, Ints, Floats]:
    """Where each run of edges begins, how many they are, and how far they turn."""
    run = np.cumsum(first) - 1
    return np.flatnonzero(first), np.bincount(run).astype(np.int64), np.bincount(run, turn).astype(np.float64)


def encode(lat: Floats, lon: Floats, turn: Floats, begin: Ints) -> list[str]:
    """One text a ring: WGS84 degrees and the turn (radians, 0 to pi) after each corner; `begin` as for `arcs`.

    Raises ValueError for a coordinate that is not finite.
    """
    if not (np.isfinite(lat).all() and np.isfinite(lon).all()):
        raise ValueError("a corner that is nowhere")
    steps = np.round(np.column_stack((lat, lon)) * STEPS).astype(np.int64)
    moved = np.diff(steps, axis=0, prepend=0)
    moved[begin] = steps[begin]
    told = np.column_stack((np.where(moved < 0, ~(moved << 1), moved << 1), np.round(turn * TURNS / np.pi).astype(np.int64)))
    return _texts(told.ravel(), 3 * begin, np.tile(np.array([False, False, True]), len(told)))


def numbers(rows: Ints, begin: Ints) -> list[str]:
    """One text for the rows from each of `begin` on: whole numbers from 0, as many in each row."""
    flat = rows.ravel()
    return _texts(flat, rows.shape[1] * begin, np.zeros(len(flat), np.bool_))


def _texts(told: Ints, begin: Ints, letter: NDArray[np.bool_]) -> list[str]:
    """The numbers from each of `begin` on as one text; those of `letter` (at most 63) are one letter each."""
    if not len(begin):
        return []
    size = np.ones(len(told), np.int64)
    for k in range(1, MOST):
        size += ~letter & (told >= 1 << 5 * k)
    ends = np.cumsum(size)
    letters = np.zeros(size.sum(), np.uint8)
    for k in range(MOST):
        has = size > k
        more = (size[has] > k + 1) * 0x20
        letters[ends[has] - size[has] + k] = np.where(letter[has], told[has], told[has] >> 5 * k & 0x1F | more) + 63
    text = letters.tobytes().decode("ascii")
    first = np.concatenate((np.zeros(1, np.int64), ends))[begin].tolist()
    return [text[at:until] for at, until in zip(first, [*first[1:], len(text)], strict=True)]
