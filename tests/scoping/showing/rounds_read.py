"""What the map's script (`marks.js`) does with the texts of `rounds.py`, for the tests that look at what it is handed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from math import acos, atan2, ceil, cos, hypot, pi, radians, sin
from typing import Any

from scoping.showing.rounds import LETTERS

Place = tuple[float, float]  # lat, lon
FINE, SLIGHT = pi / 12, 0.1


def read(text: str) -> Iterator[int]:
    """The numbers of a text."""
    letters = iter(text)
    for first in letters:
        bits, shift = 0, 0
        for letter in chain((first,), letters):
            code = LETTERS.index(letter)
            bits |= (code & 31) << shift
            shift += 5
            if code < 32:
                break
        yield bits


def signed(number: int) -> int:
    return ~(number >> 1) if number & 1 else number >> 1


def rows(text: str, width: int) -> list[list[int]]:
    """The numbers of a text, `width` in each row."""
    told = list(read(text))
    assert len(told) % width == 0, "a row ends in the middle"
    return [told[k:k + width] for k in range(0, len(told), width)]


def windows(text: str, classes: list[str]) -> dict[str, dict[str, Any]]:
    """The windows of a feature, as `views.timeline` gives them."""
    found, k, r = {}, 0, 0
    for after, told, n, more, on in rows(text, 5):
        k, r = k + after, r + signed(on)
        found[str(k)] = {"c": classes[told >> 1], "n": n - 1 if n else None, "e": n - 1 + signed(more) if n else None,
                         "s": told & 1, "r": r}
    return found


def _places(told: Iterator[int], count: int) -> list[Place]:
    lat, lon, found = 0, 0, []
    for _ in range(count):
        lat, lon = lat + signed(next(told)), lon + signed(next(told))
        found.append((lat / 1e5, lon / 1e5))
    return found


def outlines(feature: Mapping[str, Any], radius: float) -> list[list[list[Place]]]:
    """(lat, lon) of each corner, as it is drawn, of each ring of each outline."""
    discs = _places(read(feature["discs"]), len(list(read(feature["discs"]))) // 2)
    found: list[list[list[Place]]] = []
    told, at, more = read(feature["rings"]), 0, False
    for header in told:
        if not more:
            found.append([])
        more = bool(header & 1)
        if header >> 1:
            way = []
            for _ in range(header >> 1):
                at += signed(next(told))
                way.append(discs[at])
            found[-1].append(_around(way, radius))
        else:
            found[-1].append(_places(told, next(told)))
    assert not more, "an outline ends in the middle"
    return found


def _around(discs: list[Place], radius: float) -> list[Place]:
    lat = radians(discs[0][0])
    north, east = 111132.95 - 559.82 * cos(2 * lat), 111412.84 * cos(lat) - 93.5 * cos(3 * lat)
    found = []
    for k, disc in enumerate(discs):
        before, after, begin, stay = discs[k - 1], discs[(k + 1) % len(discs)], 0.0, 2 * pi
        if len(discs) > 1:
            (to_before, half_before), (to_after, half_after) = (
                (atan2(y, x), acos(min(hypot(x, y) / (2 * radius), 1))) for x, y in (
                    ((other[1] - disc[1]) * east, (other[0] - disc[0]) * north) for other in (before, after)))
            begin = to_before + half_before
            stay = (to_after - half_after - begin) % (2 * pi)
            if before == after:
                stay = 2 * pi - 2 * half_after
            elif stay > 2 * pi - SLIGHT:
                stay = 0.0
        pieces = max(ceil(stay / FINE), 1)
        for angle in (begin + stay * piece / pieces for piece in range(pieces)):
            found.append((disc[0] + radius * sin(angle) / north, disc[1] + radius * cos(angle) / east))
    return found
