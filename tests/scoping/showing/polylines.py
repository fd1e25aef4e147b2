"""What the map's script (`marks.js`) does with the texts of `polyline.py`, for the tests that look at what it is handed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import ceil, cos, pi, radians, sin, tan

FINE = pi / 12


def _letters(text: str) -> Iterator[int]:
    for letter in text:
        assert 0 <= ord(letter) - 63 < 64, letter
        yield ord(letter) - 63


def _number(letters: Iterator[int]) -> int:
    bits, shift = 0, 0
    while True:
        code = next(letters)
        bits |= (code & 31) << shift
        shift += 5
        if code < 32:
            return bits


def rows(text: str, width: int) -> list[list[int]]:
    """The numbers of a text, `width` in each row."""
    letters = _letters(text)
    told = [_number(chain((first,), letters)) for first in letters]
    assert len(told) % width == 0, "a row ends in the middle"
    return [told[k:k + width] for k in range(0, len(told), width)]


def ends(text: str) -> list[tuple[float, float, float]]:
    """(lat, lon, turn to the next in radians) of each corner that was sent."""
    found, at, letters = [], [0, 0], _letters(text)
    for first in letters:
        for k, more in enumerate((chain((first,), letters), letters)):
            bits = _number(more)
            at[k] += ~(bits >> 1) if bits & 1 else bits >> 1
        found.append((at[0] / 1e5, at[1] / 1e5, next(letters) * pi / 63))
    return found


def corners(text: str) -> list[tuple[float, float]]:
    """(lat, lon) of each corner as it is drawn: arcs in pieces of at most 15 degrees, all to the left."""
    sent = ends(text)
    wide = cos(radians(sent[-1][0]))
    found = []
    for k, (lat, lon, turn) in enumerate(sent):
        found.append((lat, lon))
        pieces = ceil(turn / FINE)
        if pieces < 2:
            continue
        to_lat, to_lon, _ = sent[(k + 1) % len(sent)]
        x, y = (to_lon - lon) * wide, to_lat - lat
        centre = (x / 2 - y / 2 / tan(turn / 2), y / 2 + x / 2 / tan(turn / 2))
        for piece in range(1, pieces):
            c, s = cos(turn * piece / pieces), sin(turn * piece / pieces)
            dx, dy = -centre[0], -centre[1]
            found.append((lat + centre[1] + dx * s + dy * c, lon + (centre[0] + dx * c - dy * s) / wide))
    return found
