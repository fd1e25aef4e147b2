"""Outlines of unions of equal discs as the discs that they go round, and rows of numbers, as short texts.

The outline of a union of discs is known from the centres that it goes round, in their order: it passes from one circle to the
next where it enters that disc. A hotspot's windows share most of their discs, so each centre is written once a hotspot and an
outline is a list of their places in that list. `marks.js` reads them.

A number goes as groups of five bits from the lowest, a sixth bit on where more follow, each group as one of `LETTERS`: none of
them means anything to JSON, HTML or a template. One that may be negative is doubled, and turned over where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.clustering.points import Floats, Ints
from scoping.clustering.rings import Rings

ToWgs84 = Callable[[Floats, Floats], tuple[Floats, Floats]]
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
STEPS = 100_000  # of a degree: about a metre
MOST = 6  # groups of five bits that a difference of 360 degrees needs
SAME_M = 1.0  # centres as near as this are one
SLIGHT = 0.1  # radians: an arc of no more may be turned about by rounding, and is none
ASTRAY = 0.25  # radians by which rounding may change an arc: more is written out as corners
_CODES = np.frombuffer(LETTERS.encode(), np.uint8)


class Rounds(NamedTuple):
    """Discs that rings go round: `centre` (n, 2) metres in order, `begin` of each ring, how far (radians) the outline stays on
    each, and which rings have a `straight` edge, and so are no union of discs."""

    centre: Floats
    begin: Ints
    turn: Floats
    straight: NDArray[np.bool_]


def rounds(corners: Floats, begin: Ints, radius: float) -> Rounds:
    """What open rings go round. `corners`: (n, 2) metres, anticlockwise; `begin` the rows at which rings begin, rising from 0.

    Edges that are chords of one circle of `radius` metres, one after the other, are one stay on it.
    """
    last = np.append(begin[1:], len(corners)) - 1
    onward, back = np.arange(1, len(corners) + 1), np.arange(-1, len(corners) - 1)
    onward[last], back[begin] = begin, last
    edge = corners[onward] - corners
    half = np.hypot(edge[:, 0], edge[:, 1]) / 2
    chord = (half > 0) & (half <= radius)
    side = np.sqrt(np.maximum(radius**2 - half**2, 0)) / np.maximum(2 * half, 1e-9)
    centre = (corners + corners[onward]) / 2 + side[:, None] * np.column_stack((-edge[:, 1], edge[:, 0]))
    first = ~(chord & chord[back] & (np.hypot(*(centre - centre[back]).T) <= SAME_M))
    ring = np.repeat(np.arange(len(begin)), last - begin + 1)
    first[begin[np.bincount(ring, first, len(begin)) == 0]] = True  # a disc alone
    many = np.bincount(ring, first, len(begin)).astype(np.int64)
    ends = np.cumsum(many)
    stay = np.cumsum(first) - 1
    stay = np.where(stay < (ends - many)[ring], ends[ring] - 1, stay)  # before a ring's first: still on its last
    turn = np.where(chord, 2 * np.arcsin(np.minimum(half / max(radius, 1e-9), 1.0)), 0.0)
    return Rounds(centre[first], ends - many, np.bincount(stay, turn, ends[-1]).astype(np.float64),
                  np.bincount(ring, ~chord, len(begin)) > 0)


def stays(centre: Floats, begin: Ints, radius: float) -> Floats:
    """How far (radians) the outline that goes round these centres stays on each, as it is drawn; `begin` as for `rounds`."""
    if not len(centre):
        return np.empty(0)
    onward, back = np.arange(1, len(centre) + 1), np.arange(-1, len(centre) - 1)
    last = np.append(begin[1:], len(centre)) - 1
    onward[last], back[begin] = begin, last
    way = centre[onward] - centre
    toward, half = np.arctan2(way[:, 1], way[:, 0]), np.arccos(np.minimum(np.hypot(*way.T) / (2 * radius), 1.0))
    stay: Floats = (toward - half - (toward[back] + np.pi + half[back])) % (2 * np.pi)
    there_and_back = (centre[onward] == centre[back]).all(axis=1)
    stay[(stay > 2 * np.pi - SLIGHT) & ~there_and_back] = 0.0
    stay[there_and_back] = (2 * np.pi - 2 * half)[there_and_back]  # all of it where the two only touch
    stay[onward == np.arange(len(centre))] = 2 * np.pi
    return stay


def encode(outlines: Rings, feature: Ints, radius: float, to_wgs84: ToWgs84) -> list[dict[str, str]]:
    """Of each feature `discs`, the centres that its outlines go round (latitude, longitude in `STEPS`, each from the one before),
    and `rings`: of each ring twice the number of its discs, one more where another of the same outline follows, and from each
    disc how far on in `discs` the next is.

    `feature`: where each begins among the outlines. Corners are metres of EPSG:27700, rings anticlockwise. A ring with straight
    edges, or one that rounding would change, has no discs: how many corners follows, and those.
    Raises ValueError for a corner that is nowhere and for what is empty.
    """
    if not np.isfinite(outlines.corners).all():
        raise ValueError("a corner that is nowhere")
    if not all(np.diff(each).all() for each in (outlines.ring, outlines.outline, np.append(feature, len(outlines)))):
        raise ValueError("an outline without a ring")
    if not len(feature):
        return []
    of_ring = _owner(feature, len(outlines))[_owner(outlines.outline[:-1], outlines.outline[-1])]  # its feature
    found = rounds(outlines.corners, outlines.ring[:-1], radius)
    of = _owner(found.begin, len(found.centre))  # the ring of each disc
    keep = ~found.straight[of]
    of, centre, turn = of[keep], found.centre[keep], found.turn[keep]
    disc, first = _distinct(centre, of_ring[of])
    steps = _steps(centre[first], to_wgs84)
    opens = np.flatnonzero(np.diff(of, prepend=-1))
    drawn = stays(_metres(steps[disc], opens), opens, radius)
    fine = ~found.straight
    fine[of[np.abs(drawn - turn) > ASTRAY]] = False
    begin = np.searchsorted(of_ring[of[first]], np.arange(len(feature)))  # of each feature in its list of discs
    told, at = _written(outlines, of[fine[of]], _from_before(disc[fine[of]], of_ring[of[fine[of]]], begin), to_wgs84)
    texts = _texts(_moved(steps, begin), 2 * begin), _texts(told, at[outlines.outline[feature]])
    return [{"discs": discs, "rings": rings} for discs, rings in zip(*texts, strict=True)]


def _from_before(disc: Ints, feature: Ints, begin: Ints) -> Ints:
    """From each disc how far on the next is, signed; the first of a feature from where its list begins."""
    before = np.roll(disc, 1)
    opens = np.flatnonzero(np.diff(feature, prepend=-1))
    before[opens] = begin[feature[opens]]
    return signed(disc - before)


def _written(outlines: Rings, of: Ints, on: Ints, to_wgs84: ToWgs84) -> tuple[Ints, Ints]:
    """All rings as numbers, and where each begins: those that `of` names go round discs, by the steps `on`; others have corners."""
    discs = np.bincount(of, minlength=len(outlines.ring) - 1)
    corners = np.diff(outlines.ring)
    size = np.where(discs > 0, 1 + discs, 2 + 2 * corners)
    at = np.cumsum(size) - size
    told = np.empty(size.sum(), np.int64)
    told[at] = 2 * discs + 1
    told[at[outlines.outline[1:] - 1]] -= 1  # the last of its outline
    told[at[of] + 1 + np.arange(len(of)) - (np.cumsum(discs) - discs)[of]] = on
    for k in np.flatnonzero(discs == 0).tolist():
        told[at[k] + 1] = corners[k]
        ring = outlines.corners[outlines.ring[k]:outlines.ring[k + 1]]
        told[at[k] + 2:at[k] + size[k]] = _moved(_steps(ring, to_wgs84), np.zeros(1, np.int64))
    return told, at


def _distinct(centre: Floats, feature: Ints) -> tuple[Ints, Ints]:
    """Number the different centres of each feature as they come: that of each row, and the row at which each first comes."""
    if not len(centre):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    east, north = np.round((centre - centre.min(axis=0)) * 10).astype(np.int64).T  # one place, from whichever of its chords
    number = pd.factorize((feature << 48) + (east << 24) + north)[0]
    return number, np.flatnonzero(np.diff(np.maximum.accumulate(number), prepend=-1))


def _steps(place: Floats, to_wgs84: ToWgs84) -> Ints:
    """Latitude and longitude in `STEPS`."""
    return np.round(np.column_stack(to_wgs84(place[:, 0], place[:, 1])) * STEPS).astype(np.int64)


def _metres(steps: Ints, begin: Ints) -> Floats:
    """East and north of the first place of each ring, as the map's script reckons them."""
    base = steps[begin][_owner(begin, len(steps))]
    lat = np.radians(base[:, 0] / STEPS)
    north, east = 111_132.95 - 559.82 * np.cos(2 * lat), 111_412.84 * np.cos(lat) - 93.5 * np.cos(3 * lat)
    return np.column_stack(((steps - base)[:, 1] * east, (steps - base)[:, 0] * north)) / STEPS


def numbers(rows: Ints, begin: Ints) -> list[str]:
    """One text for the rows from each of `begin` on: whole numbers from 0, as many in each row."""
    return _texts(rows.ravel(), rows.shape[1] * begin)


def signed(number: Ints) -> Ints:
    """Whole numbers from 0 for whole numbers."""
    return np.where(number < 0, ~(number << 1), number << 1)


def _moved(rows: Ints, begin: Ints) -> Ints:
    """Each row as its difference from the one before, that at each of `begin` as it is; signed, one after the other."""
    moved = np.diff(rows, axis=0, prepend=0)
    begin = begin[begin < len(rows)]  # what is empty begins nowhere
    moved[begin] = rows[begin]
    return signed(moved).ravel()


def _owner(begin: Ints, count: int) -> Ints:
    """To which of those that begin at `begin` each of `count` belongs."""
    return np.repeat(np.arange(len(begin)), np.diff(np.append(begin, count)))


def _texts(told: Ints, begin: Ints) -> list[str]:
    """The numbers from each of `begin` on as one text."""
    if not len(begin):
        return []
    size = np.ones(len(told), np.int64)
    for k in range(1, MOST):
        size += told >= 1 << 5 * k
    ends = np.cumsum(size)
    letters = np.zeros(size.sum(), np.uint8)
    for k in range(MOST):
        has = size > k
        letters[ends[has] - size[has] + k] = told[has] >> 5 * k & 0x1F | (size[has] > k + 1) * 0x20
    text = _CODES[letters].tobytes().decode("ascii")
    first = np.concatenate((np.zeros(1, np.int64), ends))[begin].tolist()
    return [text[at:until] for at, until in zip(first, [*first[1:], len(text)], strict=True)]
